"""Crops of plates for training a recogniser: loosely cut, turned, lit, blurred, noisy, compressed."""

import random
from typing import Literal

import cv2
import numpy as np

from simulators.render import optics, video
from simulators.render.looks import Wardrobe, any_plate, look
from simulators.render.optics import Corners
from simulators.render.plates import Picture, Plate, Truth, draw, held, size_mm, truth
from simulators.render.plates.wear import cloud, infrared

WIDTH_PX = (60.0, 400.0)
Light = Literal["day", "night", "infrared"]


def plate_crop(
    chance: random.Random, wardrobe: Wardrobe, which: Plate | None = None
) -> tuple[Picture, Truth, Corners]:
    """A crop (blue-green-red) with one plate (any, unless `which` is given), what it says, and its corners in
    the crop (pixels, a pixel's middle at whole numbers).

    A one-line plate is 60 to 400 px wide, a two-line plate as high on average; the crop is a tenth to a half
    larger than the plate, not always evenly so.
    """
    plate = which or any_plate(chance)
    light: Light = chance.choices(("day", "night", "infrared"), (0.62, 0.2, 0.18))[0]
    worn = look(plate, chance, wardrobe, infrared=light == "infrared")
    rng = np.random.default_rng(chance.getrandbits(64))
    what, (wide_mm, high_mm) = truth(plate), size_mm(plate)
    across = float(np.exp(rng.uniform(*np.log(WIDTH_PX)))) * (0.62 if what.lines == 2 else 1.0)
    scale = min(1.1, across / wide_mm * 1.25)
    flat, flat_corners = held(draw(plate, worn, scale), worn, scale)
    tall = across * high_mm / wide_mm * float(rng.uniform(0.93, 1.07))
    yaw = float(np.clip(rng.normal(0, 15), -35, 35))
    pitch, roll = float(np.clip(rng.normal(8, 9), -20, 30)), float(np.clip(rng.normal(0, 3.5), -12, 12))
    corners = optics.turned(across, tall, yaw, pitch, roll, float(rng.uniform(3, 20)))
    margins = rng.uniform(0.02, 0.5, 4) * tall + 2
    low = corners.min(axis=0) - margins[:2]
    size = np.ceil(corners.max(axis=0) + margins[2:] - low).astype(int)
    corners = (corners - low).astype(np.float32)
    canvas = _around(int(size[0]), int(size[1]), rng, wardrobe, light)
    # Where the holder's outer corners lie follows from where the plate's do.
    to_crop = cv2.getPerspectiveTransform(flat_corners, corners)
    edge = np.array([[0, 0], [flat.shape[1], 0], flat.shape[1::-1], [0, flat.shape[0]]], np.float32)
    outer = cv2.perspectiveTransform(edge[None], to_crop)[0].astype(np.float32)
    optics.pasted(canvas, _shown(flat, light, rng), outer)
    shown = _taken(canvas, across, tall / what.lines, rng, light)
    return shown, what, (corners - 0.5).astype(np.float32)


def _around(width: int, height: int, rng: optics.Rng, wardrobe: Wardrobe, light: Light) -> Picture:
    """What a plate sits on: a bumper's colour with an edge or two."""
    canvas = np.empty((height, width, 3), np.uint8)
    bodies = wardrobe.bodies
    canvas[:] = bodies[int(rng.integers(len(bodies)))]
    for _ in range(int(rng.integers(0, 4))):
        y, thick = int(rng.integers(0, height)), int(rng.integers(1, max(2, height // 4)))
        shade = bodies[int(rng.integers(len(bodies)))] if rng.random() < 0.4 else (int(rng.integers(90)),) * 3
        cv2.line(canvas, (0, y), (width, y + int(rng.normal(0, height / 10))), shade, thick, cv2.LINE_AA)
    shades = cloud((height, width), rng) * 0.6 + 0.6
    made = np.clip(canvas * shades[:, :, None], 0, 255).astype(np.uint8)
    if light == "infrared":
        made = infrared(made)
    return optics.exposed(made, float(rng.uniform(0.12, 0.5)), 1.0, 1.0) if light != "day" else made


def _shown(flat: Picture, light: Light, rng: optics.Rng) -> Picture:
    """The plate in its light: at night it throws the lamps' light back and may be overexposed."""
    if light == "day":
        return optics.exposed(flat, float(rng.uniform(0.5, 1.08)), 1.0, 1.0)
    if rng.random() < 0.3:
        made = optics.exposed(flat, float(rng.uniform(1.05, 1.5)), 1.0, float(rng.uniform(0.5, 0.9)))
        return cv2.GaussianBlur(made, (0, 0), float(rng.uniform(0.6, 1.4))).astype(np.uint8)
    return optics.exposed(flat, float(rng.uniform(0.4, 1.0)), 1.0, 1.0)


def _half_shaded(picture: Picture, tall: float, rng: optics.Rng) -> Picture:
    """A shadow with an edge over a part of the plate."""
    rows, columns = picture.shape[:2]
    x, y = (
        np.arange(columns, dtype=np.float32)[None] / columns,
        np.arange(rows, dtype=np.float32)[:, None] / rows,
    )
    angle = float(rng.uniform(0, 2 * np.pi))
    away = (x - rng.uniform(0.2, 0.8)) * np.cos(angle) * columns + (y - rng.uniform(0.2, 0.8)) * np.sin(
        angle
    ) * rows
    soft = tall * float(rng.uniform(0.02, 0.3))
    share = np.clip(away / soft + 0.5, 0, 1) * np.float32(rng.uniform(0.35, 0.75))
    return (picture * (1 - share[:, :, None])).astype(np.uint8)


def _taken(canvas: Picture, across: float, tall: float, rng: optics.Rng, light: Light) -> Picture:
    made = optics.lit(canvas, rng)
    if rng.random() < 0.1:
        made = _half_shaded(made, tall, rng)
    rows, columns = made.shape[:2]
    if rng.random() < (0.1 if light == "day" else 0.25):
        spot = (float(rng.uniform(-0.3, 1.3)) * columns, float(rng.uniform(-0.5, 1.5)) * rows)
        made = optics.glare(made, spot, float(rng.uniform(0.1, 0.4)) * columns, float(rng.uniform(0.2, 0.8)))
    if rng.random() < 0.15:
        made = cv2.addWeighted(made, 0.75, np.full_like(made, int(rng.integers(90, 200))), 0.25, 0)
    # Blur and noise as large as characters of this size bear.
    sigma = float(abs(rng.normal(0, 0.0042))) * across + 0.3
    made = cv2.GaussianBlur(made.astype(np.uint8), (0, 0), min(sigma, 3.5)).astype(np.uint8)
    if rng.random() < 0.25:
        made = optics.streaked(made, int(rng.uniform(0.005, 0.028) * across) + 1, float(rng.uniform(-90, 90)))
    gain, contrast = float(rng.uniform(0.7, 1.3)), float(rng.uniform(0.6, 1.2))
    made = optics.exposed(made, gain, contrast, float(rng.uniform(0.75, 1.35)))
    made = optics.noisy(made, float(abs(rng.normal(0, 5))) * (1.8 if light == "night" else 1.0), rng)
    if rng.random() < 0.15:
        made = cv2.cvtColor(cv2.cvtColor(made, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR).astype(np.uint8)
    return video.processed(made, tall, rng)
