"""The likeliest texts along paths: every place's likeliest characters combined, the cheapest first."""

import numpy as np
import numpy.typing as npt

from anpr.alphabet import ALPHABET
from anpr.ctc import Paths, Sequences

CHARACTERS = 3
"""Likeliest ones of a place that are combined."""
BEHIND_MAX = 16
"""How much less likely than the likeliest of its recogniser a text may be (a logarithm).  One farther behind
would count nothing against the others, unless the other recogniser names it too."""
_LETTERS = np.array([*ALPHABET, ""])
"""The last one stands after an end."""


def texts_along(paths: Paths, sequences: Sequences, count: int) -> list[list[str]]:
    """For each path of each recogniser (one after the other) the `count` likeliest texts in reading order,
    likeliest first; fewer where its places allow no more, or others are hopeless."""
    places = sequences.places[paths.sequences.ravel()]
    characters = paths.characters.reshape(len(places), *paths.characters.shape[2:])
    letters, costs = _choices(characters, sequences.sets[places], places < 0)
    totals, picks = _combined(costs, count)
    number, longest = places.shape
    characters = _LETTERS[letters[np.arange(number)[:, None, None], np.arange(longest), picks]]
    texts = np.ascontiguousarray(characters).view(f"<U{longest}")[:, :, 0].tolist()
    likely = (totals + paths.behind.reshape(-1, 1) <= BEHIND_MAX).sum(axis=1).tolist()
    return [some[:most] for some, most in zip(texts, likely, strict=True)]


def _choices(
    characters: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_], ended: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Of each place the likeliest letters, as indices of `_LETTERS`, and what each costs against the first
    (infinite where the place allows fewer)."""
    left = np.where(allowed, characters, np.float32(-np.inf)).reshape(ended.size, -1)
    rows = np.arange(ended.size)
    letters = np.empty((ended.size, CHARACTERS), np.intp)
    costs = np.empty((ended.size, CHARACTERS), np.float32)
    for choice in range(CHARACTERS):
        letters[:, choice] = best = left.argmax(axis=1)
        costs[:, choice] = -left[rows, best]
        left[rows, best] = -np.inf
    letters, costs = letters.reshape(*ended.shape, CHARACTERS), costs.reshape(*ended.shape, CHARACTERS)
    costs -= costs[:, :, :1].copy()
    letters[ended] = len(ALPHABET)
    costs[ended] = (0, *[np.inf] * (CHARACTERS - 1))
    return letters, costs


def _combined(
    costs: npt.NDArray[np.float32], count: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.intp]]:
    """Of paths x places x choices: the sums of the `count` cheapest combinations, ascending, and the choice
    of each place in them (paths x combinations x places)."""
    number, longest, choices = costs.shape
    rows = np.arange(number)[:, None]
    totals = np.zeros((number, 1), np.float32)
    picks = np.zeros((number, 1), np.intp)  # of all places so far: digits, the last place's lowest
    for place in range(longest):
        # Both are ascending, so what has `count` others before it in either is none of the cheapest.
        earlier, choice = np.divmod(np.arange(totals.shape[1] * choices), choices)
        likely = (earlier + 1) * (choice + 1) <= count
        earlier, choice = earlier[likely], choice[likely]
        sums = totals[:, earlier] + costs[:, place, choice]
        order = sums.argsort(axis=1, kind="stable")[:, :count]
        totals, picks = sums[rows, order], picks[rows, earlier[order]] * choices + choice[order]
    return totals, picks[:, :, None] // choices ** np.arange(longest - 1, -1, -1) % choices
