"""From what the networks say to probabilities that hold.

    cells     temperature and a floor for what the recogniser rules out too surely (`Calibration.tempered`)
    fields    a logistic line over the log odds of a field (`Calibration.field`)
    diagram   stated against true frequency in bins (`reliability`, `calibration_error`)

The figures stand in `mrz/data/confidence.toml`, for one picture and for fused frames apart;
`tools/proof/fit_confidence.py` fits them (`mrz.decoding.fitting`) and has to run again after the recogniser
was trained again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mrz.decoding.characters import Matrix


@dataclass(frozen=True, slots=True)
class Calibration:
    """`temperature` divides the recogniser's log probabilities.  `outlier` is the probability that a cell of
    a clear page is not at all what was read; `outlier_share` adds to it that share of the page's mean doubt a
    cell, as sure misreadings come where others are unsure.  `slope`, `offset` map a field's log odds.

    A field is doubtful below `doubt_below`, or, where check digits cover all of it, `doubt_below_covered`.
    What check digits tell apart has left a field's doubt by then: this is the margin by which a character has
    to be likelier than those of its value modulo 10, and far above that of a near tie which check digits may
    decide (`mrz.decoding.sums.NEAR_TIE`)."""

    temperature: float
    outlier: float
    outlier_share: float
    slope: float
    offset: float
    doubt_below: float
    doubt_below_covered: float

    def tempered(self, logs: Matrix) -> Matrix:
        """(cells, 37) log probabilities as the recogniser says them; probabilities as they hold."""
        scaled = logs / self.temperature
        cells = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        cells /= cells.sum(axis=1, keepdims=True)
        outlier = self.outlier + self.outlier_share * float((1 - cells.max(axis=1)).mean())
        return (1 - outlier) * cells + outlier / 37

    def field(self, probability: float) -> float:
        """The calibrated probability that a field is right."""
        odds = float(log_odds(np.array([probability]))[0])
        return float(1 / (1 + np.exp(-(self.slope * odds + self.offset))))


@cache
def calibration(frames: int) -> Calibration:
    """The committed figures for a reading of so many frames."""
    file = Path(__file__).parents[1] / "data" / "confidence.toml"
    with file.open("rb") as opened:
        return Calibration(**tomllib.load(opened)["single" if frames == 1 else "fused"])


def log_odds(probabilities: Matrix) -> Matrix:
    """Natural logarithm, of at most a million to one."""
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.log(clipped) - np.log1p(-clipped)


@dataclass(frozen=True, slots=True)
class Bin:
    """Fields stated between `low` and `high`: how many, their mean stated probability, the share right."""

    low: float
    high: float
    count: int
    stated: float
    right: float


EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
"""Finer where decisions are made."""


def reliability(stated: Matrix, right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """The reliability diagram as numbers; empty bins are left out."""
    bins: list[Bin] = []
    for low, high in pairwise(EDGES):
        inside = (stated >= low) & ((stated < high) if high < 1 else (stated <= 1))
        if inside.any():
            bins.append(
                Bin(low, high, int(inside.sum()), float(stated[inside].mean()), float(right[inside].mean()))
            )
    return tuple(bins)


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: mean distance of stated and true frequency, weighted by fields."""
    count = sum(each.count for each in bins)
    return sum(each.count * abs(each.stated - each.right) for each in bins) / count if count else 0.0
