"""Whole scenes with truth: vehicles with plates, and much that is none, in any light and weather.

For training the finder and for the synthetic proof set.  The same seed, wardrobe and size give the same
scene.
"""

import random
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from simulators.render import optics
from simulators.render.backdrops import backdrop
from simulators.render.bodies import Body, Mount, body
from simulators.render.looks import Wardrobe, any_plate, look
from simulators.render.optics import Corners, Rng
from simulators.render.plates import Picture, Truth, draw, held, size_mm, truth
from simulators.render.plates.wear import infrared

PLATE_PX = (60.0, 400.0)
"""How wide the first vehicle's plate is in a frame of FRAME_PX pixels."""
FRAME_PX = 1280
SMALLEST_PX = 40.0
"""Of a frame of FRAME_PX: vehicles with smaller plates have none."""
YAW_MAX = 35.0
_WITHOUT = 0.07
Light = Literal["day", "dusk", "night", "infrared"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A plate in a scene: what it says and where its corners are (pixels; middles are whole numbers)."""

    truth: Truth
    corners: Corners


@dataclass(frozen=True, slots=True)
class Scene:
    """`picture` is height x width x 3 uint8, blue-green-red; every plate in it stands in `plates`."""

    picture: Picture
    plates: tuple[Seen, ...]
    light: Light


def scene(seed: int, wardrobe: Wardrobe, size: tuple[int, int] = (1280, 720)) -> Scene:
    """The scene of this seed, `size` (width, height) pixels.  Plates lie whole in the picture."""
    chance = random.Random(f"{wardrobe.name}/{seed}")
    return _Composer(chance, wardrobe, size).compose()


@dataclass(slots=True)
class _Standing:
    """A vehicle in the picture: flat pixels go to the picture by `to_frame`."""

    body: Body
    outline: Corners
    to_frame: cv2.typing.MatLike
    mounts: list[tuple[Mount, Truth, Picture, Corners, Corners]]


class _Composer:
    def __init__(self, chance: random.Random, wardrobe: Wardrobe, size: tuple[int, int]) -> None:
        self.chance, self.wardrobe = chance, wardrobe
        self.width, self.height = size
        self.rng: Rng = np.random.default_rng(chance.getrandbits(64))
        self.light: Light = chance.choices(("day", "dusk", "night", "infrared"), (0.55, 0.12, 0.17, 0.16))[0]
        self.unit = self.width / FRAME_PX

    def compose(self) -> Scene:
        canvas = backdrop(self.rng, self.wardrobe, self.width, self.height)
        if self.light != "day":
            low, high = {"dusk": (0.4, 0.8), "night": (0.06, 0.4), "infrared": (0.15, 0.8)}[self.light]
            canvas = optics.exposed(canvas, self.chance.uniform(low, high), 1.0, 1.0)
        plated = self.chance.random() >= _WITHOUT
        first = self._vehicle(self._first_width(), plated)
        others = [
            self._vehicle(self._wide(25, 110), self.chance.random() < 0.8)
            for _ in range(self.chance.choices((0, 1, 2), (0.6, 0.3, 0.1))[0])
        ]
        if self.chance.random() < 0.03:
            first, others = None, []  # an empty place
        shown: list[Seen] = []
        standing = sorted((each for each in (*others, first) if each), key=_nearness)
        for number, each in enumerate(standing):
            self._paint(canvas, each)
            for mount in each.mounts:
                self._mount(canvas, each, mount, standing[number + 1 :], shown)
        for each in standing:
            if self.light in ("night", "dusk") or self.chance.random() < 0.06:
                canvas = self._lamps(canvas, each)
        return Scene(self._taken(canvas), tuple(shown), self.light)

    def _first_width(self) -> float:
        return self._wide(*PLATE_PX)

    def _wide(self, low: float, high: float) -> float:
        return float(np.exp(self.chance.uniform(np.log(low), np.log(high)))) * self.unit

    def _vehicle(self, across: float, plated: bool) -> _Standing | None:
        """A vehicle at a scale where a plate of 520 mm is `across` px wide."""
        resolution = across / 0.52
        made = body(self.rng, self.wardrobe, min(resolution, 420.0))
        pen = made.pen
        u = self.chance.uniform
        yaw = max(-YAW_MAX, min(YAW_MAX, self.chance.gauss(0, 15)))
        pitch, roll = max(-12.0, min(28.0, self.chance.gauss(7, 7))), self.chance.gauss(0, 2.5)
        outline = optics.turned(
            pen.width * resolution, pen.height * resolution, yaw, pitch, roll, max(1.6, u(2, 9))
        )
        rows, columns = pen.canvas.shape[:2]
        flat = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
        mount = made.mounts[0]
        local = cv2.getPerspectiveTransform(flat, outline)
        spot = cv2.perspectiveTransform(pen.pixels([(mount.x, mount.y)])[None], local)[0, 0]
        aim = np.array([u(0.1, 0.9) * self.width, u(0.22, 0.95) * self.height], np.float32)
        outline = (outline + aim - spot).astype(np.float32)
        standing = _Standing(made, outline, cv2.getPerspectiveTransform(flat, outline), [])
        if plated:
            self._plates(standing, across)
        return standing

    def _plates(self, standing: _Standing, across: float) -> None:
        pen = standing.body.pen
        for mount in standing.body.mounts:
            plate = any_plate(self.chance, two_lines=mount.two_lines)
            what, (wide, high) = truth(plate), size_mm(plate)
            worn = look(plate, self.chance, self.wardrobe)
            scale = min(1.0, across / 520 * 1.3)
            framed, inner = held(draw(plate, worn, scale), worn, scale)
            tilt = self.chance.gauss(0, 0.8)
            turn = np.radians(tilt)
            half = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) / 2000
            half = half @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
            at = pen.pixels([(mount.x + x, mount.y - y) for x, y in half])
            corners = cv2.perspectiveTransform(at[None], standing.to_frame)[0].astype(np.float32)
            edge = np.array(
                [[0, 0], [framed.shape[1], 0], framed.shape[1::-1], [0, framed.shape[0]]], np.float32
            )
            outer = cv2.perspectiveTransform(edge[None], cv2.getPerspectiveTransform(inner, corners))[0]
            standing.mounts.append((mount, what, framed, corners, outer.astype(np.float32)))

    def _mount(
        self,
        canvas: Picture,
        standing: _Standing,
        mount: tuple[Mount, Truth, Picture, Corners, Corners],
        nearer: list[_Standing],
        shown: list[Seen],
    ) -> None:
        """Put a plate on, unless it would be cut, covered or too small to be called one."""
        _, what, framed, corners, outer = mount
        low, high = corners.min(axis=0), corners.max(axis=0)
        inside = bool(np.all(low >= 1) and np.all(high <= (self.width - 2, self.height - 2)))
        wide = float(np.hypot(*(corners[1] - corners[0])))
        hidden = any(
            cv2.pointPolygonTest(other.outline, (float(x), float(y)), True) > -4 * self.unit
            for other in nearer
            for x, y in corners
        ) or any(
            np.all(low < each.corners.max(axis=0)) and np.all(high > each.corners.min(axis=0))
            for each in shown
        )
        least = SMALLEST_PX * self.unit * (0.7 if what.lines == 2 else 1.0)
        if not inside or hidden or wide < least:
            return
        if self.light == "infrared":
            framed = infrared(framed)
        bright = self.chance.uniform(0.7, 1.05)
        if self.light in ("night", "infrared") and self.chance.random() < 0.3:
            framed = optics.exposed(
                framed, self.chance.uniform(1.05, 1.5), 1.0, self.chance.uniform(0.5, 0.9)
            )
        if self.light == "dusk":
            bright *= 0.8
        optics.pasted(canvas, optics.exposed(framed, bright, 1.0, 1.0), outer)
        shown.append(Seen(what, (corners - 0.5).astype(np.float32)))

    def _paint(self, canvas: Picture, standing: _Standing) -> None:
        made, outline = standing.body, standing.outline
        tall = float(np.hypot(*(outline[3] - outline[0])))
        foot = (outline[2] + outline[3]) / 2
        shadow = (round(float(np.hypot(*(outline[2] - outline[3]))) * 0.55), max(2, round(tall * 0.06)))
        cv2.ellipse(canvas, (int(foot[0]), int(foot[1])), shadow, 0, 0, 360, (32, 32, 34), -1, cv2.LINE_AA)
        dim = self._dim()
        self._side(canvas, standing, dim)
        flat, mask = made.pen.canvas, made.pen.mask
        if self.light == "infrared":
            flat = infrared(flat)
        optics.pasted(canvas, optics.exposed(flat, dim, 1.0, 1.0), outline, mask)

    def _dim(self) -> float:
        low, high = {"day": (0.75, 1.1), "dusk": (0.4, 0.7), "night": (0.12, 0.4), "infrared": (0.25, 0.7)}[
            self.light
        ]
        return self.chance.uniform(low, high)

    def _side(self, canvas: Picture, standing: _Standing, dim: float) -> None:
        """The flank that goes back from the front's nearer edge."""
        made, outline = standing.body, standing.outline
        lean = outline[1, 1] - outline[0, 1]
        share = made.length / made.pen.width
        right = float(np.hypot(*(outline[1] - outline[2]))) < float(np.hypot(*(outline[0] - outline[3])))
        edge = outline[[1, 2]] if right else outline[[0, 3]]
        wide = float(np.hypot(*(outline[1] - outline[0])))
        away = wide * share * self.chance.uniform(0.05, 0.35) * (1 if right else -1)
        tall = float(edge[1, 1] - edge[0, 1])
        back = edge + np.array([[away, tall * 0.12], [away, -tall * 0.18]]) + np.array([0, lean * 0.1])
        dark = dim * self.chance.uniform(0.45, 0.85)
        shade = tuple(int(min(255, part * dark)) for part in made.colour)
        quad = np.array([edge[0] + (0, tall * 0.06), back[0], back[1], edge[1] - (0, tall * 0.08)])
        cv2.fillConvexPoly(canvas, np.round(quad).astype(np.int32), shade, cv2.LINE_AA)
        if made.length < 8:
            glass = np.array([quad[0] * 0.9 + quad[3] * 0.1, quad[1] * 0.9 + quad[2] * 0.1,
                              quad[1] * 0.6 + quad[2] * 0.4, quad[0] * 0.6 + quad[3] * 0.4])  # fmt: skip
            cv2.fillConvexPoly(canvas, np.round(glass).astype(np.int32), (52, 46, 42), cv2.LINE_AA)

    def _lamps(self, canvas: Picture, standing: _Standing) -> Picture:
        made = standing.body
        if self.chance.random() < 0.35:
            return canvas
        spots = cv2.perspectiveTransform(made.pen.pixels(made.lamps)[None], standing.to_frame)[0]
        wide = float(np.hypot(*(standing.outline[1] - standing.outline[0])))
        strength = self.chance.uniform(0.15, 0.6) if made.rear else self.chance.uniform(0.3, 1.1)
        for x, y in spots:
            canvas = optics.glare(
                canvas, (float(x), float(y)), wide * self.chance.uniform(0.03, 0.09), strength
            )
        return canvas

    def _taken(self, canvas: Picture) -> Picture:
        """Light, weather, lens, sensor, compression."""
        u, rng = self.chance.uniform, self.rng
        made = optics.lit(canvas, rng, strength=0.4)
        if self.light == "infrared":
            made = infrared(made)
        weather = self.chance.choices(("clear", "rain", "snow", "fog"), (0.8, 0.09, 0.05, 0.06))[0]
        if weather in ("rain", "snow"):
            made = self._falling(made, weather)
        if weather == "fog":
            made = cv2.addWeighted(made, 0.7, np.full_like(made, int(u(120, 220))), 0.3, 0).astype(np.uint8)
        if self.light == "day" and self.chance.random() < 0.06:
            spot = (u(0, 1) * self.width, u(0, 0.6) * self.height)
            made = optics.glare(made, spot, u(0.05, 0.2) * self.width, u(0.2, 0.7))
        sigma = abs(self.chance.gauss(0, 0.9)) * self.unit + 0.25
        made = cv2.GaussianBlur(made, (0, 0), sigma).astype(np.uint8)
        if self.chance.random() < 0.2:
            made = optics.streaked(
                made, round(u(2, 8) * self.unit), self.chance.choice((90.0, 80.0, u(-90, 90)))
            )
        made = optics.exposed(made, u(0.75, 1.25), u(0.7, 1.25), u(0.8, 1.25))
        if self.light != "infrared" and self.chance.random() < 0.5:
            cast = np.array([u(0.88, 1.12), 1.0, u(0.88, 1.12)])
            made = np.clip(made * cast, 0, 255).astype(np.uint8)
        made = optics.noisy(made, abs(self.chance.gauss(0, 4)) * (1.0 if self.light == "day" else 1.8), rng)
        return optics.compressed(made, self.chance.randint(40, 90))

    def _falling(self, canvas: Picture, weather: str) -> Picture:
        layer = np.zeros(canvas.shape[:2], np.uint8)
        lean = self.chance.uniform(-0.3, 0.3)
        for x, y in self.rng.uniform(0, 1, (self.chance.randint(60, 400), 2)) * (self.width, self.height):
            long = self.chance.uniform(8, 30) * self.unit
            if weather == "snow":
                cv2.circle(layer, (int(x), int(y)), max(1, round(long / 10)), (200,), -1)
            else:
                cv2.line(layer, (int(x), int(y)), (int(x + lean * long), int(y + long)), (110,), 1)
        veil = cv2.GaussianBlur(layer, (0, 0), 0.7)
        return cv2.add(canvas, cv2.merge([veil] * 3)).astype(np.uint8)


def _nearness(standing: _Standing) -> float:
    return float(np.hypot(*(standing.outline[1] - standing.outline[0]))) / standing.body.pen.width
