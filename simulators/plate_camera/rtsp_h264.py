"""A camera that serves RTSP with H.264 over RTP (RFC 6184), by UDP or in the same connection.

    rtsp://127.0.0.1:PORT/lane      one video track, `trackID=1`

It plays one clip over and over.  An encoder can't leave pictures out as a motion JPEG camera does: what falls
due is sent, and each viewer gets it from the next picture on that stands for itself.  What can be wrong with
what it sends stands in `hostile_h264.py`.
"""

import asyncio
import random
from collections.abc import Sequence

from simulators.plate_camera import hostile_h264
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.hostile_h264 import Fault, after_all
from simulators.plate_camera.rtp import Loss
from simulators.plate_camera.rtp_h264 import PPS, SPS, AccessUnit, description, numbered, payloads, units
from simulators.plate_camera.rtsp_session import Session, converse
from simulators.plate_camera.wired import BACKLOG_BYTES, Wired


class Simulator(Wired):
    """The camera on its RTSP port.  `clip` is one piece of byte stream a picture, the first one whole in
    itself (`simulators.render.drives`).  `seed` chooses session ids, SSRC, first sequence numbers and which
    packets are lost: each with the probability `loss`, whatever the transport."""

    FAULTS = ("blackout", *hostile_h264.FAULTS)

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
        self._clip = _pictures(clip)
        self._next_clip: list[AccessUnit] = []
        self._begun = 0
        self._frames_per_s = frames_per_s
        self._chance = random.Random(seed)
        self._time_s = 0.0
        self._number = 0
        self._dark = False
        self._faults: dict[str, Fault] = {}
        self._playing: set[_Playing] = set()

    @property
    def address(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/lane"

    @property
    def viewers(self) -> int:
        """Connections that play it."""
        return len(self._playing)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = after_all([*self._faults.values()], self._clip[0])
        sets = _sets(first) or _sets(self._clip[0])
        session = Session(self._chance, description(sets), self.guard, udp=True)
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
            self._send(self._number / self._frames_per_s)
            self._number += 1

    def show(self, clip: Sequence[bytes]) -> None:
        """Play another clip, of whatever size, once the one that plays has come to a picture that stands for
        itself."""
        self._next_clip = _pictures(clip)

    def _send(self, time_s: float) -> None:
        picture = self._clip[(self._number - self._begun) % len(self._clip)]
        if self._next_clip and picture.key:
            self._clip, self._next_clip, self._begun = self._next_clip, [], self._number
            picture = self._clip[0]
        faults = [*self._faults.values()]
        sent = payloads(after_all(faults, picture))
        for fault in faults:
            sent = fault.payloads(sent)
        for playing in tuple(self._playing) if not self._dark else ():
            playing.send(sent, time_s, key=picture.key)

    def faults(self) -> tuple[str, ...]:
        return self.FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        """`blackout`: no picture at all, connections stay open.  KeyError for a name not among FAULTS."""
        if fault == "blackout":
            self._dark = on
        elif fault not in self.FAULTS:
            raise KeyError(f"an H.264 camera has no fault {fault!r}: one of {', '.join(self.FAULTS)}")
        elif on:
            self._faults.setdefault(fault, hostile_h264.FAULTS[fault](self._chance))
        else:
            self._faults.pop(fault, None)


def _pictures(clip: Sequence[bytes]) -> list[AccessUnit]:
    pictures = [AccessUnit(units(piece)) for piece in clip]
    if not pictures or not pictures[0].key or len(_sets(pictures[0])) < 2:
        raise ValueError("the clip's first picture does not stand for itself")
    return pictures


def _sets(picture: AccessUnit) -> list[bytes]:
    """Its parameter sets, the sequence's first."""
    return sorted(
        (unit for unit in picture.units if unit[0] & 31 in (SPS, PPS)), key=lambda unit: unit[0] & 31
    )


class _Playing:
    """One client's stream."""

    def __init__(self, writer: asyncio.StreamWriter, session: Session, loss: Loss) -> None:
        self.writer = writer
        self._session = session
        self._loss = loss
        self._begun = False

    def send(self, sent: Sequence[bytes], time_s: float, *, key: bool) -> None:
        """Payloads of a picture, which stands for itself or not."""
        if self.writer.transport.get_write_buffer_size() > BACKLOG_BYTES:
            self._begun = False
        self._begun = self._begun or key
        if self._begun:
            made = numbered(self._session.packets, sent, time_s)
            self._session.deliver(self._loss.left(made), self.writer)
