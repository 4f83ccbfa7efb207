"""What stands behind and beside the vehicles of a scene: road, sky, halls, walls, hedges, signs, barriers."""

from collections.abc import Callable

import cv2
import numpy as np

from simulators.render import optics
from simulators.render.looks import Wardrobe
from simulators.render.optics import Rng
from simulators.render.pen import board
from simulators.render.plates.model import Picture
from simulators.render.plates.wear import cloud


def backdrop(rng: Rng, wardrobe: Wardrobe, width: int, height: int) -> Picture:
    """An empty place out of a wardrobe."""
    canvas = np.empty((height, width, 3), np.uint8)
    horizon = int(height * rng.uniform(0.08, 0.55))
    asphalt = rng.uniform(60, 150) * np.array([1.0, rng.uniform(0.96, 1.04), rng.uniform(0.94, 1.06)])
    slope = np.linspace(rng.uniform(0.9, 1.2), rng.uniform(0.7, 1.1), height)[:, None, None]
    canvas[:] = np.clip(asphalt * slope, 0, 255).astype(np.uint8)
    canvas[:horizon] = _tone(rng, 120, 245)
    _KINDS[wardrobe.backgrounds[int(rng.integers(len(wardrobe.backgrounds)))]](canvas, horizon, rng)
    patches = cloud((height, width), rng) * 0.3 + 0.85
    canvas = np.clip(canvas * patches[:, :, None], 0, 255).astype(np.uint8)
    _markings(canvas, horizon, rng)
    for _ in range(int(rng.integers(0, 4))):
        _sign(canvas, rng, wardrobe)
    if rng.random() < 0.25:
        _barrier(canvas, rng)
    return optics.noisy(canvas, 5.0, rng)


def _tone(rng: Rng, low: float, high: float) -> tuple[int, int, int]:
    grey = rng.uniform(low, high)
    blue, green, red = (int(np.clip(grey * rng.uniform(0.85, 1.15), 0, 255)) for _ in range(3))
    return blue, green, red


