"""`borderlane read-chip` on a real terminal: what is typed is unseen, what happens is seen, and it ends."""

import asyncio
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulators.card.attacks.specimen import genuine
from simulators.card.faults import Fault, FaultName
from simulators.card.pcscd import PrivatePcscd
from simulators.card.profiles import document
from tests.commands.test_read_chip import FIRST_SLOT, SMALL, Desk, on_the_reader
from tests.commands.test_read_chip import desk as desk
from tests.document_reader.conftest import pcscd as pcscd
from tests.document_reader.test_pcsc import slot

CTRL_C = b"\x03"
ASKED = "Card access number: "
"""Its last space comes when nothing typed is shown or thrown away any more."""


class Terminal:
    """A command's terminal: what is typed there, and what it shows."""

    def __init__(self, process: asyncio.subprocess.Process, line: int) -> None:
        self._process, self._line = process, line
        self._shown = bytearray()
        self._more = asyncio.Event()
        asyncio.get_running_loop().add_reader(line, self._read)

    @property
    def shown(self) -> str:
        return self._shown.decode("utf-8", "replace")

    def types(self, keys: bytes) -> None:
        os.write(self._line, keys)

    async def shows(self, text: str) -> None:
        async with asyncio.timeout(30):
            while text not in self.shown:
                self._more.clear()
                await self._more.wait()

    async def ends(self) -> int:
        async with asyncio.timeout(30):
            return await self._process.wait()

    async def stopped(self) -> int:
        """By Ctrl-C, pressed once."""
        self.types(CTRL_C)
        return await self.ends()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._line)
        os.close(self._line)

    def _read(self) -> None:
        try:
            data = os.read(self._line, 4096)
        except OSError:  # EIO: nobody holds the other end any more
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._line)
        self._shown += data
        self._more.set()


@asynccontextmanager
async def terminal(*arguments: object) -> AsyncIterator[Terminal]:
    """The command, alone in a session whose terminal this is."""
    ours, its = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _AS_OURS, "read-chip", *map(str, arguments), stdin=its, stdout=its, stderr=its,
        start_new_session=True, env=dict(os.environ),
    )  # fmt: skip
    os.close(its)
    shown = Terminal(process, ours)
    try:
        yield shown
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        shown.close()


_AS_OURS = """
import fcntl, signal, sys, termios
signal.signal(signal.SIGINT, signal.default_int_handler)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from lane_controller.cli import main
main()
"""
"""The terminal becomes the session's own, so that Ctrl-C on it is a signal.  A run of the tests that a
shell put in the background ignores that signal, and what it starts would too."""


async def test_a_typed_card_access_number_is_not_shown_and_the_phases_are(
    pcscd: PrivatePcscd, desk: Desk
) -> None:
    specimen = genuine(document("full", SMALL))
    can = specimen.document.access.can
    assert can is not None
    async with (
        on_the_reader(pcscd, specimen),
        terminal("--reader", FIRST_SLOT, "--can-file", "-", "--trust", desk.trust(specimen)) as seen,
    ):
        await seen.shows(ASKED)
        seen.types(can.encode() + b"\r")
        await seen.shows("chip genuine")
        assert await seen.ends() == 0
    assert can not in seen.shown
    assert "Traceback" not in seen.shown
    phases = [line for line in seen.shown.split("\n") if "APDUs" in line]
    assert [line.rpartition("\r  ")[2].split()[0] for line in phases][:2] == ["card_access", "access_control"]
    assert "DG2" in seen.shown, "the bytes of a file are told as they come"
    assert all(line.rstrip("\r").endswith("\033[K") for line in phases), "no rest of a longer line is left"


@pytest.mark.parametrize("when", ["typing", "waiting", "reading"])
async def test_ctrl_c_ends_with_a_word(pcscd: PrivatePcscd, desk: Desk, when: str) -> None:
    specimen = genuine(document("full", SMALL))
    typed = when == "typing"
    key = ("--can-file", "-") if typed else ("--mrz", desk.zone(specimen.document))
    async with slot(pcscd) as device, terminal("--reader", FIRST_SLOT, *key) as seen:
        if when == "reading":
            device.set_fault("slow", True)
            device.insert(specimen.inserted())
        await seen.shows({"typing": ASKED, "waiting": "lay the document", "reading": "security"}[when])
        assert await seen.stopped() == 128 + signal.SIGINT
        await seen.shows("stopped")
        device.set_fault("slow", False)
        device.insert(specimen.inserted())
        async with terminal("--reader", FIRST_SLOT, "--mrz", desk.zone(specimen.document)) as again:
            await again.shows("chip not_proved")
            assert await again.ends() == 1, "without trust"
    assert "Traceback" not in seen.shown


async def test_a_document_taken_away_says_what_to_do(pcscd: PrivatePcscd, desk: Desk, tmp_path: Path) -> None:
    torn = genuine(document("full", SMALL))
    fault = Fault(FaultName.TORN, "read:DG1", times=0)
    async with slot(pcscd) as device:
        chip = torn.inserted()
        device.insert(type(chip)(torn.chip, torn.behaviour, faults=(fault,)))
        async with terminal("--reader", FIRST_SLOT, "--mrz", desk.zone(torn.document)) as seen:
            await seen.shows("the chip was lost")
            await seen.shows("lay it on again")
            assert await seen.ends() == 1
