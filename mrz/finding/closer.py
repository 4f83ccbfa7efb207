"""A closer look: the surroundings of a candidate, turned upright, at a size at which print is clear."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mrz.finding.strands import Strand
from mrz.finding.types import FoundLine, FoundZone

Floats = NDArray[np.float32]

PITCH_PX = 11.0
"""Width of a cell in the closer look: strokes are 1.5 px, three lines still stand apart."""
SIDE_MAX_PX = 960
ALONG_CELLS, ACROSS_CELLS = 5.0, 4.5
"""Margins round what was seen, in pitches."""
EDGE_CELLS = 2.5
FULL_CELLS = 44
"""What was seen of less may be a part: there the margin along is wider."""


def closer_look(
    picture: NDArray[np.uint8], group: list[Strand], matrix: Floats
) -> tuple[NDArray[np.uint8], Floats]:
    """A cut of the picture round the group, and the matrix (2 x 3) from the cut's px to the picture's.

    `matrix`: likewise from the px in which the strands are.
    """
    step = float(np.hypot(*matrix[:, 0]))
    axis = matrix[:, :2] @ group[0].axis / step
    down = np.array([-axis[1], axis[0]])
    pitch = float(np.mean([strand.pitch for strand in group])) * step
    ends = np.concatenate([np.stack([strand.start, strand.end]) for strand in group])
    ends = ends @ matrix[:, :2].T + matrix[:, 2]
    along, across = ends @ axis, ends @ down
    cells = float(np.ptp(along)) / pitch
    margin = (ALONG_CELLS + float(np.clip(FULL_CELLS - cells, 0, 14)) / 2) * pitch
    left, right = float(along.min()) - margin, float(along.max()) + margin
    top, bottom = float(across.min()) - ACROSS_CELLS * pitch, float(across.max()) + ACROSS_CELLS * pitch
    grow = min(PITCH_PX / pitch, SIDE_MAX_PX / max(right - left, bottom - top))
    size = max(16, round((right - left) * grow)), max(16, round((bottom - top) * grow))
    turn = np.stack([axis, down], 1) / grow
    corner = axis * left + down * top + turn @ (0.5, 0.5)  # centres of px are whole numbers
    back = np.column_stack([turn, corner]).astype(np.float64)
    source, shift, part = _shrunk(picture, back, size)
    inner = back.copy()
    inner[:, 2] = (inner[:, 2] + 0.5 - shift) * part - 0.5
    inner[:, :2] *= part
    cut = cv2.warpAffine(
        source, inner, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, np.uint8), back.astype(np.float32)


def cut_short(cut: NDArray[np.uint8], group: list[Strand]) -> bool:
    """Whether lines run up to the cut's edge, so that there may be more of them."""
    ends = np.concatenate([np.stack([strand.start, strand.end]) for strand in group])[:, 0]
    edge = EDGE_CELLS * max(strand.pitch for strand in group)
    return bool(ends.min() < edge or ends.max() > cut.shape[1] - edge)


def _shrunk(
    picture: NDArray[np.uint8], matrix: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.float64], float]:
    """The part of the picture that the cut needs, made as small as the cut: warping alone would alias."""
    height, width = picture.shape
    corners = np.array([(0, 0, 1), (size[0], 0, 1), (0, size[1], 1), (*size, 1)]) @ matrix.T
    left, top = np.clip(np.floor(corners.min(0)) - 2, 0, (width - 2, height - 2)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(0)) + 3, (left + 2, top + 2), (width, height)).astype(int)
    step = float(np.hypot(*matrix[:, 0]))
    part = 1.0
    source = picture[top:bottom, left:right]
    if step > 1.3:
        wide, high = max(2, round((right - left) / step)), max(2, round((bottom - top) / step))
        source = np.asarray(cv2.resize(source, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
        part = 1 / step
    return source, np.array([left, top], float), part


def placed(zone: FoundZone, matrix: Floats) -> FoundZone:
    """A zone of a cut, or of a page, in px of the picture."""
    step = float(np.hypot(*matrix[:, 0]))
    lines = tuple(
        FoundLine(
            (line.centre @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32), line.pitch * np.float32(step)
        )
        for line in zone.lines
    )
    return FoundZone(lines, zone.score)
