"""What one lane's camera takes of a vehicle: the same place and lens each time, the vehicle's own plates.

A lane's world says where a vehicle is, so these drives are looked up by place, not by time.
"""

import random
from dataclasses import dataclass, field, replace

import numpy as np

from simulators.render import optics
from simulators.render.backdrops import backdrop
from simulators.render.camera import HEIGHT, WIDTH, Pinhole
from simulators.render.drives.cast import Cast, Side, drawn, dressed
from simulators.render.drives.course import Course
from simulators.render.drives.light import AutoExposure, Lighting
from simulators.render.drives.painter import actor
from simulators.render.drives.scenery import Scenery
from simulators.render.looks import PROOF, look
from simulators.render.plates import Picture

PLATE_PX = 170.0
"""How wide a plate of 520 mm is at the stop line."""
STOP_Z_M = 6.0
SPEED_M_S, BRAKE_M_S2, STAND_S, LEAVE_M_S2 = 2.4, 1.2, 2.0, 1.2
APPROACH_M, GONE_M = 9.0, 5.2
FRAMES_PER_S = 4.0
STANDING = 0.1
"""Metres about the stop line within which a vehicle stands."""
EMPTY = 4


@dataclass(frozen=True, slots=True)
class LaneShot:
    """One picture, and how far before the stop line the vehicle's side is in it."""

    before_m: float
    picture: Picture = field(repr=False)


def shots(seed: int, side: Side, drives: Cast) -> tuple[LaneShot, ...]:
    """A drive of about 30 pictures, 960 x 544, blue-green-red, in order.  `seed` is the camera's: its place,
    lens and background.  Raises `simulators.render.fonts.FontMissing`."""
    made = lane_scenery(seed, side, drives)
    times = np.arange(0.0, made.course.length_s, 1 / FRAMES_PER_S)
    return tuple(LaneShot(made.course.before_m(at), made.take(at)[0]) for at in (float(at) for at in times))


def empty(seed: int, side: Side) -> tuple[Picture, ...]:
    """Pictures of the lane with nobody in it; they differ by the sensor's noise."""
    rng = np.random.default_rng([seed, side == "rear"])
    flat = optics.exposed(backdrop(rng, PROOF, WIDTH, HEIGHT), 1.0, 1.0, 1.0)
    return tuple(optics.noisy(flat, 1.5, np.random.default_rng([seed, number])) for number in range(EMPTY))


def lane_scenery(seed: int, side: Side, drives: Cast) -> Scenery:
    """All of such a drive, before its pictures are taken."""
    rng = np.random.default_rng([seed, side == "rear"])
    ground = optics.exposed(backdrop(rng, PROOF, WIDTH, HEIGHT), 1.0, 1.0, 1.0)
    chance = random.Random(f"{drives.kind}/{drives.front.text}/{drives.rear.text}")
    worn = replace(
        look(drives.plate(side), chance, PROOF), dirt=0.0, snow=0.0, scratches=0.0, fading=0.0
    )  # a lane's own traffic; what wears plates is measured elsewhere
    place = np.random.default_rng(chance.getrandbits(64))
    body = drawn(side, place, dressed(chance, drives.kind, PROOF)[side], min(420.0, PLATE_PX / 0.52 * 1.5))
    scale = min(1.0, PLATE_PX * 1.6 / 520)
    passing = actor("passing", body, drives.plate(side), worn, 0.0, 1.0, scale, chance.gauss(0, 0.008))
    mount = body.mounts[0]
    # The camera's lens is turned to where such vehicles carry their plates.
    at = mount.x - body.pen.width / 2
    eye = Pinhole(
        (at + 1.4, 1.6, 0.0), (at, mount.y + 0.1, STOP_Z_M), PLATE_PX / 0.52 * STOP_Z_M, (WIDTH, HEIGHT)
    )
    light = Lighting("day", 1.0, 1 / 400, 0.0, 0.0, False, 0.15, 5.0, chance.uniform(0, 6.3))
    start, gone = (APPROACH_M, GONE_M) if side == "front" else (GONE_M, APPROACH_M)
    return Scenery(
        drives, side, eye, STOP_Z_M, Course(start, gone, SPEED_M_S, BRAKE_M_S2, STAND_S, LEAVE_M_S2), light,
        passing, None, 0.0, ground, lens=0.55, noise=1.5, haze=0.0, quality=80,
        exposure=AutoExposure("day", 1.0), rng=place,
    )  # fmt: skip