def _halls(canvas: Picture, horizon: int, rng: Rng) -> None:
    width, x = canvas.shape[1], 0
    while x < width:
        wide, top = int(rng.integers(width // 10, width // 2)), int(rng.uniform(0, 0.8) * horizon)
        tone = _tone(rng, 60, 220)
        canvas[top : horizon + 2, x : x + wide] = tone
        for row in range(top + 6, horizon - 8, max(8, horizon // 7)):
            for column in range(x + 5, min(x + wide, width) - 8, max(10, width // 30)):
                if rng.random() < 0.6:
                    pane = tuple(int(part * 0.5) for part in tone)
                    canvas[row : row + max(3, horizon // 14), column : column + max(5, width // 60)] = pane
        x += wide


def _sky(canvas: Picture, horizon: int, rng: Rng) -> None:
    share = np.linspace(0, 1, max(1, horizon))[:, None, None]
    canvas[:horizon] = (np.array(_tone(rng, 170, 250)) * (1 - share) + 225 * share).astype(np.uint8)
    middle = int(rng.integers(canvas.shape[1]))
    hills = np.array(
        [[0, horizon], [middle, int(horizon * rng.uniform(0.3, 0.9))], [canvas.shape[1], horizon]]
    )
    cv2.fillPoly(canvas, [hills.astype(np.int32)], _tone(rng, 70, 170))


def _hedge(canvas: Picture, horizon: int, rng: Rng) -> None:
    top = int(horizon * rng.uniform(0.1, 0.6))
    part = canvas[top:horizon]
    if part.size:
        coarse = rng.integers(20, 120, (max(2, part.shape[0] // 4), canvas.shape[1] // 4), dtype=np.uint8)
        leaves = cv2.resize(coarse, part.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        part[:] = cv2.merge([leaves // 2, leaves, (leaves * 0.7).astype(np.uint8)])


def _brick(canvas: Picture, horizon: int, rng: Rng) -> None:
    tone, step = _tone(rng, 90, 190), max(4, canvas.shape[0] // int(rng.integers(30, 60)))
    canvas[:horizon] = tone
    seam = tuple(int(part * 0.75) for part in tone)
    for row, y in enumerate(range(0, horizon, step)):
        cv2.line(canvas, (0, y), (canvas.shape[1], y), seam, 1)
        for x in range((row % 2) * step, canvas.shape[1], step * 2):
            cv2.line(canvas, (x, y), (x, min(y + step, horizon)), seam, 1)


def _lane(canvas: Picture, horizon: int, rng: Rng) -> None:
    _halls(canvas, horizon, rng)
    booth = int(rng.uniform(0, 0.8) * canvas.shape[1])
    wide = canvas.shape[1] // 6
    canvas[: int(horizon * 1.2), booth : booth + wide] = _tone(rng, 100, 220)
    canvas[horizon // 3 : int(horizon * 0.8), booth + wide // 8 : booth + wide - wide // 8] = _tone(
        rng, 40, 90
    )


def _fence(canvas: Picture, horizon: int, rng: Rng) -> None:
    _sky(canvas, horizon, rng)
    tone, step = _tone(rng, 50, 210), int(rng.integers(6, 30))
    for x in range(0, canvas.shape[1], step):
        cv2.line(canvas, (x, int(horizon * 0.4)), (x, horizon), tone, max(1, step // 5))
    for share in (0.45, 0.9):
        cv2.line(canvas, (0, int(horizon * share)), (canvas.shape[1], int(horizon * share)), tone, 2)


def _canopy(canvas: Picture, horizon: int, rng: Rng) -> None:
    _halls(canvas, horizon, rng)
    canvas[: int(horizon * 0.35)] = _tone(rng, 150, 240)
    for _ in range(4):
        x = int(rng.integers(canvas.shape[1]))
        canvas[: int(horizon * 1.1), x : x + canvas.shape[1] // 40] = _tone(rng, 90, 220)


def _dusk(canvas: Picture, horizon: int, rng: Rng) -> None:
    share = np.linspace(0, 1, max(1, horizon))[:, None, None]
    canvas[:horizon] = (np.array((120, 70, 50)) * (1 - share) + np.array((90, 140, 235)) * share).astype(
        np.uint8
    )
    for _ in range(8):
        spot = (int(rng.integers(canvas.shape[1])), int(rng.integers(max(1, horizon))))
        cv2.circle(canvas, spot, int(rng.integers(1, 6)), (200, 235, 250), -1, cv2.LINE_AA)


def _apron(canvas: Picture, horizon: int, rng: Rng) -> None:
    _sky(canvas, horizon, rng)
    for _ in range(int(rng.integers(2, 7))):
        x, wide = int(rng.integers(canvas.shape[1])), int(rng.integers(20, 160))
        canvas[int(horizon * rng.uniform(0.3, 0.8)) : horizon + 6, x : x + wide] = _tone(rng, 40, 220)


def _markings(canvas: Picture, horizon: int, rng: Rng) -> None:
    rows, columns = canvas.shape[:2]
    vanish = (int(rng.uniform(0.2, 0.8) * columns), horizon)
    for _ in range(int(rng.integers(0, 5))):
        foot = int(rng.uniform(-0.5, 1.5) * columns)
        thick = int(rng.integers(1, max(2, columns // 80)))
        cv2.line(canvas, vanish, (foot, rows), _tone(rng, 170, 250), thick, cv2.LINE_AA)
    if rng.random() < 0.3:
        y = int(rng.uniform(horizon / rows, 1) * rows)
        cv2.line(canvas, (0, y), (columns, y), (220, 222, 224), max(2, rows // 50))


def _sign(canvas: Picture, rng: Rng, wardrobe: Wardrobe) -> None:
    grounds = ((238, 238, 238), (150, 60, 20), (40, 190, 240), (60, 130, 30), (40, 40, 200), (36, 36, 38))
    ground = grounds[int(rng.integers(len(grounds)))]
    ink = (30, 30, 30) if sum(ground) > 430 else (240, 240, 240)
    words = wardrobe.signs + wardrobe.words
    plain = [each for each in wardrobe.faces if not each.startswith("stroke")]
    face = plain[int(rng.integers(len(plain)))]
    made = board(words[int(rng.integers(len(words)))], ground, ink, border=rng.random() < 0.6, face=face)
    rows, columns = canvas.shape[:2]
    wide = float(np.exp(rng.uniform(np.log(0.04), np.log(0.3)))) * columns
    tall = wide * made.shape[0] / made.shape[1]
    corners = optics.turned(wide, tall, float(rng.uniform(-40, 40)), 0, float(rng.normal(0, 3)), 6.0)
    corners += np.array([rng.uniform(0, columns), rng.uniform(0, rows * 0.8)], np.float32)
    optics.pasted(canvas, made, corners.astype(np.float32))


def _barrier(canvas: Picture, rng: Rng) -> None:
    rows, columns = canvas.shape[:2]
    y, lean = int(rng.uniform(0.2, 0.9) * rows), int(rng.normal(0, rows / 20))
    thick = max(2, rows // int(rng.integers(30, 80)))
    for n in range(12):
        tone = (40, 40, 205) if n % 2 else (236, 236, 236)
        start = (columns * n // 12, y + lean * n // 12)
        cv2.line(canvas, start, (columns * (n + 1) // 12, y + lean * (n + 1) // 12), tone, thick)


_KINDS: dict[str, Callable[[Picture, int, Rng], None]] = {
    "lane": _lane, "halls": _halls, "sky": _sky, "hedge": _hedge, "brick": _brick,
    "apron": _apron, "canopy": _canopy, "dusk": _dusk, "fence": _fence,
}  # fmt: skip
