"""A camera that serves RTSP with motion JPEG over RTP (RFC 2435) in the same connection.

    rtsp://127.0.0.1:PORT/lane      one video track, `trackID=1`

Interleaved transport only (`rtsp_session.py`).
"""

import asyncio
import random

from simulators.plate_camera import rtp_jpeg
from simulators.plate_camera.camera import Camera, Shown
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.rtsp_session import Session, converse, interleaved
from simulators.plate_camera.wired import Viewer, WiredCamera


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
        session = Session(self._chance, description(self.camera.frames_per_s), self.guard)
        playing = _Playing(writer, session)

        def plays(on: bool) -> None:
            (self.viewers.add if on else self.viewers.discard)(playing)

        await converse(reader, writer, session, plays)


def description(frames_per_s: float) -> list[str]:
    """What SDP says of the track; payload type 26 is JPEG by RFC 3551, table 5."""
    return [f"m=video 0 RTP/AVP {rtp_jpeg.PAYLOAD_TYPE}", f"a=framerate:{frames_per_s:g}"]


class _Playing(Viewer):
    def __init__(self, writer: asyncio.StreamWriter, session: Session) -> None:
        super().__init__(writer)
        self._session = session

    def encode(self, shown: Shown) -> bytes:
        made = rtp_jpeg.packets(self._session.packets, rtp_jpeg.read_jpeg(shown.jpeg), shown.time_s)
        return b"".join(interleaved(self._session.channel, packet) for packet in made)
