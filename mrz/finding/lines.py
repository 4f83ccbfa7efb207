"""Strands chained into lines: joined where one runs on into the other."""

import heapq
from collections.abc import Iterable

import numpy as np

from mrz.finding.strands import Strand, fitted

GAP_CELLS_MAX = 14.0
"""Longest hole in a line that is bridged."""
CELLS_MAX = 56.0
"""Of one line: 44, and what the pitch may be wrong by."""
DRIFT_MAX = 0.5
"""How far (in pitches) two pieces of one line may miss each other across the line."""
TURN_MAX = 0.3
"""Radians between two pieces of one line."""


def chained(strands: list[Strand]) -> list[Strand]:
    """Joins strands that run on into each other, the best fitting ends first."""
    living = dict(enumerate(strands))
    pairs: list[tuple[float, int, int]] = []
    for place, strand in living.items():
        _add_pairs(pairs, living, place, strand, range(place))
    while pairs:
        _, i, j = heapq.heappop(pairs)
        if i not in living or j not in living:
            continue
        one, other = living.pop(i), living.pop(j)
        joined = fitted(
            np.concatenate([one.points, other.points]),
            np.concatenate([one.weights, other.weights]),
            np.concatenate([one.headings, other.headings]),
            np.concatenate([one.pitches, other.pitches]),
        )
        place = max(i, j, *living, len(strands)) + 1
        _add_pairs(pairs, living, place, joined, list(living))
        living[place] = joined
    return sorted(living.values(), key=lambda strand: strand.first - strand.last)


def _add_pairs(
    pairs: list[tuple[float, int, int]],
    living: dict[int, Strand],
    place: int,
    strand: Strand,
    others: Iterable[int],
) -> None:
    for other in others:
        for i, j, one, two in ((place, other, strand, living[other]), (other, place, living[other], strand)):
            if (cost := _gap_cost(one, two)) is not None:
                heapq.heappush(pairs, (cost, i, j))


def _gap_cost(one: Strand, other: Strand) -> float | None:
    """How far `other` begins after the end of `one`, in pitches; None where it is no continuation."""
    pitch = max(one.pitch, other.pitch)
    if pitch > 1.5 * min(one.pitch, other.pitch):
        return None
    if one.cells + other.cells > CELLS_MAX:
        return None  # two documents side by side
    longer = one if one.last - one.first >= other.last - other.first else other
    end, start = one.end, other.start
    step = start - end
    if step @ step > (GAP_CELLS_MAX * pitch) ** 2:
        return None
    if min(one.cells, other.cells) > 3 and one.heading_at(one.last) @ other.heading_at(other.first) < np.cos(
        TURN_MAX
    ):
        return None
    heading = longer.heading_at(longer.last if longer is one else longer.first)
    gap = float(step @ heading) / pitch
    drift = abs(float(step @ (-heading[1], heading[0]))) / pitch
    if gap < -1.0 or drift > DRIFT_MAX + 0.04 * max(gap, 0.0):
        return None
    return max(gap, 0.0) + 2 * drift
