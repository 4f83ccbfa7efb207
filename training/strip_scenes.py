"""Training strips: a piece of a zone printed, bent, photographed and cut out again as the product cuts it.

The cut itself is `mrz.cells.strips`, along a line that is as wrong as a finder's line is; what the recogniser
learns from is exactly what it will be shown.  Where each cell's middle came to lie is known.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from ink import CHARACTERS, FACES, Glyphs, Print, ink_line
from numpy.random import Generator
from numpy.typing import NDArray
from surfaces import lit, paper, photographed, worn
from texts import text

from mrz.cells.strips import MARGIN, MIDDLE, PITCH, Curve, curve_along, cut, evened

CELLS = 12
"""Of the found line in one strip; with both margins a strip is 16 cells wide."""
WIDTH = (CELLS + 2 * MARGIN) * PITCH
STRIDE = 4
FRAMES = WIDTH // STRIDE
BETWEEN = len(CHARACTERS)
IGNORED = -1

_SYMMETRIC = {"turned": set("0HINOSXZ8") | set("69MW"), "mirrored": set("AHIMOTUVWXY08")}
"""Characters that a turn or a mirror leaves alike, or makes another: there nothing is taught."""


@dataclass(frozen=True, slots=True)
class Sample:
    strip: NDArray[np.float32]
    """HEIGHT x WIDTH, as the network sees it."""
    labels: NDArray[np.int64]
    """FRAMES: a character's index, BETWEEN, or IGNORED near the border of the two."""
    grey: NDArray[np.uint8]
    """The strip before it was evened out, to look at."""


def _look(rng: Generator) -> Print:
    return Print(
        face=FACES[0 if rng.random() < 0.85 else 1],
        # Lower where a page is seen from its foot.
        capital_height=float(
            rng.uniform(0.5, 0.85) if rng.random() < 0.12 else np.clip(rng.normal(0.94, 0.1), 0.65, 1.3)
        ),
        glyph_width=float(np.clip(rng.normal(1.0, 0.09), 0.75, 1.3)),
        weight=float(
            rng.uniform(0.02, 0.08) if rng.random() < 0.12 else np.clip(rng.normal(0.0, 0.022), -0.045, 0.06)
        ),
        slant=float(rng.normal(0, 0.04)),
    )


def _sheet(
    rng: Generator, cuts: Sequence[Glyphs], pitch: float, first: int, count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], str]:
    """A flat sheet, the middles of the main line's cells (count, 2), its text.  `first` cells are left empty
    on the left."""
    look, written = _look(rng), text(rng, count)
    jitter = abs(rng.normal(0, 0.012)) if rng.random() < 0.7 else 0.0
    glyphs = cuts[rng.integers(len(cuts))] if rng.random() < 0.7 else None
    line = ink_line(written, pitch, look, jitter, int(rng.integers(1 << 30)), glyphs)
    width = round((first + count + 8) * pitch)
    height = round(5.2 * pitch)
    ink = np.zeros((height, width), np.float32)
    middle = height / 2

    def lay(printed: NDArray[np.float32], left: float, at: float) -> tuple[int, int]:
        top, start = round(at - printed.shape[0] / 2), round(left)
        rows = slice(max(top, 0), min(top + printed.shape[0], height))
        columns = slice(max(start, 0), min(start + printed.shape[1], width))
        target = ink[rows, columns]
        part = printed[rows.start - top : rows.stop - top, columns.start - start : columns.stop - start]
        np.maximum(target, part, target)
        return start, top

    start, top = lay(line.mask, (first - 1) * pitch, middle)
    places = line.quads.mean(axis=1) + np.array([start, top])
    spacing = float(rng.choice([2.5, 2.5, 1.667])) * rng.normal(1, 0.06)
    for direction in (-1, 1):
        if rng.random() < 0.6:
            other = ink_line(text(rng, count), pitch, look, glyphs=glyphs)
            lay(other.mask, (first - 1) * pitch, middle + direction * spacing * pitch)
    ink = worn(rng, ink, pitch)
    page = paper(rng, (height, width), pitch)
    _labels_beside(rng, page, pitch, middle, places)
    darkness = rng.uniform(0.6, 1.0) if rng.random() < 0.7 else rng.uniform(0.15, 0.6)
    # Print absorbs; a dark background keeps its share of the contrast.
    level = rng.uniform(0.55, 1.0)
    return page * level * (1 - darkness * ink), places.astype(np.float32), written


