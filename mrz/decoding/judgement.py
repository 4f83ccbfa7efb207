"""From a text with its proof to a reading: what was corrected, what is in doubt, what does not hold.

The line between the statuses
- *Nothing found*: the grammar explains the cells hardly better than arbitrary characters do (`FOUND_MIN`).
- *Unreadable*: the grammar is there, but more than one character in `1 / UNREADABLE_SHARE` is expected to be
  wrong, or two placings of the grid that differ explain the print alike: no text is given out.
- *Inconsistent*: a check digit fails and no near ties mend it, and all that other readings of its cells
  could do for it weighs so little that the print itself is to blame (`BROKEN_MIN`).  That needs every cell
  surely read: alternatives that would mend it have together less than about one in 4,000.
- In between, a failing check digit is *doubtful*: its field is named with what the cells may be.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from mrz.cells.types import CHARACTERS, CellGrid
from mrz.decoding.calibration import Calibration
from mrz.decoding.characters import FILLER, FILLER_LOOKALIKES, VALUE, Matrix, characters
from mrz.decoding.grammar import Belief
from mrz.decoding.proof import Proof
from mrz.decoding.sums import Sums
from mrz.document import CheckDigit, Document, Status
from mrz.parsing import parse
from mrz.reading import Correction, Doubt, Point, Quad, Reading

FOUND_MIN = 20.0
"""Natural logarithm of the odds of a zone against arbitrary characters.  Zones have 60 to 250, in proportion
fewer where cells are lost; flat cells have 0, noise and other text fewer (seen: at most 2)."""
UNREADABLE_SHARE = 0.06
BROKEN_MIN = 0.9
UNREAD_MAX = 0.2
"""A check digit that its own print makes less probable is not read: one in ten is each of a blank cell."""
_CANDIDATE_MIN = 2e-3
_PLACES_MAX = 6


def lines_of(belief: Belief) -> tuple[str, ...]:
    text, width = characters(belief.text), belief.kind.layout.width
    return tuple(text[first : first + width] for first in range(0, len(text), width))


def expected_wrong(belief: Belief) -> float:
    """Share of the characters that are expected to be wrong, before check digits."""
    return float(1 - belief.marginals[np.arange(len(belief.text)), belief.text].mean())


def judge(
    belief: Belief,
    sums: Sums,
    proof: Proof,
    changed: dict[int, int],
    *,
    reference: date | None,
    calibration: Calibration,
    kind_share: float,
) -> Reading:
    """The reading of a zone.  `changed`: cells that check digits changed; `kind_share`: probability of the
    format among those of its shape."""
    document = parse(lines_of(belief), reference=reference)
    alone = calibration.tempered(belief.logs)
    confidence = _confidence(belief, sums, proof, alone, calibration, kind_share)
    broken = tuple(
        check for check in document.wrong_check_digits if proof.broken.get(check.field, 0.0) >= BROKEN_MIN
    )
    doubts: list[Doubt] = []
    for name in confidence:
        cells = _cells(belief, sums, name)
        covered = belief.kind.layout.covers(name)
        if confidence[name] < (calibration.doubt_below_covered if covered else calibration.doubt_below):
            doubts += _places(belief, name, cells, alone if _free_and_covered(belief, name) else None)
    for check in document.wrong_check_digits:
        if check not in broken:
            doubts += _failing(belief, sums, check.field)
    doubts += _unread(belief, sums)
    named = {doubt.field for doubt in doubts}
    doubts += [Doubt(name) for name in document.doubtful if name not in named]
    doubts = list(dict.fromkeys(doubts))
    corrections = _corrections(belief, changed)
    if broken:
        status = Status.INCONSISTENT
    elif doubts:
        status = Status.DOUBTFUL
    else:
        status = Status.CORRECTED if corrections else Status.VERIFIED
    return _located(belief.grid, status, document, confidence, corrections, tuple(doubts), broken)


def unreadable(grid: CellGrid) -> Reading:
    """A zone is there, and what it says can't be told."""
    return _located(grid, Status.UNREADABLE)


def _located(
    grid: CellGrid,
    status: Status,
    document: Document | None = None,
    confidence: dict[str, float] | None = None,
    corrections: tuple[Correction, ...] = (),
    doubtful: tuple[Doubt, ...] = (),
    broken: tuple[CheckDigit, ...] = (),
) -> Reading:
    cells = tuple(
        tuple(_quad(corners) for corners in line.corners.astype(float).round(2).tolist())
        for line in grid.lines
    )
    first, last = cells[0], cells[-1]
    zone: tuple[Point, ...] = (first[0][0], first[-1][1], last[-1][2], last[0][3])
    return Reading("grid", status, document, confidence or {}, corrections, doubtful, broken, zone, cells)


def _quad(corners: list[list[float]]) -> Quad:
    (a, b), (c, d), (e, f), (g, h) = corners
    return (a, b), (c, d), (e, f), (g, h)


def _cells(belief: Belief, sums: Sums, name: str) -> list[int]:
    """A field's cells; those by which a long number runs on belong to it and not to the optional data."""
    at = belief.kind.cells(belief.kind.layout.fields[name])
    cells = list(range(at.start, at.stop))
    if name == "number":
        cells += list(sums.tail)
    elif name == "optional_1":
        cells = [cell for cell in cells if cell not in sums.tail]
    return cells


