"""Better curves for a second look: the pitch from the cells read, the middle from the ink, the lean from the
line above or below.

A finder's line is good to a sixth of a cell; glyphs are read best straight, whole and upright.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from mrz.cells.strips import MARGIN, MIDDLE, PITCH, Curve, Floats, evened
from mrz.picture import Grey

CAPITALS = 19
LIFT_MAX = 7
"""px of a strip; further off is the next line."""
LINE_PITCH = {2: 2.5, 3: 5 / 3}
"""Between lines, in cells, by number of lines (Doc 9303-3: 6.35 mm, TD1 4.23 mm, cells of 2.54 mm)."""
FORESHORTENED = 0.2
LEAN_MAX = 1.0
"""Sideways for one down; more is a line that does not belong to this zone."""


def recut(lines: Sequence[tuple[Curve, Grey, Floats]]) -> list[Curve]:
    """New curves for the lines of one zone, each given as curve, strip and its cells' middle columns."""
    middles = [curve.at(columns, MIDDLE + lift(grey, columns)) for curve, grey, columns in lines]
    leans = _leans(middles)
    return [curve_of_cells(middle, lean) for middle, lean in zip(middles, leans, strict=True)]


def lift(grey: Grey, columns: Floats) -> Floats:
    """How far below the strip's middle (px, up is negative) the capitals' middle is, at each cell: a straight
    line along the row."""
    dark = np.clip(-evened(grey), 0, 2)
    # Ink in a box as high as capitals, less what is in the rows just outside it.
    box = cv2.blur(dark, (1, CAPITALS), borderType=cv2.BORDER_CONSTANT)
    around = cv2.blur(dark, (1, CAPITALS + 8), borderType=cv2.BORDER_CONSTANT)
    fit = 2 * box - around
    rows = np.arange(round(MIDDLE) - LIFT_MAX, round(MIDDLE) + LIFT_MAX + 1)
    parts = min(6, max(1, len(columns) // 6))
    at: list[float] = []
    best: list[float] = []
    weight: list[float] = []
    for part in np.array_split(np.arange(len(columns)), parts):
        left, right = columns[part[0]] - PITCH / 2, columns[part[-1]] + PITCH / 2
        piece = fit[:, max(0, int(left)) : max(1, int(right))]
        if not piece.size:
            continue
        profile = piece.mean(axis=1)[rows]
        top = int(profile.argmax())
        at.append(float(part.mean()))
        best.append(float(rows[top]) - MIDDLE)
        weight.append(float(max(profile[top] - np.median(profile), 1e-3)))
    if not at:
        return np.zeros(len(columns), np.float32)
    degree = 1 if len(at) > 2 else 0
    line = np.polyval(np.polyfit(at, best, degree, w=np.sqrt(weight)), np.arange(len(columns)))
    return np.clip(line, -LIFT_MAX, LIFT_MAX).astype(np.float32)


def _leans(middles: list[Floats]) -> list[Floats]:
    """Vectors down along the columns of the zone, one a cell, one long where the page is not foreshortened:
    cells of neighbouring lines stand above each other, at a known distance."""
    return [_lean(middles, index) for index in range(len(middles))]


def _lean(middles: list[Floats], index: int) -> Floats:
    middle = middles[index]
    along = np.gradient(middle, axis=0)
    pitch = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
    along = along / pitch[:, None]
    down = np.stack([-along[:, 1], along[:, 0]], axis=1)
    if len(middles) not in LINE_PITCH:
        return down
    other = middles[index + 1] - middle if index + 1 < len(middles) else middle - middles[index - 1]
    deep = (other * down).sum(axis=1)
    if (deep < 0.5 * pitch).any():
        return down
    cells = np.arange(len(middle))
    shear = np.polyval(np.polyfit(cells, (other * along).sum(axis=1) / deep, 1), cells)
    if np.abs(shear).max() > LEAN_MAX:
        return down
    height = float(np.median(deep / pitch)) / LINE_PITCH[len(middles)]
    # Lines set a little closer than the standard says are no perspective.
    height = float(np.clip(height, 0.5, 1.5)) if abs(np.log(height)) > FORESHORTENED else 1.0
    return (down + shear[:, None] * along) * height


def curve_of_cells(middle: Floats, lean: Floats | None = None, more: int = 0) -> Curve:
    """Columns so that cell k, whose middle is `middle[k]`, comes to (MARGIN + more + k + 0.5) * PITCH: `more`
    cells follow at both ends, straight on.  `lean` are vectors down, one a cell; without them the strip is
    upright on the line."""
    count, margin = len(middle), MARGIN + more
    width = (count + 2 * margin) * PITCH
    cells = (np.arange(width) + 0.5) / PITCH - margin - 0.5
    inside = np.clip(cells, 0, count - 1)
    steps = np.arange(count)
    points = np.stack([np.interp(inside, steps, middle[:, axis]) for axis in (0, 1)], axis=1)
    slope = np.gradient(middle, axis=0)
    ends = np.where((cells < 0)[:, None], slope[0], slope[-1])
    points = points + (cells - inside)[:, None] * ends
    pitch = np.hypot(slope[:, 0], slope[:, 1])
    pitch = np.polyval(np.polyfit(steps, pitch, min(2, count - 1)), inside)
    if lean is None:
        down = np.stack([-slope[:, 1], slope[:, 0]], axis=1)
        lean = down / np.maximum(np.hypot(down[:, 0], down[:, 1]), 1e-6)[:, None]
    down = np.stack([np.interp(inside, steps, lean[:, axis]) for axis in (0, 1)], axis=1)
    return Curve(points.astype(np.float32), (down * (pitch / PITCH)[:, None]).astype(np.float32))
