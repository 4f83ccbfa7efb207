"""A camera that serves RTSP 1.0 (RFC 2326) with motion JPEG over RTP (RFC 2435) in the same connection.

    rtsp://127.0.0.1:PORT/lane      one video track, `trackID=1`

Interleaved transport only (RFC 2326, 10.12): `$`, channel, length (2), packet; a request for UDP is answered
461, upon which clients ask again for TCP.  Methods: OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER,
TEARDOWN; another is 501, one in the wrong state 455, one with a foreign session 454.
"""

import asyncio
import random
import re

from simulators.plate_camera.camera import Camera, Shown
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.rtp_jpeg import Packets, read_jpeg
from simulators.plate_camera.wired import Viewer, WiredCamera, split_request

BODY_BYTES_MAX = 4096
METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "TEARDOWN")


class Simulator(WiredCamera):
    """The camera on its RTSP port.  `seed` chooses session ids, SSRC and first sequence numbers."""

    def __init__(
        self, name: str, camera: Camera, *, port: int = 0, guard: Guard | None = None, seed: int = 0
    ) -> None:
        super().__init__(name, camera, port=port, guard=guard)
        self._chance = random.Random(seed)

    @property
    def address(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/lane"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self._chance, self.camera.frames_per_s, self.guard)
        playing: _Playing | None = None
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
            if session.playing and playing is None:
                playing = _Playing(writer, session)
                self.viewers.add(playing)
            elif not session.playing and playing is not None:
                self.viewers.discard(playing)
                playing = None
            if session.over:
                writer.close()
                await writer.wait_closed()
                return


class Session:
    """One client's session: requests in, answers out, no port."""

    def __init__(self, chance: random.Random, frames_per_s: float, guard: Guard | None = None) -> None:
        self.playing = False
        self.over = False
        self.channel = 0
        self.packets = Packets(chance.getrandbits(32), chance.getrandbits(16), chance.getrandbits(32))
        self._id = f"{chance.getrandbits(32):08x}"
        self._set_up = False
        self._frames_per_s = frames_per_s
        self._guard = guard

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

    def _description(self) -> str:
        """RFC 4566; payload type 26 is JPEG by RFC 3551, table 5."""
        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=lane camera", "c=IN IP4 0.0.0.0", "t=0 0"]
        lines += ["a=control:*", "m=video 0 RTP/AVP 26", "a=control:trackID=1"]
        return "\r\n".join([*lines, f"a=framerate:{self._frames_per_s:g}", ""])

    def _setup(self, sequence: str, transport: str) -> bytes:
        for offer in transport.split(","):
            if offer.strip().upper().startswith("RTP/AVP/TCP"):
                found = re.search(r"interleaved=(\d{1,3})-(\d{1,3})", offer)
                self.channel = min(254, int(found[1])) if found else 0
                self._set_up = True
                pair = f"interleaved={self.channel}-{self.channel + 1}"
                more = [f"Transport: RTP/AVP/TCP;unicast;{pair}", f"Session: {self._id};timeout=60"]
                return _answer("200 OK", sequence, more)
        return _answer("461 Unsupported Transport", sequence)

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


class _Playing(Viewer):
    def __init__(self, writer: asyncio.StreamWriter, session: Session) -> None:
        super().__init__(writer)
        self._session = session

    def encode(self, shown: Shown) -> bytes:
        packets = self._session.packets.packets(read_jpeg(shown.jpeg), shown.time_s)
        return b"".join(interleaved(self._session.channel, packet) for packet in packets)


def interleaved(channel: int, packet: bytes) -> bytes:
    """A packet inside the RTSP connection (RFC 2326, 10.12)."""
    return b"$" + bytes([channel]) + len(packet).to_bytes(2, "big") + packet


def _answer(status: str, sequence: str, more: list[str] | None = None, body: str = "") -> bytes:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {sequence}", *(more or [])]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join([*lines, "", ""]) + body).encode()
