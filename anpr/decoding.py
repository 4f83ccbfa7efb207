"""From character probabilities to the likeliest plates: every series of the format table against what was
seen, beside the chance that it is no plate, or only a part of one.

Each explanation has a score: how likely the strips' probabilities make its text, and how frequent such a
text is.  A series says much of a text when few texts fit it, so its frequency is divided by their number,
against that of all texts of the same length; hence no series wins by being short, or by taking anything.
"""

import math
from collections.abc import Mapping, Sequence
from operator import contains
from typing import Literal, NamedTuple

import numpy as np

from anpr import ctc, spacing
from anpr.alphabet import ALPHABET, INDEX, PERSIAN
from anpr.combining import texts_along
from anpr.ctc import Probabilities, Shares
from anpr.formats import Format, Table
from anpr.legal import Legal, Reading, legal, texts_of
from anpr.spacing import Gaps

SEQUENCES_KEPT = 20
TEXTS_KEPT = 6
"""Of one sequence."""
_TRIED = 16
"""Combinations of one sequence that are looked at for so many legal texts."""
WEIGHTS = (0.6, 0.6)
"""What our networks' and PP-OCR's word count: both err on the same dirt, and both are too sure."""
WEIGHTS_BEYOND_LATIN = (0.8, 0.4)
"""The same of a text with a Chinese or Mongolian character: PP-OCR knows few of them."""
WEIGHTS_PERSIAN = (0.9, 0.1)
"""The same where digits are Persian: PP-OCR takes each for something else."""
_LATIN, _OTHER = math.log(36), math.log(2000)
"""Of how many characters one is that is written somewhere; seldom is it a Persian letter or a province."""
_NEAR = 12
"""How far behind the likeliest (a logarithm) an explanation may be for its spaces to be looked at."""
ALIKE = 0.5
_PERSIAN = frozenset(PERSIAN)
_ZERO, _OH = 1 + INDEX["0"], 1 + INDEX["O"]
NO_PLATE = math.log(0.1)
CUT = math.log(0.015)
"""How often a plate is read without characters at one end.  Set between two counts: of 980 in scenes of the
proof wardrobe our own networks read 30 so, and four of these PP-OCR too; a picture's edge cuts more."""
CUT_MAX = 3
LENGTH_MAX = 12


Likely = tuple[float, float]
"""How likely a text makes what our networks say, and what PP-OCR says: logarithms."""


class Explanation(NamedTuple):
    """`text` (canonical; what was read where it is no plate), the series it is of (None: no plate, or a part
    of one), and its score: a logarithm, comparable within one plate.  Where it is no plate: of which
    country's plate it is a part, if it is one, and what it marks."""

    text: str
    form: Format | None
    score: float
    part_of: str = ""
    marking: str = ""

    @property
    def country(self) -> str:
        """Whose plate it is, or is a part of; "" where it is none."""
        return self.form.country if self.form is not None else self.part_of


