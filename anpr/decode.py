"""From recognised symbols to the likeliest legal plate.

Each character cell gets probabilities over the alphabet: what Tesseract said at its confidence, the rest on
its usual confusions.  O and 0 look alike on plates, only the place tells them apart.  Every series' best and
second-best text is scored against them; the confidence is the best text's share among all, and among being
no plate at all.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from anpr import formats
from anpr.formats import Format
from anpr.readings import Reason
from anpr.recognise import ALPHABET, Symbol
from anpr.rectify import SetLine
from anpr.sequences import NotFinite, spell_out

Probabilities = npt.NDArray[np.float64]
"""Cells x ALPHABET, natural logarithms."""

_INDEX = {character: index for index, character in enumerate(ALPHABET)}
_TWINS = (
    "0O",
    "1I",
    "5S",
    "8B",
    "2Z",
    "6G",
    "0D",
    "OD",
    "0Q",
    "OQ",
    "3J",
    "7T",
    "4A",
    "UV",
    "VY",
    "MN",
    "PF",
    "EF",
)
"""Pairs that a recogniser takes for each other even when it is sure."""
_CONFUSED = {
    "0": "CU", "O": "CU", "1": "JTL7", "I": "JTL", "2": "7", "3": "8B5", "4": "L", "5": "6", "6": "B58",
    "7": "1Z2", "8": "639S", "9": "8G5S", "A": "R", "B": "R6E3", "C": "G0O", "D": "B", "E": "B6", "F": "E",
    "G": "C0O", "H": "NMK", "J": "I1", "K": "XRH", "L": "IE1", "M": "WH", "N": "HW", "P": "RD", "R": "KPB",
    "S": "89", "T": "1Y", "U": "0JO", "V": "W", "W": "VM", "X": "KY", "Y": "TX", "Z": "7",
}  # fmt: skip
_ALIKE = (("0", "O"), ("1", "I"))
"""Plates draw these alike, so what is said of one is said of both; the digit is three times as frequent."""
_DIGIT_SHARE = 0.75
_TALL = np.array([0.2 if character.isalpha() else 1.0 for character in ALPHABET])
"""No series has letters among the taller characters of a plate with two heights, but dirt changes heights."""
_REGION = frozenset({"KZ", "KG", "TJ", "TM", "UZ", "RU", "CN"})
_UNREAD_MAX = 1
"""Cells that Tesseract passed over; more and the text would be guessed."""
_END_DROPPED = math.log(0.03)
"""A cell at either end that is no character: a flag with its code letters, a bolt, the frame."""
_DIGITS = np.array([character.isdigit() for character in ALPHABET])
_DIGITS_MIN = 2
"""Characters that were read as digits: a maker's name is not a plate because its Z might be a 2."""
_SHORTENED_MIN = 6
"""Characters that must be left: any word loses its ends to some short format."""
_NO_FORMAT = math.log(1e-3)
"""A best text less likely than this fits no format: the characters read are others."""
_NO_PLATE = 0.15
"""That a line which reads like a plate is none, or only a part of one: a legal format does not prove a whole
plate (of real photographs, one confident reading in eight had lost its region)."""
_TEXTS_KEPT = 5


@dataclass(frozen=True, slots=True)
class Decoded:
    """The likeliest text and its rivals, (text, probability), best first."""

    alternatives: tuple[tuple[str, float], ...]
    country: str | None
    display: str


def decode(probabilities: Probabilities, ground: str | None, unread: int) -> Decoded | Reason:
    """The plate in one line of cells, or why it is none.  `ground` is the colour under the characters, None
    where it can't be told; `unread` counts cells without a symbol."""
    if unread > _UNREAD_MAX:
        return Reason.UNSURE
    count = len(probabilities)
    free = float(probabilities.max(axis=1).sum())
    scores: dict[str, float] = {}
    for first, last in ((0, count), (1, count), (0, count - 1)):
        cells = probabilities[first:last]
        if 0 < len(cells) < min(count, _SHORTENED_MIN):
            continue
        dropped = count - len(cells)
        # A dropped cell counts as if it had been read well: else dropping would pay.
        dropping = dropped * _END_DROPPED + free - float(cells.max(axis=1).sum())
        for text, score in _legal_texts(cells, ground):
            scores[text] = max(scores.get(text, -math.inf), score + dropping)
    best = sorted(scores, key=lambda text: -scores[text])[:_TEXTS_KEPT]
    digits = int((np.exp(probabilities[:, _DIGITS]).sum(axis=1) > 0.5).sum())
    if not best or scores[best[0]] < free + _NO_FORMAT or digits < _DIGITS_MIN:
        return Reason.FORMAT
    weights = {text: math.exp(scores[text] - free) for text in best}
    total = sum(weights.values()) + _NO_PLATE
    # How well the cells were read bounds what the format can promise.
    read = math.exp(free / count)
    alternatives = tuple((text, weights[text] / total * read) for text in best)
    found = formats.match(best[0], lines=1, ground=ground)
    if not found.known:
        found = formats.match(best[0], lines=1)
    return Decoded(alternatives, found.country, found.display)


