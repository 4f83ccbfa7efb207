"""Fields that are runs of characters and fillers: names, numbers, optional data, as hidden Markov models.

A letter in the middle of a name and one among the fillers behind it are not equally probable, and whether two
fillers in a row split names or end them shows later in the line.  So a field is read as a whole: states are
the parts of a field, each with the characters it may print.  No model knows words: what a name is made of
stays the recogniser's alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from mrz.decoding.characters import DIGITS, FILLER, FILLER_LOOKALIKES, INDEX, LETTERS, Indices, Matrix
from mrz.russian import DIGITS as RUSSIAN_DIGITS

_TO_DIGITS, _TO_MIXED = 0.15, 0.05
"""How often a mixture of characters goes over into digits alone (letters lead a number), and the reverse."""
_NEVER = 1e-7
"""Of a character that the format excludes: a sure reading of it still stands, and is told."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a model makes of some cells.

    `text`: the most probable characters; `marginals`: (cells, 37) probability of each character in each cell
    given all cells; `evidence`: natural logarithm of how much better the model explains the cells than
    arbitrary characters do; `confidence`: probability that the whole text is right.
    """

    text: Indices
    marginals: Matrix
    evidence: float
    confidence: float


@dataclass(frozen=True, slots=True)
class RunModel:
    """`start` (states), `moves` (states, states), `prints` (states, 37): probabilities.  `fillers`: states in
    which a filler is printed, whatever it was read as."""

    start: Matrix
    moves: Matrix
    prints: Matrix
    fillers: tuple[int, ...]

    def infer(self, cells: Matrix) -> Inferred:
        """`cells`: (n, 37) probabilities by the recogniser."""
        seen = cells @ self.prints.T
        text = self._best(cells, seen)
        # All texts and the taken one alone, in one pass.
        forward, (evidence, alone) = self._forward(np.stack([seen, self._seen_of(cells, seen, text)], axis=1))
        backward = np.ones_like(seen)
        for at in range(len(cells) - 2, -1, -1):
            row = self.moves @ (seen[at + 1] * backward[at + 1])
            backward[at] = row / np.add.reduce(row)
        states = forward[:, 0] * backward
        states /= states.sum(axis=1, keepdims=True)
        marginals = cells * ((states / seen) @ self._free_prints())
        for state in self.fillers:
            marginals[:, FILLER] += states[:, state]
        marginals /= marginals.sum(axis=1, keepdims=True)
        confidence = float(min(1.0, np.exp(alone - evidence)))
        return Inferred(text, marginals, evidence + len(cells) * np.log(37), confidence)

    def _free_prints(self) -> Matrix:
        free = self.prints.copy()
        free[list(self.fillers)] = 0
        return free

    def _forward(self, seen: Matrix) -> tuple[Matrix, list[float]]:
        """Scaled forward rows and each way's log likelihood; `seen`: (cells, ways, states) likelihoods."""
        forward = np.empty_like(seen)
        scales = np.empty(seen.shape[:2])
        row = self.start * seen[0]
        for at in range(len(seen)):
            if at:
                row = (row @ self.moves) * seen[at]
            scale = np.add.reduce(row, axis=1) + 1e-300
            row = row / scale[:, None]
            forward[at], scales[at] = row, scale
        return forward, np.log(scales).sum(axis=0).tolist()

    def _seen_of(self, cells: Matrix, seen: Matrix, text: Indices) -> Matrix:
        places = np.arange(len(text))
        alone = cells[places, text][:, None] * self.prints[:, text].T
        for state in self.fillers:
            alone[:, state] = np.where(text == FILLER, seen[:, state], 0)
        return alone

    def _best(self, cells: Matrix, seen: Matrix) -> Indices:
        """Viterbi over states, with the best character of each."""
        each = cells[:, None, :] * self.prints[None]
        characters = each.argmax(axis=2)
        heights = np.log(np.maximum(each.max(axis=2), 1e-300))
        for state in self.fillers:
            characters[:, state] = FILLER
            heights[:, state] = np.log(np.maximum(seen[:, state], 1e-300))
        moves = np.log(np.maximum(self.moves, 1e-300))
        row = np.log(np.maximum(self.start, 1e-300)) + heights[0]
        came = np.zeros(heights.shape, dtype=np.intp)
        for at in range(1, len(cells)):
            ways = row[:, None] + moves
            came[at] = ways.argmax(axis=0)
            row = ways.max(axis=0) + heights[at]
        state = int(row.argmax())
        text = np.empty(len(cells), dtype=np.intp)
        for at in range(len(cells) - 1, -1, -1):
            text[at] = characters[at, state]
            state = int(came[at, state])
        return text


