"""One picture of a lane camera: road, vehicle, plate, light, lens and sensor."""

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from simulators.render import fonts, plates, vehicle
from simulators.render.camera import HEIGHT, STOP_M, WIDTH, Pinhole, Points, front
from simulators.render.plates import Picture

Light = Literal["day", "night"]
_SUPERSAMPLE = 3


@dataclass(frozen=True, slots=True)
class Shot:
    """What one picture shows.

    `vehicle` None for the empty lane; `before_stop_m` how far its front is before the stop line, negative
    beyond it; `speed_m_s` blurs; `noise` seeds the sensor's noise, so that two pictures of a standing vehicle
    differ as a real sensor's do.
    """

    vehicle: vehicle.Vehicle | None
    before_stop_m: float
    light: Light
    speed_m_s: float
    noise: int


class Scene:
    """A lane as its plate camera sees it.  Deterministic: the same seed and shots give the same pictures."""

    def __init__(self, seed: int) -> None:
        self._camera = Pinhole()
        by_day = _road(self._camera, np.random.default_rng(seed))
        self._empty: dict[Light, Picture] = {"day": by_day, "night": (by_day * 0.16).astype(np.uint8)}
        chance = np.random.default_rng(seed + 1)
        self._grain: dict[Light, npt.NDArray[np.int16]] = {
            "day": _grain(chance, 3.0),
            "night": _grain(chance, 5.0),
        }
        self._fronts: dict[vehicle.Vehicle, tuple[Picture, Picture | None]] = {}

    def picture(self, shot: Shot) -> Picture:
        """The picture, HEIGHT x WIDTH x 3 uint8, blue-green-red."""
        canvas = self._empty[shot.light].copy()
        if shot.vehicle is not None:
            self._paint_vehicle(canvas, shot, shot.vehicle, shot.light == "night")
        blur_px = abs(shot.speed_m_s) * 0.002 * self._camera.focal_px / STOP_M
        if blur_px > 1:
            canvas = cv2.blur(canvas, (1, min(9, round(blur_px) | 1)))
        canvas = cv2.GaussianBlur(canvas, (0, 0), 0.55)
        y, x = (int(part) for part in np.random.default_rng(shot.noise).integers(0, 64, 2))
        grain = self._grain[shot.light][y : y + HEIGHT, x : x + WIDTH]
        return cv2.add(canvas, grain, dtype=cv2.CV_8U).astype(np.uint8)

    def _paint_vehicle(self, canvas: Picture, shot: Shot, which: vehicle.Vehicle, night: bool) -> None:
        shape = vehicle.SHAPES[which.kind]
        z = STOP_M + shot.before_stop_m
        ambient = 0.3 if night else 1.0
        self._paint_flank(canvas, which, shape, z, ambient)
        corners = front(-shape.width / 2, 0.0, shape.width, shape.height, z)
        if not self._camera.in_front(corners):
            return
        body, printed = self._fronts_of(which)
        _paste(canvas, body, self._camera.project(corners), ambient)
        if printed is not None and which.plate is not None:
            width, height = (side / 1000 for side in plates.size_mm(which.plate))
            at = front(-width / 2, shape.plate_y, width, height, z - 0.02)
            # Plates throw light back to where it comes from: at night they stay bright.
            _paste(canvas, printed, self._camera.project(at), 0.82 if night else 0.93)
        if night:
            self._glare(canvas, shape, z)

    def _fronts_of(self, which: vehicle.Vehicle) -> tuple[Picture, Picture | None]:
        if which not in self._fronts:
            self._fronts[which] = (vehicle.draw(which), plates.draw(which.plate) if which.plate else None)
        return self._fronts[which]

    def _paint_flank(
        self, canvas: Picture, which: vehicle.Vehicle, shape: vehicle.Shape, z: float, ambient: float
    ) -> None:
        near, far = max(z, 0.9), z + shape.length
        if far <= near:
            return
        x = shape.width / 2

        def band(low: float, high: float, start: float, end: float, colour: tuple[float, ...]) -> None:
            corners = np.array([[x, high, start], [x, high, end], [x, low, end], [x, low, start]])
            if self._camera.in_front(corners):
                shaded = [ambient * 0.8 * part for part in reversed(colour)]
                cv2.fillConvexPoly(canvas, np.round(self._camera.project(corners)).astype(np.int32), shaded)

        side = (150.0, 148.0, 140.0) if which.kind == "lorry" else tuple(float(part) for part in which.colour)
        band(0.15, 0.9 if which.kind != "car" else 0.3, near, far, (34, 35, 38))
        band(0.9 if which.kind != "car" else 0.3, shape.height, near, far, side)
        # Seams at fixed places of the body: the flank is seen to move.
        for metre in range(1, int(shape.length), 2):
            if z + metre > near:
                band(0.3, shape.height * 0.9, z + metre, z + metre + 0.12, (90, 90, 86))

    def _glare(self, canvas: Picture, shape: vehicle.Shape, z: float) -> None:
        lamps = np.array([[x - shape.width / 2, y, z] for x, y in shape.lamps])
        ys, xs = np.mgrid[0:HEIGHT:4, 0:WIDTH:4].astype(np.float32)
        bloom = np.zeros(ys.shape, np.float32)
        for u, v in self._camera.project(lamps):
            square = (xs - u) ** 2 + (ys - v) ** 2
            radius = 55 * STOP_M / z
            bloom += 330 * np.exp(-square / (2 * radius**2)) + 40 * np.exp(-square / (2 * (4 * radius) ** 2))
        spread = cv2.resize(np.minimum(bloom, 255).astype(np.uint8), (WIDTH, HEIGHT))
        cv2.add(canvas, cv2.merge([spread] * 3), dst=canvas)


