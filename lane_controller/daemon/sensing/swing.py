"""What stood on a deck while it swung.

A load that steps onto a deck makes it swing about its new rest.  After the last axle the swing is free: each
reading's distance from rest is then a fixed sum of the two before it (linear prediction of one damped
oscillation, Prony 1795).  The same two coefficients, turned round, take the swing out of all readings before:
a step of the load that swung is a step again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Samples = np.ndarray[Any, np.dtype[np.float64]]

FREE_SAMPLES_MIN = 6
TURNS_MIN = 2
RADIUS_MAX = 0.99
"""Of the oscillation's pole: a swing that never fades is an engine's or the wind's, not a step's."""


@dataclass(frozen=True, slots=True)
class Swing:
    """A reading's distance from rest is `first` of the one before and `second` of the one before that."""

    first: float
    second: float

    @property
    def period(self) -> float:
        """In samples."""
        turn = abs(float(np.angle(np.roots([1.0, -self.first, -self.second])[0])))
        return 2 * np.pi / turn

    @property
    def gain(self) -> float:
        """How much greater the noise of the load is than that of the readings it is made of."""
        return float(np.hypot(np.hypot(1.0, self.first), self.second) / (1 - self.first - self.second))

    def taken_from(self, shown: Samples) -> Samples:
        """The load at each sample, exact where it stood unchanged for three."""
        past = np.concatenate([shown[:1], shown[:1], shown])
        return (shown - self.first * past[1:-1] - self.second * past[:-2]) / (1 - self.first - self.second)


def swing_period_s(readings: Sequence[tuple[float, float]], rest_kg: float, quiet_kg: float) -> float | None:
    """Of the swing after the highest of `readings` (seconds, kilograms): twice the mean time from one side
    of rest to the other; None where it does not change sides twice outside `quiet_kg`."""
    top = max(range(len(readings)), key=lambda number: readings[number][1])
    away = [(at_s, kg - rest_kg) for at_s, kg in readings[top:] if abs(kg - rest_kg) > quiet_kg]
    turns_s = [
        at_s + (after_s - at_s) * kg / (kg - after_kg)
        for (at_s, kg), (after_s, after_kg) in pairwise(away)
        if (kg > 0) != (after_kg > 0)
    ]
    if len(turns_s) < TURNS_MIN:
        return None
    return 2 * (turns_s[-1] - turns_s[0]) / (len(turns_s) - 1)


def free_swing(shown: Samples, rest_kg: float, quiet_kg: float) -> Swing | None:
    """The swing after the highest reading, which is the last axle's, down to `quiet_kg` of `rest_kg`; None
    where there is none that fades."""
    away = shown[int(shown.argmax()) :] - rest_kg
    alive = np.flatnonzero(np.abs(away) > quiet_kg)
    away = away[: int(alive[-1]) + 2] if len(alive) else away[:0]
    if len(away) < FREE_SAMPLES_MIN:
        return None
    before = np.stack([away[1:-1], away[:-2]], axis=1)
    first, second = (float(one) for one in np.linalg.lstsq(before, away[2:])[0])
    pole = np.roots([1.0, -first, -second])[0]
    if not np.iscomplex(pole) or abs(pole) > RADIUS_MAX:
        return None
    return Swing(first, second)
