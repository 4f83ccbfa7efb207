"""Where the finder shows nothing that can be read: whole plates joined from the pieces of text that PP-OCR's
detector sees (Apache-2.0, in the rapidocr wheel; the package around the model is not imported).

It knows type in any place, and nothing of plates: it finds slogans, and cuts a plate at its region's box.  So
pieces beside each other are a line, two lines above each other a plate, and only what has a plate's
proportions is proposed, with no more sureness than such places have earned.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, permutations
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from anpr import pp_ocr
from anpr.finding import LONG_SIDE, Found, Frame, nearer, overlap

SCORE = 0.4
"""What the finder is taken to say of such a place, whatever the detector does: of 147 of them in synthetic
scenes 30 were plates."""
PROPOSED_MAX = 4
_PIECES_MAX = 40
"""The surest that are joined: more than any lane shows, and joining takes their square."""
_MODEL = "PP-OCRv6_det_small.onnx"
_MULTIPLE = 32
"""Of pixels, that the model takes."""
_TEXT, _SURE = 0.3, 0.5
"""Of a pixel, and of a piece's pixels on average: above is text."""
_GROWN = 1.6
"""The model marks the core of a text; its area over its circumference, times this, is added around it."""
_LEAN_MAX = 40
"""Degrees."""
_THIN, _NARROW = 3, 40
"""Pixels of the look and of the frame: thinner is no text, narrower no plate that can be read."""
_PROPORTIONS = {1: (2.6, 8.5), 2: (1.0, 2.7)}
"""Least and most width over height, by lines."""
_PADDING = {1: (0.04, 0.10), 2: (0.05, 0.08)}
"""Of width and height, from the text to the plate's edge, by lines."""
_SAME = 0.7
"""Overlap above which a place was looked at already."""

Points = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Piece:
    """Some text in a frame: its four corners as `anpr.strips.Corners`, and how sure it is one (0 to 1)."""

    corners: Points
    score: float

    @cached_property
    def along(self) -> Points:
        """Of length 1, in the direction of reading."""
        return (self.corners[1] - self.corners[0]) / max(self.width, 1e-6)

    @cached_property
    def width(self) -> float:
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @cached_property
    def height(self) -> float:
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))

    def offset(self, other: "Piece") -> tuple[float, float]:
        """How far the other one's middle is to the right and down, as this one lies."""
        way = other.corners.mean(axis=0) - self.corners.mean(axis=0)
        return float(way @ self.along), float(way @ _down(self.along))


def proposed(frame: Frame, found: Sequence[Found]) -> tuple[Found, ...]:
    """Places of plates beside those that were `found`, at most `PROPOSED_MAX`, each as sure as `SCORE`.

    `frame` is uint8, height x width x 3, blue-green-red.  Raises ReaderUnavailable without the model.
    """
    places = sorted(whole_plates(pieces(frame)), key=lambda one: -one[0].score)[:PROPOSED_MAX]
    new = [place for place in (_found(*one) for one in places) if not _known(place, found)]
    closer = [replace(nearer(frame, place), score=SCORE) for place in new]
    return tuple(place for place in closer if not _known(place, found))


def _known(place: Found, found: Sequence[Found]) -> bool:
    return any(overlap(place.box, other.box) > _SAME for other in found)