def _grain(chance: np.random.Generator, sigma: float) -> npt.NDArray[np.int16]:
    """A sensor's noise, the same in all three colours, larger than a picture so that it can be shifted."""
    noise = np.round(chance.normal(0, sigma, (HEIGHT + 64, WIDTH + 64, 1)))
    return np.repeat(noise, 3, axis=2).astype(np.int16)


def _paste(canvas: Picture, flat: Picture, corners: Points, light: float) -> None:
    """Put a flat picture into the quadrilateral `corners` (pixels, top left first, clockwise)."""
    low = np.floor(np.clip(corners.min(axis=0), (0, 0), (WIDTH, HEIGHT))).astype(int)
    high = np.ceil(np.clip(corners.max(axis=0) + 1, (0, 0), (WIDTH, HEIGHT))).astype(int)
    width, height = (int(side) for side in high - low)
    if width < 2 or height < 2:
        return
    # Small targets are drawn larger and averaged down, so that strokes keep their weight.
    scale = _SUPERSAMPLE if width < 400 else 1
    across = float(np.linalg.norm(corners[1] - corners[0])) * scale
    if across * 1.5 < flat.shape[1]:
        ratio = across * 1.5 / flat.shape[1]
        flat = cv2.resize(flat, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA).astype(np.uint8)
    lit = (flat * light).astype(np.uint8)
    rows, columns = flat.shape[:2]
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    matrix: Any = cv2.getPerspectiveTransform(source, ((corners - low) * scale).astype(np.float32))
    size = (width * scale, height * scale)
    drawn = cv2.warpPerspective(lit, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpPerspective(np.full((rows, columns), 255, np.uint8), matrix, size)
    region = canvas[low[1] : high[1], low[0] : high[0]]
    if scale == 1:
        # The lens blurs the hard edge that this leaves.
        cv2.copyTo(drawn, mask, region)
        return
    drawn = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)
    share = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)[:, :, None] / np.float32(255)
    region[:] = region * (1 - share) + drawn * share


def _road(camera: Pinhole, chance: np.random.Generator) -> Picture:
    """The empty lane by day: sky, buildings, asphalt with its lines, the stop line, an island, signs."""
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    canvas[:] = np.linspace((214, 200, 186), (196, 192, 188), HEIGHT)[:, None, :].astype(np.uint8)

    def ground(x0: float, x1: float, z0: float, z1: float, colour: tuple[int, int, int]) -> None:
        corners = np.array([[x0, 0, z1], [x1, 0, z1], [x1, 0, z0], [x0, 0, z0]], dtype=float)
        cv2.fillConvexPoly(canvas, np.round(camera.project(corners)).astype(np.int32), colour)

    for x in range(-14, 14, 4):
        shade = int(chance.integers(120, 190))
        height = float(chance.uniform(2.5, 6.0))
        hall = camera.project(front(x, 0, 3.6, height, 45.0))
        cv2.fillConvexPoly(canvas, np.round(hall).astype(np.int32), (shade, shade, shade - 6))
    ground(-30, 8, 3.2, 45, (112, 114, 116))
    ground(-1.8, -1.65, 3.2, 45, (220, 222, 222))
    ground(1.55, 1.7, 3.2, 45, (150, 152, 154))
    ground(-1.65, 1.55, STOP_M - 0.5, STOP_M - 0.2, (225, 226, 226))
    coarse = chance.normal(0, 5, (HEIGHT // 2, WIDTH // 2)).astype(np.float32)
    speckle = np.repeat(cv2.resize(coarse, (WIDTH, HEIGHT))[:, :, None], 3, axis=2)
    canvas = cv2.add(canvas, speckle, dtype=cv2.CV_8U).astype(np.uint8)
    for x, text in ((-3.2, "STOP"), (-5.4, "BORDER CONTROL 24")):
        _paste(canvas, _sign(text), camera.project(front(x, 1.3, 0.35 * len(text) ** 0.7, 0.4, 11.0)), 1.0)
    return canvas


def _sign(text: str) -> Picture:
    face = fonts.load("sans", 60)
    image = Image.new("RGB", (int(face.getlength(text)) + 40, 100), (40, 70, 140))
    ImageDraw.Draw(image).text((20, 15), text, fill=(240, 240, 240), font=face)
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])
