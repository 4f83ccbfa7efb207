"""One camera of a lane through which a vehicle has gone before: it looks at the empty lane, then votes over
the frames of the vehicle that comes (`lane_controller.daemon.sensing.plates`)."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from anpr.readings import FrameReading
from drivers.plate_camera import FrameRead
from lane_controller.daemon.sensing.parked import LOOK_EVERY_S, LOOK_FRAMES, LOOK_S
from lane_controller.daemon.sensing.plates import PlateSense
from lane_controller.lane.facts import PlateRead
from lane_controller.messages.parts import Stamp
from lane_controller.messages.words import ClockQuality

LOOKS = 2
"""Before and after the vehicle that went through: what stood there in both was passed."""
_DAY = datetime(2026, 6, 1, tzinfo=UTC)


def header_of(number: int, taken_s: float, read: FrameReading) -> dict[str, Any]:
    """A frame as a camera's child tells it (`drivers.plate_camera.frame_messages`), without its pictures."""
    return {
        "number": number,
        "taken_s": taken_s,
        "fingerprint": f"{number}",
        "time_s": None,
        "watched": True,
        "plates": [asdict(one) for one in read.voting],
        "doubtful": [asdict(one) for one in read.doubtful],
        "refused": [],
        "size": [0, 0],
        "picture_bytes": 0,
        "crop_bytes": [],
    }


def told(empty: Sequence[FrameRead], seen: Sequence[FrameRead]) -> list[PlateRead]:
    """What the lane is told of a passage, in order.  `empty` are `LOOKS` times `LOOK_FRAMES` frames of the
    lane with nobody in it (none: it had no looks), `seen` those of the vehicle, by their own times."""
    sense = PlateSense("camera", "front")
    at_s = 0.0
    for look in range(len(empty) // LOOK_FRAMES):
        for frame in empty[look * LOOK_FRAMES : (look + 1) * LOOK_FRAMES]:
            at_s += LOOK_S / (2 * LOOK_FRAMES)
            sense.parked.wants(True, at_s)
            sense.parked.take(frame, at_s, at_s)
        sense.parked.departed()
        at_s += LOOK_EVERY_S
    sense.parked.wants(False, at_s)
    began_s = at_s - seen[0].taken_s if seen else at_s
    said = [sense.want(True, _stamp(at_s))]
    for frame in seen:
        at_s = began_s + frame.taken_s
        said.append(sense.take(frame, at_s, _stamp(at_s)))
    said.append(sense.want(False, _stamp(at_s)))
    return [each.fact for each in said if each is not None]


def _stamp(at_s: float) -> Stamp:
    return Stamp(utc=_DAY, boot="drive", mono_s=at_s, clock=ClockQuality.FREE)
