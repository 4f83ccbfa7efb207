"""A line of print cut out of the picture: straight, of one pitch, with the way back to the picture.

A strip is `HEIGHT` px high, cells are `PITCH` px wide, the capitals stand in its middle, and it goes `MARGIN`
cells beyond the found line at both ends.  What is shown to the network is the strip with its local brightness
and contrast evened out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mrz.picture import Grey

PITCH = 20
HEIGHT = 40
MARGIN = 2
MIDDLE = (HEIGHT - 1) / 2

_FINER_MAX = 1.6
"""A picture with more than so many px for one of the strip is shrunk first, or its print would alias."""
_CELLS_MAX = 80
"""No line is longer: a found line that says so is wrong, and would cost time and memory."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Curve:
    """The middle of a line in picture px, one entry a column of the strip."""

    centre: Floats
    """(width, 2) points (x, y)."""
    down: Floats
    """(width, 2) picture px that one px down the strip goes."""

    def at(self, columns: Floats, rows: Floats | float = MIDDLE) -> Floats:
        """Picture points (n, 2) of the strip's points; columns may lie between pixels."""
        steps = np.arange(len(self.centre))
        centre = np.stack([np.interp(columns, steps, self.centre[:, axis]) for axis in (0, 1)], axis=-1)
        down = np.stack([np.interp(columns, steps, self.down[:, axis]) for axis in (0, 1)], axis=-1)
        return (centre + (np.asarray(rows) - MIDDLE)[..., None] * down).astype(np.float32)

    def inside(self, picture: Grey) -> NDArray[np.bool_]:
        """(width,): whether the line's middle lies in the picture."""
        size = np.array([picture.shape[1], picture.shape[0]])
        within = (self.centre >= 0) & (self.centre <= size - 1)
        return within[:, 0] & within[:, 1]


def curve_along(centre: Floats, pitch: Floats, degree: int = 3, cells_min: float = 0) -> Curve:
    """The strip's columns along a found line: `centre` (n, 2) in reading direction, `pitch` (n,) in px.

    Single points of a found line scatter; the line itself is smooth, so a polynomial of at most `degree`
    carries the points, and a straight one the pitch.  A line found shorter than `cells_min` may have lost
    its start or its end: the strip goes on far enough at both.  Raises ValueError for what is no line.
    """
    points, widths = np.asarray(centre, np.float64), np.asarray(pitch, np.float64)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    keep = np.concatenate([[True], lengths > 1e-3])
    points, widths, lengths = points[keep], np.maximum(widths[keep], 1.0), lengths[lengths > 1e-3]
    if len(points) < 2:
        raise ValueError("a line needs two points apart")
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    if len(points) > 3:
        slope, level = np.polyfit(along, widths, 1)
        widths = np.maximum(slope * along + level, 0.3 * widths.min())
    cells = np.concatenate([[0.0], np.cumsum(lengths * (1 / widths[1:] + 1 / widths[:-1]) / 2)])
    if cells[-1] > _CELLS_MAX:
        raise ValueError(f"a line of {cells[-1]:.0f} cells; at most {_CELLS_MAX} are read")
    margin = MARGIN + max(0.0, cells_min - float(cells[-1]))
    width = 4 * round((cells[-1] + 2 * margin) * PITCH / 4)
    # Column c's middle is at (c + 0.5) / PITCH cells from the strip's left edge.
    at = (np.arange(width) + 0.5) / PITCH - margin
    # Cell count as parameter, from -1 to 1: well conditioned.
    half = cells[-1] / 2
    fit = [np.polyfit(cells / half - 1, points[:, axis], min(degree, len(points) - 1)) for axis in (0, 1)]
    # Beyond its ends a polynomial runs wild: go on straight there.
    inside = np.clip(at, 0, cells[-1]) / half - 1
    beyond = (at - np.clip(at, 0, cells[-1])) / half
    slope = np.stack([np.polyval(np.polyder(each), inside) for each in fit], axis=1)
    middle = np.stack([np.polyval(each, inside) for each in fit], axis=1) + beyond[:, None] * slope
    tangent = slope / np.maximum(np.hypot(slope[:, 0], slope[:, 1]), 1e-9)[:, None]
    scale = np.interp(at, cells, widths) / PITCH
    down = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) * scale[:, None]
    return Curve(middle.astype(np.float32), down.astype(np.float32))


def cut(picture: Grey, curve: Curve) -> Grey:
    """The strip along `curve`: HEIGHT x width, 8 bit."""
    rows = (np.arange(HEIGHT, dtype=np.float32) - MIDDLE)[:, None, None]
    places = curve.centre[None] + rows * curve.down[None]
    low = np.floor(places.min(axis=(0, 1))).astype(int) - 2
    high = np.ceil(places.max(axis=(0, 1))).astype(int) + 3
    size = np.array([picture.shape[1], picture.shape[0]])
    low, high = np.clip(low, 0, size - 1), np.clip(high, 1, size)
    part = picture[low[1] : high[1], low[0] : high[0]]
    places = places - low.astype(np.float32)
    finer = float(np.median(np.hypot(curve.down[:, 0], curve.down[:, 1])))
    if finer > _FINER_MAX:
        before = np.array([part.shape[1], part.shape[0]])
        after = np.maximum(np.round(before * 1.25 / finer), 1).astype(int)
        part = cv2.resize(part, (int(after[0]), int(after[1])), interpolation=cv2.INTER_AREA)
        places = (places + 0.5) * (after / before).astype(np.float32) - 0.5
    across, along = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
    strip = cv2.remap(part, across, along, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return strip.astype(np.uint8, copy=False)


def evened(strip: Grey) -> Floats:
    """What the network sees: paper near 0, print negative, whatever light and contrast were."""
    grey = strip.astype(np.float32)
    level = cv2.blur(grey, (3 * PITCH + 1, HEIGHT + 1), borderType=cv2.BORDER_REFLECT)
    grey -= level
    spread = cv2.blur(grey * grey, (5 * PITCH + 1, HEIGHT + 1), borderType=cv2.BORDER_REFLECT)
    return np.clip(grey / (np.sqrt(np.maximum(spread, 0)) + 3.0), -4, 4).astype(np.float32)
