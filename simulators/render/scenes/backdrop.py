"""What stands behind and beside vehicles: sky, road, houses, trees, booths, fences, signs, or mere shapes."""

from collections.abc import Callable

import cv2
import numpy as np

from simulators.render.scenes import paint
from simulators.render.scenes.paint import Picture, Rng, between, chance, colour
from simulators.render.scenes.writing import badge, words, write

Backdrop = Callable[[Rng, int, int, tuple[str, ...]], Picture]
"""(rng, width, height, faces for writing) to a picture."""


def street(rng: Rng, width: int, height: int, faces: tuple[str, ...]) -> Picture:
    """Sky, a row of houses or trees, the road with its marks."""
    horizon = int(height * between(rng, 0.1, 0.6))
    picture = np.empty((height, width, 3), np.uint8)
    picture[:horizon] = colour(rng, 90, 255, 0.4)
    paint.slope(picture, (0, 0, width, horizon), between(rng, 0.7, 1.1), between(rng, 0.7, 1.2))
    paint.patches(picture, rng, (0, 0, width, horizon), 40, between(rng, 0, 14))
    for _ in range(int(rng.integers(2, 9))):
        _house_or_tree(picture, rng, horizon)
    picture[horizon:] = colour(rng, 40, 190, 0.85)
    paint.patches(picture, rng, (0, horizon, width, height), int(rng.integers(2, 12)), between(rng, 2, 18))
    paint.slope(picture, (0, horizon, width, height), between(rng, 0.7, 1.1), between(rng, 0.7, 1.1))
    for _ in range(int(rng.integers(0, 4))):
        x = int(rng.integers(0, width))
        away = int(rng.integers(-width, width))
        thick = int(rng.integers(1, 8))
        _line(picture, (x, horizon), (x + away, height), colour(rng, 150, 255, 0.7), thick)
    for _ in range(int(rng.integers(0, 4))):
        _sign(picture, rng, faces)
    return picture


def wall(rng: Rng, width: int, height: int, faces: tuple[str, ...]) -> Picture:
    """A wall, gate or fence close behind, with the ground before it."""
    picture = np.empty((height, width, 3), np.uint8)
    foot = int(height * between(rng, 0.4, 0.9))
    picture[:foot], picture[foot:] = colour(rng, 30, 230, 0.5), colour(rng, 40, 190, 0.8)
    first, second = colour(rng, 40, 230, 0.6), colour(rng, 40, 230, 0.6)
    paint.stripes(
        picture,
        (0, 0, width, foot),
        (first, second, first),
        int(rng.integers(4, 60)),
        float(rng.choice([0, 0, 1, -1])),
    )
    if chance(rng, 0.5):
        course = int(rng.integers(8, 30))
        for y in range(0, foot, course):
            _line(picture, (0, y), (width, y), paint.shade(first, 0.6), 1)
    paint.patches(picture, rng, (0, 0, width, height), int(rng.integers(2, 30)), between(rng, 2, 16))
    for _ in range(int(rng.integers(0, 5))):
        _sign(picture, rng, faces)
    return picture


def shapes(rng: Rng, width: int, height: int, faces: tuple[str, ...]) -> Picture:
    """Anything at all: shapes, stripes and writing of all sizes."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = colour(rng)
    for _ in range(int(rng.integers(6, 30))):
        rect = _rect(rng, width, height, 0.03, 0.6)
        kind = int(rng.integers(4))
        if kind == 0:
            paint.blob(picture, rng, rect, colour(rng))
        elif kind == 1:
            paint.box(picture, rect, colour(rng), int(rng.integers(0, 20)))
            paint.slope(picture, rect, between(rng, 0.6, 1.2), between(rng, 0.6, 1.2))
        elif kind == 2:
            paint.stripes(
                picture, rect, (colour(rng), colour(rng)), int(rng.integers(3, 24)), between(rng, -2, 2)
            )
        else:
            write(picture, rng, words(rng), rect, colour(rng), faces)
    paint.patches(picture, rng, (0, 0, width, height), int(rng.integers(2, 40)), between(rng, 0, 20))
    return picture


def _rect(rng: Rng, width: int, height: int, low: float, high: float) -> paint.Rect:
    wide, tall = int(width * between(rng, low, high)) + 3, int(height * between(rng, low, high)) + 3
    x, y = int(rng.integers(-wide // 2, width)), int(rng.integers(-tall // 2, height))
    return x, y, x + wide, y + tall


def _house_or_tree(picture: Picture, rng: Rng, horizon: int) -> None:
    width = picture.shape[1]
    x, wide = int(rng.integers(-40, width)), int(width * between(rng, 0.05, 0.4))
    top = horizon - int(picture.shape[0] * between(rng, 0.05, 0.5))
    if chance(rng, 0.5):
        fill = (int(rng.integers(10, 90)), int(rng.integers(40, 150)), int(rng.integers(10, 110)))
        for _ in range(int(rng.integers(2, 7))):
            lean = int(rng.integers(-wide // 2, wide // 2 + 1))
            paint.blob(
                picture,
                rng,
                (x + lean, top, x + wide + lean, horizon + 8),
                paint.shade(fill, between(rng, 0.6, 1.3)),
            )
        return
    paint.box(picture, (x, top, x + wide, horizon + 6), colour(rng, 50, 240, 0.4))
    step, pane = max(6, wide // int(rng.integers(2, 8))), colour(rng, 10, 140, 0.6)
    for left in range(x + step // 4, x + wide - step // 2, step):
        for y in range(max(0, top + step // 4), horizon - step // 2, step):
            paint.box(picture, (left, y, left + step // 2, y + step // 2), pane)


def _sign(picture: Picture, rng: Rng, faces: tuple[str, ...]) -> None:
    """A board with writing, of a plate's proportions too: it is none."""
    height, width = picture.shape[:2]
    wide = int(width * between(rng, 0.03, 0.25))
    tall = int(wide * between(rng, 0.2, 1.1))
    x, y = int(rng.integers(0, width)), int(rng.integers(0, max(1, height - tall)))
    fill = colour(rng, 0, 255, 0.3)
    ink = (245, 245, 245) if sum(fill) < 330 else (20, 20, 20)
    paint.box(picture, (x, y, x + wide, y + tall), fill, tall // 10, ink if chance(rng, 0.5) else None)
    rows = 1 if tall < wide * 0.5 else int(rng.integers(1, 4))
    for row in range(rows):
        top = y + tall // 10 + row * (tall * 8 // 10) // rows
        rect = (x + wide // 12, top, x + wide * 11 // 12, top + (tall * 7 // 10) // rows)
        write(picture, rng, words(rng) if chance(rng, 0.6) else badge(rng), rect, ink, faces)


def _line(
    picture: Picture, start: tuple[int, int], end: tuple[int, int], ink: paint.Colour, thick: int
) -> None:
    cv2.line(picture, start, end, ink, thick)
