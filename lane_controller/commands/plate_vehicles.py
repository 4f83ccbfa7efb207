"""From a camera's frames to one plate a vehicle, where no lane's sensors tell vehicles apart."""

import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

import anpr
from anpr.track import FRAMES_MAX
from drivers.plate_camera import FrameRead

FRAMES_MIN = 3
"""Different frames that must speak for a plate before it is told."""
GONE_S = 2.0
"""A plate not seen for so long has left; the next one is another vehicle's."""
REFUSED_MAX = 8
"""Candidates that are told of one vehicle's frames."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle's plate.  `number` counts from 1; `frame` is the one that was surest of the plate,
    `refused` what else was in its frames and not taken for a plate, each text and reason once."""

    number: int
    plate: anpr.Agreed
    frame: FrameRead
    refused: tuple[tuple[str, str], ...]


async def vehicles(readings: AsyncIterator[FrameRead]) -> AsyncIterator[Vehicle]:
    """One agreed plate a vehicle: told when enough frames speak for it, or when it has gone before."""
    track, told, seen_s, number = anpr.Track(), False, 0.0, 0
    frames: deque[FrameRead] = deque(maxlen=FRAMES_MAX)
    async for reading in readings:
        now_s = time.monotonic()
        if reading.plates:
            if track.add(reading.fingerprint, reading.plates, reading.taken_s):
                frames.append(reading)
            seen_s = now_s
        best = next(iter(track.plates()), None)
        gone = best is not None and now_s - seen_s > GONE_S
        if best is not None and not told and (gone or best.frames >= FRAMES_MIN):
            told, number = True, number + 1
            yield _vehicle(number, best, frames)
        if gone:
            track, told = anpr.Track(), False
            frames.clear()


def _vehicle(number: int, plate: anpr.Agreed, frames: deque[FrameRead]) -> Vehicle:
    shows = (frame for frame in frames if frame.fingerprint == plate.frame)
    refused = dict.fromkeys(one for frame in frames for one in frame.refused)
    return Vehicle(number, plate, next(shows, frames[-1]), tuple(refused)[:REFUSED_MAX])