def _content(digits: float, letters: float, extra_digits: str = "") -> Matrix:
    """One state's characters: the share of digits and of letters, each spread evenly."""
    row = np.full(37, _NEVER)
    row[DIGITS] = max(digits / 10, _NEVER)
    row[LETTERS] = max(letters / 26, _NEVER)
    for digit in extra_digits:
        row[INDEX[digit]] = 1 / 33
    return row


def _filler(misread: float = 0.0) -> Matrix:
    row = np.full(37, 1e-12)
    row[FILLER] = 1.0
    for letter in FILLER_LOOKALIKES:
        row[INDEX[letter]] = max(misread, 1e-12)
    return row


@cache
def names_model(*, russian: bool = False, split_again: float = 1e-5) -> RunModel:
    """Primary `<<` secondary, components split by one filler, then fillers to the end (9303-3, 4.6).

    A single name, an empty primary (`<<NAME`) and one filler in place of two (old Malta) are only less
    probable; `split_again` is how often something follows the fillers that end the names.
    """
    names = (
        "first", "letter", "split", "second", "given_first", "given", "given_split", "end", "tail",
        "empty", "x",
    )  # fmt: skip
    at = {name: place for place, name in enumerate(names)}
    moves = np.zeros((len(names), len(names)))
    for source, target, share in (
        ("first", "letter", 0.95), ("first", "split", 0.05),
        ("letter", "letter", 0.86), ("letter", "split", 0.14),
        ("split", "first", 0.25), ("split", "second", 0.75),
        ("second", "given_first", 0.93), ("second", "end", 0.07),
        ("given_first", "given", 0.95), ("given_first", "given_split", 0.05),
        ("given", "given", 0.85), ("given", "given_split", 0.15),
        ("given_split", "given_first", 0.55), ("given_split", "end", 0.45),
        ("end", "tail", 1 - split_again), ("end", "x", split_again),
        ("tail", "tail", 1 - split_again), ("tail", "x", split_again),
        ("empty", "second", 1.0), ("x", "x", 0.5), ("x", "end", 0.5),
    ):  # fmt: skip
        moves[at[source], at[target]] = share
    start = np.zeros(len(names))
    start[at["first"]], start[at["empty"]] = 0.995, 0.005
    letters = _content(0, 26 / 33, RUSSIAN_DIGITS) if russian else _content(0, 1)
    prints = np.array([letters] * len(names))
    for name in ("split", "second", "given_split", "end", "empty"):
        prints[at[name]] = _filler()
    # Only behind the names, past the two fillers that end them, is a sure letter still most likely a filler.
    prints[at["tail"]] = _filler(misread=1e-3)
    return RunModel(start, moves, prints, (at["tail"],))


def _filled(start: float, split: float, end: float, again: float, mixed: float) -> RunModel:
    """Content with lone fillers inside, then fillers.  Probabilities of content at the `start`, behind a
    character of a lone filler (`split`) and of the `end`, and of content `again` behind that.

    Content is a run of digits, or a mixture in which every character is alike probable (`mixed`: how often
    it begins so); the one seldom goes over into the other.  So an O or an I in the middle of digits needs far
    more from the recogniser than among letters, where a 0 and an O are alike probable.
    """
    stays = 1 - split - end
    moves = np.array(
        [
            [stays * (1 - _TO_MIXED), stays * _TO_MIXED, split * 0.9, split * 0.1, end, 0],  # digits
            [stays * _TO_DIGITS, stays * (1 - _TO_DIGITS), split * 0.2, split * 0.8, end, 0],  # mixed
            [1, 0, 0, 0, 0, 0],  # one filler inside, digits follow
            [0, 1, 0, 0, 0, 0],  # or a mixture
            [again * (1 - mixed), again * mixed, 0, 0, 0, 1 - again],  # the first filler behind it
            [again * (1 - mixed), again * mixed, 0, 0, 0, 1 - again],  # all others
        ]
    )
    begins = np.array([start * (1 - mixed), start * mixed, 0.005, 0.005, 0.99 - start, 0])
    digits, any_of = _content(1, 1e-4), _content(10 / 36, 26 / 36)
    prints = np.array([digits, any_of, _filler(), _filler(), _filler(), _filler(misread=1e-4)])
    return RunModel(begins, moves, prints, (5,))


@cache
def number_model() -> RunModel:
    """A document number: content, rarely a filler inside (space or hyphen), fillers behind it."""
    return _filled(0.98, 0.01, 0.03, 5e-4, mixed=0.6)


@cache
def optional_model() -> RunModel:
    """Optional data: empty as often as not, of any characters, full without any filler too (China)."""
    return _filled(0.49, 0.02, 0.10, 1e-2, mixed=0.4)
