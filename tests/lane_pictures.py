"""What one lane's camera sees of a vehicle that comes and stands: a few pictures, for tests.

All of a drive is `simulators.render.drives.lane_drives`; six of its forty pictures are rendered in a fraction
of a second.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

import cv2
import numpy as np

from simulators.render import Plate, optics
from simulators.render.drives.cast import Cast, Kind
from simulators.render.drives.lane_camera import empty, lane_scenery
from simulators.render.drives.light import AutoExposure, Lighting
from simulators.render.drives.scenery import Scenery
from simulators.render.plates import Picture

SEED = 7
STANDING = 4
_APPROACH_S = (-0.75, -0.35)
"""Before the vehicle stands."""
_NIGHT = Lighting("night", 0.2, 1 / 60, 0.9, 0.5, False, 0.0, 5.0, 0.0)
_HOLDER = (62, 59, 58)


@dataclass(frozen=True, slots=True)
class Drive:
    """JPEG files.  Those of what stands still differ by the sensor's noise."""

    approach: tuple[bytes, ...] = field(repr=False)
    standing: tuple[bytes, ...] = field(repr=False)
    empty: tuple[bytes, ...] = field(repr=False)

    def picture(self, number: int) -> bytes:
        """The standing vehicle, as the camera's picture of this number."""
        return self.standing[number % len(self.standing)]


@cache
def drive(
    kind: Kind, plate: Plate, *, light: Literal["day", "night"] = "day", bare: bool = False, seed: int = SEED
) -> Drive:
    """`bare`: its plate's holder has no plate in it.  `seed` is the camera's."""
    made = lane_scenery(seed, "front", Cast(kind, plate, plate))
    if light == "night":
        made = _at_night(made)
    if bare:
        made.passing.plate = np.full_like(made.passing.plate, _HOLDER)
    stands_s = made.course.stopped_s
    coming = tuple(jpeg(made.take(stands_s + at)[0]) for at in _APPROACH_S)
    standing = tuple(jpeg(made.take(stands_s + 0.3 * at)[0]) for at in range(STANDING))
    return Drive(coming, standing, nobody(seed))


@cache
def standing(kind: Kind, plate: Plate) -> bytes:
    """One picture by day."""
    made = lane_scenery(SEED, "front", Cast(kind, plate, plate))
    return jpeg(made.take(made.course.stopped_s)[0])


@cache
def nobody(seed: int = SEED) -> tuple[bytes, ...]:
    return tuple(jpeg(picture) for picture in empty(seed, "front"))


def jpeg(picture: Picture) -> bytes:
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])


def _at_night(by_day: Scenery) -> Scenery:
    """The same drive in the dark: the vehicle's lamps shine into the camera, the plate throws light back."""

    def dim(picture: Picture) -> Picture:
        return optics.exposed(picture, _NIGHT.ambient, 1.0, 1.0)

    return replace(
        by_day,
        lighting=_NIGHT,
        empty=dim(by_day.empty),
        passing=replace(by_day.passing, flat=dim(by_day.passing.flat)),
        exposure=AutoExposure("night", 1.0),
        noise=2.4,
    )
