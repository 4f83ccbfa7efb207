"""How far a vote over frames is to be trusted: fit what makes its shares a confidence, and print it.

    .venv/bin/python tools/proof/fit_votes.py [--drives 250]      some 6 s a drive on one core

To be run again after the finder, the recogniser, the decoder or the calibration of single frames
(`tools/proof/fit_plates.py`) changed; the figure is `CALIBRATION` of `anpr/track.py`.  The drives are of the
proof wardrobe with other seeds than the measured ones; no photograph takes part.
"""

import argparse
import sys
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from measures.rigs.plate_drives import drives
from measures.rigs.plate_figures import diagram_of
from measures.rigs.plate_scoring import error_of, reliability_of
from proof.fit_plates import log_odds, loss

from anpr import track

FIRST_SEED = 1_000_000
FRAMES_MIN = 2
"""One frame alone keeps its own confidence; a twin's is what it may be at most, whatever the frames say."""
Numbers = npt.NDArray[np.float64]


def stated(shares: Numbers, more: Numbers, constant: float, slope: float) -> Numbers:
    """As `anpr.track` makes a confidence of a share; `more` is what spoke beyond one frame."""
    odds = log_odds(shares)
    calibrated = 1 / (1 + np.exp(-(odds + more * (constant + slope * odds))))
    return np.minimum(np.minimum(shares, calibrated), track.CONFIDENCE_MAX)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drives", type=int, default=250)
    wanted = parser.parse_args().drives
    cv2.setNumThreads(1)
    now, track.CALIBRATION = track.CALIBRATION, (0.0, 0.0)  # so that the shares themselves are told
    rows = [
        (each.confidence, each.frames, each.text in driven.there)
        for driven in drives(wanted, first_seed=FIRST_SEED)
        for each in driven.agreed
        if each.frames >= FRAMES_MIN and each.confidence != track.TWIN_MAX
    ]
    shares, frames = (np.array([float(row[column]) for row in rows]) for column in (0, 1))
    right = np.array([row[2] for row in rows])
    more = frames / (1 + track.CORRELATION * (frames - 1)) - 1
    grid = product(np.arange(-2, 1.01, 0.1).tolist(), np.arange(-0.8, 0.51, 0.05).tolist())
    best = min(grid, key=lambda at: loss(stated(shares, more, *at), right))
    print(f"{len(rows)} plates of {wanted} drives, {right.sum()} right")
    for name, at in (("the share itself", (0.0, 0.0)), ("as it is", now), ("likeliest", best)):
        told = stated(shares, more, *at)
        bins = reliability_of(list(zip(told.tolist(), right.tolist(), strict=True)))
        print(f"  {name}, {at[0]:.2f} {at[1]:.2f}: loss {loss(told, right):.4f}, error {error_of(bins):.4f}")
        print(f"    {diagram_of(bins)}")


if __name__ == "__main__":
    main()
