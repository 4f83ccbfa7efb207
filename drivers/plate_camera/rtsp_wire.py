"""What an RTSP server sends, split into answers and the packets between them; no ports here.

`$` | channel | length (2) | packet (RFC 2326, 10.12), between answers of the form `RTSP/1.0 200 OK`, header
fields, an empty line and a body of Content-Length bytes (RFC 2326, 7).
"""

import re
from dataclasses import dataclass, field

HEAD_BYTES_MAX = 16 * 1024
BODY_BYTES_MAX = 256 * 1024


class BrokenRtsp(ValueError):
    """This is no RTSP, or more than any camera says."""

    def __init__(self, message: str, hint: str = "is this the camera's RTSP port?") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Packet:
    """An RTP or RTCP packet of one channel."""

    channel: int
    data: bytes = field(repr=False)

    @property
    def wire(self) -> bytes:
        return b"$" + bytes([self.channel]) + len(self.data).to_bytes(2, "big") + self.data


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came (a server's own request counts as one, of status 0)."""

    status: int
    wire: bytes = field(repr=False)
    body: bytes = field(repr=False)


class Splitter:
    """Bytes in as they come, whole answers and packets out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Packet | Answer]:
        """Raises BrokenRtsp."""
        self._buffer += data
        found: list[Packet | Answer] = []
        while (one := self._next()) is not None:
            found.append(one)
        return found

    def _next(self) -> Packet | Answer | None:
        buffer = self._buffer
        if not buffer:
            return None
        if buffer[0] == 0x24:
            length = 4 + int.from_bytes(buffer[2:4], "big")
            return Packet(buffer[1], self._take(length)[4:]) if len(buffer) >= max(4, length) else None
        head_end = buffer.find(b"\r\n\r\n", 0, HEAD_BYTES_MAX)
        first_line = bytes(buffer[:64])
        if b"RTSP/"[: len(first_line)] not in first_line and (len(first_line) == 64 or head_end >= 0):
            raise BrokenRtsp("what it says is no RTSP")
        if head_end < 0:
            if len(buffer) >= HEAD_BYTES_MAX:
                raise BrokenRtsp(f"an answer's head is longer than {HEAD_BYTES_MAX} bytes")
            return None
        head = bytes(buffer[:head_end])
        length = _body_length(head)
        end = head_end + 4 + length
        if len(buffer) < end:
            return None
        status = re.match(rb"\s*RTSP/\d\.\d (\d{3})\b", head)
        wire = self._take(end)
        return Answer(int(status[1]) if status else 0, wire, wire[head_end + 4 :])

    def _take(self, length: int) -> bytes:
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken


def _body_length(head: bytes) -> int:
    said = re.search(rb"(?im)^content-length[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", head)
    length = int(said[1]) if said else 0
    if length > BODY_BYTES_MAX:
        raise BrokenRtsp(f"an answer's body of {length} bytes")
    return length


def codecs(description: bytes) -> dict[int, str]:
    """Encoding names by payload type, of a description (RFC 4566, 6: `a=rtpmap:96 H264/90000`)."""
    named = re.findall(rb"(?m)^a=rtpmap:(\d{1,3})[ \t]+([A-Za-z0-9.+-]+)/", description)
    return {int(kind): name.decode().upper() for kind, name in named}