class Decoder:
    """For one table."""

    def __init__(self, table: Table) -> None:
        self._legal = {lines: legal(table, lines) for lines in (1, 2)}
        self._markings = [one for one in table.markings if one.prior > 0]
        self._total = sum(form.prior for form in table.formats) or 1.0
        self._frequent: dict[tuple[str, int], float] = {}
        self._series = {
            lines: [
                [(form, self._frequency(form, len(reading.sets))) for form in reading.series]
                for reading in known.readings
            ]
            for lines, known in self._legal.items()
        }

    def explanations(self, seen: Sequence[Probabilities], lines: Literal[1, 2]) -> tuple[Explanation, ...]:
        """What a plate may be, likeliest first.

        `seen` are our networks' and PP-OCR's probabilities of the whole plate (`anpr.recognising`).
        """
        gaps = spacing.gaps(seen[0], lines)
        seen = [_alike(rows) for rows in seen]
        shares, known, series = ctc.stacked(seen), self._legal[lines], self._series[lines]
        paths = ctc.best_paths(shares, known.sequences, SEQUENCES_KEPT)
        read: dict[tuple[str, int], Legally] = {}
        texts = texts_along(paths, known.sequences, _TRIED)
        for number, some in zip(paths.sequences.ravel().tolist(), texts, strict=True):
            read |= _legally(some, number, known.readings[number], series[number])
        free = {greedy(rows) for rows in seen} - {""}
        likely = _likely(shares, {letters for letters, _ in read} | free)
        found = [
            Explanation(letters, None, _weighed(likely[letters], letters) + NO_PLATE) for letters in free
        ]
        found += self._plates(read, likely, known, gaps) + self._marked(likely)
        found.sort(key=lambda each: -each.score)
        best = next((each for each in found if each.form is not None), None)
        return (*found, *self._cut(best, lines)) if best is not None else tuple(found)

    def _plates(
        self,
        read: Mapping[tuple[str, int], "Legally"],
        likely: Mapping[str, Likely],
        known: Legal,
        gaps: Gaps,
    ) -> list[Explanation]:
        """Each text in each series that it fits, with what the gaps between characters say of the series'
        groups.  Whether it is a plate at all they do not say: together plates are as likely as without."""
        plain = [
            (text, form, number, _plate(likely[letters], text, form) + frequent)
            for (letters, number), (text, forms) in read.items()
            for form, frequent in forms
        ]
        top = max((score for *_, score in plain), default=0.0)
        fits = [
            spacing.fit(form, text, known.readings[number].order, gaps) if score > top - _NEAR else 0.0
            for text, form, number, score in plain
        ]
        shares = [math.exp(score - top) for *_, score in plain]
        spaced = sum(share * math.exp(fit) for share, fit in zip(shares, fits, strict=True))
        lost = math.log(spaced / sum(shares)) if plain else 0.0
        return [
            Explanation(text, form, score + fit - lost)
            for (text, form, _, score), fit in zip(plain, fits, strict=True)
        ]

    def _marked(self, likely: Mapping[str, Likely]) -> list[Explanation]:
        """What is a marking's text, and how likely that is."""
        found: list[Explanation] = []
        for one in self._markings:
            for letters in filter(one.pattern.fullmatch, likely):
                frequent = math.log(one.prior / self._total) - math.log(texts_of(one.pattern, len(letters)))
                score = _weighed(likely[letters], letters) + _letters(letters) + frequent
                found.append(Explanation(letters, None, score, marking=one.what))
        return found

    def _cut(self, best: Explanation, lines: Literal[1, 2]) -> list[Explanation]:
        """That the best text is the beginning or the end of a longer one, by country."""
        assert best.form is not None
        text, own = best.text, self._frequency(best.form, len(best.text))
        shares: dict[str, float] = {}
        for reading, series in zip(self._legal[lines].readings, self._series[lines], strict=True):
            missing = len(reading.sets) - len(text)
            if not 0 < missing <= CUT_MAX or not reading.straight:
                continue
            for kept, lost in (
                (reading.sets[: len(text)], reading.sets[len(text) :]),
                (reading.sets[missing:], reading.sets[:missing]),
            ):
                if all(map(contains, kept, text)):
                    completions = math.prod(len(allowed) for allowed in lost)
                    for form, frequent in series:
                        if form.specific:
                            share = math.exp(frequent - own) * completions
                            shares[form.country] = shares.get(form.country, 0.0) + share
        return [
            Explanation(text, None, best.score + math.log(share) + CUT, part_of=country)
            for country, share in shares.items()
        ]

    def _frequency(self, form: Format, length: int) -> float:
        """How frequent one text of a series is among all plates: a logarithm."""
        key = form.name, length
        if key not in self._frequent:
            lengths = [texts_of(form.pattern, each) for each in range(LENGTH_MAX + 1)]
            texts = sum(lengths) if form.specific else lengths[length] * sum(each > 0 for each in lengths)
            self._frequent[key] = math.log(form.prior / self._total) - math.log(texts)
        return self._frequent[key]


def _alike(rows: Probabilities) -> Probabilities:
    """O and 0 are drawn alike, in some typefaces the same: what is said of one is half said of the other."""
    mixed = rows.copy()
    mixed[:, _ZERO] += rows[:, _OH] * ALIKE
    mixed[:, _OH] += rows[:, _ZERO] * ALIKE
    return mixed


def _letters(text: str, *, persian: bool = False) -> float:
    """Of how many texts of any sort this is one: a logarithm.  Where digits are Persian, the one letter
    counts as Persian, though it may be a Latin D."""
    if not persian and text.isascii():
        return len(text) * _LATIN
    others = sum(not letter.isascii() for letter in text) or int(persian)
    return (len(text) - others) * _LATIN + others * _OTHER


def _likely(shares: Shares, texts: set[str]) -> dict[str, Likely]:
    """Of each text (in reading order)."""
    if not texts:
        return {}
    ordered = sorted(texts)
    columns = [[1 + INDEX[letter] for letter in letters] for letters in ordered]
    ours, theirs = ctc.likelihoods(shares, columns).tolist()
    return dict(zip(ordered, zip(ours, theirs, strict=True), strict=True))


def _weighed(likely: Likely, text: str, *, persian: bool = False) -> float:
    """How likely a text makes all that was seen."""
    if persian or not _PERSIAN.isdisjoint(text):
        weights = WEIGHTS_PERSIAN
    else:
        weights = WEIGHTS if text.isascii() else WEIGHTS_BEYOND_LATIN
    return likely[0] * weights[0] + likely[1] * weights[1]


def _plate(likely: Likely, text: str, form: Format) -> float:
    """The same of a text of a series, against a text of any sort."""
    return _weighed(likely, text, persian=form.persian) + _letters(text, persian=form.persian)


Series = list[tuple[Format, float]]
"""Each with how frequent one of its texts is among all plates: a logarithm."""
Legally = tuple[str, Series]
"""A text in canonical order, and the series that it fits."""


def _legally(
    texts: list[str], number: int, reading: Reading, series: Series
) -> dict[tuple[str, int], Legally]:
    """The first `TEXTS_KEPT` of some texts in reading order that fit a series, by themselves and the number
    of the reading."""
    found: dict[tuple[str, int], Legally] = {}
    for letters in texts:
        text = reading.text(letters)
        if forms := [each for each in series if each[0].pattern.fullmatch(text)]:
            found[letters, number] = text, forms
            if len(found) == TEXTS_KEPT:
                break
    return found


def greedy(rows: Probabilities) -> str:
    """The likeliest symbol of each step, repeats joined, blanks dropped."""
    best = rows.argmax(axis=1)
    changed = np.concatenate([[True], best[1:] != best[:-1]])
    return "".join(ALPHABET[each - 1] for each in best[changed & (best > 0)])
