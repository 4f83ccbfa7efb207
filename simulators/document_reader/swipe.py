"""A reader through which a document's machine readable zone is swiped: serial line or virtual COM port.

What it says, from the behaviour of public clients of such readers (`docs/sources.md` 52; the makers' own
manuals were not found):

    [prefix] line separator line [separator line] [separator at the end] [suffix]

One-byte separators and nothing after the last line give the 89 bytes (passport) and 92 bytes (identity card)
that such a client expects.  The reader says nothing on its own and ignores what it is sent.
"""

import random
from dataclasses import dataclass

from simulators.serial_line import Line
from simulators.transcript import Transcript

FAULTS = (
    "half_swipe",
    "lost_characters",
    "garbled_bytes",
    "wrong_separator",
    "no_suffix",
    "chatter",
    "dead",
)
"""What can be wrong with it: the document is pulled through only half way; characters are skipped (dirty
lens); bits flip; it is set to another separator; it forgets its suffix; noise on the line before each swipe;
it sends nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the reader was set up with the maker's tool; bytes as they go over the line."""

    prefix: bytes = b""
    separator: bytes = b"\r"
    separator_at_end: bool = True
    suffix: bytes = b""


def swipe_bytes(lines: tuple[str, ...], settings: Settings) -> bytes:
    """What the reader sends for a zone that it read."""
    body = settings.separator.join(line.encode("ascii") for line in lines)
    end = settings.separator if settings.separator_at_end else b""
    return settings.prefix + body + end + settings.suffix


def swipe_lines(data: bytes, settings: Settings) -> tuple[str, ...]:
    """The lines in one transmission, for holding the simulator against recorded bytes."""
    body = data.removeprefix(settings.prefix).removesuffix(settings.suffix)
    return tuple(line.decode("ascii") for line in body.split(settings.separator) if line)


class SwipeReader:
    """`present(lines)` is the document drawn through the slot.  `seed` repeats what faults garble."""

    def __init__(self, name: str, line: Line, settings: Settings | None = None, *, seed: int = 0) -> None:
        self.name = name
        self.settings = settings or Settings()
        self.transcript = Transcript()
        self._line = line
        self._faults: set[str] = set()
        self._draw = random.Random(seed)
        self._started = False

    @property
    def address(self) -> str:
        return self._line.address

    async def start(self) -> None:
        await self._line.start(self._received)
        self._started = True

    async def stop(self) -> None:
        self._started = False
        await self._line.stop()

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
        self.send(self._spoilt(lines))

    def send(self, data: bytes) -> None:
        """Bytes as they are, for a test that wants its own."""
        if "dead" in self._faults or not self._started:
            return
        self.transcript.add("device", data)
        self._line.send(data)

    def _received(self, data: bytes) -> None:
        self.transcript.add("controller", data)

    def _spoilt(self, lines: tuple[str, ...]) -> bytes:
        settings = self.settings
        if "wrong_separator" in self._faults:
            other = b"\n" if settings.separator != b"\n" else b"\r"
            settings = Settings(settings.prefix, other, settings.separator_at_end, settings.suffix)
        if "no_suffix" in self._faults:
            settings = Settings(settings.prefix, settings.separator, settings.separator_at_end, b"")
        data = bytearray(swipe_bytes(lines, settings))
        if "half_swipe" in self._faults:
            del data[len(data) // 2 :]
        if "lost_characters" in self._faults:
            for _ in range(3):
                del data[self._draw.randrange(len(data))]
        if "garbled_bytes" in self._faults:
            for _ in range(3):
                data[self._draw.randrange(len(data))] ^= 0x80
        if "chatter" in self._faults:
            data[:0] = self._draw.randbytes(12)
        return bytes(data)
