"""How sure a field is once its check digits are known, and whether a print breaks them.

Exact sums, no search.  A check digit sees a character's value modulo 10 only, so the probability of every
text that fits is summed over remainders instead of texts: of the field's own sum and of its part in the
composite at once.  What the digit can't see (6 and G, 8 and S, `<` and K) keeps its share in the sum and so
its share of the doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mrz.decoding.characters import BY_VALUE, FILLER, VALUE, Indices, Matrix
from mrz.decoding.grammar import Belief
from mrz.decoding.sums import Sum, Sums, deficits

FALSE_DIGIT = 0.02
"""Share of documents taken to carry a wrong check digit of a field: forgeries, and specimens and old cards
that never held.  High for a lane on purpose: a forgery told as misread costs more than the reverse."""

_TEN = np.arange(10)
_MINUS = (_TEN[:, None] - _TEN[None, :]) % 10
_PLUS = (_TEN[:, None] + _TEN[None, :]) % 10
_PAIRS = np.arange(100).reshape(10, 10)
_MOVED = {weight: (_TEN[None, :] - weight * _TEN[:, None]) % 10 for weight in (0, 1, 3, 7)}
"""For a weight in the composite: (value, composite) to the remainder before a character of that value."""


def _shifts() -> dict[tuple[int, int], Indices]:
    """For weights in a field's own sum and in the composite: (value, own * 10 + composite) to the remainders
    before a character of that value."""
    values = _TEN[:, None, None]
    return {
        (own, whole): _PAIRS[
            (_TEN[None, :, None] - own * values) % 10, (_TEN[None, None, :] - whole * values) % 10
        ].reshape(10, 100)
        for own in (0, 1, 3, 7)
        for whole in (0, 1, 3, 7)
    }


_SHIFTS = _shifts()


def _joined(one: Matrix, other: Matrix) -> Matrix:
    """Remainders of a sum of two independent parts."""
    return other[_MINUS] @ one


@dataclass(frozen=True, slots=True)
class _Unit:
    """Cells judged together.  `holding`, `breaking`: (10,) probability of each remainder in the composite
    with the field's own digit right or wrong; `taken`: probability of the text as taken."""

    field: str
    holding: Matrix
    breaking: Matrix
    taken: float
    taken_value: int
    holds: bool

    @property
    def settled(self) -> Matrix:
        """(10,): remainders as the other units may expect them of this one, its own digit considered."""
        weighed = self.holding * (1 - FALSE_DIGIT) + self.breaking * FALSE_DIGIT / 9
        return weighed / max(float(weighed.sum()), 1e-300)

    @property
    def blame(self) -> float:
        """Probability that the field's own digit is wrong in print, the composite left aside."""
        if self.holds:
            return 0.0
        breaking = float(self.breaking.sum()) * FALSE_DIGIT / 9
        return breaking / max(breaking + float(self.holding.sum()) * (1 - FALSE_DIGIT), 1e-300)


@dataclass(frozen=True, slots=True)
class Proof:
    """`confidence` by covered field; `broken`: probability by check digit that the print itself breaks it."""

    confidence: dict[str, float] = field(default_factory=dict[str, float])
    broken: dict[str, float] = field(default_factory=dict[str, float])


def prove(belief: Belief, sums: Sums) -> Proof:
    """Weigh the text of `belief` against all others that its cells may be."""
    proof = Proof()
    composite = sums.of("composite")
    whole = composite.weights if composite else np.zeros(len(belief.text), dtype=np.intp)
    missing = dict(zip((each.field for each in sums.sums), deficits(sums, belief.text), strict=True))
    units = [
        _checked(belief, each, whole, not missing[each.field]) for each in sums.sums if each is not composite
    ]
    used = np.zeros(len(whole), dtype=bool)
    for each in sums.sums:
        if each is not composite:
            used |= each.weights > 0
            used[each.at] = True
    for name, place in belief.kind.layout.fields.items():
        cells = np.arange(len(whole))[belief.kind.cells(place)]
        cells = cells[(whole[cells] > 0) & ~used[cells]]
        if len(cells) and composite:
            units.append(_plain(belief, name, cells, whole))
            used[cells] = True
    digit = belief.marginals[composite.at, :10] if composite else np.full(10, 0.1)
    for unit in units:
        rest = np.eye(10)[0]
        for other in units:
            if other is not unit:
                rest = _joined(rest, other.settled)
        # Probability that the composite holds, by this unit's part in it.
        fits = digit[_PLUS] @ rest if composite else np.ones(10)
        agrees = fits * (1 - FALSE_DIGIT) + (1 - fits) * FALSE_DIGIT / 9
        # A composite that fails with another field's own digit says nothing of this one.
        blame = max((other.blame for other in units if other is not unit), default=0.0)
        agrees = (1 - blame) * agrees + blame / 10
        holding = float(unit.holding @ agrees) * (1 - FALSE_DIGIT)
        breaking = float(unit.breaking.sum()) * FALSE_DIGIT / 9
        mine = unit.taken * (agrees[unit.taken_value] * (1 - FALSE_DIGIT) if unit.holds else FALSE_DIGIT / 9)
        total = max(holding + breaking, 1e-300)
        proof.confidence[unit.field] = min(1.0, float(mine) / total)
        proof.broken[unit.field] = breaking / total
    if composite:
        rest = np.eye(10)[0]
        for unit in units:
            rest = _joined(rest, unit.settled)
        fits = float(rest @ digit)
        broken = (1 - fits) * FALSE_DIGIT / 9
        # Where a field's own digit is to blame, the composite fails with it.
        proof.broken["composite"] = max(
            broken / (broken + fits * (1 - FALSE_DIGIT)),
            *(proof.broken[unit.field] for unit in units if not unit.holds),
            0.0,
        )
    return proof


def _checked(belief: Belief, own: Sum, whole: Indices, holds: bool) -> _Unit:
    remainders = _spread(belief, own.cells, own.weights, whole)
    at = belief.marginals[own.at]
    weight = int(whole[own.at])
    digit = at[:10].copy()
    odd = float(at[10:].sum())
    if (belief.text[own.cells] == FILLER).all():
        digit[0] += at[FILLER]  # over nothing a filler is as right as 0
        odd -= float(at[FILLER])
    moved, parts = _MOVED[weight], remainders.sum(axis=0)
    holding = digit @ remainders[_TEN[:, None], moved]
    breaking = np.maximum(digit @ parts[moved] - holding, 0) + parts * max(odd, 0.0)
    cells = np.append(own.cells, own.at)
    return _Unit(own.field, holding, breaking, *_taken(belief, cells, whole), holds)


def _plain(belief: Belief, name: str, cells: Indices, whole: Indices) -> _Unit:
    """A field that only the composite covers."""
    parts = _spread(belief, cells, np.zeros_like(whole), whole)[0]
    return _Unit(name, parts, np.zeros(10), *_taken(belief, cells, whole), True)


def _taken(belief: Belief, cells: Indices, whole: Indices) -> tuple[float, int]:
    text = belief.text[cells]
    return float(belief.marginals[cells, text].prod()), int(VALUE[text] @ whole[cells]) % 10


def _spread(belief: Belief, cells: Indices, own: Indices, whole: Indices) -> Matrix:
    """(10, 10): probability of each remainder of the own sum and of the part in the composite."""
    values = belief.marginals[cells] @ BY_VALUE
    remainders = np.zeros(100)
    remainders[0] = 1.0
    for cell, row in zip(cells, values, strict=True):
        remainders = row @ remainders[_SHIFTS[int(own[cell]), int(whole[cell])]]
    return remainders.reshape(10, 10)
