"""A grid read by the grammar of one format: what stands in each cell, field by field, before check digits.

Each field has a model of its own (runs of characters, a date, a listed code, a digit).  A model says what is
probable and forbids nothing: a print that is surely read and breaks the format is told as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from mrz.cells.types import CellGrid
from mrz.decoding import known
from mrz.decoding.characters import DIGITS, FILLER, INDEX, TO_DIGIT, TO_LETTER, Indices, Matrix
from mrz.decoding.runs import Inferred, RunModel, names_model, number_model, optional_model
from mrz.layouts import LAYOUTS, Format, Layout, Place

_NEVER = 1e-7
_IMPOSSIBLE_DATE = 1e-6
"""Of two digits that are no month or day, each."""
_UNKNOWN_PART = 3e-3
"""How often a year, month or day is printed `<<` (9303-3, 4.8)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A format, and whether it is the Russian internal passport's use of TD3."""

    layout: Layout
    russian: bool = False

    @property
    def format(self) -> Format:
        return self.layout.format

    @property
    def dates(self) -> tuple[str, ...]:
        return tuple(name for name in ("birth", "expiry") if name in self.layout.fields)

    def cells(self, place: Place) -> slice:
        """Where a place stands when the lines are joined."""
        first = (place.line - 1) * self.layout.width + place.first - 1
        return slice(first, first + len(place))

    def at(self, cell: int) -> tuple[int, int]:
        """Line and column (from 1) of a cell."""
        return cell // self.layout.width + 1, cell % self.layout.width + 1


KINDS = (*(Kind(layout) for layout in LAYOUTS.values()), Kind(LAYOUTS[Format.TD3], russian=True))


@dataclass(slots=True)
class Belief:
    """What one kind makes of a grid's cells, joined line by line.

    `logs`: (cells, 37) of the recogniser, as it said them; `marginals`: (cells, 37) after the grammar;
    `text`: (cells,) taken so far; `evidence`: how much better the grammar explains the cells than arbitrary
    characters do, natural logarithm; `structure`: probability by field that the text is right, by its model.
    """

    kind: Kind
    grid: CellGrid
    logs: Matrix
    marginals: Matrix
    text: Indices
    evidence: float
    structure: dict[str, float]


def kinds_of(grid: CellGrid) -> tuple[Kind, ...]:
    """The kinds that have this grid's shape."""
    widths = {len(line.log_probabilities) for line in grid.lines}
    return tuple(
        kind for kind in KINDS if widths == {kind.layout.width} and len(grid.lines) == kind.layout.line_count
    )


def glance(kind: Kind, cells: Matrix) -> float:
    """How well cells fit a kind at first sight, natural logarithm: its first characters, which tell formats
    of one shape apart, and whether digits stand where dates do, which tells a shifted grid."""
    code, issuer = (cells[kind.cells(kind.layout.fields[name])] for name in ("code", "issuer"))
    if kind.russian:
        first = known.infer_fixed(code, "PN").evidence + known.infer_fixed(issuer, "RUS").evidence
    elif kind.format is Format.FR_ID:
        first = known.infer_fixed(code, "ID").evidence + known.infer_fixed(issuer, "FRA").evidence
    else:
        first = known.infer_code(code, kind.format).evidence
    dates = np.concatenate([cells[kind.cells(kind.layout.fields[name])] for name in kind.dates]) @ TO_DIGIT
    digits = dates[:, DIGITS].sum(axis=1) + dates[:, FILLER]
    return first + float(np.log(digits + 1e-3).sum())