def _labels_beside(
    rng: Generator, page: NDArray[np.float32], pitch: float, middle: float, places: NDArray[np.float32]
) -> None:
    """Other print left or right of the line and above it, never on it."""
    face = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX)[rng.integers(3)]
    words = "".join(map(chr, rng.integers(65, 123, int(rng.integers(2, 18)))))
    scale, thick = pitch / 25 * rng.uniform(0.5, 1.3), max(1, round(pitch / 14))
    reach = cv2.getTextSize(words, face, scale, thick)[0][0]
    foot = middle + pitch * 0.4
    spots: list[tuple[float, float]] = []
    if rng.random() < 0.12:
        spots.append((places[-1, 0] + pitch * rng.uniform(1.0, 2.5), foot))
    if rng.random() < 0.12:
        spots.append((places[0, 0] - pitch * rng.uniform(1.0, 2.5) - reach, foot))
    if rng.random() < 0.12:
        below = middle + pitch * rng.choice([-0.85, 1.9]) * rng.uniform(1.0, 1.3)
        spots.append((rng.uniform(0, page.shape[1] / 2), below))
    if spots:
        drawn = np.zeros(page.shape, np.uint8)
        for x, y in spots:
            cv2.putText(drawn, words, (int(x), int(y)), face, scale, 255, thick, cv2.LINE_AA)
        page *= 1 - drawn.astype(np.float32) / 255 * rng.uniform(0.4, 0.95)


