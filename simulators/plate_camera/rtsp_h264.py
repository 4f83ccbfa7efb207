"""A camera that serves RTSP with H.264 over RTP (RFC 6184), by UDP or in the same connection.

    rtsp://127.0.0.1:PORT/lane      one video track, `trackID=1`

It plays one clip over and over.  An encoder can't leave pictures out as a motion JPEG camera does: what falls
due is sent, and each viewer gets it from the next picture on that stands for itself.
"""

import asyncio
import random
from collections.abc import Sequence

from simulators.plate_camera.guard import Guard
from simulators.plate_camera.rtp import Loss
from simulators.plate_camera.rtp_h264 import PPS, SPS, AccessUnit, description, packets, units
from simulators.plate_camera.rtsp_session import Session, converse
from simulators.plate_camera.wired import BACKLOG_BYTES, Wired


class Simulator(Wired):
    """The camera on its RTSP port.  `clip` is one piece of byte stream a picture, the first one whole in
    itself (`simulators.render.drives`).  `seed` chooses session ids, SSRC, first sequence numbers and which
    packets are lost: each with the probability `loss`, whatever the transport."""

    FAULTS = ("blackout",)

    def __init__(
        self,
        name: str,
        clip: Sequence[bytes],
        frames_per_s: float,
        *,
        port: int = 0,
        guard: Guard | None = None,
        seed: int = 0,
        loss: float = 0.0,
    ) -> None:
        super().__init__(name, port=port, guard=guard)
        self.loss = Loss(loss, seed)
        self._clip = [AccessUnit(units(piece)) for piece in clip]
        sets = [unit for unit in self._clip[0].units if unit[0] & 31 in (SPS, PPS)]
        if not self._clip[0].key or len(sets) < 2:
            raise ValueError("the clip's first picture does not stand for itself")
        self._media = description(sorted(sets, key=lambda unit: unit[0] & 31))
        self._frames_per_s = frames_per_s
        self._chance = random.Random(seed)
        self._time_s = 0.0
        self._number = 0
        self._dark = False
        self._playing: set[_Playing] = set()

    @property
    def address(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/lane"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self._chance, self._media, self.guard, udp=True)
        playing = _Playing(writer, session, self.loss)

        def plays(on: bool) -> None:
            (self._playing.add if on else self._playing.discard)(playing)

        await converse(reader, writer, session, plays)

    def gone(self, writer: asyncio.StreamWriter) -> None:
        self._playing = {playing for playing in self._playing if playing.writer is not writer}

    def step(self, seconds: float) -> None:
        """Advance the clock and send what fell due."""
        self._time_s += seconds
        while self._number < int(self._time_s * self._frames_per_s):
            picture = self._clip[self._number % len(self._clip)]
            for playing in tuple(self._playing) if not self._dark else ():
                playing.send(picture, self._number / self._frames_per_s)
            self._number += 1

    def faults(self) -> tuple[str, ...]:
        return self.FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        """`blackout`: no picture at all, connections stay open.  KeyError for another name."""
        if fault not in self.FAULTS:
            raise KeyError(f"an H.264 camera has no fault {fault!r}: one of {', '.join(self.FAULTS)}")
        self._dark = on


class _Playing:
    """One client's stream."""

    def __init__(self, writer: asyncio.StreamWriter, session: Session, loss: Loss) -> None:
        self.writer = writer
        self._session = session
        self._loss = loss
        self._begun = False

    def send(self, picture: AccessUnit, time_s: float) -> None:
        if self.writer.transport.get_write_buffer_size() > BACKLOG_BYTES:
            self._begun = False
        self._begun = self._begun or picture.key
        if self._begun:
            made = packets(self._session.packets, picture, time_s)
            self._session.deliver(self._loss.left(made), self.writer)
