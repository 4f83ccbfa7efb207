"""The figures of `mrz.decoding.calibration` from readings with known truth; nothing here runs when reading.

fit_cells     temperature and outliers, from cells
fit_fields    slope and offset, from fields' uncalibrated probabilities
fit_doubt     below which confidence a field is doubtful, from documents
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mrz.decoding.calibration import Calibration, log_odds
from mrz.decoding.characters import Matrix

Bools = NDArray[np.bool_]

_TEMPERATURES = np.geomspace(0.4, 4, 47)
_OUTLIERS = (1e-5, 3e-5, 1e-4, 3e-4)
"""Never none: a set of pictures doesn't hold everything that happens to documents."""
_SHARES = (1e-3, 3e-3, 0.01, 0.03, 0.1)


def fit_cells(start: Calibration, pages: Sequence[tuple[Matrix, NDArray[np.intp]]]) -> Calibration:
    """Temperature and outliers with which the true characters of `pages` are most probable.

    A page is its log probabilities (cells, 37) and the true characters' columns (cells,).
    """
    logs = np.concatenate([page for page, _ in pages])
    truth = np.concatenate([columns for _, columns in pages])
    lengths = np.array([len(columns) for _, columns in pages])
    firsts = np.cumsum(lengths) - lengths
    best = (np.inf, start)
    for temperature in _TEMPERATURES.tolist():
        # As `Calibration.tempered` has it, of all pages at once.
        scaled = (logs - logs.max(axis=1, keepdims=True)) / temperature
        chances = np.exp(scaled)
        chances /= chances.sum(axis=1, keepdims=True)
        right = chances[np.arange(len(truth)), truth]
        doubt = np.add.reduceat(1 - chances.max(axis=1), firsts) / lengths
        for floor, share in product(_OUTLIERS, _SHARES):
            outlier = np.repeat(floor + share * doubt, lengths)
            loss = -float(np.log((1 - outlier) * right + outlier / logs.shape[1]).sum())
            if loss < best[0]:
                figures = replace(start, temperature=temperature, outlier=floor, outlier_share=share)
                best = (loss, figures)
    return best[1]


def fit_fields(start: Calibration, stated: Matrix, right: Bools) -> Calibration:
    """Slope and offset from fields' uncalibrated probabilities and their truth.

    Logistic regression by Newton's steps, held towards slope 1 and offset 0 so that a few hundred fields
    do not overfit.
    """
    odds, truth = log_odds(stated), right.astype(float)
    prior, pull = np.array([1.0, 0.0]), np.diag([2.0, 0.5])
    design = np.stack([odds, np.ones_like(odds)], axis=1)
    line = prior.copy()
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(design @ line)))
        gradient = design.T @ (truth - chance) - pull @ (line - prior)
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + pull
        line = line + np.clip(np.linalg.solve(curvature, gradient), -1, 1)
    return replace(start, slope=float(line[0]), offset=float(line[1]))


@dataclass(frozen=True, slots=True)
class Judged:
    """A document that was read, with its fields' calibrated confidences and which of them are right: fields
    that check digits cover, and open ones.  `told`: it is doubtful, inconsistent or unreadable
    whatever these confidences are; `exact`: every character is right."""

    open: tuple[tuple[float, bool], ...]
    covered: tuple[tuple[float, bool], ...]
    told: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Trade:
    """What two thresholds cost: `doubted`, share of the exactly read documents that they make doubtful;
    `wrong`, `wrong_covered`: documents accepted with a wrong field, seen and (`expected`) as stated."""

    below: float
    below_covered: float
    doubted: float
    wrong: int
    wrong_covered: int
    expected: float
    expected_covered: float
    documents: int

    @property
    def harm(self) -> float:
        """Seen and expected together, as few are seen; a covered field weighs most, for it seems proved."""
        return self.wrong + self.expected + COVERED_WEIGHT * (self.wrong_covered + self.expected_covered)


WRONG_MAX = 1 / 300
DOUBTED_MAX = 0.04
"""A fifth under what is promised (0.05): prints elsewhere are not those that the figures were fitted on."""
COVERED_WEIGHT = 5
THRESHOLDS = (0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999)
"""Never so low that a coin's toss is accepted, never so high that nothing is."""


def trades(documents: Sequence[Judged]) -> list[Trade]:
    """Every pair of thresholds with what it costs on these documents."""
    open_chances, covered_chances = (_least(documents, part) for part in ("open", "covered"))
    open_right, covered_right = (_right(documents, part) for part in ("open", "covered"))
    open_doubt, covered_doubt = (_doubt(documents, part) for part in ("open", "covered"))
    told = np.array([each.told for each in documents])
    exact = np.array([each.exact for each in documents])
    found: list[Trade] = []
    for below, below_covered in product(THRESHOLDS, THRESHOLDS):
        accepted = ~told & (open_chances >= below) & (covered_chances >= below_covered)
        found.append(
            Trade(
                below,
                below_covered,
                float((exact & ~told & ~accepted).sum() / max(1, exact.sum())),
                int((accepted & ~open_right).sum()),
                int((accepted & ~covered_right).sum()),
                float(open_doubt[accepted].sum()),
                float(covered_doubt[accepted].sum()),
                len(documents),
            )
        )
    return found


def fit_doubt(start: Calibration, documents: Sequence[Judged]) -> Calibration:
    """The thresholds that accept least wrongly while at most `DOUBTED_MAX` of the exact documents become
    doubtful.  Where so few can't be had, or would cost more than `WRONG_MAX` of all documents accepted
    wrongly, the ones that doubt least within that."""
    pairs = trades(documents)
    good = [each for each in pairs if each.wrong <= WRONG_MAX * each.documents]
    cheap = [each for each in good if each.doubted <= DOUBTED_MAX]
    if cheap:
        best = min(cheap, key=lambda each: (each.harm, each.doubted))
    elif good:
        best = min(good, key=lambda each: (each.doubted, each.harm))
    else:
        best = pairs[-1]
    return replace(start, doubt_below=best.below, doubt_below_covered=best.below_covered)


def _part(document: Judged, part: str) -> tuple[tuple[float, bool], ...]:
    return document.open if part == "open" else document.covered


def _least(documents: Sequence[Judged], part: str) -> Matrix:
    return np.array([min((chance for chance, _ in _part(each, part)), default=1.0) for each in documents])


def _right(documents: Sequence[Judged], part: str) -> Bools:
    return np.array([all(right for _, right in _part(each, part)) for each in documents])


def _doubt(documents: Sequence[Judged], part: str) -> Matrix:
    return np.array([1 - float(np.prod([c for c, _ in _part(each, part)] or [1.0])) for each in documents])