def believe(grid: CellGrid, logs: Matrix, cells: Matrix, kind: Kind) -> Belief:
    """Read a grid as `kind`.  `cells`: (n, 37) probabilities, tempered (`mrz.decoding.calibration`)."""
    fields = kind.layout.fields
    belief = Belief(kind, grid, logs, np.empty_like(cells), np.empty(len(cells), dtype=np.intp), 0.0, {})

    def put(field: str, inferred: Inferred, place: Place) -> None:
        at = kind.cells(place)
        belief.text[at], belief.marginals[at] = inferred.text, inferred.marginals
        belief.evidence += inferred.evidence
        if field:
            belief.structure[field] = inferred.confidence

    def of(field: str) -> Matrix:
        return cells[kind.cells(fields[field])]

    if kind.russian or kind.format is Format.FR_ID:
        put("code", known.infer_fixed(of("code"), "PN" if kind.russian else "ID"), fields["code"])
        put("issuer", known.infer_fixed(of("issuer"), "RUS" if kind.russian else "FRA"), fields["issuer"])
        if kind.russian:
            put("nationality", known.infer_fixed(of("nationality"), "RUS"), fields["nationality"])
    else:
        put("code", known.infer_code(of("code"), kind.format), fields["code"])
        issuer, nationality = known.infer_states(of("issuer"), of("nationality"))
        put("issuer", issuer, fields["issuer"])
        put("nationality", nationality, fields["nationality"])
    split_again = 1e-2 if kind.format is Format.FR_ID else 1e-5
    names = names_model(russian=kind.russian, split_again=split_again)
    runs: dict[str, RunModel] = {
        "names": names, "given_names": names, "number": number_model(),
        "optional_1": optional_model(), "optional_2": optional_model(),
    }  # fmt: skip
    for field, model in runs.items():
        if field in fields:
            read = of(field) @ TO_LETTER if "names" in field and not kind.russian else of(field)
            put(field, model.infer(read), fields[field])
    for field in kind.dates:
        unknown = 0.95 if kind.russian and field == "expiry" else _UNKNOWN_PART
        put(field, _infer_date(of(field) @ TO_DIGIT, unknown), fields[field])
    put("sex", _infer_one(of("sex"), _SEX), fields["sex"])
    for check in kind.layout.checks:
        at = cells[kind.cells(check.at)] @ TO_DIGIT
        put("", _infer_one(at, _check_prior(_filler_share(kind, check.field))), check.at)
    return belief


def _row(**shares: float) -> Matrix:
    row = np.full(37, _NEVER)
    for character, share in shares.items():
        row[INDEX[character.replace("filler", "<")]] = share
    return row


_SEX = _row(M=0.48, F=0.48, filler=0.04)


def _filler_share(kind: Kind, field: str) -> float:
    """How often a filler stands in place of a check digit: over empty optional data (9303-4), in long numbers
    (9303-5 and -6), and by some issuers' habit over dates that are not stated."""
    if field == "number" and kind.format in (Format.TD1, Format.TD2):
        return 0.08
    if field == "optional_1":
        return 0.3
    return 0.9 if field == "expiry" and kind.russian else 2e-3


@cache
def _check_prior(filler: float) -> Matrix:
    row = np.full(37, _NEVER)
    row[DIGITS] = (1 - filler) / 10
    row[FILLER] = filler
    return row


def _infer_one(cell: Matrix, prior: Matrix) -> Inferred:
    joint = cell[0] * prior
    total = float(joint.sum())
    best = int(joint.argmax())
    return Inferred(
        np.array([best]), (joint / total)[None], float(np.log(total)) + np.log(37), float(joint[best]) / total
    )


@cache
def _date_prior(unknown: float) -> Matrix:
    """(3, 37, 37): year, month and day as pairs of characters."""
    prior = np.full((3, 37, 37), 1e-10)
    prior[:, :10, :10] = _IMPOSSIBLE_DATE
    for part, (first, last) in enumerate(((0, 99), (1, 12), (1, 31))):
        for number in range(first, last + 1):
            prior[part, number // 10, number % 10] = (1 - unknown) / (last - first + 1)
    prior[:, FILLER, FILLER] = unknown
    return prior


def _infer_date(cells: Matrix, unknown: float) -> Inferred:
    joint = cells[0::2, :, None] * cells[1::2, None, :] * _date_prior(unknown)
    totals = joint.sum(axis=(1, 2))
    joint /= totals[:, None, None]
    flat = joint.reshape(3, -1)
    best = flat.argmax(axis=1)
    marginals = np.empty((6, 37))
    marginals[0::2], marginals[1::2] = joint.sum(axis=2), joint.sum(axis=1)
    text = np.empty(6, dtype=np.intp)
    text[0::2], text[1::2] = best // 37, best % 37
    return Inferred(
        text,
        marginals,
        float(np.log(totals).sum()) + 6 * np.log(37),
        float(flat[np.arange(3), best].prod()),
    )
