"""Exactly so many cells along a strip, about one pitch apart: the best such row, found by Viterbi.

The recogniser alone can't tell how many fillers stand in a row or where a smudged cell is; that there are 30,
36 or 44 cells of equal pitch can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrz.cells.frames import GAP, STRIDE, Frames, log_softmax
from mrz.cells.strips import PITCH, Floats

STEP = 2
"""px between places that are tried; the row is made smooth afterwards."""
SPACINGS = tuple(range(7, 14))
"""In steps: 14 to 26 px for a pitch of 20."""
BESIDE = 2
"""Steps to each side of a place that count for it."""
CHANGE_COST = 0.15
"""Of a spacing one step wider or narrower than the one before; two at most: a cell may be a step off."""
GAP_SHARE = 0.5
"""How much the gap between two cells counts against the cells."""
UNSEEN = -4.0
"""For a cell outside the picture: better than one on blank paper, where surely nothing stands."""
WORST = -6.0
"""Log probabilities are cut off here: one smudge must not outweigh the rest of the line."""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells on one strip.  `columns`: (cells,) their middles in px.  `read`: mean over the cells of the best
    log probability; `outside`: what print beyond the row takes off."""

    columns: Floats
    read: float
    outside: float

    @property
    def score(self) -> float:
        """As in CellGrid, for one line."""
        return self.read + self.outside


def rows(frames: Frames, counts: Sequence[int]) -> dict[int, Row]:
    """The best row for each number of cells; none for a number that the strip has no room for."""
    places = np.arange(0, frames.width, STEP, dtype=np.float32)
    log_probabilities = log_softmax(frames.at(places))
    best = np.maximum(log_probabilities[:, :GAP].max(axis=1), WORST)
    gap = np.maximum(log_probabilities[:, GAP], WORST)
    if frames.seen is not None:
        hidden = ~np.repeat(frames.seen, STRIDE // STEP)
        best[hidden], gap[hidden] = UNSEEN, 0.0
    # The network is as sure a quarter of a pitch beside the middle: what is sure on both sides is the middle.
    placing = np.convolve(
        np.pad(best, BESIDE, mode="edge"), np.full(2 * BESIDE + 1, 1 / (2 * BESIDE + 1)), "valid"
    )
    # Print before column x, in cells' worth of log probability; half a pitch belongs to the cell itself.
    spent = np.concatenate([[0.0], np.cumsum(gap)]) * STEP / PITCH
    half = PITCH // 2 // STEP
    index = np.arange(len(places))
    left = spent[np.maximum(index - half, 0)]
    right = spent[-1] - spent[np.minimum(index + half + 1, len(places))]

    placing, gap = placing.astype(np.float32), (GAP_SHARE * gap).astype(np.float32)
    value = np.repeat((placing + left)[None], len(SPACINGS), axis=0).astype(np.float32)
    came: list[NDArray[np.int8]] = []
    found: dict[int, Row] = {}
    for cell in range(1, max(counts)):
        reached, which = value.copy(), np.zeros(value.shape, np.int8)
        for step in (-1, 1, -2, 2):
            to, of = slice(max(-step, 0), min(-step, 0) or None), slice(max(step, 0), min(step, 0) or None)
            changed = value[of] - CHANGE_COST * abs(step)
            better = changed > reached[to]
            np.copyto(reached[to], changed, where=better)
            np.copyto(which[to], np.int8(step), where=better)
        value = np.full_like(reached, -np.inf)
        for row, spacing in enumerate(SPACINGS):
            between = gap[spacing // 2 : -(spacing - spacing // 2)]
            np.add(reached[row, :-spacing], between, out=value[row, spacing:])
        value += placing
        came.append(which)
        if cell + 1 in counts:
            last = value + right
            if np.isfinite(last.max()):
                found[cell + 1] = _row(_traced(last, came), best, left, right)
    return found


def _traced(last: Floats, came: list[NDArray[np.int8]]) -> NDArray[np.int64]:
    row, place = (int(each) for each in np.unravel_index(last.argmax(), last.shape))
    traced = [place]
    for which in reversed(came):
        before = place - SPACINGS[row]
        row += int(which[row, before])
        place = before
        traced.append(place)
    return np.array(traced[::-1])


def _row(traced: NDArray[np.int64], best: Floats, left: Floats, right: Floats) -> Row:
    read = best[traced]
    outside = left[traced[0]] + right[traced[-1]]
    columns = smooth(traced.astype(np.float32) * STEP, np.exp(read))
    return Row(columns, float(read.mean()), float(outside / len(traced)))


def smooth(columns: Floats, weights: Floats) -> Floats:
    """The row as printed: a cubic through the sure cells, and what several neighbours agree on beside it."""
    count = len(columns)
    if count < 6:
        return columns
    at = np.linspace(-1, 1, count)
    weights = np.clip(weights, 0.03, 1)
    fit = np.polyval(np.polyfit(at, columns, 3, w=np.sqrt(weights)), at)
    # Once more without the cells that are off: a smudge had drawn them.
    weights = np.where(np.abs(columns - fit) > PITCH / 4, weights * 0.1, weights)
    fit = np.polyval(np.polyfit(at, columns, 3, w=np.sqrt(weights)), at)
    off = columns - fit
    far = np.subtract.outer(np.arange(count), np.arange(count))
    near = np.exp(-0.5 * (far / 2.5) ** 2) * weights[None]
    return (fit + (near @ off) / (near.sum(axis=1) + 0.5)).astype(np.float32)