def _confidence(
    belief: Belief,
    sums: Sums,
    proof: Proof,
    alone: Matrix,
    calibration: Calibration,
    kind_share: float,
) -> dict[str, float]:
    confidence: dict[str, float] = {}
    for name in belief.kind.layout.fields:
        if name in proof.confidence and name not in ("names", "given_names", "code", "issuer"):
            chance = proof.confidence[name]
        elif name in belief.structure:
            chance = belief.structure[name]
        else:
            at = belief.kind.cells(belief.kind.layout.fields[name])
            places = np.arange(at.start, at.stop)
            chance = float(belief.marginals[places, belief.text[at]].prod())
        if name == "code":
            chance *= kind_share
        if _free_and_covered(belief, name) and (cells := _cells(belief, sums, name)):
            rows = _against_unseen(belief, alone, cells)
            chance = min(chance, float(rows[np.arange(len(cells)), belief.text[cells]].min()))
        confidence[name] = round(calibration.field(chance), 6)
    return confidence


def _free_and_covered(belief: Belief, name: str) -> bool:
    return name in ("number", "optional_1", "optional_2") and belief.kind.layout.covers(name)


def _against_unseen(belief: Belief, alone: Matrix, cells: list[int]) -> Matrix:
    """(cells, 37): of a covered field that issuers fill as they like, each character's probability beside
    those of its value modulo 10, by the recogniser alone (`alone`): what numbers look like must not settle
    what check digits seem to prove.  Fillers are left to the field's structure."""
    taken = belief.text[cells]
    rows = alone[cells] * np.equal.outer(VALUE[taken], VALUE)
    rows[:, FILLER] = 0
    rows[taken == FILLER] = np.eye(37)[FILLER]
    return rows / rows.sum(axis=1, keepdims=True)


def _places(belief: Belief, name: str, cells: list[int], alone: Matrix | None = None) -> list[Doubt]:
    """The least sure characters of a field, worst first; the whole field where none stands out."""
    taken, places = belief.text[cells], np.arange(len(cells))
    rows = belief.marginals[cells]
    if alone is not None:
        others = _against_unseen(belief, alone, cells)
        rows = np.where((others[places, taken] < rows[places, taken])[:, None], others, rows)
    sure = rows[places, taken]
    order = [int(place) for place in np.argsort(sure, kind="stable") if sure[place] < 1 - 5e-3]
    doubts: list[Doubt] = []
    for place in order[:_PLACES_MAX]:
        row = rows[place]
        likely = [int(other) for other in np.argsort(-row, kind="stable")[:4] if row[other] >= _CANDIDATE_MIN]
        if int(taken[place]) not in likely:
            likely.append(int(taken[place]))
        doubts.append(
            Doubt(name, *belief.kind.at(cells[place]), tuple(CHARACTERS[other] for other in likely))
        )
    return doubts or [Doubt(name)]


def _failing(belief: Belief, sums: Sums, field: str) -> list[Doubt]:
    """Doubts of a check digit that fails without being sure to: in the fields whose cells may be misread."""
    each = sums.of(field)
    assert each is not None
    fields = belief.kind.layout.fields
    if field in fields:
        return _places(belief, field, [*_cells(belief, sums, field), each.at])
    covered = [
        (name, [cell for cell in _cells(belief, sums, name) if each.weights[cell] > 0]) for name in fields
    ]
    doubts = [
        doubt for name, cells in covered if cells for doubt in _places(belief, name, cells) if doubt.column
    ]
    return doubts or [Doubt(field, *belief.kind.at(each.at))]


def _unread(belief: Belief, sums: Sums) -> list[Doubt]:
    """Doubts of check digits of which hardly anything is read: what stands there is computed, and proves
    nothing."""
    doubts: list[Doubt] = []
    for each in sums.sums:
        if belief.marginals[each.at, belief.text[each.at]] < UNREAD_MAX:
            doubts += [doubt for doubt in _places(belief, each.field, [each.at]) if doubt.column]
    return doubts


def _corrections(belief: Belief, changed: dict[int, int]) -> tuple[Correction, ...]:
    read = belief.logs.argmax(axis=1)
    corrections: list[Correction] = []
    for cell in np.flatnonzero(read != belief.text):
        was, taken = CHARACTERS[read[cell]], CHARACTERS[belief.text[cell]]
        if int(cell) in changed:
            reason = "check_digit"
        elif belief.text[cell] == FILLER and was in FILLER_LOOKALIKES:
            reason = "filler_read_as_letter"
        else:
            reason = _place_reason(belief, int(cell), int(read[cell]))
        corrections.append(Correction(*belief.kind.at(int(cell)), was, taken, reason))
    return tuple(corrections)


def _place_reason(belief: Belief, cell: int, read: int) -> str:
    line, column = belief.kind.at(cell)
    name = "check"
    for field, place in belief.kind.layout.fields.items():
        if place.line == line and place.first <= column <= place.last:
            name = field
    if name in ("birth", "expiry", "check"):
        return "digit_place" if belief.text[cell] < 10 <= read else "likelier_here"
    if name in ("code", "issuer", "nationality", "sex", "names", "given_names") and read < 10:
        return "letter_place"
    return "listed_code" if name in ("code", "issuer", "nationality") else "likelier_here"
