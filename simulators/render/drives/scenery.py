"""All that one drive is made of, chosen by chance, and the pictures a camera takes of it."""

import random
from dataclasses import dataclass, field

import cv2
import numpy as np

from simulators.render import optics
from simulators.render.backdrops import backdrop
from simulators.render.camera import Pinhole
from simulators.render.drives.cast import Cast, Order, Side, cast, drawn, dressed
from simulators.render.drives.course import Course, course
from simulators.render.drives.light import AutoExposure, Lighting, lighting
from simulators.render.drives.painter import Actor, SeenPlate, actor, paint, seen
from simulators.render.looks import Wardrobe, look
from simulators.render.plates import Picture
from simulators.render.plates.wear import infrared

PARKED = 0.4
"""How often another vehicle stands by."""
PLATE_PX = (90.0, 230.0)
"""How wide a plate of 520 mm is at the stop line, in a picture 960 wide."""
BLUR_STEP_PX = 1.5
"""Motion between two of the pictures that are averaged for motion blur."""
BLUR_STEPS = 6


@dataclass(slots=True)
class Scenery:
    """A drive.  `take` must be called in order: exposure and noise go on from picture to picture."""

    cast: Cast
    side: Side
    eye: Pinhole
    stop_z: float
    course: Course
    lighting: Lighting
    passing: Actor
    parked: Actor | None
    parked_z: float
    empty: Picture = field(repr=False)
    lens: float
    noise: float
    haze: float
    quality: int
    exposure: AutoExposure
    rng: optics.Rng
    _behind: Picture = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._behind = self.empty.copy()
        if self.parked is not None:
            self._paint(self._behind, self.parked, self.parked_z)

    def take(self, time_s: float) -> tuple[Picture, tuple[SeenPlate, ...]]:
        """The picture of this moment, and the plates that are whole in it."""
        z = self.place(time_s)
        canvas = self.smeared(time_s)
        standing = self.course.stopped_s <= time_s < self.course.leaves_s
        canvas = self._lamps(canvas, z, self.lighting.lamps_at(standing), self.course.braking(time_s))
        return self._developed(canvas, time_s), self._plates(z)

    def place(self, time_s: float) -> float:
        """How far from the camera the side is that it sees; a rear goes away from it."""
        before = self.course.before_m(time_s)
        return self.stop_z + (before if self.side == "front" else -before)

    def smeared(self, time_s: float) -> Picture:
        """The mean of what the sensor sees while it is exposed."""
        half = self.lighting.exposure_s / 2
        ends = [
            self.passing.spot(self.eye, self.passing.inner, self.place(time_s + at)) for at in (-half, half)
        ]
        moved = 0.0
        if ends[0] is not None and ends[1] is not None:
            moved = float(np.abs(ends[0] - ends[1]).max())
        steps = int(np.clip(np.ceil(moved / BLUR_STEP_PX), 1, BLUR_STEPS))
        if steps == 1:
            return self.painted(self.place(time_s))
        total = np.zeros(self.empty.shape, np.float32)
        for at in np.linspace(-half, half, steps):
            cv2.accumulate(self.painted(self.place(time_s + float(at))), total)
        return (total / steps).astype(np.uint8)

    def painted(self, z: float) -> Picture:
        if self.parked is None or z < self.parked_z:
            canvas = self._behind.copy()
            self._paint(canvas, self.passing, z)
            return canvas
        canvas = self.empty.copy()
        self._paint(canvas, self.passing, z)
        self._paint(canvas, self.parked, self.parked_z)
        return canvas

    def _paint(self, canvas: Picture, who: Actor, z: float) -> None:
        ambient, retro = self.lighting.ambient, self.lighting.retro
        # Lamps at the camera light what is near more than what is far.
        thrown = retro * float(np.clip(self.stop_z / max(z, 0.5), 0.3, 1.5)) ** 0.7
        paint(canvas, self.eye, who, z, ambient, max(ambient, thrown))

    def _plates(self, z: float) -> tuple[SeenPlate, ...]:
        found: list[SeenPlate | None] = []
        nearer = self.parked is not None and self.parked_z <= z
        before = self.parked.silhouette(self.eye, self.parked_z) if self.parked and nearer else []
        found.append(seen(self.eye, self.passing, z, before))
        if self.parked is not None:
            before = [] if nearer else self.passing.silhouette(self.eye, z)
            found.append(seen(self.eye, self.parked, self.parked_z, before))
        return tuple(each for each in found if each is not None)

    def _lamps(self, canvas: Picture, z: float, strength: float, braking: bool) -> Picture:
        body = self.passing.body
        if body.rear:
            strength = 0.2 * strength + (0.25 if braking else 0.0)
        spots = self.passing.spot(self.eye, np.array(body.lamps, np.float32), z - 0.02)
        if strength < 0.05 or spots is None:
            return canvas
        radius = 0.07 * self.eye.focal_px / z * (0.6 if body.rear else 1.0)
        for x, y in spots:
            canvas = optics.glare(canvas, (float(x), float(y)), radius, strength)
        return canvas

    def _developed(self, canvas: Picture, time_s: float) -> Picture:
        """Lens, exposure and sensor."""
        if self.haze:
            veil = np.full_like(canvas, 170)
            canvas = cv2.addWeighted(canvas, 1 - self.haze, veil, self.haze, 0).astype(np.uint8)
        canvas = cv2.GaussianBlur(canvas, (0, 0), self.lens).astype(np.uint8)
        gain = self.exposure.gain(canvas) * self.lighting.drift(time_s)
        made = optics.exposed(canvas, gain, 1.0, 1.0)
        return optics.noisy(made, self.noise * max(1.0, gain) ** 0.5, self.rng)