def _bent(
    rng: Generator, sheet: NDArray[np.float32], places: NDArray[np.float32], pitch: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The sheet curved and seen in perspective; the places go along."""
    height, width = sheet.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners.copy()
    turn = rng.normal(0, 0.06)
    pull = rng.normal(0, 0.12)  # share by which the right end is smaller than the left
    shear = rng.normal(0, 0.05)
    squeeze = 1 - abs(rng.normal(0, 0.08))
    moved -= (width / 2, height / 2)
    moved[:, 1] *= squeeze * (1 + np.array([1, -1, -1, 1]) * np.clip(pull, -0.3, 0.3) / 2)
    moved[:, 0] += shear * moved[:, 1]
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = moved @ rotation.T
    moved -= moved.min(axis=0)
    size = np.ceil(moved.max(axis=0)).astype(int)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    bend = float(rng.normal(0, 0.6)) * pitch / (6 * pitch) ** 2 if rng.random() < 0.35 else 0.0
    centre = width / 2

    # Plain floats, or numpy would work in doubles: this is a third of a sample's cost.
    back: list[list[float]] = np.linalg.inv(matrix).tolist()
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    depth = back[2][0] * x + back[2][1] * y + back[2][2]
    u = (back[0][0] * x + back[0][1] * y + back[0][2]) / depth
    v = (back[1][0] * x + back[1][1] * y + back[1][2]) / depth - bend * (u - centre) ** 2
    # No two issuers' glyphs are quite alike: a warp of the period of the cells changes them all alike.
    period = 2 * math.pi / pitch
    reach: list[float] = (rng.normal(0, 0.012, 2) * pitch).tolist()
    phase: list[float] = rng.uniform(0, 6.28, 2).tolist()
    turns: list[float] = (rng.uniform(-1, 1, 2) * period).tolist()
    u, v = (
        u + reach[0] * np.sin(period * u + turns[0] * v + phase[0]),
        v + reach[1] * np.sin(period * v + turns[1] * u + phase[1]),
    )
    scene = cv2.remap(sheet, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    curved = places + np.stack([np.zeros(len(places)), bend * (places[:, 0] - centre) ** 2], axis=1)
    there = cv2.perspectiveTransform(curved[None].astype(np.float32), matrix)[0]
    return scene, there


def _found(rng: Generator, places: NDArray[np.float32], offset: float) -> tuple[Curve, NDArray[np.float32]]:
    """The strip's curve along a line found roughly: CELLS of a pitch that is wrong by up to 12 %, from
    `offset` cells before the first place on.  Also the true middles, one a place."""
    steps = np.diff(places, axis=0)
    own = np.hypot(steps[:, 0], steps[:, 1])
    pitch = float(own.mean() * (1 + np.clip(rng.normal(0, 0.05), -0.14, 0.14)))
    cells = np.arange(len(places))
    fit = [np.polyfit(cells, places[:, axis], min(2, len(places) - 1)) for axis in (0, 1)]
    reach = CELLS * pitch / own.mean()
    wanted = np.linspace(-offset, reach - offset, 7)
    # A parabola through the places is safe only near them.
    inside = np.clip(wanted, 0, len(places) - 1)
    slope = np.stack([np.polyval(np.polyder(each), inside) for each in fit], axis=1)
    points = np.stack([np.polyval(each, inside) for each in fit], axis=1) + (wanted - inside)[:, None] * slope
    points += rng.normal(0, 0.02 * pitch, points.shape)
    tilt, lift = np.clip(rng.normal(0, 0.02), -0.055, 0.055), np.clip(rng.normal(0, 0.07), -0.2, 0.2)
    points[:, 1] += lift * pitch + tilt * (points[:, 0] - points[:, 0].mean())
    length = np.hypot(*np.diff(points, axis=0).T).sum()
    return curve_along(points, np.full(7, length / CELLS), degree=2), places


def _columns(curve: Curve, places: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where the places lie in the strip: columns, and rows off the middle."""
    between = places[:, None, :] - curve.centre[None]
    nearest = np.argmin((between**2).sum(axis=2), axis=1)
    tangent = np.stack([curve.down[:, 1], -curve.down[:, 0]], axis=1)
    scale = (tangent**2).sum(axis=1)
    rest = between[np.arange(len(places)), nearest]
    along = (rest * tangent[nearest]).sum(axis=1) / scale[nearest]
    down = (rest * curve.down[nearest]).sum(axis=1) / scale[nearest]
    return nearest + along, down


def labels_at(columns: NDArray[np.float32], written: str, other: set[str] | None = None) -> NDArray[np.int64]:
    """One label a frame.  With `other`, characters in it are IGNORED and the rest BETWEEN: print that is
    upside down or mirrored is no text."""
    labels = np.full(FRAMES, BETWEEN, np.int64)
    # Frame f looks at columns around STRIDE * f + 1.5.
    frames = (np.arange(FRAMES) * STRIDE + (STRIDE - 1) / 2)[:, None]
    local = np.gradient(columns) if len(columns) > 1 else np.array([float(PITCH)])
    far = np.abs(frames - columns[None]) / local[None]
    nearest = far.argmin(axis=1)
    distance = far[np.arange(FRAMES), nearest]
    for frame in np.flatnonzero(distance < 0.37):
        character = written[nearest[frame]]
        if other is not None:
            labels[frame] = IGNORED if character in other else BETWEEN
        elif distance[frame] < 0.25:
            labels[frame] = CHARACTERS.index(character)
        else:
            labels[frame] = IGNORED
    return labels


def samples(rng: Generator, cuts: Sequence[Glyphs], views: int = 3) -> list[Sample]:
    """Views of one printed sheet, each with light, camera and found line of its own.  Most sheets are printed
    in one of `cuts`, the others in the font itself."""
    pitch = float(rng.uniform(24, 42))
    short = rng.random() < 0.15
    count = int(rng.integers(5, CELLS + 1)) if short else CELLS + int(rng.integers(4, 9))
    sheet, places, written = _sheet(rng, cuts, pitch, 4, count)
    wanted = (_view(rng, sheet, places, written, pitch) for _ in range(views))
    return [each for each in wanted if each is not None]


def _view(
    rng: Generator, sheet: NDArray[np.float32], flat: NDArray[np.float32], written: str, sheet_pitch: float
) -> Sample | None:
    pitch = min(float(np.exp(rng.uniform(np.log(6.8), np.log(40)))), sheet_pitch)
    view, spare = rng.random(), len(written) - CELLS
    if spare <= 0 or view < 0.25:  # the line's start is in the strip
        offset = rng.uniform(0.3, 2.5 if spare <= 0 else 1.5)
    elif view < 0.5:  # its end
        offset = -spare - rng.uniform(0.2, 1.8)
    else:
        offset = -rng.uniform(2.2, max(2.3, spare - 2.5))
    # What this view needs of the sheet, no finer than twice the picture.
    left = max(0, int((4 - offset - 4) * sheet_pitch))
    sheet = sheet[:, left : int((4 - offset + CELLS + 5) * sheet_pitch)]
    flat = flat - (left, 0)
    wished = max(2 * pitch, 12.0)
    if wished < 0.8 * sheet_pitch:
        size = np.round(np.array([sheet.shape[1], sheet.shape[0]]) * wished / sheet_pitch).astype(int)
        flat = (flat + 0.5) * (size / (sheet.shape[1], sheet.shape[0])) - 0.5
        sheet = cv2.resize(sheet, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
        sheet_pitch = wished
    scene, places = _bent(rng, sheet, flat, sheet_pitch)
    scene = lit(rng, scene, sheet_pitch)
    before = np.array([scene.shape[1], scene.shape[0]])
    after = np.maximum(np.round(before * pitch / sheet_pitch), 8).astype(int)
    if after[0] < before[0]:
        scene = cv2.resize(scene, (int(after[0]), int(after[1])), interpolation=cv2.INTER_AREA)
        places = (places + 0.5) * (after / before) - 0.5
    picture = photographed(rng, scene, pitch)
    other: set[str] | None = None
    kind = rng.random()
    if kind < 0.03:
        other = _SYMMETRIC["turned"]
        picture = np.ascontiguousarray(picture[::-1, ::-1])
        places = (np.array([picture.shape[1], picture.shape[0]]) - 1 - places)[::-1]
    elif kind < 0.06:
        other = _SYMMETRIC["mirrored"]
        picture = np.ascontiguousarray(picture[:, ::-1])
        places = np.stack([picture.shape[1] - 1 - places[:, 0], places[:, 1]], axis=1)[::-1]
    elif kind < 0.1:  # a line found where only background or a neighbouring line's edge is
        places = places + np.array([0, rng.choice([-1, 1]) * rng.uniform(1.15, 1.35) * pitch])
        other = set()
    if kind < 0.06:
        written = written[::-1]
        offset = CELLS - len(written) - offset
    curve, places = _found(rng, places.astype(np.float32), offset)
    grey = cut(picture, curve)[:, :WIDTH]
    columns, rows = _columns(curve, places)
    seen = (columns > 0) & (columns < WIDTH)
    if grey.shape[1] < WIDTH or (kind >= 0.1 and np.abs(rows[seen]).max(initial=0) > 0.45 * PITCH):
        return None  # bent beyond what a line is
    labels = labels_at(columns, written, other)
    labels[(labels != BETWEEN) & _blank(grey)] = IGNORED
    return Sample(evened(grey), labels, grey)


def _blank(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Frames around which nothing at all is to be seen, whatever was printed: plain paper is no print."""
    columns = np.arange(FRAMES)[:, None] * STRIDE + np.arange(-PITCH // 2, PITCH // 2 + STRIDE)
    cells = grey[8:-8, np.clip(columns, 0, WIDTH - 1)]
    return np.ptp(cells.astype(np.int16), axis=(0, 2)) < 5


__all__ = ["BETWEEN", "FRAMES", "IGNORED", "MIDDLE", "STRIDE", "WIDTH", "Sample", "samples"]
