"""The server's side of RTSP 1.0 (RFC 2326), whatever is sent over it.

Interleaved transport (10.12): `$`, channel, length (2), packet in the connection itself; or UDP from a pair
of ports of our own, where the camera offers it.  Methods: OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE,
GET_PARAMETER, TEARDOWN; another is 501, one in the wrong state 455, one with a foreign session 454.
"""

import asyncio
import random
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

from simulators.plate_camera.guard import Guard
from simulators.plate_camera.rtp import packets
from simulators.plate_camera.wired import split_request

BODY_BYTES_MAX = 4096
METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "TEARDOWN")


class Session:
    """One client's session: requests in, answers out.  `media` is what the description says of the one track;
    `udp` whether the camera offers it, else a request for it is answered 461 and clients ask for TCP."""

    def __init__(
        self, chance: random.Random, media: Sequence[str], guard: Guard | None = None, *, udp: bool = False
    ) -> None:
        self.playing = False
        self.over = False
        self.channel = 0
        self.packets = packets(chance)
        self._id = f"{chance.getrandbits(32):08x}"
        self._set_up = False
        self._media = tuple(media)
        self._guard = guard
        self._udp = udp
        self._datagrams: Datagrams | None = None

    def answer(self, words: list[str], fields: dict[str, str]) -> bytes:
        """The answer to a request line's words and its header fields."""
        sequence = fields.get("cseq", "")
        if len(words) != 3 or not sequence.isdecimal():
            return _answer("400 Bad Request", sequence)
        method, url, version = words
        if version != "RTSP/1.0":
            return _answer("505 RTSP Version not supported", sequence)
        if method not in METHODS:
            return _answer("501 Not Implemented", sequence)
        if method == "OPTIONS":
            return _answer("200 OK", sequence, [f"Public: {', '.join(METHODS)}"])
        if self._guard and not self._guard.admits(method, fields.get("authorization", "")):
            return _answer("401 Unauthorized", sequence, [f"WWW-Authenticate: {self._guard.challenge}"])
        if not re.match(r"rtsp://[^/]+/lane(/|$|/trackID=1$)", url):
            return _answer("404 Not Found", sequence)
        if method == "DESCRIBE":
            more = ["Content-Type: application/sdp", f"Content-Base: {url.rstrip('/')}/"]
            return _answer("200 OK", sequence, more, self._description())
        if method == "SETUP":
            return self._setup(sequence, fields.get("transport", ""))
        if not self._set_up:
            return _answer("455 Method Not Valid in This State", sequence)
        if fields.get("session", "").split(";")[0] != self._id:
            return _answer("454 Session Not Found", sequence)
        return self._in_session(method, url, sequence)

    def deliver(self, sent: Sequence[bytes], writer: asyncio.StreamWriter) -> None:
        """Send packets by the transport that was agreed on."""
        if self._datagrams is not None:
            self._datagrams.send(sent)
        else:
            writer.write(b"".join(interleaved(self.channel, packet) for packet in sent))

    def close(self) -> None:
        """Give the session's ports back."""
        if self._datagrams is not None:
            self._datagrams.close()

    def _description(self) -> str:
        """RFC 4566."""
        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=lane camera", "c=IN IP4 0.0.0.0", "t=0 0"]
        return "\r\n".join([*lines, "a=control:*", *self._media, "a=control:trackID=1", ""])

    def _setup(self, sequence: str, transport: str) -> bytes:
        for offer in transport.split(","):
            words = offer.strip().upper()
            if words.startswith("RTP/AVP/TCP"):
                found = re.search(r"interleaved=(\d{1,3})-(\d{1,3})", offer)
                self.channel = min(254, int(found[1])) if found else 0
                pair = f"interleaved={self.channel}-{self.channel + 1}"
                return self._agreed(sequence, f"RTP/AVP/TCP;unicast;{pair}")
            ports = re.search(r"client_port=(\d{1,5})-(\d{1,5})", offer)
            if self._udp and ports and words.startswith(("RTP/AVP;", "RTP/AVP/UDP;")):
                self.close()
                self._datagrams = Datagrams(int(ports[1]))
                own = f"server_port={self._datagrams.port}-{self._datagrams.port + 1}"
                return self._agreed(sequence, f"RTP/AVP;unicast;{ports[0]};{own}")
        return _answer("461 Unsupported Transport", sequence)

    def _agreed(self, sequence: str, transport: str) -> bytes:
        self._set_up = True
        return _answer("200 OK", sequence, [f"Transport: {transport}", f"Session: {self._id};timeout=60"])

    def _in_session(self, method: str, url: str, sequence: str) -> bytes:
        more = [f"Session: {self._id}"]
        if method == "PLAY":
            self.playing = True
            more += ["Range: npt=now-", f"RTP-Info: url={url};seq={self.packets.next_sequence}"]
        elif method == "PAUSE":
            self.playing = False
        elif method == "TEARDOWN":
            self.playing, self.over = False, True
        return _answer("200 OK", sequence, more)


class Datagrams:
    """A pair of UDP ports, RTP's even and RTCP's next to it (RFC 3550, 11); the client is on this machine."""

    def __init__(self, client_port: int) -> None:
        self._client = ("127.0.0.1", client_port)
        self._rtp, self._rtcp = _neighbours()
        self.port = int(self._rtp.getsockname()[1])

    def send(self, sent: Sequence[bytes]) -> None:
        for packet in sent:
            with suppress(OSError):  # nobody listens any more, or the socket is full: it is lost
                self._rtp.sendto(packet, self._client)

    def close(self) -> None:
        self._rtp.close()
        self._rtcp.close()


def _neighbours() -> tuple[socket.socket, socket.socket]:
    while True:
        first, second = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        first.setblocking(False)
        with suppress(OSError, OverflowError):
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            if port % 2 == 0:
                second.bind(("127.0.0.1", port + 1))
                return first, second
        first.close()
        second.close()


async def converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    session: Session,
    plays: Callable[[bool], None],
) -> None:
    """Answer requests until the session or the connection ends; `plays` is told when it begins and ceases."""
    playing = False
    try:
        while True:
            first = await reader.readexactly(1)
            if first == b"$":  # the client's receiver reports
                head = await reader.readexactly(3)
                await reader.readexactly(int.from_bytes(head[1:], "big"))
                continue
            words, fields = split_request(first + await reader.readuntil(b"\r\n\r\n"))
            length = fields.get("content-length", "0")
            if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
                return
            await reader.readexactly(int(length))
            writer.write(session.answer(words, fields))
            await writer.drain()
            if session.playing != playing:
                playing = session.playing
                plays(playing)
            if session.over:
                writer.close()
                await writer.wait_closed()
                return
    finally:
        session.close()


def interleaved(channel: int, packet: bytes) -> bytes:
    """A packet inside the RTSP connection (RFC 2326, 10.12)."""
    return b"$" + bytes([channel]) + len(packet).to_bytes(2, "big") + packet


def _answer(status: str, sequence: str, more: Sequence[str] = (), body: str = "") -> bytes:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {sequence}", *more]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join([*lines, "", ""]) + body).encode()
