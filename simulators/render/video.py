"""What a camera's processing and the way to us make of a picture, beyond lens and sensor (`optics.py`)."""

import cv2
import numpy as np

from simulators.render import optics
from simulators.render.optics import Rng
from simulators.render.plates.model import Picture


def processed(picture: Picture, tall: float, rng: Rng) -> Picture:
    """Now and then one of too few pixels, burnt light, two fields, motion along one axis; halos; hard
    compression.  `tall`: pixels that a line of the plate is high."""
    made, lowest = picture, float(rng.uniform(8, 15))
    case = rng.random()
    if case < 0.07:
        made = burnt(made, tall, rng)
    elif case < 0.14:
        made = streaked_along(made, tall, rng)
    elif case < 0.17:
        made = interlaced(made, max(1, round(tall * float(rng.uniform(0.04, 0.12)))))
    elif case < 0.27 and tall > lowest * 1.2:
        made = _through(made, lowest / tall, rng)
    if rng.random() < 0.18:
        made = sharpened(made, tall, rng)
    hard = 0.27 < case < 0.42
    return _packed(made, int(rng.integers(16, 42) if hard else rng.integers(40, 95)), rng)


def burnt(picture: Picture, tall: float, rng: Rng) -> Picture:
    """Overexposed: light ground bleeds into dark strokes until thin ones break."""
    reach = float(rng.uniform(0.02, 0.06)) * tall
    spread = cv2.GaussianBlur(picture, (0, 0), max(0.4, reach))
    return cv2.addWeighted(
        cv2.max(picture, spread), float(rng.uniform(0.7, 1.1)), spread, float(rng.uniform(0.3, 0.7)), 0
    ).astype(np.uint8)


def streaked_along(picture: Picture, tall: float, rng: Rng) -> Picture:
    """Motion along one axis: a vehicle that drives by, or nods on its springs."""
    angle = float(rng.choice([0.0, 90.0])) + float(rng.normal(0, 4))
    return optics.streaked(picture, 1 + round(tall * float(rng.uniform(0.06, 0.26))), angle)


def interlaced(picture: Picture, step: int) -> Picture:
    """Two fields of which the later one saw the vehicle `step` pixels on."""
    made = picture.copy()
    made[1::2, step:] = picture[1::2, :-step] if step < picture.shape[1] else picture[1::2, step:]
    return made


def sharpened(picture: Picture, tall: float, rng: Rng) -> Picture:
    """A camera's own sharpening: halos about every edge."""
    reach = max(0.6, float(rng.uniform(0.03, 0.09)) * tall)
    amount = float(rng.uniform(0.5, 2.2))
    soft = cv2.GaussianBlur(picture, (0, 0), reach)
    return cv2.addWeighted(picture, 1 + amount, soft, -amount, 0).astype(np.uint8)


def _through(picture: Picture, share: float, rng: Rng) -> Picture:
    """A picture of fewer pixels, compressed, and made large again."""
    rows, columns = picture.shape[:2]
    size = (max(8, round(columns * share)), max(8, round(rows * share)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    small = optics.compressed(small, int(rng.integers(55, 96)))
    way = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[int(rng.integers(4))]
    return cv2.resize(small, (columns, rows), interpolation=way).astype(np.uint8)


def _packed(picture: Picture, quality: int, rng: Rng) -> Picture:
    """JPEG whose blocks begin anywhere, as in the frame that a crop is of."""
    x, y = (int(each) for each in rng.integers(0, 8, 2))
    framed = cv2.copyMakeBorder(picture, y, 0, x, 0, cv2.BORDER_REPLICATE).astype(np.uint8)
    return np.ascontiguousarray(optics.compressed(framed, quality)[y:, x:])
