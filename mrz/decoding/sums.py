"""Check digits as sums over cells: which hold, and which near ties make all of them hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mrz.decoding.characters import FILLER, VALUE, Indices
from mrz.decoding.grammar import Belief, Kind
from mrz.layouts import Format

NEAR_TIE = float(np.log(30))
"""Only what the recogniser holds for a thirtieth as probable as its best, or more, may be taken in its place.

One rarer is no tie but a guess: a check digit lets one guess in ten through, so with some thirty guesses at
hand (ten cells, three look-alikes each) a wrong one that fits is nearly certain to be found.  At this margin
a clear page has no tie at all and a hard one a handful.
"""
CELLS_MAX = 10
COST_MAX = 6.0
"""Two or three ties broken together at most."""
_ROWS_MAX = 2000


@dataclass(frozen=True, slots=True)
class Sum:
    """One check digit: `at` its cell, `weights` (cells,) 7, 3, 1 or 0 by cell it covers."""

    field: str
    at: int
    weights: Indices

    @property
    def cells(self) -> Indices:
        return np.flatnonzero(self.weights)


@dataclass(frozen=True, slots=True)
class Sums:
    """All check digits of a text.  `tail`: cells by which a long number runs on into the optional data."""

    sums: tuple[Sum, ...]
    tail: tuple[int, ...] = ()

    def of(self, field: str) -> Sum | None:
        return next((each for each in self.sums if each.field == field), None)


def sums_of(kind: Kind, text: Indices) -> Sums:
    """The sums that this text has: a long number (9303-5 note j, 9303-6) moves its check digit."""
    cells = kind.layout.line_count * kind.layout.width
    sums: list[Sum] = []
    tail: tuple[int, ...] = ()
    for check in kind.layout.checks:
        at = kind.cells(check.at).start
        covered = np.concatenate([np.arange(cells)[kind.cells(place)] for place in check.over])
        if check.field == "number" and (run := long_tail(kind, text)):
            tail, at = tuple(run), run[-1]
            covered = np.append(covered, run[:-1])
        weights = np.zeros(cells, dtype=np.intp)
        weights[covered] = np.resize((7, 3, 1), len(covered))
        sums.append(Sum(check.field, at, weights))
    return Sums(tuple(sums), tail)


def long_tail(kind: Kind, text: Indices) -> list[int]:
    """Cells of the optional data that belong to a number over nine characters; as `mrz.parsing` has it."""
    if kind.format not in (Format.TD1, Format.TD2):
        return []
    number = kind.cells(kind.layout.fields["number"])
    place = next(check.at for check in kind.layout.checks if check.field == "number")
    if text[kind.cells(place).start] != FILLER or (text[number] == FILLER).any():
        return []
    optional = kind.cells(kind.layout.fields["optional_1"])
    fillers = np.flatnonzero(text[optional] == FILLER)
    length = int(fillers[0]) if len(fillers) else optional.stop - optional.start
    return list(range(optional.start, optional.start + length)) if length >= 2 else []


def deficits(sums: Sums, text: Indices) -> Indices:
    """By how much each sum misses its digit, modulo 10; 10 where what stands there is no digit."""
    missed = np.empty(len(sums.sums), dtype=np.intp)
    for place, each in enumerate(sums.sums):
        found = text[each.at]
        missed[place] = (int(VALUE[text] @ each.weights) - int(VALUE[found])) % 10
        if found >= 10 and not (found == FILLER and (text[each.cells] == FILLER).all()):
            missed[place] = 10
    return missed


def near_ties(belief: Belief, cell: int) -> list[int]:
    """Characters that the recogniser holds nearly as probable as its best and the grammar allows."""
    logs, marginals = belief.logs[cell], belief.marginals[cell]
    close = (logs >= logs.max() - NEAR_TIE) & (marginals > 1e-4)
    return [int(other) for other in np.flatnonzero(close) if other != belief.text[cell]]


def mended(belief: Belief, sums: Sums) -> dict[int, int] | None:
    """The cheapest near ties (cell to character) with which every check digit holds; {} where all hold as
    read, None where no ties do.  A field's own digit and the composite have to agree on it."""
    missing = deficits(sums, belief.text)
    if not missing.any():
        return {}
    options: list[tuple[float, int, int]] = []
    involved = np.unique(np.concatenate([np.append(each.cells, each.at) for each in sums.sums]))
    for cell in involved:
        for other in near_ties(belief, int(cell)):
            if cell in sums.tail and FILLER in (other, belief.text[cell]):
                continue  # would move the check digit itself
            taken, alternative = belief.marginals[cell, belief.text[cell]], belief.marginals[cell, other]
            options.append((float(np.log(taken) - np.log(alternative)), int(cell), other))
    options.sort()
    cells = list(dict.fromkeys(cell for _, cell, _ in options))[:CELLS_MAX]
    effects = np.array([each.weights for each in sums.sums])
    for place, each in enumerate(sums.sums):
        effects[place, each.at] -= 1
    tried: list[tuple[float, Indices, dict[int, int]]] = [(0.0, missing % 10, {})]
    for cell in cells:
        more: list[tuple[float, Indices, dict[int, int]]] = []
        for cost, other in ((cost, other) for cost, at, other in options if at == cell):
            step = effects[:, cell] * (int(VALUE[other]) - int(VALUE[belief.text[cell]]))
            more += [
                (total, (residues + step) % 10, changed | {cell: other})
                for before, residues, changed in tried
                if (total := before + max(cost, 0.0)) <= COST_MAX
            ]
        tried = sorted(tried + more, key=lambda each: each[0])[:_ROWS_MAX]
    for _, residues, changed in tried:
        if changed and not residues.any():
            text = belief.text.copy()
            text[list(changed)] = list(changed.values())
            if not deficits(sums, text).any():
                return changed
    return None


def cost(belief: Belief, changed: dict[int, int]) -> float:
    """How much less probable the text is with these characters, natural logarithm."""
    marginals = belief.marginals
    return sum(
        float(np.log(marginals[cell, belief.text[cell]]) - np.log(marginals[cell, other]))
        for cell, other in changed.items()
    )


__all__ = ["Sum", "Sums", "cost", "deficits", "long_tail", "mended", "near_ties", "sums_of"]
