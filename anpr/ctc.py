"""Connectionist temporal classification over plates: the likeliest characters of place sequences, and how
likely whole texts are.

A recogniser says for every step along a strip how probable the blank and each character are; a text is the
steps with repeats joined and blanks dropped (Graves et al. 2006).  Two things differ from the book: where a
text begins and ends, other marks may stand (flags with code letters, bolts), so a step outside of the text
costs no more than `BESIDE`; and nothing is ruled out, so no probability is under `FLOOR`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BESIDE = 0.02
"""What a step before the first and after the last character counts, whatever it shows."""
FLOOR = 1e-4
SURELY_BLANK = 0.995
_NEVER = -1e9
_SCALED = 16
"""Steps after which shares are scaled up again: `FLOOR` to this power is still far from `_NOTHING`."""
_NOTHING = 1e-300

Probabilities = npt.NDArray[np.float32]
"""Steps x (blank, characters)."""
Shares = npt.NDArray[np.float64]
"""Of several recognisers: see `stacked`."""
Log = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sequences:
    """Place sequences for the search: `sets` (distinct sets x characters, whether it may stand there) and
    `places` (sequences x longest, the number of each place's set, -1 after its end)."""

    sets: npt.NDArray[np.bool_]
    places: npt.NDArray[np.intp]

    @property
    def lengths(self) -> npt.NDArray[np.intp]:
        return (self.places >= 0).sum(axis=1)


@dataclass(frozen=True, slots=True)
class Paths:
    """Sequences laid over the steps, likeliest first, for each recogniser: `sequences` are their numbers,
    `behind` how much less likely their best texts are than the first's (logarithms; both recognisers x
    paths), and `characters` the logarithms of each character at each of their places (recognisers x paths x
    longest x characters; 0 after an end)."""

    sequences: npt.NDArray[np.intp]
    behind: Log
    characters: Log


def condensed(rows: Probabilities) -> Probabilities:
    """Without the steps that are surely blank between two others that are: they only take time."""
    sure = rows[:, 0] > SURELY_BLANK
    kept = ~sure
    kept[1:] |= sure[1:] & ~sure[:-1]
    kept[0] = True
    return rows[kept]


def stacked(seen: Sequence[Probabilities]) -> Shares:
    """What each recogniser says, condensed, nothing under `FLOOR`, each step divided by its greatest; the
    shorter ones end with steps that can only be blank (recognisers x steps x symbols)."""
    short = [np.maximum(condensed(rows), FLOOR) for rows in seen]
    shares = np.zeros((len(short), max(map(len, short)), short[0].shape[1]))
    shares[:, :, 0] = 1
    for place, rows in enumerate(short):
        shares[place, : len(rows)] = rows / rows.max(axis=1, keepdims=True)
    return shares


def best_paths(shares: Shares, sequences: Sequences, keep: int) -> Paths:
    """The `keep` likeliest sequences; approximate where a place's best character changes from step to step,
    so texts are to be judged by `likelihoods`."""
    log = np.log(np.maximum(shares, _NOTHING)).astype(np.float32).transpose(1, 0, 2)
    steps, readers = log.shape[:2]
    count, longest = sequences.places.shape
    heights, direct = _heights(log, sequences)
    blank = log[:, :, 0]
    beside = np.maximum(blank, np.float32(np.log(BESIDE)))
    outside = np.arange(longest + 1)[:, None] == sequences.lengths
    outside[0] = True
    empty = np.where(outside, beside[:, :, None, None], blank[:, :, None, None])
    # As it is before each step.  A row more than places: before the first, and behind each.  Sequences come
    # last, so that each row is one run of numbers.
    gaps = np.empty((steps + 1, readers, longest + 1, count), np.float32)
    on = np.empty(gaps.shape, np.float32)
    on[0] = gaps[0] = on[:, :, 0] = _NEVER
    gaps[0, :, 0] = 0
    top = np.empty(heights.shape[1:], np.float32)
    for step in range(steps):
        np.add(on[step, :, :-1], direct[step], out=top)
        np.maximum(top, on[step, :, 1:], out=top)
        np.maximum(top, gaps[step, :, :-1], out=top)
        np.add(top, heights[step], out=on[step + 1, :, 1:])
        np.maximum(gaps[step], on[step], out=gaps[step + 1])
        gaps[step + 1] += empty[step]
    ends = np.maximum(gaps[-1], on[-1])[:, sequences.lengths, np.arange(count)]
    found = np.argsort(-ends, axis=1)[:, :keep]
    among = np.arange(readers)[:, None], found
    kept = [one.transpose(0, 1, 3, 2)[:, *among] for one in (on, gaps, direct)]
    held = _held(kept[0], kept[1], kept[2], sequences.lengths[found])
    behind = ends.max(axis=1, keepdims=True) - np.take_along_axis(ends, found, axis=1)
    return Paths(found, behind, held @ log[:, :, 1:].transpose(1, 0, 2)[:, None])


def _heights(log: Log, sequences: Sequences) -> tuple[Log, Log]:
    """For steps x recognisers x places x sequences: what the place's best character gives there, and whether
    the place before it may be left for it with no blank between (0, or `_NEVER`: both are one character)."""
    # One set more, of nothing: place -1, after an end, takes the last one.
    sets = np.pad(sequences.sets, ((0, 1), (0, 0)))
    masked = log[:, :, None, 1:] + np.where(sets, np.float32(0), np.float32(_NEVER))
    which = masked.argmax(axis=3)
    best = np.take_along_axis(masked, which[..., None], axis=3)[..., 0]
    letters = which.astype(np.uint8)  # runs of bytes are compared faster
    heights, letters = (one.take(sequences.places.T, axis=2, mode="wrap") for one in (best, letters))
    direct = np.zeros(heights.shape, np.float32)
    same = letters[1:, :, 1:] == letters[:-1, :, :-1]
    np.copyto(direct[1:, :, 1:], np.float32(_NEVER), where=same)
    return heights, direct


def _held(on: Log, gaps: Log, direct: Log, lengths: npt.NDArray[np.intp]) -> Log:
    """1 where a path is on a place at a step, else 0 (recognisers x paths x longest x steps), back from its
    end.  `on` and `gaps` are one column wider than `direct` (steps x recognisers x paths x longest)."""
    steps, width = len(direct), direct.shape[-1] + 1
    # Where a path is: twice the number of a column of `on`, all behind each other, and one more on the place.
    column = 2 * np.arange(lengths.size * width).reshape(*lengths.shape, width)
    here, gap, before = on[:-1, ..., 1:], gaps[:-1, ..., :-1], on[:-1, ..., :-1] + direct
    stayed = (here >= gap) & (here >= before)
    came = np.zeros((steps, *column.shape, 2), np.intp)
    came[..., 0] = column + (on[:-1] > gaps[:-1])
    came[..., 1:, 1] = np.where(stayed, column[..., 1:] + 1, column[..., :-1] + (before > gap))
    came = came.reshape(steps, -1)
    at = np.empty((steps, lengths.size), np.intp)
    last = column.reshape(-1, width)[np.arange(lengths.size), lengths.ravel()]
    at[-1] = last + (on[-1] > gaps[-1]).ravel()[last // 2]
    for step in range(steps - 1, 0, -1):
        at[step - 1] = came[step, at[step]]
    held = np.zeros((steps, column.size), np.float32)
    held[np.arange(steps)[:, None], at // 2] = at % 2
    return held.reshape(steps, *column.shape)[..., 1:].transpose(1, 2, 3, 0)


def likelihoods(shares: Shares, texts: list[list[int]]) -> npt.NDArray[np.float64]:
    """How likely each recogniser makes each text (characters as columns of `shares`, so from 1): logarithms,
    less what the likeliest symbol of every step would give (recognisers x texts)."""
    longest, rows = max(map(len, texts)), np.arange(len(texts))
    # States x texts, so that each state is one run of numbers: blank, character, blank and so on.
    labels = np.zeros((2 * longest + 1, len(texts)), np.intp)
    for row, text in enumerate(texts):
        labels[1 : 2 * len(text) : 2, row] = text
    ends = np.array([2 * len(text) for text in texts])
    skips = np.zeros((2 * longest - 1, len(texts)))
    skips[1::2] = labels[3::2] != labels[1:-2:2]
    # Two symbols more: what stands beside a text, and what is behind its end.
    symbols = shares.shape[2]
    labels[0] = labels[ends, rows] = symbols
    labels[np.arange(len(labels))[:, None] > ends] = symbols + 1
    beside = np.maximum(shares[:, :, :1], BESIDE)
    more = np.concatenate([shares, beside, np.zeros_like(beside)], axis=2)
    emitted = more.transpose(1, 0, 2).take(labels, axis=2)
    alpha, after = np.zeros(emitted.shape[1:]), np.zeros(emitted.shape[1:])
    alpha[:, 0] = 1
    skipped = np.empty((len(shares), *skips.shape))
    total = np.zeros((len(shares), len(texts)))
    for step, each in enumerate(emitted):
        np.multiply(alpha[:, :-2], skips, out=skipped)
        np.add(alpha[:, 1:], alpha[:, :-1], out=after[:, 1:])
        after[:, 0] = alpha[:, 0]
        after[:, 2:] += skipped
        after *= each
        alpha, after = after, alpha
        if step % _SCALED == _SCALED - 1:
            height = np.maximum(alpha.max(axis=1), _NOTHING)
            alpha /= height[:, None]
            total += np.log(height)
    return total + np.log(alpha[:, ends, rows] + alpha[:, np.maximum(ends - 1, 0), rows] + _NOTHING)
