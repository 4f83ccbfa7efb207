"""Strips for the plate recogniser: each line of a plate cut out upright, in one size, its light evened.

A line's strip reaches a little beyond the plate, and the two of a two-line plate overlap: where exactly the
lines part differs by country, and corners are only as good as the finder.
"""

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

HEIGHT, WIDTH = 48, 256
"""Pixels of a strip, whatever the plate's proportions."""
_BESIDE = 0.03
"""Of the plate's width, kept left and right of it."""
_SPANS: dict[int, tuple[tuple[float, float], ...]] = {
    1: ((-0.08, 1.08),),
    2: ((-0.06, 0.60), (0.36, 1.06)),
}
"""Of the plate's height: where each line's strip begins and ends."""
_FINER_MAX = 4

Corners = npt.NDArray[np.float32]
"""4 x 2 pixels of the frame: top left, top right, bottom right, bottom left, as one reads the plate."""
Strip = npt.NDArray[np.float32]
"""HEIGHT x WIDTH, about -1 (dark) to 1 (light)."""


def strips(grey: npt.NDArray[np.uint8], corners: Corners, lines: Literal[1, 2]) -> tuple[Strip, ...]:
    """The strips of one plate, top line first.  `grey` is height x width; corners may lie outside of it."""
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    found: list[Strip] = []
    for top, bottom in _SPANS[lines]:
        high = float(max(sides[1], sides[3])) * (bottom - top)
        finer = int(
            np.clip(np.ceil(max(high / HEIGHT, float(max(sides[0], sides[2])) / WIDTH)), 1, _FINER_MAX)
        )
        width, height = WIDTH * finer, HEIGHT * finer
        area = np.array([(-_BESIDE, top), (1 + _BESIDE, top), (1 + _BESIDE, bottom), (-_BESIDE, bottom)])
        to_frame = cv2.getPerspectiveTransform(
            np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32), corners.astype(np.float32)
        )
        edge = cv2.perspectiveTransform(area[None].astype(np.float32), to_frame)[0]
        flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
        warp = cv2.getPerspectiveTransform(edge.astype(np.float32), flat)
        cut = cv2.warpPerspective(
            grey, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        if finer > 1:
            cut = cv2.resize(cut, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        found.append(_evened(cut.astype(np.float32)))
    return tuple(found)


def proportions(corners: Corners, lines: Literal[1, 2]) -> tuple[float, ...]:
    """Width over height of what each strip shows, top line first."""
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    wide, high = float(sides[0] + sides[2]) * (1 + 2 * _BESIDE), float(sides[1] + sides[3])
    return tuple(wide / max(high * (bottom - top), 1e-6) for top, bottom in _SPANS[lines])


def _evened(cut: npt.NDArray[np.float32]) -> Strip:
    dark, light = np.percentile(cut[4:-4], (4, 96))
    return np.clip((cut - (dark + light) / 2) * (2 / max(float(light - dark), 8.0)), -1.6, 1.6).astype(
        np.float32
    )
