"""A found zone to grids of cells: strips, recogniser, rows of equal cells, then a second look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mrz.cells.frames import GAP, Frames, log_softmax, recognised
from mrz.cells.grid import Row, rows
from mrz.cells.missing import third_lines
from mrz.cells.recut import recut
from mrz.cells.strips import MIDDLE, PITCH, Curve, Floats, curve_along, cut, evened
from mrz.cells.types import CellGrid, CellLine
from mrz.finding.types import FoundLine, FoundZone
from mrz.picture import Grey

SHAPES = {2: (44, 36), 3: (30,)}
"""Cells a line, by number of lines."""
CAPITALS = 19.0
"""Height of capitals in px of a strip."""
MISSING_MIN = -0.9
"""A line that was looked for and not found by itself must have at least this score."""
BEHIND_MAX = 1.0
"""A hypothesis whose score is so much below the best one's is not told."""
SURE = float(np.log(0.995))
"""Where every cell of a first look is surer than this, there is nothing to look for a second time."""


@dataclass(frozen=True, slots=True)
class _Strip:
    curve: Curve
    grey: Grey
    frames: Frames


def read_cells(picture: Grey, zone: FoundZone) -> tuple[CellGrid, ...]:
    """Grids that may be the zone's, best first; () when its lines have no room for any.

    `picture` is the whole page, height x width; `zone` as `mrz.finding.find` gives it, its pitch right
    within 15 %.  A zone of three lines is tried as two lines as well: one may be other print.
    """
    cells_min = max(SHAPES.get(len(zone.lines), (0,)))
    strips = [_strip(picture, _curve(line, cells_min)) for line in zone.lines]
    known = [
        {} if strip is None else rows(strip.frames, sorted({n for shape in SHAPES.values() for n in shape}))
        for strip in strips
    ]
    hypotheses: list[tuple[float, list[tuple[_Strip, Row]]]] = []
    for first, count, cells in _shapes(len(zone.lines)):
        chosen: list[tuple[_Strip, Row]] = []
        for index in range(first, first + count):
            strip, row = strips[index], known[index].get(cells)
            if strip is not None and row is not None:
                chosen.append((strip, row))
        if len(chosen) == count:
            # A line of the zone that the hypothesis leaves out is print outside the grid too.
            unused = sum(
                _printed(known[other]) for other in range(len(strips)) if not first <= other < first + count
            )
            score = float(np.mean([row.score for _, row in chosen])) - unused / count
            hypotheses.append((score, chosen))
    completed = _completed(picture, strips, known)
    if completed is not None:
        hypotheses.append(completed)
    if not hypotheses:
        return ()
    hypotheses.sort(key=lambda each: -each[0])
    told = [each for each in hypotheses if each[0] > hypotheses[0][0] - BEHIND_MAX]
    grids = [_grid(picture, chosen, score) for score, chosen in told]
    return tuple(sorted(grids, key=lambda each: -each.score))


def _completed(
    picture: Grey, strips: list[_Strip | None], known: list[dict[int, Row]]
) -> tuple[float, list[tuple[_Strip, Row]]] | None:
    """Two lines that are two of three, with the third one."""
    cells = SHAPES[3][0]
    two = [
        (strip, row[cells])
        for strip, row in zip(strips, known, strict=True)
        if strip and max(row, key=lambda count: row[count].score, default=0) == cells
    ]
    if len(strips) != 2 or len(two) != 2:
        return None
    middles = [strip.curve.at(row.columns) for strip, row in two]
    best: tuple[float, list[tuple[_Strip, Row]]] | None = None
    for place, curve in third_lines(*middles):
        strip = _strip(picture, curve)
        row = rows(strip.frames, [cells]).get(cells) if strip else None
        if strip and row and row.score > MISSING_MIN:
            three = [*two[:place], (strip, row), *two[place:]]
            score = float(np.mean([each.score for _, each in three]))
            if best is None or score > best[0]:
                best = (score, three)
    return best


def _shapes(lines: int) -> Iterable[tuple[int, int, int]]:
    """First line, number of lines, cells a line."""
    for count, widths in SHAPES.items():
        for first in range(lines - count + 1):
            for cells in widths:
                yield first, count, cells


def _curve(line: FoundLine, cells_min: int) -> Curve | None:
    try:
        return curve_along(line.centre, line.pitch, cells_min=cells_min)
    except ValueError:
        return None


def _strip(picture: Grey, curve: Curve | None) -> _Strip | None:
    if curve is None:
        return None
    grey = cut(picture, curve)
    return _Strip(curve, grey, recognised(evened(grey)))


def _printed(row_by_cells: dict[int, Row]) -> float:
    """0 to 1: how sure that a line holds OCR-B at all."""
    return float(np.exp(max((row.score for row in row_by_cells.values()), default=-9.0)))


def _grid(picture: Grey, chosen: list[tuple[_Strip, Row]], score: float) -> CellGrid:
    first = [_cell_line(strip, row) for strip, row in chosen]
    if all(line.log_probabilities.max(axis=1).min() > SURE for line in first):
        return CellGrid(tuple(first), score)
    curves = recut([(strip.curve, strip.grey, row.columns) for strip, row in chosen])
    looked = [_strip(picture, curve) for curve in curves]
    second: list[tuple[_Strip, Row]] = []
    for strip, (_, row) in zip(looked, chosen, strict=True):
        again = rows(strip.frames, [len(row.columns)]).get(len(row.columns)) if strip else None
        if strip is None or again is None:
            return CellGrid(tuple(first), score)
        second.append((strip, again))
    # What lies outside the row only the first look could see.
    gain = float(np.mean([row.read for _, row in second]) - np.mean([row.read for _, row in chosen]))
    if gain < 0:
        return CellGrid(tuple(first), score)
    return CellGrid(tuple(_cell_line(strip, row) for strip, row in second), score + gain)


def _cell_line(strip: _Strip, row: Row) -> CellLine:
    columns = row.columns
    # Three looks across the middle of a cell: what is noise differs between them.
    logits = np.mean([strip.frames.at(columns + shift) for shift in (-3, 0, 3)], axis=0)
    return CellLine(log_softmax(logits[:, :GAP]).astype(np.float32), _corners(strip.curve, columns))


def _corners(curve: Curve, columns: Floats) -> Floats:
    half, high = PITCH / 2, CAPITALS / 2
    places = [(-half, -high), (half, -high), (half, high), (-half, high)]
    return np.stack([curve.at(columns + x, MIDDLE + y) for x, y in places], axis=1).astype(np.float32)
