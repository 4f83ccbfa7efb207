"""A line of characters, turned upright, cut into characters and set again at one height.

The plate's small print (flag, code letters, bolts), its rules and its frame are left out, so that the
recogniser sees only what belongs to the number.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from anpr.detect import Gray, TextLine
from anpr.readings import Corners

HEIGHT = 32
"""Of a line's taller characters in the upright strip, pixels."""
SET_HEIGHT = 40
"""Of every character in the set line, pixels."""
_PAD, _SPACE = 16, 5
_WIDENED = 1.2
"""Plates are set in narrower letters than books, which is what Tesseract learnt from."""
_SLANTS = tuple(step / 50 for step in range(-15, 16))
"""Sideways shift for each pixel upwards that is tried; seen from the side, letters lean."""
_BASE = 1.5 * HEIGHT
"""Where the base line lies in the strip."""
_LEFT, _RIGHT, _BELOW = 2.8, 3.6, 0.55
"""How far the strip goes beyond the line, in character heights: a region's box may stand apart."""
_GAP_MAX = 1.2
"""Between two characters of a plate, in character heights."""

_GROUP_GAP = 0.4
"""A wider gap than this parts two groups; a space there keeps letters from being read into digits."""

Cell = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class SetLine:
    """`image`: dark on white, characters SET_HEIGHT high with even spaces.  `spans`: where each stands in it
    (x from, x to).  `wide`: which may be two characters that touch.  `tall`: which stand above shorter ones.
    `corners`: of the plate, in the frame.  `ground`: points of the plate's ground, x and y in the frame."""

    image: Gray
    spans: tuple[tuple[int, int], ...]
    wide: tuple[bool, ...]
    tall: tuple[bool, ...]
    corners: Corners
    ground: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Strip:
    """The upright strip, dark on light, and the way back to the frame."""

    image: Gray
    to_frame: npt.NDArray[np.float64]
    ink: float
    ground: float
    core: tuple[float, float]

    @property
    def light(self) -> npt.NDArray[np.bool_]:
        return self.image > self.ink + 0.6 * (self.ground - self.ink)


def set_line(gray: Gray, line: TextLine) -> SetLine | None:
    """Cut out and set a line; None when its characters fall apart on a closer look."""
    strip = _upright(cv2.bitwise_not(gray).astype(np.uint8) if line.inverse else gray, line)
    if strip is None:
        return None
    dark = (strip.image < strip.ink + 0.55 * (strip.ground - strip.ink)).astype(np.uint8)
    _, _, components, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
    cells = [cell for cell in _cells(components[1:]) if _stands_alone(strip, cell)]
    cells = _one_plate(sorted(cells), strip.core)
    if len(cells) < 4:
        return None
    image, spans = _set(strip, cells)
    plate = _plate_extent(strip, cells)
    return SetLine(
        image=image,
        spans=spans,
        wide=tuple(width > 0.95 * height for _, _, width, height in cells),
        tall=_tall([height for _, _, _, height in cells]),
        corners=_corners(strip, plate),
        ground=_ground(strip, plate),
    )


def _upright(gray: Gray, line: TextLine) -> _Strip | None:
    x, y, width, height = line.boxes.T
    slope = float(np.polyfit(x + width / 2, y + height, 1)[0])
    scale = HEIGHT / line.height
    angle = float(np.arctan(slope))
    cosine, sine = np.cos(angle), np.sin(angle)
    left, right = x.min() - _LEFT * line.height, (x + width).max() + _RIGHT * line.height
    base = float(np.median(y + height - slope * (x + width / 2 - left)))
    above = _BASE / scale
    to_frame = np.array(
        [
            [cosine / scale, -sine / scale, left + above * sine],
            [sine / scale, cosine / scale, base - above * cosine],
        ]
    )
    size = (int((right - left) * scale / cosine), int(_BASE + _BELOW * HEIGHT))
    image = _warp(gray, to_frame, size)
    slant = _slant(image[int(_BASE) - HEIGHT : int(_BASE)])
    # Shear about the base line: to the frame through the leaning strip.
    to_frame = to_frame @ np.array([[1, -slant, slant * _BASE], [0, 1, 0], [0, 0, 1]])
    image = _warp(gray, to_frame, size)
    ends = np.array([[x[0] + width[0] / 2, y[0]], [x[-1] + width[-1] / 2, y[-1]]])
    inverse = cv2.invertAffineTransform(to_frame)
    across = ends @ inverse[0, :2] + inverse[0, 2]
    core = (float(across[0]) - 0.5 * HEIGHT, float(across[1]) + 0.5 * HEIGHT)
    middle = image[int(_BASE) - HEIGHT : int(_BASE), max(0, int(core[0])) : int(core[1])]
    if middle.size == 0:
        return None
    level, _ = cv2.threshold(np.ascontiguousarray(middle), 0, 255, cv2.THRESH_OTSU)
    lighter, darker = middle[middle > level], middle[middle <= level]
    if lighter.size == 0 or darker.size == 0:
        return None
    return _Strip(image, to_frame, float(np.median(darker)), float(np.median(lighter)), core)


def _warp(gray: Gray, to_frame: npt.NDArray[np.float64], size: tuple[int, int]) -> Gray:
    return cv2.warpAffine(
        gray,
        to_frame,
        size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.uint8)


