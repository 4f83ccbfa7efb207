"""Axle by axle: the steps of the staircase that a scale shows while a vehicle climbs onto its deck.

A scale of whole vehicles is verified for one at rest, not for axles: what is read here is *indicative*.  With
the deck's swing taken out (sensing/swing.py), rises part plateaus; a plateau less the one before it is an
axle.  Where a rise is too wide for one axle, a plateau too restless or a load comes off again, nothing is
said of any axle: a wrong axle is worse than none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lane_controller.daemon.sensing.swing import Samples, free_swing, swing_period_s
from lane_controller.messages.parts import AxleStep, AxleSteps, Reason

GRID_S, SWING_SAMPLES = 0.1, 8
"""Readings are looked at on a grid: so many samples to a swing of the deck, or one in `GRID_S` where it does
not swing.  Finer would drown the steps in the display's rounding, coarser would lose them."""
GRID_S_MAX = 0.15
"""Two axles 1 m apart are 5 of it apart at walking pace."""
INTERVAL_S_MAX = 0.25
"""A longer time between two readings may hide an axle."""
AXLE_KG_MIN, AXLE_SHARE_MIN = 500.0, 0.04
"""The lightest axle, and its share of the gross: an empty semi-trailer's has 1.7 t of 14 t."""
AXLE_KG_MAX = 15_000.0
"""More, half again what any rule allows one, is two axles that climbed as one."""
AXLES_MAX = 12
RISE_SAMPLES = 4
"""How wide an axle's rise is that takes no time: the grid and the swing's filter spread it."""
APART_SAMPLES_MIN, APART_RATIO = 20, 4
"""The longest way between two axles of a vehicle is 3.3 m at least, and more than four times the shortest in
none: where it took fewer samples, two axles 1 m apart may have climbed as one."""
WIDE_SHARE_MAX = 0.12
"""Of that longest time, how much longer an axle may take to climb: a tyre touches the road over 0.25 m, the
closest two axles are 1 m apart."""
MOTION_SHARE = 0.02
"""Expanded uncertainty of an axle as a share of the gross: pulling or braking at a shifts m·a·h / (g·L) from
one end of a vehicle to the other, 1.7 % for a = 0.5 m/s² with the centre of gravity h = 1.5 m high on a
wheelbase L of 4.5 m, 0.6 % on a train's 12 m."""
UNSURE_SHARE_MAX = 0.25
"""Of an axle's load: with a greater uncertainty the step is not worth telling."""
QUIET_BANDS = 3
LATE_INTERVALS_MAX = 2
ROUNDING_SHARE = 1.6
"""Four standard deviations of the difference of two readings rounded to a division."""


@dataclass(frozen=True, slots=True)
class Plateau:
    """Samples from `first` to before `end` between two rises: their mean, and its expanded uncertainty."""

    first: int
    end: int
    kg: float
    uncertainty_kg: float


@dataclass(frozen=True, slots=True)
class Rise:
    """From one plateau to the next."""

    before: Plateau
    after: Plateau

    @property
    def kg(self) -> float:
        return self.after.kg - self.before.kg

    @property
    def samples(self) -> int:
        return self.after.first - self.before.end

    @property
    def middle(self) -> float:
        return (self.before.end + self.after.first - 1) / 2


def axle_steps(
    readings: Sequence[tuple[float, float]], gross_kg: float, within_kg: float, empty_until_s: float | None
) -> AxleSteps:
    """The axles of one vehicle.

    `readings` are (seconds, kilograms) from some of the empty deck on, in range, moving or not, up to the
    settled `gross_kg`; readings of a load at rest lie within `within_kg`.  Times in the answer count from
    `empty_until_s`, the last reading of the empty deck.
    """
    intervals_s = np.diff([at_s for at_s, _ in readings])
    if len(intervals_s) < RISE_SAMPLES or float(intervals_s.max()) > INTERVAL_S_MAX:
        return _unknown("readings_sparse")
    if empty_until_s is None:
        return _unknown("deck_not_empty")
    lightest_kg = max(AXLE_KG_MIN, AXLE_SHARE_MIN * gross_kg)
    even = _evenly(readings)
    grid_s = _grid_s(even, swing_period_s(even, gross_kg, QUIET_BANDS * within_kg))
    plateaus = _plateaus(_on_grid(even, grid_s), gross_kg, within_kg, lightest_kg)
    rises = [Rise(before, after) for before, after in pairwise(plateaus)]
    if not rises or abs(rises[0].before.kg) > lightest_kg / 2:
        return _unknown("deck_not_empty")
    if any(rise.kg < -lightest_kg / 2 for rise in rises):
        return _unknown("load_came_off")
    if not 2 <= len(rises) <= AXLES_MAX:
        return _unknown("axles_not_told_apart")
    apart = _longest_apart(rises)
    if apart < APART_SAMPLES_MIN:
        return _unknown("driven_too_fast")
    if max(rise.samples for rise in rises) - RISE_SAMPLES > max(1.5, WIDE_SHARE_MAX * apart):
        return _unknown("axles_not_told_apart")
    first_s = readings[0][0] - empty_until_s
    steps = tuple(_step(rise, MOTION_SHARE * gross_kg, first_s, grid_s) for rise in rises)
    unsure = any(step.uncertainty_kg > UNSURE_SHARE_MAX * step.load_kg for step in steps)
    if unsure or not all(lightest_kg <= step.load_kg <= AXLE_KG_MAX for step in steps):
        return _unknown("axles_not_told_apart")
    return AxleSteps(steps=steps)


