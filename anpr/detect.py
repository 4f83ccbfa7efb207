"""Finds lines of characters that could be a plate: dark on light or light on dark, upright, in a row.

A character is a connected component of a locally thresholded picture; a line is a chain of components of
like height on one base line, each near the next (a plate's groups stand further apart than its letters, but
nearer than a character's height and a third).  Slogans and grilles are lines too: format and recognition
refuse them later.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]
Boxes = npt.NDArray[np.float64]
"""n x 4: x, y, width, height in pixels."""

HEIGHT_MIN, HEIGHT_MAX = 9, 140
"""Of a character, in pixels: below, strokes run together."""
COMPONENTS_MAX = 900
LINES_MAX = 6
CHARACTERS_MIN, CHARACTERS_MAX = 4, 14
_BLOCK, _CONTRAST = 31, 12
_FAR = 1e9


@dataclass(frozen=True, slots=True)
class TextLine:
    """The boxes of one chain from left to right; `inverse` for light characters on a dark ground."""

    boxes: Boxes
    inverse: bool

    @property
    def height(self) -> float:
        """Of the taller characters, in pixels."""
        return float(np.percentile(self.boxes[:, 3], 80))


def find_lines(gray: Gray) -> list[TextLine]:
    """The likeliest lines of a picture, best first, at most LINES_MAX."""
    found: list[TextLine] = []
    for inverse in (False, True):
        source = cv2.bitwise_not(gray) if inverse else gray
        ink = cv2.adaptiveThreshold(
            source, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _BLOCK, _CONTRAST
        )
        _, _, components, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        found += [TextLine(boxes, inverse) for boxes in _chains(_characters(components[1:].astype(float)))]
    return sorted(found, key=_likeness, reverse=True)[:LINES_MAX]


def _characters(components: npt.NDArray[np.float64]) -> Boxes:
    """Components with the proportions of a character, sorted from left to right."""
    width, height, area = components[:, 2], components[:, 3], components[:, 4]
    good = (height >= HEIGHT_MIN) & (height <= HEIGHT_MAX) & (width >= 2) & (width <= 1.4 * height)
    good &= (height <= 6 * width) & (area >= 0.12 * width * height)
    chosen = components[good]
    chosen = chosen[np.argsort(-chosen[:, 4])[:COMPONENTS_MAX]]
    return chosen[np.argsort(chosen[:, 0]), :4]


def _chains(boxes: Boxes) -> list[Boxes]:
    if len(boxes) < CHARACTERS_MIN:
        return []
    x, y, width, height = boxes.T
    base = y + height
    taller = np.maximum(height[:, None], height[None, :])
    smaller = np.minimum(height[:, None], height[None, :])
    gap = x[None, :] - (x + width)[:, None]
    step = np.abs(base[:, None] - base[None, :])
    linked = (gap > -0.3 * smaller) & (gap < 1.3 * taller) & (taller < 1.75 * smaller)
    # Seen from the side, a base line rises: the further the next character, the more.
    linked &= step < 0.25 * taller + 0.15 * np.maximum(gap, 0)
    np.fill_diagonal(linked, False)
    cost = np.where(linked, gap + 2 * step, _FAR)
    following = cost.argmin(axis=1)
    has_next = cost[np.arange(len(boxes)), following] < _FAR
    starts = np.setdiff1d(np.arange(len(boxes)), following[has_next])
    used = np.zeros(len(boxes), bool)
    chains: list[Boxes] = []
    for start in starts:
        chain, at = [int(start)], int(start)
        used[at] = True
        while has_next[at] and not used[following[at]]:
            at = int(following[at])
            used[at] = True
            chain.append(at)
        if CHARACTERS_MIN <= len(chain) <= CHARACTERS_MAX:
            chains.append(boxes[chain])
    return chains


def _likeness(line: TextLine) -> float:
    """How much like a plate's line: 6 to 9 characters, evenly high."""
    count, heights = len(line.boxes), line.boxes[:, 3]
    evenness = 1 - float(np.std(heights) / np.mean(heights))
    return evenness - 0.15 * abs(count - 7.5)
