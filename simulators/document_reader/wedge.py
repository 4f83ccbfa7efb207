"""A reader that types what it read, as a USB keyboard: the records of its Linux input device, in a FIFO.

Written from the kernel's `Documentation/input/input.rst` (struct input_event) and `input-event-codes.h`:

    u64 seconds, u64 microseconds, u16 type, u16 code, s32 value        24 bytes on a 64-bit machine

Each key is MSC_SCAN, EV_KEY, SYN_REPORT when pressed (value 1) and again when released (value 0), with Shift
pressed before and released after where the character needs it.  A FIFO stands for /dev/input/eventN because
no kernel here can make one: the exclusive grab can't be shown on it.
"""

import contextlib
import os
import random
import struct
import time
from pathlib import Path

from simulators.transcript import Transcript

FAULTS = ("half_swipe", "wrong_layout", "keys_lost", "garbled_bytes", "dead")
"""Pulled through half way; set to the German layout; the kernel's buffer ran over (SYN_DROPPED); records cut
and shifted on their way; types nothing."""

_EVENT = struct.Struct("<QQHHi")
_SYN, _KEY, _MSC = 0, 1, 4
_SYN_REPORT, _SYN_DROPPED, _MSC_SCAN = 0, 3, 4

_CODES = {
    **dict(zip("1234567890", range(2, 12), strict=True)),
    **dict(zip("QWERTYUIOP", range(16, 26), strict=True)),
    **dict(zip("ASDFGHJKL", range(30, 39), strict=True)),
    **dict(zip("ZXCVBNM", range(44, 51), strict=True)),
    "-": 12,
    "=": 13,
    ";": 39,
    ",": 51,
    ".": 52,
    "/": 53,
    " ": 57,
    "\r": 28,
    "\t": 15,
}
_SHIFTED = {
    "<": ",",
    "!": "1",
    "#": "3",
    "$": "4",
    "%": "5",
    "&": "7",
    "*": "8",
    "+": "=",
    ":": ";",
    "?": "/",
}
_LEFT_SHIFT = 42
_ISO_KEY = 86


def key_presses(text: str, *, german: bool = False) -> list[tuple[int, bool]]:
    """Key codes and whether Shift is held, for each character.  Raises KeyError for one without a key."""
    presses: list[tuple[int, bool]] = []
    for character in text:
        if german and character == "<":
            presses.append((_ISO_KEY, False))
        elif german and character in "YZ":
            presses.append((_CODES["Z" if character == "Y" else "Y"], True))
        elif character in _SHIFTED:
            presses.append((_CODES[_SHIFTED[character]], True))
        else:
            presses.append((_CODES[character], character.isalpha()))
    return presses


def typed_bytes(text: str, *, german: bool = False, at_s: float = 0.0) -> bytes:
    """The records of typing `text`, all at the instant `at_s` (UTC seconds)."""
    records = bytearray()
    seconds, microseconds = int(at_s), int(at_s % 1 * 1_000_000)

    def put(kind: int, code: int, value: int) -> None:
        records.extend(_EVENT.pack(seconds, microseconds, kind, code, value))

    def key(code: int, value: int) -> None:
        put(_MSC, _MSC_SCAN, 0x70000 + code)
        put(_KEY, code, value)
        put(_SYN, _SYN_REPORT, 0)

    held = False
    for code, shift in key_presses(text, german=german):
        if shift != held:
            key(_LEFT_SHIFT, int(shift))
            held = shift
        key(code, 1)
        key(code, 0)
    if held:
        key(_LEFT_SHIFT, 0)
    return bytes(records)


class KeyboardWedge:
    """`present(lines)` types them, `separator` after each; `path` is where the FIFO is made.

    What nobody reads is lost once the FIFO is full, as the kernel drops a device's events.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        *,
        prefix: str = "",
        separator: str = "\r",
        suffix: str = "",
        seed: int = 0,
    ) -> None:
        self.name = name
        self.path = path
        self.transcript = Transcript()
        self.lost_bytes = 0
        self._prefix, self._separator, self._suffix = prefix, separator, suffix
        self._faults: set[str] = set()
        self._draw = random.Random(seed)
        self._fd = -1

    @property
    def address(self) -> str:
        return str(self.path)

    async def start(self) -> None:
        await self.stop()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(self.path, 0o600)
        # Open for both, so that opening does not wait for a reader and a reader's end never breaks the pipe.
        self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    async def stop(self) -> None:
        if self._fd < 0:
            return
        os.close(self._fd)
        self._fd = -1
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    def step(self, seconds: float) -> None:
        """Nothing in it moves by itself."""

    def faults(self) -> tuple[str, ...]:
        return FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in FAULTS:
            raise KeyError(f"no fault {fault!r}; known: {', '.join(FAULTS)}")
        (self._faults.add if on else self._faults.discard)(fault)

    def present(self, lines: tuple[str, ...]) -> None:
        """Swipe a document with these lines."""
        text = self._prefix + "".join(line + self._separator for line in lines) + self._suffix
        if "half_swipe" in self._faults:
            text = text[: len(text) // 2]
        data = typed_bytes(text, german="wrong_layout" in self._faults, at_s=time.time())
        if "keys_lost" in self._faults:
            cut = len(data) // 48 * 24
            dropped = _EVENT.pack(0, 0, _SYN, _SYN_DROPPED, 0)
            data = data[:cut] + dropped + data[cut + 24 * 60 :]
        if "garbled_bytes" in self._faults:
            cut = self._draw.randrange(24, len(data) // 2)
            data = data[:cut] + data[cut + self._draw.randrange(1, 24) :]
        self.send(data)

    def send(self, data: bytes) -> None:
        """Records as they are, for a test that wants its own."""
        if "dead" in self._faults or self._fd < 0:
            return
        self.transcript.add("device", data)
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                self.lost_bytes += len(data)
                return