def _step(rise: Rise, motion_kg: float, first_s: float, grid_s: float) -> AxleStep:
    return AxleStep(
        at_ms=round(1000 * (first_s + rise.middle * grid_s)),
        load_kg=round(rise.kg),
        uncertainty_kg=round(_root(rise.before.uncertainty_kg, rise.after.uncertainty_kg, motion_kg)),
    )


def _unknown(code: str) -> AxleSteps:
    return AxleSteps(reason=Reason(code=code))


def _root(*parts: float) -> float:
    return sum(part * part for part in parts) ** 0.5


def _evenly(readings: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The readings at one tempo, as an indicator sends them, where no more than the way to us came between;
    as they are where some are missing."""
    first_s, last_s = readings[0][0], readings[-1][0]
    tempo_s = (last_s - first_s) / (len(readings) - 1)
    evenly = [(first_s + number * tempo_s, kg) for number, (_, kg) in enumerate(readings)]
    late_s = [at_s - even_s for (at_s, _), (even_s, _) in zip(readings, evenly, strict=True)]
    return evenly if max(late_s) - min(late_s) <= LATE_INTERVALS_MAX * tempo_s else list(readings)


def _grid_s(readings: Sequence[tuple[float, float]], period_s: float | None) -> float:
    """A whole number of the readings' intervals, so that hardly a sample lies between two readings."""
    interval_s = float(np.median(np.diff([at_s for at_s, _ in readings])))
    wanted_s = min(GRID_S_MAX, period_s / SWING_SAMPLES) if period_s else GRID_S
    return interval_s * max(1, round(wanted_s / interval_s))


def _on_grid(readings: Sequence[tuple[float, float]], grid_s: float) -> Samples:
    at_s, kg = np.array(readings).T
    return np.interp(np.arange(at_s[0], at_s[-1] + grid_s / 2, grid_s), at_s, kg)


def _plateaus(shown: Samples, gross_kg: float, within_kg: float, lightest_kg: float) -> list[Plateau]:
    """Where the load stood, in order; spells that differ by less than half an axle are one."""
    swing = free_swing(shown, gross_kg, QUIET_BANDS * within_kg)
    load = shown if swing is None else swing.taken_from(shown)
    independent = 2.0 if swing is None else swing.period / 2
    """Samples, of which one counts: what is left of a swing is no noise that a mean gets rid of sooner."""
    rounding_kg = ROUNDING_SHARE * within_kg * (1.0 if swing is None else swing.gain)
    found: list[Plateau] = []
    for first, end in _still(load, min(max(lightest_kg / 4, rounding_kg), lightest_kg / 2)):
        one = _plateau(load, first, end, independent, within_kg)
        if found and abs(one.kg - found[-1].kg) < lightest_kg / 2:
            one = _plateau(load, found.pop().first, end, independent, within_kg)
        found.append(one)
    return found


def _still(load: Samples, within_kg: float) -> list[tuple[int, int]]:
    """Runs of two samples and more whose neighbours on both sides are as high."""
    change = np.abs(np.concatenate([[0.0], load[2:] - load[:-2], [0.0]]))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], change < within_kg, [False]]).astype(int)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2) if end - first >= 2]


def _plateau(load: Samples, first: int, end: int, independent: float, within_kg: float) -> Plateau:
    stood = load[first:end]
    counted = max(1.0, len(stood) / independent)
    spread_kg = float(stood.std(ddof=1)) / counted**0.5
    return Plateau(first, end, float(stood.mean()), 2 * _root(spread_kg, within_kg / 2))


def _longest_apart(rises: list[Rise]) -> float:
    """Samples between two axles; not longer for a driver who stood in between, as the shortest tells."""
    apart = [later.middle - earlier.middle for earlier, later in pairwise(rises)]
    return min(max(apart), APART_RATIO * min(apart))
