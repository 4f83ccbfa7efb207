"""From what the networks say to probabilities that hold: applied when reading, fitted when measuring.

    cells     temperature and a floor for what the recogniser rules out too surely (`tempered`, `fit_cells`)
    fields    a logistic line over the log odds of a field (`Calibration.field`, `fit_fields`)
    diagram   stated against true frequency in bins (`reliability`, `calibration_error`)

The figures stand in `mrz/data/confidence.toml`, for one picture and for fused frames apart: whoever measures
writes what `fit_cells` and `fit_fields` return there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    cell, as sure misreadings come where others are unsure.  `slope`, `offset` map a field's log odds;
    a field below `doubt_below` is doubtful, and one of whose characters is less than `unseen_odds` times as
    probable as another that no check digit would tell from it."""

    temperature: float
    outlier: float
    outlier_share: float
    slope: float
    offset: float
    doubt_below: float
    unseen_odds: float

    def tempered(self, logs: Matrix) -> Matrix:
        """(cells, 37) log probabilities as the recogniser says them; probabilities as they hold."""
        scaled = logs / self.temperature
        cells = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        cells /= cells.sum(axis=1, keepdims=True)
        outlier = self.outlier + self.outlier_share * float((1 - cells.max(axis=1)).mean())
        return (1 - outlier) * cells + outlier / 37

    def field(self, probability: float) -> float:
        """The calibrated probability that a field is right."""
        odds = float(_log_odds(np.array([probability]))[0])
        return float(1 / (1 + np.exp(-(self.slope * odds + self.offset))))


@cache
def calibration(frames: int) -> Calibration:
    """The committed figures for a reading of so many frames."""
    file = Path(__file__).parents[1] / "data" / "confidence.toml"
    with file.open("rb") as opened:
        return Calibration(**tomllib.load(opened)["single" if frames == 1 else "fused"])


def _log_odds(probabilities: Matrix) -> Matrix:
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.log(clipped) - np.log1p(-clipped)


def fit_cells(start: Calibration, pages: Sequence[tuple[Matrix, NDArray[np.intp]]]) -> Calibration:
    """Temperature and outliers with which the true characters of `pages` are most probable.

    A page is its log probabilities (cells, 37) and the true characters' columns (cells,).
    """

    def loss(tried: Calibration) -> float:
        return -sum(
            float(np.log(tried.tempered(logs)[np.arange(len(truth)), truth]).sum()) for logs, truth in pages
        )

    best = start
    for temperature in np.geomspace(0.5, 4, 13):
        for outlier in (1e-5, 3e-5, 1e-4, 3e-4):
            for share in (0.01, 0.02, 0.05, 0.1):
                tried = replace(start, temperature=float(temperature), outlier=outlier, outlier_share=share)
                best = min(best, tried, key=loss)
    return best


def fit_fields(
    start: Calibration, stated: Matrix, right: NDArray[np.bool_], *, wrong_accepted: float = 1 / 2000
) -> Calibration:
    """Slope, offset and the threshold of doubt from fields' uncalibrated probabilities and their truth.

    Logistic regression by Newton's steps, held towards slope 1 and offset 0 so that a few hundred fields
    do not overfit.  `doubt_below` is the lowest at which at most `wrong_accepted` of the accepted fields are
    wrong, by the errors seen (one more counted in) and by those that the fit expects.
    """
    odds, truth = _log_odds(stated), right.astype(float)
    prior, pull = np.array([1.0, 0.0]), np.diag([2.0, 0.5])
    design = np.stack([odds, np.ones_like(odds)], axis=1)
    line = prior.copy()
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(design @ line)))
        gradient = design.T @ (truth - chance) - pull @ (line - prior)
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + pull
        line = line + np.clip(np.linalg.solve(curvature, gradient), -1, 1)
    fitted = 1 / (1 + np.exp(-(design @ line)))
    order = np.argsort(-fitted, kind="stable")
    wrong = np.maximum(np.cumsum(~right[order]) + 1, np.cumsum(1 - fitted[order]))
    good = np.flatnonzero(wrong <= wrong_accepted * np.arange(1, len(order) + 1))
    threshold = float(fitted[order][good[-1]]) if len(good) else 0.995
    # Never so low that a coin's toss is accepted, never so high that nothing is.
    return replace(
        start, slope=float(line[0]), offset=float(line[1]), doubt_below=min(max(threshold, 0.9), 0.9995)
    )


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
