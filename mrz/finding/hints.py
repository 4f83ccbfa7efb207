"""Where on the small page there may be print too small for it: a card beside a passport that fills the page.

The network's answer there is faint and broken, but it is there; a closer look at those places costs a tenth
of seeing the whole page larger.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mrz.finding.fields import Fields
from mrz.finding.types import FoundLine, FoundZone

CORE_MIN = 0.06
PITCH_MAX_PX = 5.0
"""Wider cells are seen where they are."""
JOINED_PX = 7
"""Pieces so near each other (in px of the core, which are two of the page) are one hint."""
MASS_MIN = 6.0
"""Sum of the probabilities of a hint: lines of cells of 2 px have 6 to 60."""
SIDE_MIN_PX, SIDE_MAX_PX = 18, 110
"""Of a hint, px of the core: from half of 30 cells of 2 px to 44 of 4, with what joins pieces."""
HINTS_MAX = 3
MARGIN_PX = 24
"""Round a hint, px of the page."""
PAGE_CELLS = {2: 27.0, 3: 19.0}
"""How far a document reaches above its zone's first line, in cells, by number of lines: TD2 and TD1, the
smallest ones."""
BESIDE_CELLS = 2.5
"""How far it reaches beyond its zone to the left, to the right and below."""

Box = tuple[int, int, int, int]


def hints(fields: Fields, zones: Sequence[FoundZone]) -> list[Box]:
    """Boxes (left, top, right, bottom; px of the page) outside the documents of `zones`, the strongest first.

    `zones` in px of the page.
    """
    high, wide = fields.core.shape
    pitch = cv2.resize(fields.pitch, (wide, high), interpolation=cv2.INTER_NEAREST)
    faint = ((fields.core > CORE_MIN) & (pitch < PITCH_MAX_PX)).astype(np.uint8)
    for zone in zones:
        cv2.fillPoly(faint, [np.round(_page_of(zone) / 2).astype(np.int32)], (0,))
    joined = cv2.dilate(faint, np.ones((JOINED_PX, JOINED_PX), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(joined)
    mass = np.bincount(labels.ravel(), (fields.core * faint).ravel(), count)
    sides = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    fits = (mass > MASS_MIN) & (sides >= SIDE_MIN_PX) & (sides <= SIDE_MAX_PX)
    fits[0] = False  # the ground
    strongest = [int(place) for place in np.argsort(-mass) if fits[place]][:HINTS_MAX]
    return [_box(boxes[place], (wide, high)) for place in strongest]


def _box(around: NDArray[np.int32], size: tuple[int, int]) -> Box:
    left, top, wide, high = (2 * int(side) for side in around[:4])
    right, bottom = min(left + wide + MARGIN_PX, 2 * size[0]), min(top + high + MARGIN_PX, 2 * size[1])
    return max(0, left - MARGIN_PX), max(0, top - MARGIN_PX), right, bottom


def _page_of(zone: FoundZone) -> NDArray[np.float32]:
    """Corners of the least that the document of a zone covers."""
    top, bottom = zone.lines[0], zone.lines[-1]
    pitch = float(np.mean([line.pitch.mean() for line in zone.lines]))
    along = _ends(top)[1] - _ends(top)[0]
    along /= max(float(np.hypot(*along)), 1e-6)
    down = np.array([-along[1], along[0]], np.float32)
    beside, above = BESIDE_CELLS * pitch, PAGE_CELLS[len(zone.lines)] * pitch
    (first, last), (under_first, under_last) = _ends(top), _ends(bottom)
    return np.array(
        [
            first - beside * along - above * down,
            last + beside * along - above * down,
            under_last + beside * (along + down),
            under_first + beside * (down - along),
        ],
        np.float32,
    )


def _ends(line: FoundLine) -> NDArray[np.float32]:
    return line.centre[[0, -1]]
