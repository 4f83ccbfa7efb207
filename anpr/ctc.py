"""Connectionist temporal classification over plates: the likeliest characters of place sequences, and how
likely whole texts are.

A recogniser says for every step along a strip how probable the blank and each character are; a text is the
steps with repeats joined and blanks dropped (Graves et al. 2006).  Two things differ from the book: where a
text begins and ends, other marks may stand (flags with code letters, bolts), so a step outside of the text
costs no more than `BESIDE`; and nothing is ruled out, so no probability is under `FLOOR`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BESIDE = 0.02
"""What a step before the first and after the last character counts, whatever it shows."""
FLOOR = 1e-4
SURELY_BLANK = 0.995
_NEVER = -1e9

Probabilities = npt.NDArray[np.float32]
"""Steps x (blank, characters)."""
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
class Path:
    """One sequence laid over the steps: its number, how likely its best text is at most (a logarithm), and
    the logarithms of each character at each of its places (places x characters)."""

    sequence: int
    likely: float
    characters: Log


def smoothed(rows: Probabilities) -> Log:
    """Logarithms, none under that of `FLOOR`, each step divided by its greatest."""
    safe = np.maximum(rows, FLOOR)
    return np.log(safe / safe.max(axis=1, keepdims=True)).astype(np.float32)


def condensed(rows: Probabilities) -> Probabilities:
    """Without the steps that are surely blank between two others that are: they only take time."""
    sure = rows[:, 0] > SURELY_BLANK
    kept = ~sure
    kept[1:] |= sure[1:] & ~sure[:-1]
    kept[0] = True
    return rows[kept]


def best_paths(rows: Probabilities, sequences: Sequences, keep: int) -> list[Path]:
    """The `keep` likeliest sequences, likeliest first; approximate where a place's best character changes
    from step to step, so texts are to be judged by `likelihoods`."""
    log = smoothed(rows)
    steps = len(log)
    masked = np.where(sequences.sets[None], log[:, None, 1:], np.float32(_NEVER))
    best, which = masked.max(axis=2), masked.argmax(axis=2)
    count, longest = sequences.places.shape
    blank = log[:, 0]
    beside = np.maximum(blank, np.float32(np.log(BESIDE)))
    lengths = sequences.lengths
    at_end = np.arange(longest + 1)[None] == lengths[:, None]
    # A column more than places: before the first, and behind each.
    gaps = np.full((count, longest + 1), _NEVER, np.float32)
    on = np.full((count, longest + 1), _NEVER, np.float32)  # column 0 is never on
    gaps[:, 0] = 0
    came = np.zeros((steps, count, longest), np.int8)  # 0 stayed, 1 out of the gap, 2 from the place before
    from_place = np.zeros((steps, count, longest + 1), np.bool_)
    for step in range(steps):
        height, letter = best[step][sequences.places], which[step][sequences.places]
        stay, gap = on[:, 1:], gaps[:, :-1]
        if step:
            same = letter[:, 1:] == which[step - 1][sequences.places][:, :-1]
            direct = np.full((count, longest), _NEVER, np.float32)
            direct[:, 1:] = np.where(same, np.float32(_NEVER), on[:, 1:-1])
        else:
            direct = np.full((count, longest), _NEVER, np.float32)
        top = np.maximum(np.maximum(stay, gap), direct)
        came[step] = np.where(top == stay, 0, np.where(top == gap, 1, 2))
        still = np.where(at_end, beside[step], blank[step])
        still[:, 0] = beside[step]
        from_place[step] = on > gaps
        gaps = np.maximum(gaps, on) + still
        on[:, 1:] = np.where(sequences.places >= 0, top + height, np.float32(_NEVER))
    rows_ = np.arange(count)
    ends = np.maximum(gaps[rows_, lengths], on[rows_, lengths])
    found = np.argsort(-ends)[:keep]
    return [
        Path(
            int(index),
            float(ends[index]),
            _along(
                log,
                came[:, index],
                from_place[:, index],
                int(lengths[index]),
                bool(on[index, lengths[index]] > gaps[index, lengths[index]]),
            ),
        )
        for index in found
    ]


def _along(
    log: Log, came: npt.NDArray[np.int8], from_place: npt.NDArray[np.bool_], length: int, on: bool
) -> Log:
    """The logarithms of all characters, summed over the steps that the path stays on each place."""
    characters = np.zeros((length, log.shape[1] - 1), np.float32)
    place = length
    for step in range(len(log) - 1, -1, -1):
        if on:
            characters[place - 1] += log[step, 1:]
            how = came[step, place - 1]
            if how:
                place -= 1
                on = how == 2
        else:
            on = bool(from_place[step, place]) and place > 0
    return characters


def likelihoods(rows: Probabilities, texts: list[list[int]]) -> npt.NDArray[np.float64]:
    """How likely each text (characters as columns of `rows`, so from 1) is: logarithms, less what the
    likeliest symbol of every step would give."""
    if not texts:
        return np.zeros(0)
    safe = np.maximum(rows.astype(np.float64), FLOOR)
    safe /= safe.max(axis=1, keepdims=True)
    longest = max(map(len, texts))
    labels = np.zeros((len(texts), 2 * longest + 1), np.intp)
    for row, text in enumerate(texts):
        labels[row, 1 : 2 * len(text) : 2] = text
    ends = np.array([2 * len(text) for text in texts])
    skips = np.zeros(labels.shape)
    skips[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    outside = np.zeros(labels.shape, np.bool_)
    outside[:, 0] = True
    outside[np.arange(len(texts)), ends] = True
    inside = np.arange(labels.shape[1])[None] <= ends[:, None]
    alpha = np.zeros(labels.shape)
    alpha[:, 0] = 1
    total = np.zeros(len(texts))
    for row in safe:
        emitted = row[labels]
        emitted = np.where(outside, np.maximum(emitted, BESIDE), emitted) * inside
        moved = alpha.copy()
        moved[:, 1:] += alpha[:, :-1]
        moved[:, 2:] += alpha[:, :-2] * skips[:, 2:]
        alpha = moved * emitted
        height = np.maximum(alpha.max(axis=1), 1e-300)
        alpha /= height[:, None]
        total += np.log(height)
    rows_ = np.arange(len(texts))
    return total + np.log(alpha[rows_, ends] + alpha[rows_, np.maximum(ends - 1, 0)] + 1e-300)
