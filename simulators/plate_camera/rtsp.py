"""A camera that serves RTSP with motion JPEG (RFC 2435) or H.264 (RFC 6184) over RTP in the same connection.

    rtsp://127.0.0.1:PORT/lane      one video track, `trackID=1`

Interleaved transport only (`rtsp_session.py`).  What it looks at may jump, so each of its H.264 pictures
stands for itself; `rtsp_h264.py` plays what refers to pictures before.  Parameter sets come in the stream
alone.
"""

import asyncio
import random
from typing import Literal

from simulators.plate_camera import rtp_h264, rtp_jpeg
from simulators.plate_camera.camera import Camera, Shown
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.rtp_h264 import AccessUnit
from simulators.plate_camera.rtsp_session import Session, converse, interleaved
from simulators.plate_camera.wired import Viewer, WiredCamera

Encoding = Literal["jpeg", "h264"]


class Simulator(WiredCamera):
    """The camera on its RTSP port.  `encoding` is what its pictures are; `seed` chooses session ids, SSRC and
    first sequence numbers."""

    def __init__(
        self,
        name: str,
        camera: Camera,
        *,
        port: int = 0,
        guard: Guard | None = None,
        seed: int = 0,
        encoding: Encoding = "jpeg",
    ) -> None:
        super().__init__(name, camera, port=port, guard=guard)
        self._encoding: Encoding = encoding
        self._chance = random.Random(seed)

    @property
    def address(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/lane"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        media = description(self.camera.frames_per_s, self._encoding)
        session = Session(self._chance, media, self.guard)
        playing = _Playing(writer, session, self._encoding)

        def plays(on: bool) -> None:
            (self.viewers.add if on else self.viewers.discard)(playing)

        await converse(reader, writer, session, plays)


def description(frames_per_s: float, encoding: Encoding = "jpeg") -> list[str]:
    """What SDP says of the track; payload type 26 is JPEG by RFC 3551, table 5."""
    rate = f"a=framerate:{frames_per_s:g}"
    if encoding == "h264":
        return [*rtp_h264.description(), rate]
    return [f"m=video 0 RTP/AVP {rtp_jpeg.PAYLOAD_TYPE}", rate]


class _Playing(Viewer):
    def __init__(self, writer: asyncio.StreamWriter, session: Session, encoding: Encoding) -> None:
        super().__init__(writer)
        self._session = session
        self._encoding = encoding

    def encode(self, shown: Shown) -> bytes:
        stream = self._session.packets
        if self._encoding == "h264":
            made = rtp_h264.packets(stream, AccessUnit(rtp_h264.units(shown.picture)), shown.time_s)
        else:
            made = rtp_jpeg.packets(stream, rtp_jpeg.read_jpeg(shown.picture), shown.time_s)
        return b"".join(interleaved(self._session.channel, packet) for packet in made)
