"""What the plate finder should say of a scene: planes at a quarter of the size, from the plates' corners."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

STRIDE = 4
REACH = 32.0
"""Pixels that ways to corners are told in."""
CORE_ACROSS, CORE_ALONG = 0.45, 0.7
"""The part of a plate, about its middle, whose cells must speak; the rest of it is neither."""
_SUB = 16
"""Corners are drawn to a sixteenth of a cell."""

Planes = dict[str, NDArray[np.float16]]


def labels(
    plates: Sequence[tuple[NDArray[np.float32], int]],
    height: int,
    width: int,
    ignored: Sequence[NDArray[np.float32]] = (),
) -> Planes:
    """`plates`: corners (4 x 2 px, top left first, clockwise) and lines of each plate in the picture; of
    those `ignored`, which nobody could read, nothing is asked."""
    rows, columns = height // STRIDE, width // STRIDE
    core = np.zeros((rows, columns), np.float16)
    weight = np.ones((rows, columns), np.float16)
    corners_plane = np.zeros((8, rows, columns), np.float16)
    tall, two = np.zeros((rows, columns), np.float16), np.zeros((rows, columns), np.float16)
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    middles = np.stack([x, y], axis=-1) * STRIDE + (STRIDE - 1) / 2
    for corners in ignored:
        weight[_filled(corners, rows, columns)] = 0
    for corners, lines in plates:
        whole, inner = _filled(corners, rows, columns), _filled(_shrunk(corners), rows, columns)
        if not inner.any():
            centre = np.clip(corners.mean(axis=0) / STRIDE, 0, (columns - 1, rows - 1)).astype(int)
            inner[centre[1], centre[0]] = True
        weight[whole & ~inner] = 0
        core[inner], weight[inner] = 1, 1
        away = (corners[None, None] - middles[:, :, None]) / REACH
        for corner in range(4):
            for axis in range(2):
                corners_plane[2 * corner + axis][inner] = away[:, :, corner, axis][inner]
        left, right = corners[3] - corners[0], corners[2] - corners[1]
        tall[inner] = (np.hypot(*left) + np.hypot(*right)) / 2 / REACH
        two[inner] = lines == 2
    return {"core": core, "weight": weight, "corners": corners_plane, "height": tall, "two": two}


def _shrunk(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """The quadrilateral's core, in its own coordinates."""
    tl, tr, br, bl = corners
    u = (np.array([-CORE_ALONG, CORE_ALONG, CORE_ALONG, -CORE_ALONG]) + 1) / 2
    v = (np.array([-CORE_ACROSS, -CORE_ACROSS, CORE_ACROSS, CORE_ACROSS]) + 1) / 2
    u, v = u[:, None], v[:, None]
    inner = (1 - u) * (1 - v) * tl + u * (1 - v) * tr + u * v * br + (1 - u) * v * bl
    return inner.astype(np.float32)


def _filled(corners: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.bool_]:
    mask = np.zeros((rows, columns), np.uint8)
    points = np.round(((corners + 0.5) / STRIDE - 0.5) * _SUB).astype(np.int32)
    cv2.fillConvexPoly(mask, points, (1,), lineType=cv2.LINE_8, shift=4)
    return mask > 0
