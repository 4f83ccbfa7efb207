"""Which axles stand close together, and what the law allows such a group here and today.

A limit holds for a group of axles by their distances, and no sensor of a lane tells a speed: what is known
are the times at which they climbed onto the deck.  At one pace these fall into short ones within a group
(axles 1 to 1.8 m apart) and long ones between groups (2.5 to 8 m).  Where they do not, the driver waited or
hurried in between, and nothing is said of groups.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from lane_controller.lane.axle_limits import axle_limit
from lane_controller.messages.parts import AxleGroup, AxleLoads, AxleStep, AxleSteps

APART = 2.0
"""The shortest time between two groups is at least so many times the longest within one."""
WITHIN_MAX, BETWEEN_MAX = 2.0, 3.0
"""The longest over the shortest time within groups, and between groups."""


def axle_loads(told: AxleSteps | None, state: str, today: date | None) -> AxleLoads | None:
    """The axles by group with the limits of `state`; without limits where the date is not known."""
    if told is None:
        return None
    if not told.steps:
        return AxleLoads(reason=told.reason)
    groups = grouped(told.steps)
    if groups is None:
        return AxleLoads(groups=tuple(_group((step,)) for step in told.steps), grouped=False)
    return AxleLoads(groups=tuple(_group(steps, state, today) for steps in groups))


def _group(steps: tuple[AxleStep, ...], state: str = "", today: date | None = None) -> AxleGroup:
    return AxleGroup(
        steps=steps,
        load_kg=sum(step.load_kg for step in steps),
        uncertainty_kg=round(sum(step.uncertainty_kg**2 for step in steps) ** 0.5),
        limit=axle_limit(state, len(steps), today) if today is not None else None,
    )


def grouped(steps: Sequence[AxleStep]) -> tuple[tuple[AxleStep, ...], ...] | None:
    """The steps by group, in order; None where their times do not fall into short and long ones."""
    gaps = [after.at_ms - before.at_ms for before, after in pairwise(steps)]
    least = _least_between(sorted(gaps))
    if least is None:
        return None
    groups = [[steps[0]]]
    for gap, step in zip(gaps, steps[1:], strict=True):
        if gap < least:
            groups[-1].append(step)
        else:
            groups.append([step])
    return tuple(tuple(group) for group in groups)


def _least_between(gaps: Sequence[int]) -> int | None:
    """The shortest of `gaps` (ascending) that lies between two groups."""
    if not gaps or gaps[0] <= 0:
        return None
    jumps = [(after / before, place) for place, (before, after) in enumerate(pairwise(gaps), 1)]
    jump, place = max(jumps, default=(1.0, 0))
    if jump < APART:
        place = 0  # all alike: single axles
    within, between = gaps[:place], gaps[place:]
    if within and within[-1] > WITHIN_MAX * within[0]:
        return None
    return between[0] if between[-1] <= (BETWEEN_MAX if within else APART) * between[0] else None