def scenery(chance: random.Random, order: Order, wardrobe: Wardrobe) -> Scenery:
    """The drive of an order.  Who drives and in what light is the same from both sides."""
    drives = cast(chance, order.kind, order.country)
    light = lighting(chance)
    worn = {side: look(drives.plate(side), chance, wardrobe, infrared=light.light == "infrared")
            for side in ("front", "rear")}  # fmt: skip
    dress = dressed(chance, drives.kind, wardrobe)
    chance = random.Random(f"{chance.random()}/{order.side}")
    rng = np.random.default_rng(chance.getrandbits(64))
    u = chance.uniform
    stop_z, across = u(4.6, 8.0), u(*PLATE_PX) * order.size[0] / 960
    focal = across / 0.52 * stop_z
    ambient, scale = light.ambient, min(1.0, 230 * order.size[0] / 960 * 1.6 / 520)
    body = drawn(order.side, rng, dress[order.side], min(420.0, across / 0.52 * 1.5))
    x, tilt = u(-0.15, 0.15), chance.gauss(0, 0.012)
    passing = actor(
        f"{order.seed}", body, drives.plate(order.side), worn[order.side], x, ambient, scale, tilt
    )
    mount = body.mounts[0]
    middle = x - body.pen.width / 2 + mount.x
    eye = Pinhole(
        (middle + chance.choice((-1, 1)) * u(0.2, 0.45 * stop_z), u(0.9, 2.6), 0.0),
        (middle + u(-0.25, 0.25) * across / 150, mount.y + u(-0.05, 0.3), stop_z),
        focal,
        order.size,
    )
    parked, parked_z = _parked(
        chance, rng, order.side, wardrobe, light, stop_z, scale, f"{order.seed}-parked"
    )
    start, gone = u(6.0, 11.0), stop_z - 0.8
    if order.side == "rear":
        start, gone = gone, start
    empty = optics.exposed(backdrop(rng, wardrobe, *order.size), ambient, 1.0, 1.0)
    return Scenery(
        drives, order.side, eye, stop_z, course(chance, start, gone), light, passing, parked, parked_z,
        infrared(empty) if light.light == "infrared" else empty,
        lens=u(0.4, 0.9) * order.size[0] / 960,
        noise=u(1.0, 4.0) * (1.0 if light.light == "day" else 1.6),
        haze=u(0.05, 0.3) if chance.random() < 0.12 else 0.0,
        quality=chance.randint(55, 88),
        exposure=AutoExposure(light.light, u(0.7, 1.4)),
        rng=rng,
    )  # fmt: skip


def _parked(
    chance: random.Random, rng: optics.Rng, side: Side, wardrobe: Wardrobe, light: Lighting, stop_z: float,
    scale: float, vehicle: str,
) -> tuple[Actor | None, float]:  # fmt: skip
    """Another vehicle beside the lane, a little further away."""
    other = cast(chance)
    worn = look(other.plate(side), chance, wardrobe, infrared=light.light == "infrared")
    body = drawn(side, rng, dressed(chance, other.kind, wardrobe)[side], 200.0)
    x, z = chance.choice((-1, 1)) * chance.uniform(2.7, 3.4), stop_z + chance.uniform(0.5, 6.0)
    if chance.random() >= PARKED:
        return None, z
    made = actor(vehicle, body, other.plate(side), worn, x, light.ambient, scale, chance.gauss(0, 0.012))
    return made, z
