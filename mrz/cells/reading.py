"""A found zone to grids of cells: what it may be, and a second look from its own grid."""

from __future__ import annotations

import numpy as np

from mrz.cells.frames import GAP, log_softmax
from mrz.cells.grid import Row, rows
from mrz.cells.hypotheses import Hypothesis, Strip, hypotheses, strip_along
from mrz.cells.recut import CAPITALS, recut
from mrz.cells.strips import MARGIN, MIDDLE, PITCH, Curve, Floats
from mrz.cells.types import CellGrid, CellLine
from mrz.finding.types import FoundZone
from mrz.picture import Grey

BEHIND_SURE, BEHIND_MAX = 0.25, 1.0
"""How far below the best a hypothesis may be to be told: next to a perfect one, and at most."""
SURE = float(np.log(0.995))
"""Where every cell of a first look is surer than this, there is nothing to look for a second time."""


def read_cells(picture: Grey, zone: FoundZone) -> tuple[CellGrid, ...]:
    """Grids that may be the zone's, best first; () when its lines have no room for any.

    `picture` is the whole page, height x width; `zone` as `mrz.finding.find` gives it, its pitch right
    within 15 %.  A zone of three lines is tried as two as well, for one may be other print; one that reads
    badly is tried turned round and with lines that were not found.
    """
    found = hypotheses(picture, zone.lines)
    if not found:
        return ()
    allowed = min(BEHIND_SURE - 2 * found[0].score, BEHIND_MAX)
    grids = [_looked_again(picture, each) for each in found if each.score > found[0].score - allowed]
    return tuple(sorted(grids, key=lambda each: -each.score))


def _looked_again(picture: Grey, hypothesis: Hypothesis) -> CellGrid:
    first = CellGrid(tuple(_cell_line(strip, row) for strip, row in hypothesis.lines), hypothesis.score)
    if all(line.log_probabilities.max(axis=1).min() > SURE for line in first.lines):
        return first
    curves = recut([(strip.curve, strip.grey, row.columns) for strip, row in hypothesis.lines])
    second: list[tuple[Strip, Row]] = []
    for curve, (_, row) in zip(curves, hypothesis.lines, strict=True):
        strip = strip_along(picture, curve)
        again = rows(strip.frames, [len(row.columns)]).get(len(row.columns))
        # The same cells, seen better: a row that starts a cell beside them took something for a character.
        if again is None or abs(again.columns[0] - (MARGIN + 0.5) * PITCH) > PITCH / 2:
            return first
        second.append((strip, again))
    # What lies outside the row only the first look could see.
    before, after = (np.mean([row.read for _, row in lines]) for lines in (hypothesis.lines, second))
    if after < before:
        return first
    return CellGrid(
        tuple(_cell_line(strip, row) for strip, row in second), first.score + float(after - before)
    )


def _cell_line(strip: Strip, row: Row) -> CellLine:
    # Three looks across the middle of a cell: what is noise differs between them.
    logits = np.mean([strip.frames.at(row.columns + shift) for shift in (-3, 0, 3)], axis=0)
    return CellLine(log_softmax(logits[:, :GAP]).astype(np.float32), _corners(strip.curve, row.columns))


def _corners(curve: Curve, columns: Floats) -> Floats:
    half, high = PITCH / 2, CAPITALS / 2
    places = [(-half, -high), (half, -high), (half, high), (-half, high)]
    return np.stack([curve.at(columns + x, MIDDLE + y) for x, y in places], axis=1).astype(np.float32)
