"""What a found zone may be: two lines of 44 or 36 cells or three of 30, turned round if need be, with a line
that the finder missed or without one that is other print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mrz.cells.ends import longer
from mrz.cells.frames import Frames, recognised
from mrz.cells.grid import Row, rows
from mrz.cells.missing import second_lines, third_lines
from mrz.cells.strips import Curve, curve_along, cut, evened
from mrz.finding.types import FoundLine
from mrz.picture import Grey

SHAPES = {2: (44, 36), 3: (30,)}
"""Cells a line, by number of lines."""
GOOD = -0.3
"""A zone that scores less is tried turned round, and with lines that were not found."""
LONGER_MAX = 2
"""So often a strip that is too short is cut longer."""
MISSING_MIN = -0.9
"""A line that was looked for and not found by itself must have at least this score."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A line cut out and recognised."""

    curve: Curve
    grey: Grey
    frames: Frames


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Lines with their rows of cells, top to bottom; `score` as in CellGrid."""

    lines: tuple[tuple[Strip, Row], ...]
    score: float


def strip_along(picture: Grey, curve: Curve) -> Strip:
    """The strip along a curve, recognised."""
    grey = cut(picture, curve)
    return Strip(curve, grey, recognised(evened(grey), curve.inside(picture)))


def hypotheses(picture: Grey, lines: Sequence[FoundLine]) -> list[Hypothesis]:
    """All that the lines may be, best first."""
    found = _as_found(picture, lines)
    if _best(found) < GOOD:
        turned = [FoundLine(line.centre[::-1], line.pitch[::-1]) for line in reversed(lines)]
        found += _as_found(picture, turned)
    return sorted(found, key=lambda each: -each.score)


def _best(found: Sequence[Hypothesis]) -> float:
    return max((each.score for each in found), default=-np.inf)


def _as_found(picture: Grey, lines: Sequence[FoundLine]) -> list[Hypothesis]:
    """Hypotheses that read the lines in the direction they were found."""
    cells_min = max(SHAPES.get(len(lines), (0,)))
    counts = sorted({count for shape in SHAPES.values() for count in shape})
    read: list[tuple[Strip, dict[int, Row]]] = []
    for line in lines:
        try:
            strip = strip_along(picture, curve_along(line.centre, line.pitch, cells_min=cells_min))
        except ValueError:  # no line: two points in one place, or far too long
            return []
        read.append(_whole(picture, strip, counts))
    found = list(_shaped(read))
    if _best(found) < GOOD:
        found += _completed(picture, read)
    return found


def _whole(picture: Grey, strip: Strip, counts: Sequence[int]) -> tuple[Strip, dict[int, Row]]:
    """The strip with its rows, cut anew where the line goes on beyond it."""
    found = rows(strip.frames, counts)
    for _ in range(LONGER_MAX):
        curve = longer(strip.curve, strip.frames, found, max(counts))
        if curve is None:
            break
        again = strip_along(picture, curve)
        better = rows(again.frames, counts)
        if max(each.score for each in better.values()) <= max(each.score for each in found.values()):
            break
        strip, found = again, better
    return strip, found


def _shaped(read: Sequence[tuple[Strip, dict[int, Row]]]) -> Iterator[Hypothesis]:
    for count, widths in SHAPES.items():
        for first in range(len(read) - count + 1):
            part = read[first : first + count]
            # A line of the zone that is left out is print outside the grid.
            unused = sum(_printed(row) for _, row in (*read[:first], *read[first + count :]))
            for cells in widths:
                if all(cells in row for _, row in part):
                    yield _hypothesis([(strip, row[cells]) for strip, row in part], unused / count)


def _hypothesis(lines: Sequence[tuple[Strip, Row]], unused: float = 0.0) -> Hypothesis:
    return Hypothesis(tuple(lines), float(np.mean([row.score for _, row in lines])) - unused)


def _printed(row: dict[int, Row]) -> float:
    """0 to 1: how sure that a line holds OCR-B at all."""
    return float(np.exp(max((each.score for each in row.values()), default=-np.inf)))


def _completed(picture: Grey, read: Sequence[tuple[Strip, dict[int, Row]]]) -> Iterator[Hypothesis]:
    """Two lines that are two of three, with the third one; one line of two that is sure, with the other."""
    best = [max(row, key=lambda count, row=row: row[count].score, default=0) for _, row in read]
    triple = SHAPES[3][0]
    if best == [triple, triple]:
        two = [(strip, row[triple]) for strip, row in read]
        yield from _with_another(
            picture, two, third_lines(*(strip.curve.at(row.columns) for strip, row in two))
        )
    for (strip, row), count in zip(read, best, strict=True):
        if count in SHAPES[2] and row[count].score > GOOD:
            places = second_lines(strip.curve.at(row[count].columns))
            yield from _with_another(picture, [(strip, row[count])], places)


def _with_another(
    picture: Grey, lines: Sequence[tuple[Strip, Row]], places: Iterable[tuple[int, Curve]]
) -> Iterator[Hypothesis]:
    cells = len(lines[0][1].columns)
    for place, curve in places:
        strip = strip_along(picture, curve)
        row = rows(strip.frames, [cells]).get(cells)
        if row is not None and row.score > MISSING_MIN:
            yield _hypothesis([*lines[:place], (strip, row), *lines[place:]])
