"""Paint: the few strokes that backdrops and vehicles are made of.

Colours are blue, green, red; all functions draw into the picture they are given.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Rng = np.random.Generator
Picture = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
Rect = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


def between(rng: Rng, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def chance(rng: Rng, share: float) -> bool:
    return bool(rng.random() < share)


def colour(rng: Rng, dark: int = 0, light: int = 255, grey: float = 0.5) -> Colour:
    """A random colour; with the chance `grey` one without hue."""
    if chance(rng, grey):
        level = int(rng.integers(dark, light + 1))
        return level, level, level
    blue, green, red = (int(each) for each in rng.integers(dark, light + 1, 3))
    return blue, green, red


def shade(of: Colour, factor: float) -> Colour:
    blue, green, red = (int(min(255, max(0, part * factor))) for part in of)
    return blue, green, red


def box(picture: Picture, rect: Rect, fill: Colour, radius: int = 0, outline: Colour | None = None) -> None:
    """A rectangle, its corners rounded."""
    left, top, right, bottom = rect
    if right - left < 2 or bottom - top < 2:
        return
    radius = min(radius, (right - left) // 2, (bottom - top) // 2)
    if radius < 1:
        cv2.rectangle(picture, (left, top), (right, bottom), fill, -1)
    else:
        cv2.rectangle(picture, (left + radius, top), (right - radius, bottom), fill, -1)
        cv2.rectangle(picture, (left, top + radius), (right, bottom - radius), fill, -1)
        for x in (left + radius, right - radius):
            for y in (top + radius, bottom - radius):
                cv2.circle(picture, (x, y), radius, fill, -1)
    if outline is not None:
        cv2.rectangle(picture, (left, top), (right, bottom), outline, max(1, (bottom - top) // 40))


def slope(picture: Picture, rect: Rect, upper: float, lower: float) -> None:
    """Light over a rectangle that changes from top to bottom: factors of what is there."""
    left, top, right, bottom = _clipped(picture, rect)
    if right <= left or bottom <= top:
        return
    part = picture[top:bottom, left:right]
    factors = np.linspace(upper, lower, bottom - top, dtype=np.float32)[:, None, None]
    part[:] = np.clip(part * factors, 0, 255).astype(np.uint8)


def stripes(picture: Picture, rect: Rect, fills: Sequence[Colour], pitch: int, lean: float) -> None:
    """Parallel bands that lean by `lean` (0 upright): fences, grilles, hazard boards."""
    left, top, right, bottom = _clipped(picture, rect)
    if right <= left or bottom <= top:
        return
    y, x = np.mgrid[0 : bottom - top, 0 : right - left].astype(np.float32)
    which = (((x + lean * y) / max(2, pitch)).astype(np.int32)) % len(fills)
    picture[top:bottom, left:right] = np.array(fills, np.uint8)[which]


def patches(picture: Picture, rng: Rng, rect: Rect, cell: int, strength: float) -> None:
    """Cloudy unevenness: dirt, asphalt, foliage, clouds."""
    left, top, right, bottom = _clipped(picture, rect)
    if right <= left or bottom <= top:
        return
    height, width = bottom - top, right - left
    grains = rng.normal(0, strength, (max(2, height // cell + 1), max(2, width // cell + 1))).astype(
        np.float32
    )
    cloud = cv2.resize(grains, (width, height), interpolation=cv2.INTER_CUBIC)[:, :, None]
    part = picture[top:bottom, left:right]
    part[:] = np.clip(part + cloud, 0, 255).astype(np.uint8)


def blob(picture: Picture, rng: Rng, rect: Rect, fill: Colour) -> None:
    """An irregular shape within a rectangle."""
    left, top, right, bottom = rect
    count = int(rng.integers(5, 12))
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    reach = rng.uniform(0.5, 1.0, count)
    x = (left + right) / 2 + np.cos(angles) * reach * (right - left) / 2
    y = (top + bottom) / 2 + np.sin(angles) * reach * (bottom - top) / 2
    cv2.fillPoly(picture, [np.stack([x, y], axis=1).astype(np.int32)], fill)


def _clipped(picture: Picture, rect: Rect) -> Rect:
    height, width = picture.shape[:2]
    return max(0, rect[0]), max(0, rect[1]), min(width, rect[2]), min(height, rect[3])