def _slant(line: Gray) -> float:
    """The lean of the letters: undone, their columns are blackest and the spaces between them whitest."""

    def contrast(slant: float) -> float:
        matrix = np.array([[1, -slant, slant * line.shape[0]], [0, 1, 0]])
        upright = cv2.warpAffine(
            line,
            matrix,
            (line.shape[1], line.shape[0]),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return float(np.var(upright.mean(axis=0)))

    return max(_SLANTS, key=contrast)


def _cells(components: npt.NDArray[Any]) -> list[Cell]:
    """Components of a character's size at a character's place."""
    cells: list[Cell] = []
    for x, y, width, height, _ in components:
        sized = (
            0.42 * HEIGHT <= height <= 1.22 * HEIGHT and 3 <= width <= 1.5 * HEIGHT and height <= 8 * width
        )
        placed = y >= _BASE - 1.45 * HEIGHT and y + height <= _BASE + 0.28 * HEIGHT
        if sized and placed:
            cells.append((int(x), int(y), int(width), int(height)))
    return cells


def _stands_alone(strip: _Strip, cell: Cell) -> bool:
    """Whether a component is as black as the rest with the plate's ground all round: a frame or a grille is
    not."""
    x, y, width, height = cell
    darkest = float(np.percentile(strip.image[y : y + height, x : x + width], 10))
    if darkest > strip.ink + 0.35 * (strip.ground - strip.ink):
        return False
    top, left = max(0, y - 3), max(0, x - 3)
    around = strip.light[top : y + height + 3, left : x + width + 3]
    inside = strip.light[y : y + height, x : x + width]
    return (around.sum() - inside.sum()) >= 0.7 * (around.size - inside.size)


def _one_plate(cells: list[Cell], core: tuple[float, float]) -> list[Cell]:
    """The cells of the line found, and those that follow on either side without a gap."""
    inside = [i for i, (x, _, width, _) in enumerate(cells) if core[0] <= x + width / 2 <= core[1]]
    if len(inside) < 3:
        return []
    first, last = inside[0], inside[-1]

    def gap(index: int) -> float:
        return cells[index + 1][0] - cells[index][0] - cells[index][2]

    while first > 0 and gap(first - 1) < _GAP_MAX * HEIGHT:
        first -= 1
    while last < len(cells) - 1 and gap(last) < _GAP_MAX * HEIGHT:
        last += 1
    return cells[first : last + 1]


def _set(strip: _Strip, cells: list[Cell]) -> tuple[Gray, tuple[tuple[int, int], ...]]:
    white = np.full((SET_HEIGHT + 2 * _PAD, _PAD), 255, np.uint8)
    pieces, spans, at, end = [white], [], _PAD, cells[0][0]
    for x, y, width, height in cells:
        if x - end > _GROUP_GAP * HEIGHT:
            pieces.append(white)
            at += white.shape[1]
        end = x + width
        raw = strip.image[max(0, y - 1) : y + height + 1, max(0, x - 1) : x + width + 1].astype(np.float32)
        even = (raw - strip.ink) / (strip.ground - strip.ink) * 255
        wide = max(6, round(raw.shape[1] * SET_HEIGHT / raw.shape[0] * _WIDENED))
        glyph = cv2.resize(even, (wide, SET_HEIGHT), interpolation=cv2.INTER_CUBIC)
        clipped = np.clip(glyph, 0, 255).astype(np.uint8)
        piece = cv2.copyMakeBorder(clipped, _PAD, _PAD, _SPACE, _SPACE, cv2.BORDER_CONSTANT, value=(255,))
        pieces.append(piece.astype(np.uint8))
        spans.append((at + _SPACE, at + _SPACE + wide))
        at += piece.shape[1]
    return np.hstack([*pieces, white]), tuple(spans)


def _tall(heights: list[int]) -> tuple[bool, ...]:
    """Which characters are of the greater height, on plates that have two; none on the others."""
    highest = float(np.percentile(heights, 80))
    shorter = sum(height < 0.86 * highest for height in heights)
    return tuple(shorter >= 2 and height > 0.93 * highest for height in heights)


def _plate_extent(strip: _Strip, cells: list[Cell]) -> Cell:
    """The plate in the strip: as far as its ground goes, but not further than plates do."""
    left, right = cells[0][0], cells[-1][0] + cells[-1][2]
    top, bottom = min(cell[1] for cell in cells), max(cell[1] + cell[3] for cell in cells)
    row = strip.light[top:bottom].mean(axis=0) > 0.5
    reach = int(1.8 * HEIGHT)
    while left > 0 and row[left - 1] and cells[0][0] - left < reach:
        left -= 1
    while right < len(row) and row[right] and right - cells[-1][0] - cells[-1][2] < reach:
        right += 1
    column = strip.light[:, cells[0][0] : right].mean(axis=1) > 0.5
    reach = int(0.4 * HEIGHT)
    lines = (top, bottom)
    while top > 0 and column[top - 1] and lines[0] - top < reach:
        top -= 1
    while bottom < len(column) and column[bottom] and bottom - lines[1] < reach:
        bottom += 1
    return left, top, right - left, bottom - top


def _corners(strip: _Strip, plate: Cell) -> Corners:
    x, y, width, height = plate
    flat = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], dtype=float)
    a, b, c, d = (flat @ strip.to_frame[:, :2].T + strip.to_frame[:, 2]).tolist()
    return (a[0], a[1]), (b[0], b[1]), (c[0], c[1]), (d[0], d[1])


def _ground(strip: _Strip, plate: Cell) -> npt.NDArray[np.int32]:
    x, y, width, height = plate
    rows, columns = np.nonzero(strip.light[y : y + height, x : x + width])
    points = np.stack([columns + x, rows + y], axis=1)[:: max(1, len(rows) // 400)]
    return np.round(points @ strip.to_frame[:, :2].T + strip.to_frame[:, 2]).astype(np.int32)
