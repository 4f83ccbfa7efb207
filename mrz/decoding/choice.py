"""Which grid and which format: the ones that explain the print best, and no zone where none explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from mrz.cells.types import CellGrid
from mrz.decoding import judgement, known
from mrz.decoding.calibration import Calibration, calibration
from mrz.decoding.characters import FILLER, Matrix
from mrz.decoding.grammar import Belief, Kind, believe, glance, kinds_of
from mrz.decoding.proof import prove
from mrz.decoding.sums import Sums, cost, deficits, long_tail, mended, near_ties, sums_of
from mrz.layouts import Format, layout_of
from mrz.reading import Reading

_HELD = float(np.log(10))
"""What a check digit that holds adds to a format's evidence: one in ten would by accident."""
_PRIOR = {Format.FR_ID: -2.0, Format.MRV_A: -1.0, Format.MRV_B: -1.0}
_RUSSIAN_PRIOR = -2.0
GLANCE_MIN = 25.0
"""By how much (natural logarithm) a grid or format that fits less well at first sight is left out."""
SHAPE_MIN = 5.0
"""Natural logarithm of the odds by which one placing of the grid must beat another one that says something
else altogether."""


def decode(grids: Sequence[CellGrid], reference: date | None, frames: int = 1) -> Reading:
    """The document that the cells of one zone state; `status` is None where they are no zone.

    `grids` are hypotheses about the same print, best first or in any order; a grid of a shape that no format
    has is left out.  `reference` as in `mrz.parse`.  `frames`: of how many pictures the probabilities were
    fused (`mrz.fusion`), copies counted once.  Raises nothing: whatever the cells hold, there is a reading.
    """
    return decode_by(calibration(frames), grids, reference)


def decode_by(figures: Calibration, grids: Sequence[CellGrid], reference: date | None) -> Reading:
    """As `decode`, with figures that are not the committed ones: for fitting these."""
    beliefs = _ranked(grids, figures)
    if not beliefs:
        return Reading("grid")
    rank, best = beliefs[0]
    if best.evidence < judgement.FOUND_MIN or not _has_content(best):
        return Reading("grid")
    rivals = [(other, belief) for other, belief in beliefs[1:] if _says_otherwise(best, belief)]
    if judgement.expected_wrong(best) > judgement.UNREADABLE_SHARE or any(
        rank - other < SHAPE_MIN / len(best.text) for other, _ in rivals
    ):
        return judgement.unreadable(best.grid)
    alike = np.array([other * len(best.text) for other, belief in beliefs if belief.grid is best.grid])
    share = float(1 / np.exp(alike - alike.max()).sum())
    sums, changed = _solved(best)
    for cell, taken in changed.items():
        best.text[cell] = taken
    return judgement.judge(
        best,
        sums,
        prove(best, sums),
        changed,
        reference=reference,
        calibration=figures,
        kind_share=share,
    )


def _ranked(grids: Sequence[CellGrid], figures: Calibration) -> list[tuple[float, Belief]]:
    """Every grid by every kind of its shape, best first, by score and evidence a cell: grids of different
    shapes have different numbers of cells."""
    ranked: list[tuple[float, Belief]] = []
    seen: list[tuple[float, CellGrid, Kind, Matrix, Matrix]] = []
    for grid in grids:
        kinds = kinds_of(grid)
        if not kinds:
            continue
        logs = np.concatenate([line.log_probabilities for line in grid.lines]).astype(float)
        cells = figures.tempered(logs)
        seen += [(len(cells) * grid.score + glance(kind, cells), grid, kind, logs, cells) for kind in kinds]
    best = max((first for first, *_ in seen), default=0.0)
    for first, grid, kind, logs, cells in seen:
        if first < best - GLANCE_MIN:
            continue
        belief = believe(grid, logs, cells, kind)
        if not _is_its_own(kind, judgement.lines_of(belief)):
            continue
        held = int((deficits(sums_of(kind, belief.text), belief.text) == 0).sum())
        worth = belief.evidence + held * _HELD + _prior(kind)
        ranked.append((grid.score + worth / len(belief.text), belief))
    opened = {id(belief.grid) for _, belief in ranked if _opens(belief)}
    ranked = [(rank, each) for rank, each in ranked if _opens(each) or id(each.grid) not in opened]
    return sorted(ranked, key=lambda each: -each[0])


def _opens(belief: Belief) -> bool:
    """Whether the recogniser does not rule out the first character, which tells visas from passports and
    cards: no other format is taken against it."""
    first = belief.logs[0]
    return bool(first[belief.text[0]] > first.max() + np.log(known.READ_MIN))


def _prior(kind: Kind) -> float:
    return _RUSSIAN_PRIOR if kind.russian else _PRIOR.get(kind.format, 0.0)


def _is_its_own(kind: Kind, lines: tuple[str, ...]) -> bool:
    """Whether the text is what the parser takes for this kind: the first characters decide there."""
    layout = layout_of(lines)
    return layout is kind.layout and (
        kind.format is not Format.TD3 or kind.russian == lines[0].startswith("PNRUS")
    )


def _has_content(belief: Belief) -> bool:
    """A name and a birth date or a number: rows of fillers alone are a border, not a document."""
    filled = {
        name: bool((belief.text[belief.kind.cells(place)] != FILLER).any())
        for name, place in belief.kind.layout.fields.items()
    }
    return filled["names"] and (filled["number"] or filled["birth"])


def _says_otherwise(best: Belief, other: Belief) -> bool:
    """Whether a rival is another document altogether, and not the same print placed a little better."""
    if other.evidence < judgement.FOUND_MIN or other.grid is best.grid:
        return False
    return len(best.text) != len(other.text) or float((best.text != other.text).mean()) > 0.25


def _solved(belief: Belief) -> tuple[Sums, dict[int, int]]:
    """The sums as the text has them, and the near ties that make all hold ({} where none do).

    Where a filler in place of the number's check digit is nearly a tie with a digit, the number may be long
    or short: both are tried.
    """
    sums = sums_of(belief.kind, belief.text)
    changed = mended(belief, sums)
    if belief.kind.format not in (Format.TD1, Format.TD2) or changed == {}:
        return sums, changed or {}
    place = next(check.at for check in belief.kind.layout.checks if check.field == "number")
    at = belief.kind.cells(place).start
    ways = [] if changed is None else [(cost(belief, changed), sums, changed)]
    for other in near_ties(belief, at):
        if FILLER not in (other, belief.text[at]):
            continue
        text = belief.text.copy()
        text[at] = other
        if bool(long_tail(belief.kind, text)) == bool(sums.tail):
            continue
        moved = sums_of(belief.kind, text)
        more = mended(replace(belief, text=text), moved)
        if more is not None:
            whole = {at: other} | more
            ways.append((cost(belief, whole), moved, whole))
    if not ways:
        return sums, {}
    _, sums, changed = min(ways, key=lambda way: way[0])
    return sums, changed
