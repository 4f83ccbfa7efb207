"""How far a plate reading is to be trusted: fit what makes the reader's shares a confidence, and print it.

    .venv/bin/python tools/proof/fit_plates.py [--scenes 1200]      some 0.4 s a scene on one core

To be run again after the finder, the recogniser or the decoder changed; the figures are those of
`anpr/answers.py`.  The scenes are of the proof wardrobe with other seeds than the proof set's
(`plate_cases.py`); no photograph takes part.  A model is told on the half of the scenes that it was not
fitted on.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from measures.rigs.plate_figures import diagram_of
from measures.rigs.plate_scoring import SURE, error_of, reliability_of
from proof.plate_cases import Case, cases

from anpr.answers import CONFIDENCE_MAX, CONFIDENCE_MIN, halvings

Numbers = npt.NDArray[np.float64]
CLIP = 1e-4
"""Shares are looked at between this and 1 less this: beyond it log odds say nothing."""
SCORES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Set:
    """Cases as columns; logarithms as in `Case`."""

    scene: npt.NDArray[np.intp]
    finder: Numbers
    small: Numbers
    others: Numbers
    no_plate: Numbers
    in_word: Numbers
    plate: npt.NDArray[np.bool_]
    right: npt.NDArray[np.bool_]

    def share(self, no_plate: Numbers | float = 0.0) -> Numbers:
        """Of the likeliest text among all explanations, with `no_plate` added to the score of none."""
        return 1 / (1 + np.exp(self.others) + np.exp(np.minimum(self.no_plate + no_plate, 500)))


def columns(among: Sequence[Case]) -> Set:
    return Set(
        scene=np.array([each.scene for each in among]),
        finder=np.array([each.finder for each in among]),
        small=np.array([halvings(each.width) for each in among]),
        others=np.minimum(np.array([each.others for each in among]), 500),
        no_plate=np.array([each.no_plate for each in among]),
        in_word=np.array([float(each.in_word) for each in among]),
        plate=np.array([bool(each.true) for each in among]),
        right=np.array([each.right for each in among]),
    )


def log_odds(shares: Numbers) -> Numbers:
    clipped = np.clip(shares, CLIP, 1 - CLIP)
    return np.log(clipped) - np.log1p(-clipped)


def logistic(features: Numbers, truth: npt.NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Weights of the most likely logistic model of `truth`, and their standard errors (Newton's steps)."""
    weights = np.zeros(features.shape[1])
    curvature = np.eye(len(weights))
    for _ in range(60):
        chance = 1 / (1 + np.exp(-(features @ weights)))
        curvature = (features * (chance * (1 - chance))[:, None]).T @ features + 1e-3 * np.eye(len(weights))
        gradient = features.T @ (truth - chance) - 1e-3 * weights
        weights = weights + np.clip(np.linalg.solve(curvature, gradient), -2, 2)
    return weights, np.sqrt(np.diag(np.linalg.inv(curvature)))


def loss(stated: Numbers, right: npt.NDArray[np.bool_]) -> float:
    """Minus the mean log likelihood."""
    clipped = np.clip(stated, CLIP, 1 - CLIP)
    return float(-np.log(np.where(right, clipped, 1 - clipped)).mean())


def no_plate_likeliest(of: Set) -> tuple[float, float]:
    """What to add to the score of no plate, base and slope over the finder's log odds, so that the shares
    themselves are most likely; by trying."""
    finder = log_odds(of.finder)
    grid = product(np.arange(-3, 6.1, 0.25).tolist(), np.arange(-1.5, 0.51, 0.05).tolist())
    return min(grid, key=lambda at: loss(of.share(at[0] + at[1] * finder), of.right))


Model = tuple[str, Callable[[Set], Numbers]]


def _features(of: Set, *more: Numbers) -> Numbers:
    return np.stack([np.ones(len(of.right)), log_odds(of.share()), *more], axis=1)


MODELS: tuple[Model, ...] = (
    ("a + b share", lambda of: _features(of)),
    ("a + b share + c finder", lambda of: _features(of, log_odds(of.finder))),
    ("a + b share + c finder + d small", lambda of: _features(of, log_odds(of.finder), of.small)),
    (
        "a + b share + c finder + d small + e in a word",
        lambda of: _features(of, log_odds(of.finder), of.small, of.in_word),
    ),
)
"""`share` and `finder` are log odds, `small` is how often the plate's width is halved (`anpr.answers`); what
comes out is the log odds of being right."""


