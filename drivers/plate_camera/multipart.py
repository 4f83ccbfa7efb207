"""Motion JPEG over HTTP: a multipart body that never ends, one JPEG a part.

    --BOUNDARY CRLF
    Content-Type: image/jpeg CRLF
    Content-Length: 48123 CRLF          missing with some makers: then the next boundary ends the part
    X-Timestamp: 1763980000.120 CRLF    the camera's clock in seconds, with mjpg-streamer and its kin
    CRLF
    FF D8 ... FF D9 CRLF

RFC 2046, 5.1.  Makers differ in what they call the boundary (with and without its two dashes, in quotes) and
some end lines with LF alone: all are read.  Sans-I/O: bytes in by `feed`, whole parts out, bounded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

HEADER_BYTES_MAX = 8192
PART_BYTES_MAX = 8 * 1024 * 1024
_LENGTH_DIGITS_MAX = 12


class BrokenMultipart(ValueError):
    """The stream is no multipart stream (any more); the message quotes what was found."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part as received.  `time_s` is the camera's clock where it tells it, `fields` the part's header
    with names in lower case."""

    data: bytes
    time_s: float | None
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(dict[str, str]()))


def boundary_of(content_type: str) -> str | None:
    """The boundary in a Content-Type, without quotes and leading dashes; None if it is not multipart."""
    found = re.match(r'multipart/[\w.+-]+\s*;.*?boundary\s*=\s*"?([^";]+)', content_type, re.IGNORECASE)
    bare = found[1].strip().lstrip("-") if found else ""
    return bare if 0 < len(bare) <= 70 else None


class MultipartReader:
    """One stream.  After BrokenMultipart it is of no more use: connect again.  `empty` takes parts without
    content, which event streams have where a picture is missing."""

    def __init__(self, boundary: str, *, empty: bool = False) -> None:
        self._length_min = 0 if empty else 1
        self._fields: Mapping[str, str] = {}
        self._delimiter = re.compile(rb"\r?\n?-{2,4}" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*\r?\n")
        self._token = boundary.encode()
        self._buffer = bytearray()
        self._length: int | None = None
        self._time_s: float | None = None
        self._in_body = False
        self._searched = 0

    def feed(self, data: bytes) -> list[Part]:
        """The parts that `data` completes, in order.  Raises BrokenMultipart."""
        self._buffer += data
        parts: list[Part] = []
        while True:
            part = self._body() if self._in_body else None
            if part is not None:
                parts.append(part)
            elif self._in_body or not self._head():
                return parts

    def _head(self) -> bool:
        """Take boundary and header fields off the buffer; False while they are not whole."""
        found = self._delimiter.search(self._buffer, 0, HEADER_BYTES_MAX)
        end = re.compile(rb"\r?\n\r?\n").search(self._buffer, found.end() - 1) if found else None
        if found is None or end is None or end.start() > 2 * HEADER_BYTES_MAX:
            if len(self._buffer) > 2 * HEADER_BYTES_MAX:
                raise BrokenMultipart(
                    f"no part begins within {HEADER_BYTES_MAX} bytes: {bytes(self._buffer[:40])!r}"
                )
            return False
        fields = dict(
            (line.split(b":", 1)[0].strip().lower(), line.split(b":", 1)[1].strip())
            for line in bytes(self._buffer[found.end() : end.start()]).splitlines()
            if b":" in line
        )
        self._length = self._content_length(fields.get(b"content-length"))
        self._time_s = _seconds(fields.get(b"x-timestamp", b""))
        self._fields = {name.decode("latin-1"): value.decode("latin-1") for name, value in fields.items()}
        del self._buffer[: end.end()]
        self._in_body, self._searched = True, 0
        return True

    def _content_length(self, field: bytes | None) -> int | None:
        if field is None:
            return None
        digits = field.lstrip(b"0") or field[-1:]  # some write it with zeros before
        known = digits.isdigit() and len(digits) <= _LENGTH_DIGITS_MAX
        if not known or not self._length_min <= int(digits) <= PART_BYTES_MAX:
            raise BrokenMultipart(f"Content-Length {field[:20]!r} of a part; at most {PART_BYTES_MAX}")
        return int(digits)

    def _body(self) -> Part | None:
        if self._length is not None:
            if len(self._buffer) < self._length:
                return None
            return self._take(self._length, self._length)
        found = self._delimiter.search(self._buffer, self._searched)
        if found is None:
            if len(self._buffer) > PART_BYTES_MAX:
                raise BrokenMultipart(f"a part of more than {PART_BYTES_MAX} bytes")
            # A delimiter may be cut anywhere: look again from a little before the end.
            self._searched = max(0, len(self._buffer) - len(self._token) - 16)
            return None
        return self._take(found.start(), found.start())

    def _take(self, end: int, used: int) -> Part:
        part = Part(bytes(self._buffer[:end]), self._time_s, self._fields)
        del self._buffer[:used]
        self._in_body = False
        return part


def _seconds(field: bytes) -> float | None:
    found = re.fullmatch(rb"\d{1,11}(\.\d{1,9})?", field)
    return float(found[0]) if found else None
