"""The reader's side of a chip in another process: over a bare socket, or through pcscd and vpcd."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import IO

from drivers.document_reader.pcsc_service import Context
from drivers.document_reader.pcsc_slot import Slot
from drivers.emrtd.errors import TagLost
from measures.rigs.chip_process import READY
from measures.rigs.scratch import ROOT
from simulators.card.pcscd import PrivatePcscd, VirtualReader, folder_for_this_process, free_reader_port
from simulators.card.vpcd import RESET, Deframer, frame

_CARD_S = 30.0


class SocketLink:
    """A transport with as little as possible between reader and chip."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._deframer = line, Deframer()

    def __call__(self, command: bytes) -> bytes:
        self._line.sendall(frame(command))
        while data := self._line.recv(65536):
            if answers := self._deframer.feed(data):
                return answers[0]
        raise TagLost("the chip's process ended")

    def reset(self) -> None:
        """The end of a session: its floor is told."""
        self._line.sendall(frame(bytes([RESET])))


class Chip:
    """A chip's process."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output

    def session(self) -> tuple[int, float]:
        """Exchanges of the session that has ended, and seconds that they take at least."""
        count, floor = self._output.readline().split()
        return int(count), float(floor)


@contextmanager
def over_a_socket(way: str) -> Generator[tuple[SocketLink, Chip]]:
    ours, theirs = socket.socketpair()
    with ours, theirs, _process(way, f"fd:{theirs.fileno()}", theirs.fileno()) as chip:
        theirs.close()
        yield SocketLink(ours), chip


@asynccontextmanager
async def virtual_reader() -> AsyncGenerator[VirtualReader]:
    """A private pcscd with one reader for this process."""
    reader = VirtualReader("Measured", free_reader_port())
    pcscd = PrivatePcscd(folder_for_this_process(), [reader])
    await pcscd.start()
    try:
        yield reader
    finally:
        await pcscd.stop()


@contextmanager
def in_the_reader(way: str, reader: VirtualReader, *flags: str) -> Generator[Chip]:
    with _process(way, f"port:{reader.port}", None, *flags) as chip:
        yield chip
    time.sleep(0.5)  # pcscd looks at its slots every 0.4 s; the next card must not come in between


@contextmanager
def slot(reader: VirtualReader) -> Generator[Slot]:
    """The card there, taken; waits until pcscd has seen it."""
    context = Context()
    name, until = reader.slot_name(0), time.monotonic() + _CARD_S
    taken = Slot(context, name, (), until + _CARD_S, threading.Event())
    try:
        while True:
            status = context.status(name)
            if status is not None and status.present:
                break
            if time.monotonic() > until:
                raise RuntimeError("pcscd does not see the chip")
            time.sleep(0.02)
        yield taken
    finally:
        taken.close()
        context.release()


@contextmanager
def _process(way: str, place: str, descriptor: int | None, *flags: str) -> Generator[Chip]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tools")])
    with subprocess.Popen(
        [sys.executable, "-m", "measures.rigs.chip_process", way, place, *flags],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
        pass_fds=() if descriptor is None else (descriptor,),
    ) as process:
        assert process.stdout is not None
        try:
            if process.stdout.readline().strip() != READY:
                raise RuntimeError("the simulated chip's process does not start; its words stand above")
            yield Chip(process.stdout)
        finally:
            process.kill()