def told(name: str, stated: Numbers, of: Set) -> str:
    """What these confidences are worth."""
    stated = np.minimum(stated, CONFIDENCE_MAX)
    said, sure = stated >= CONFIDENCE_MIN, stated >= SURE
    rows = list(zip(stated[said].tolist(), of.right[said].tolist(), strict=True))
    return (
        f"  {name}: loss {loss(stated, of.right):.4f}; told {said.sum()}, of which exact "
        f"{(said & of.right).sum()}, no plate {(said & ~of.plate).sum()}; calibration error "
        f"{error_of(reliability_of(rows)):.4f}; at {SURE} {sure.sum()}, of which wrong "
        f"{(sure & ~of.right).sum()}"
    )


def diagram(stated: Numbers, of: Set) -> str:
    rows = list(zip(stated.tolist(), of.right.tolist(), strict=True))
    return f"    {diagram_of(reliability_of(rows, 20))}"


def held_out(model: Callable[[Set], Numbers], of: Set) -> Numbers:
    """Each half of the scenes by what was fitted on the other."""
    features, even = model(of), of.scene % 2 == 0
    stated = np.zeros(len(of.right))
    for half in (even, ~even):
        weights, _ = logistic(features[~half], of.right[~half])
        stated[half] = 1 / (1 + np.exp(-(features[half] @ weights)))
    return stated


def report(every: Sequence[Case]) -> None:
    among = [each for each in every if not each.sole]
    soles = [each for each in every if each.sole]
    of, whole = columns(among), columns(every)
    print(
        f"{len(every)} candidates of {len({each.scene for each in every})} scenes, {whole.plate.sum()} on "
        f"plates; {whole.right.sum()} texts right.\n{len(soles)} texts fit catch-alls alone, of which right: "
        f"{sum(each.right for each in soles)}; they are left out below, but for the finder."
    )
    print("the finder's score: candidates, share on a plate, share of these read right")
    for low, high in pairwise(SCORES):
        inside = (whole.finder >= low) & (whole.finder < high)
        on = inside & whole.plate
        shares = on.sum() / max(1, inside.sum()), whole.right[on].sum() / max(1, on.sum())
        print(f"  {low} to {high}: {inside.sum()}, {shares[0]:.3f}, {shares[1]:.3f}")
    finder = log_odds(whole.finder)
    odds, errors = logistic(np.stack([np.ones(len(finder)), finder], axis=1), ~whole.plate)
    print(
        f"log odds of no plate: {_weights(odds, errors)} (base, slope over the finder's log odds); at a score"
    )
    at = log_odds(np.array(SCORES))
    values = zip(SCORES, (odds[0] + odds[1] * at).tolist(), strict=True)
    print("  " + ", ".join(f"{score}: {value:.2f}" for score, value in values))
    base, slope = no_plate_likeliest(of)
    moved = of.share(base + slope * log_odds(of.finder))
    print(f"shares are likeliest with {base:+.2f} {slope:+.2f} finder added to NO_PLATE")
    print("what confidences are worth:")
    print(told("the share itself", of.share(), of))
    print(diagram(of.share(), of))
    print(told("the share with that NO_PLATE", moved, of))
    for name, model in MODELS:
        print(f"  log odds of being right = {name}: {_weights(*logistic(model(of), of.right))}")
        stated = held_out(model, of)
        print(told("held out", stated, of))
        print(diagram(stated, of))
    stated = held_out(MODELS[-1][1], of)
    print("sure and wrong by the last: stated, the finder's score, lines, read, true (empty: no plate)")
    for each, confidence in zip(among, stated.tolist(), strict=True):
        if confidence >= SURE and not each.right:
            print(f"  {confidence:.3f} {each.finder:.2f} {each.lines} {each.read} {each.true} ({each.scene})")


def _weights(weights: Numbers, errors: Numbers) -> str:
    return ", ".join(
        f"{weight:.3f} ± {error:.3f}" for weight, error in zip(weights.tolist(), errors.tolist(), strict=True)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1200)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    every: list[Case] = []
    for case in cases(arguments.scenes):
        every.append(case)
        if len(every) % 200 == 0:
            print(f"{len(every)} candidates", file=sys.stderr, flush=True)
    report(every)


if __name__ == "__main__":
    main()