def cells_from(symbols: list[Symbol], line: SetLine) -> tuple[Probabilities, int]:
    """Probabilities of each cell, and how many cells no symbol fell into.

    A wide cell with two symbols side by side is two characters that touch.  Where a plate has characters of
    two heights (KZ, KG, TJ, RU), the taller ones are digits.
    """
    spans = line.spans
    rows: list[npt.NDArray[np.float64]] = []
    unread = 0
    inside_of: list[list[Symbol]] = [[] for _ in spans]
    for one in symbols:
        middle = (one.left + one.right) / 2
        nearest = min(range(len(spans)), key=lambda index: abs(sum(spans[index]) / 2 - middle))
        inside_of[nearest].append(one)
    for (left, right), is_wide, is_tall, inside in zip(spans, line.wide, line.tall, inside_of, strict=True):
        if is_wide and len(inside) == 2 and inside[1].left >= inside[0].right - (right - left) * 0.15:
            rows += [_row([one], is_tall) for one in inside]
        else:
            unread += not inside
            rows.append(_row(inside, is_tall))
    return np.log(np.array(rows)), unread


def _row(symbols: list[Symbol], is_tall: bool) -> npt.NDArray[np.float64]:
    """Probabilities over ALPHABET of one cell; several symbols in it share it by their confidence."""
    row = np.zeros(len(ALPHABET))
    weight = sum(one.sure for one in symbols)
    for one in symbols:
        share = one.sure / weight if weight else 1 / len(symbols)
        row += share * _said(one.character, min(0.99, one.sure), one.others)
    if not symbols:
        row += 1
    row /= row.sum()
    for digit, letter in _ALIKE:
        both = row[_INDEX[digit]] + row[_INDEX[letter]]
        row[_INDEX[digit]], row[_INDEX[letter]] = both * _DIGIT_SHARE, both * (1 - _DIGIT_SHARE)
    if is_tall:
        row *= _TALL
    return row / row.sum()


def _said(character: str, sure: float, others: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """Likelihoods of each true character when the recogniser said this one."""
    unsure = 1 - sure
    row = np.full(len(ALPHABET), 0.0005 + 0.02 * unsure)
    for rival in _CONFUSED.get(character, ""):
        row[_INDEX[rival]] = 0.005 + 0.2 * unsure
    for rival in others:
        row[_INDEX[rival]] = 0.01 + 0.4 * unsure
    for pair in _TWINS:
        if character in pair:
            row[_INDEX[pair.replace(character, "")]] = 0.04 + 0.6 * unsure
    row[_INDEX[character]] = 1.0
    return row


@dataclass(frozen=True, slots=True)
class _Sequences:
    """The sequences of one length: `allowed` n x length x ALPHABET, and which format each belongs to."""

    allowed: npt.NDArray[np.bool_]
    forms: tuple[Format, ...]


def _legal_texts(cells: Probabilities, ground: str | None) -> list[tuple[str, float]]:
    """The best and second-best text of each series of this length, with their scores."""
    sequences = _by_length().get(len(cells))
    if sequences is None:
        return []
    masked = np.where(sequences.allowed, cells[None], -np.inf)
    order = np.argsort(-masked, axis=2)
    best, second = order[:, :, 0], order[:, :, 1]
    height = np.take_along_axis(masked, best[:, :, None], axis=2)[:, :, 0]
    drop = height - np.take_along_axis(masked, second[:, :, None], axis=2)[:, :, 0]
    weakest = drop.argmin(axis=1)
    found: list[tuple[str, float]] = []
    for index, form in enumerate(sequences.forms):
        score = float(height[index].sum()) + _prior(form, ground)
        letters = [ALPHABET[place] for place in best[index]]
        found.append(("".join(letters), score))
        at = int(weakest[index])
        if np.isfinite(drop[index, at]):
            letters[at] = ALPHABET[second[index, at]]
            found.append(("".join(letters), score - float(drop[index, at])))
    return found


def _prior(form: Format, ground: str | None) -> float:
    """How much rarer a series is than a private plate of today."""
    prior = 0.0 if form.kind in ("private", "organisation", "trailer") else -1.0
    if form.until is not None and form.until <= formats.table().edition:
        prior -= 1.0
    if form.source == "unverified":
        prior -= 0.7
    if form.country not in _REGION:
        prior -= 1.5 if form.country == "EU" else 0.5
    if ground is not None and ground not in form.ground:
        prior -= 2.5
    return prior


@cache
def _by_length() -> dict[int, _Sequences]:
    """The one-line series that the recogniser's alphabet can spell."""
    found: dict[int, list[tuple[Format, list[list[bool]]]]] = {}
    for form in formats.table().formats:
        if not form.specific or 1 not in form.lines:
            continue
        try:
            sequences = spell_out(form.pattern.pattern)
        except NotFinite:
            continue
        for places in sequences:
            rows = [[character in place for character in ALPHABET] for place in places]
            if all(any(row) for row in rows):
                found.setdefault(len(places), []).append((form, rows))
    return {
        length: _Sequences(np.array([rows for _, rows in entries]), tuple(form for form, _ in entries))
        for length, entries in found.items()
    }
