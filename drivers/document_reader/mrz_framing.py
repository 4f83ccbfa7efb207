"""Where one swipe begins and ends: the framing that serial readers and keyboard wedges share.  No I/O.

    [prefix] line separator line [separator line] [separator] [suffix]

Nothing tells a swipe's length beforehand, and many readers send neither prefix nor suffix (one sends 89 bytes
for a passport: 44, a separator, 44).  So a swipe ends at the suffix where one is configured, else when as
many lines are terminated as the first line's length asks for, else when the line falls silent.  Only whole
zones come out; whatever else was sent comes out once as `Unreadable` with a reason.  Source: docs/sources.md
52 (public clients of two makers; the makers' own framing was not found, so every part is an option).
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from drivers.device import Options
from drivers.document_reader import MrzRead, Unreadable
from mrz import MrzError
from mrz.layouts import layout_of
from mrz.parsing import checked_lines

FRAME_BYTES_MAX = 256
"""A zone has at most 94 bytes with its separators; twice that with prefix and suffix is room enough."""

SEPARATORS = {"CR": b"\r", "LF": b"\n", "CRLF": b"\r\n"}


def _ascii(text: str) -> str:
    if not text.isascii() or len(text) > 16:
        raise ValueError(f"{text!r}: at most 16 ASCII characters, control characters as \\u0002")
    return text


class FramingOptions(Options):
    """How the reader frames a swipe; it must be set to the same in the reader itself."""

    prefix: Annotated[str, AfterValidator(_ascii)] = ""
    """Sent before the first line, e.g. "\\u0002"."""
    separator: Literal["CR", "LF", "CRLF"] = "CR"
    """Between the lines, and where the reader does so after the last one."""
    suffix: Annotated[str, AfterValidator(_ascii)] = ""
    """Sent after the last line, e.g. "\\u0003"."""
    idle_s: Annotated[float, Field(ge=0.02, le=5.0)] = 0.2
    """Seconds of silence that end a swipe, when nothing else did."""

    @model_validator(mode="after")
    def _suffix_is_no_separator(self) -> Self:
        if self.suffix and SEPARATORS[self.separator].endswith(self.suffix.encode("ascii")):
            raise ValueError(
                "suffix: the separator ends with it, so it would end a swipe after one line; "
                "leave it empty, a separator after the last line is expected anyway"
            )
        return self


class MrzFramer:
    """Bytes in, swipes out.  Holds at most `FRAME_BYTES_MAX` bytes whatever is fed."""

    def __init__(self, options: FramingOptions) -> None:
        self._prefix = options.prefix.encode("ascii")
        self._separator = SEPARATORS[options.separator]
        self._suffix = options.suffix.encode("ascii")
        self._buffer = bytearray()
        self._discarding = False

    @property
    def pending(self) -> bool:
        """Whether silence would now end something: call `idle` once it has lasted `idle_s`."""
        return bool(self._buffer) or self._discarding

    def feed(self, data: bytes) -> list[MrzRead | Unreadable]:
        """Swipes that `data` completes.

        After a swipe that was too long everything up to the next silence is dropped, so that its tail is
        never taken for the beginning of another.
        """
        readings: list[MrzRead | Unreadable] = []
        for byte in data:
            if self._discarding:
                break
            self._buffer.append(byte)
            if self._ends():
                readings += self._take()
            elif len(self._buffer) >= FRAME_BYTES_MAX:
                readings.append(Unreadable("too_long", bytes(self._buffer)))
                self._buffer.clear()
                self._discarding = True
        return readings

    def idle(self) -> list[MrzRead | Unreadable]:
        """The line was silent for `idle_s`: what is held is all there will be."""
        self._discarding = False
        return self._take()

    def _ends(self) -> bool:
        if self._suffix:
            return self._buffer.endswith(self._suffix)
        if not self._buffer.endswith(self._separator):
            return False
        lines = self._body(bytes(self._buffer)).split(self._separator)[:-1]
        return len(lines) >= (3 if lines and len(lines[0]) == 30 else 2)

    def _body(self, frame: bytes) -> bytes:
        """Without prefix, suffix and separators left over from the swipe before."""
        return frame.lstrip(b"\r\n").removeprefix(self._prefix).removesuffix(self._suffix)

    def _take(self) -> list[MrzRead | Unreadable]:
        frame = bytes(self._buffer)
        self._buffer.clear()
        if not frame.removesuffix(self._suffix).strip(b"\r\n"):
            return []
        if self._prefix and not frame.lstrip(b"\r\n").startswith(self._prefix):
            return [Unreadable("wrong_prefix", frame)]
        if self._suffix and not frame.endswith(self._suffix):
            return [Unreadable("no_suffix", frame)]
        body = self._body(frame).removesuffix(self._separator)
        if any(mark in b"\r\n" for mark in body.replace(self._separator, b"")):
            return [Unreadable("wrong_separator", frame)]
        try:
            lines = checked_lines(body.decode("latin-1").split(self._separator.decode()))
        except MrzError:
            return [Unreadable("bad_bytes", frame)]
        if layout_of(lines) is None:
            short = sum(map(len, lines)) < 72
            return [Unreadable("too_short" if short else "bad_lines", frame)]
        return [MrzRead(lines, frame)]