def pieces(frame: Frame) -> list[Piece]:
    """The pieces of text in a frame, surest first, at most `_PIECES_MAX`."""
    height, width = frame.shape[:2]
    scale = LONG_SIDE / max(height, width)
    size = [max(_MULTIPLE, round(side * scale / _MULTIPLE) * _MULTIPLE) for side in (width, height)]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(frame, size, interpolation=how).astype(np.float32) / np.float32(127.5) - np.float32(1)
    text = pp_ocr.shipped(_MODEL)(small.transpose(2, 0, 1)[None])[0, 0]
    marked = cv2.dilate((text > _TEXT).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(marked, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    stretch = np.array((width / size[0], height / size[1]), np.float32)
    seen: list[Piece] = []
    for outline in outlines:
        corners = _grown(outline)
        if corners is not None and (score := _mean_within(text, outline)) >= _SURE:
            seen.append(Piece(((corners + 0.5) * stretch - 0.5).astype(np.float32), score))
    return sorted(seen, key=lambda piece: -piece.score)[:_PIECES_MAX]


def _mean_within(text: Points, outline: cv2.typing.MatLike) -> float:
    x, y, width, height = cv2.boundingRect(outline)
    inside = np.zeros((height, width), np.uint8)
    cv2.drawContours(inside, [outline], -1, 1, -1, offset=(-x, -y))
    return float(text[y : y + height, x : x + width][inside > 0].mean())


def _grown(outline: cv2.typing.MatLike) -> Points | None:
    """The corners of the text around its marked core; None for what is too thin or leans too much."""
    middle, (wide, high), lean = cv2.minAreaRect(outline)
    if wide < high:
        wide, high, lean = high, wide, lean - 90
    lean = (lean + 90) % 180 - 90
    if high < _THIN or abs(lean) > _LEAN_MAX:
        return None
    grown = _GROWN * wide * high / (wide + high)
    along = np.array((np.cos(np.radians(lean)), np.sin(np.radians(lean))), np.float32)
    right, below = along * (wide + grown) / 2, _down(along) * (high + grown) / 2
    around = np.stack([-right - below, right - below, right + below, below - right])
    return (around + np.array(middle)).astype(np.float32)


def whole_plates(seen: Sequence[Piece]) -> Iterator[tuple[Piece, Literal[1, 2]]]:
    """What has a plate's proportions, of one line or two: each piece alone, and those that make a line."""
    lines = [(frozenset([place]), piece) for place, piece in enumerate(seen)]
    lines += [(group, _around([seen[place] for place in sorted(group)])) for group in _groups(seen)]
    for _, line in lines:
        if _like_a_plate(line, 1):
            yield line, 1
    for (upper_of, upper), (lower_of, lower) in permutations(lines, 2):
        if not upper_of & lower_of and _above(upper, lower):
            both = replace(_around([upper, lower]), score=min(upper.score, lower.score))
            if _like_a_plate(both, 2):
                yield both, 2


def _groups(seen: Sequence[Piece]) -> set[frozenset[int]]:
    """Of pieces that stand beside each other on one line, each of two or more."""
    groups = [{place} for place in range(len(seen))]
    for one, other in combinations(range(len(seen)), 2):
        if groups[one] is not groups[other] and _beside(seen[one], seen[other]):
            groups[one] |= groups[other]
            for place in groups[other]:
                groups[place] = groups[one]
    return {frozenset(group) for group in groups if len(group) > 1}


def _beside(one: Piece, other: Piece) -> bool:
    high, low = max(one.height, other.height), min(one.height, other.height)
    longer, shorter = (one, other) if one.width > other.width else (other, one)
    along, across = map(abs, longer.offset(shorter))
    return high <= 1.9 * low and along - (one.width + other.width) / 2 < 1.2 * high and across < 0.45 * high


def _above(upper: Piece, lower: Piece) -> bool:
    heights, widths = (upper.height, lower.height), (upper.width, lower.width)
    aside, down = upper.offset(lower)
    return (
        0.6 < down / (sum(heights) / 2) < 1.7
        and max(heights) <= 2 * min(heights)
        and max(widths) <= 2.2 * min(widths)
        and abs(aside) <= 0.4 * max(widths)
    )


def _like_a_plate(piece: Piece, lines: Literal[1, 2]) -> bool:
    least, most = _PROPORTIONS[lines]
    return piece.width >= _NARROW and least <= piece.width / max(piece.height, 1e-6) <= most


def _around(parts: Sequence[Piece]) -> Piece:
    """The rectangle around them that lies as the widest does."""
    along = max(parts, key=lambda part: part.width).along
    down = _down(along)
    points = np.concatenate([part.corners for part in parts])
    across, below = points @ along, points @ down
    left, right = along * across.min(), along * across.max()
    top, bottom = down * below.min(), down * below.max()
    corners = np.stack([left + top, right + top, right + bottom, left + bottom]).astype(np.float32)
    return Piece(corners, float(np.mean([part.score for part in parts])))


def _found(piece: Piece, lines: Literal[1, 2]) -> Found:
    beside, above = _PADDING[lines]
    right, down = piece.along * piece.width * beside, _down(piece.along) * piece.height * above
    around = np.stack([-right - down, right - down, right + down, down - right])
    return Found((piece.corners + around).astype(np.float32), lines, SCORE)


def _down(along: Points) -> Points:
    return np.array((-along[1], along[0]), np.float32)
