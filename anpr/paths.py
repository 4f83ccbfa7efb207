"""The way of a plate through the pictures, and whether a box is where the plate must have been.

Vehicles before a barrier are slow: from one look to the next a plate goes on as it went, and grows a little.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from anpr.readings import Box

GAP_S = 1.5
"""What was seen longer before or after says nothing of where a plate is: the next vehicle may stand there."""
NEAR = 1.5
"""Plate heights that a plate may lie beside where it was expected: vehicles brake, and a plate that is read
badly is often found with an end cut off."""
AREA_MIN = 0.3
"""Of the larger box: a vehicle behind another has the smaller plate."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a plate was, and when (seconds)."""

    at_s: float
    box: Box


def follows(path: Sequence[Seen], seen: Seen) -> bool:
    """Whether a plate that went along `path` (in order of time) was at the place of `seen`, by what was seen
    of it shortly before and after; False where nothing was."""
    at = bisect_left(path, seen.at_s, key=lambda one: one.at_s)
    before = [one for one in path[max(0, at - 2) : at] if seen.at_s - one.at_s <= GAP_S]
    after = [one for one in path[at : at + 2] if one.at_s - seen.at_s <= GAP_S]
    known = [before[-1], after[0]] if before and after else before or after
    return bool(known) and same_place(_at(known, seen.at_s), seen.box)


def same_place(one: Sequence[float], other: Sequence[float], near: float = NEAR) -> bool:
    """Whether two boxes may be of one plate: their centres `near` heights of the smaller one apart at most,
    and neither much smaller."""
    areas = sorted((one[2] * one[3], other[2] * other[3]))
    apart = math.dist(_centre(one), _centre(other))
    return areas[0] > 0 and areas[0] >= AREA_MIN * areas[1] and apart <= near * min(one[3], other[3])


def _centre(box: Sequence[float]) -> tuple[float, float]:
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def _at(known: Sequence[Seen], at_s: float) -> Sequence[float]:
    """Where a plate was that went straight on between, before or after these."""
    first, last = known[0], known[-1]
    if last.at_s <= first.at_s:
        return last.box
    share = (at_s - first.at_s) / (last.at_s - first.at_s)
    return [a + share * (b - a) for a, b in zip(first.box, last.box, strict=True)]
