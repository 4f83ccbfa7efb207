"""Finds whole plates in a frame: a small network says where plates lie and where their corners are.

Each cell in the core of a plate says where it thinks the four corners are; the cells of one connected core
agree on one plate, the surer ones counting more.  A small one is then looked at again from nearer, for truer
corners.
"""

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from anpr.networks import network
from anpr.strips import Corners

Frame = npt.NDArray[np.uint8]
LONG_SIDE = 640
"""Pixels to which the longer side of a frame is brought."""
FOUND_MAX = 12
SCORE_MIN = 0.3
"""Of a core's surest cell: below it nothing is looked at."""
_STRIDE, _STEP = 4, 16
_SURE = 0.2
_SURELY_FOUND = 0.5
_MARGINS = (0.0, 0.5, 1.5)
"""How much of the frame's width and height is put around it, in grey, at each look."""
_AROUND = (96, 96, 96)
_NEAR = 0.28
"""Of the longer side: a plate wider than this is nearer than the finder was taught, and may come out cut."""
_SAME = 0.3
"""Overlap (of the smaller box) above which two cores are one plate."""
_SMALL = 90
"""Pixels of a look: a plate less wide is looked at again from nearer."""
_CLOSE = 112
"""How wide it is then, in a window of about 2.5 times its width, _WINDOW pixels."""
_WINDOW = (288, 176)


@dataclass(frozen=True, slots=True)
class Found:
    """One plate: where, of how many lines, and how sure the finder is (0 to 1)."""

    corners: Corners
    lines: Literal[1, 2]
    score: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        left, top = self.corners.min(axis=0).tolist()
        right, bottom = self.corners.max(axis=0).tolist()
        return left, top, right, bottom


def find(frame: Frame) -> tuple[Found, ...]:
    """The plates of a frame, surest first, at most `FOUND_MAX`.

    `frame` is uint8, height x width x 3, blue-green-red.  Where nothing sure is found, or a plate fills the
    frame as none does in a lane, the frame is looked at again from farther away.
    """
    found: tuple[Found, ...] = ()
    for margin in _MARGINS:
        looked = _looked_at(frame, margin)
        near = _NEAR * max(frame.shape[:2]) * (1 + 2 * margin)
        whole = [one for one in looked if _width(one) <= near]
        found = _distinct([*whole, *found])
        if found and found[0].score >= _SURELY_FOUND and len(whole) == len(looked):
            break
    return _distinct([nearer(frame, one) for one in found])


def _width(found: Found) -> float:
    return found.box[2] - found.box[0]


def _looked_at(frame: Frame, margin: float) -> tuple[Found, ...]:
    """With `margin` of the frame's width and height around it, in grey."""
    scale = LONG_SIDE / (max(frame.shape[:2]) * (1 + 2 * margin))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    width, height = (max(1, round(side * scale)) for side in frame.shape[1::-1])
    small = cv2.resize(frame, (width, height), interpolation=how)
    left, above = round(width * margin), round(height * margin)
    small = cv2.copyMakeBorder(small, above, above, left, left, cv2.BORDER_CONSTANT, value=_AROUND)
    below, beside = -small.shape[0] % _STEP, -small.shape[1] % _STEP
    small = cv2.copyMakeBorder(small, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    scales = np.array((frame.shape[1] / width, frame.shape[0] / height), np.float32)
    moved = np.array((left, above), np.float32) * scales
    return tuple(replace(one, corners=one.corners - moved) for one in _seen_in(small, scales))


def nearer(frame: Frame, found: Found) -> Found:
    """The same plate with truer corners, where it was small and is seen from nearer too."""
    left, top, right, bottom = found.box
    if (right - left) * LONG_SIDE >= _SMALL * max(frame.shape[:2]):
        return found
    scale = _CLOSE / max(right - left, 1.0)
    width, height = (max(1, round(side / scale)) for side in _WINDOW)
    x, y = round((left + right - width) / 2), round((top + bottom - height) / 2)
    inside = frame[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)]
    if not inside.size:
        return found
    beside, above = max(-x, 0), max(-y, 0)
    right_of, below = width - beside - inside.shape[1], height - above - inside.shape[0]
    window = cv2.copyMakeBorder(inside, above, below, beside, right_of, cv2.BORDER_CONSTANT, value=_AROUND)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    seen = _seen_in(
        cv2.resize(window, _WINDOW, interpolation=how),
        np.array((width / _WINDOW[0], height / _WINDOW[1]), np.float32),
    )
    placed = [replace(one, corners=one.corners + np.array((x, y), np.float32)) for one in seen]
    same = [one for one in placed if overlap(one.box, found.box) > _SAME]
    best = max(same, key=lambda one: one.score, default=found)
    return replace(best, score=min(best.score, found.score))


def _seen_in(picture: cv2.typing.MatLike, scales: npt.NDArray[np.float32]) -> tuple[Found, ...]:
    """Of a picture whose sides are multiples of _STEP; `scales`: pixels of the frame to one of its own."""
    finder = network("plate_finder")
    planes = finder(picture.astype(np.float32).transpose(2, 0, 1)[None] / np.float32(255) - np.float32(0.5))
    return plates_in(planes[0], float(finder.metadata["reach"]), scales)


def plates_in(
    planes: npt.NDArray[np.float32], reach: float, scales: npt.NDArray[np.float32]
) -> tuple[Found, ...]:
    """Planes as `training/plate_finder_network.py` describes them."""
    sure = 1 / (1 + np.exp(-planes[0]))
    count, marks = cv2.connectedComponents((sure > _SURE).astype(np.uint8), connectivity=8)
    found: list[Found] = []
    for mark in range(1, count):
        rows, columns = np.nonzero(marks == mark)
        weight = sure[rows, columns] ** 2
        score = float(sure[rows, columns].max())
        if score < SCORE_MIN:
            continue
        middles = np.stack([columns, rows], axis=1) * _STRIDE + (_STRIDE - 1) / 2
        corners = planes[2:10, rows, columns].T.reshape(-1, 4, 2) * reach + middles[:, None]
        agreed = (corners * weight[:, None, None]).sum(axis=0) / weight.sum()
        two = float((planes[1, rows, columns] * weight).sum()) > 0
        placed = ((agreed + 0.5) * scales - 0.5).astype(np.float32)
        found.append(Found(placed, 2 if two else 1, score))
    return _distinct(found)


def _distinct(found: list[Found]) -> tuple[Found, ...]:
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: -one.score):
        if len(kept) < FOUND_MAX and not any(overlap(each.box, other.box) > _SAME for other in kept):
            kept.append(each)
    return tuple(kept)


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(0.0, width) * max(0.0, height) / max(smaller, 1.0)
