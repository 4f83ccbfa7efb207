"""A real daemon in a process of its own, as systemd starts it."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.daemon.rig import until

BORDERLANE = Path(sys.executable).with_name("borderlane")


class Systemd:
    """The far end of sd_notify(3): what services say, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said: list[str] = []
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._line.bind(str(path))
        asyncio.get_running_loop().add_reader(self._line, self._hear)

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self.said += self._line.recv(4096).decode().splitlines()

    def count(self, word: str) -> int:
        return self.said.count(word)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._line)
        self._line.close()


@contextlib.asynccontextmanager
async def systemd(folder: Path) -> AsyncIterator[Systemd]:
    listening = Systemd(folder / "notify")
    try:
        yield listening
    finally:
        listening.close()


@contextlib.asynccontextmanager
async def daemon(
    file: Path, listening: Systemd, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`borderlane run` up to its READY; killed at the end if it still runs.  What it says is on its `stderr`,
    a pipe: tests may take its files away."""
    process = await asyncio.create_subprocess_exec(
        *(BORDERLANE, "run", file),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "NOTIFY_SOCKET": str(listening.path), **environment},
    )
    try:
        await until(lambda: "READY=1" in listening.said or process.returncode is not None, "ready", 60)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
