"""Vehicles that come, stand and leave before a camera, their frames voted on as a lane does.

Of each drive up to 16 frames are read in which the vehicle's plate is whole: 10 drives, with FULL=1 200.  A
drive is exact when the plate that is best supported is the vehicle's; wrong is a plate agreed at 0.9 or more
by enough frames to be told that is not there, or that is a parked vehicle's and would be taken for the one
that comes.
"""

from measures import Figure, Measurement, at_least, at_most, percentile, shown
from measures.rigs.plate_drives import Driven, drives
from measures.rigs.plate_figures import diagram_of
from measures.rigs.plate_scoring import SURE, error_of, reliability_of

DRIVES, DRIVES_SHORT = 200, 10
EXACT_MIN, CALIBRATION_MAX = 0.97, 0.05
NAMES = tuple(
    f"plate-drives-{name}"
    for name in (
        "exact", "two-line-exact", "frame-exact", "sure-and-wrong", "country-right", "calibration", "cpu",
    )
)  # fmt: skip


def run(full: bool) -> list[Figure]:
    driven = list(drives(DRIVES if full else DRIVES_SHORT))
    missed = ", ".join(_missed(one) for one in driven if not one.exact)
    two = [one for one in driven if one.lines == 2]
    frames = sum(len(one.frames) for one in driven)
    alone = sum(any(each.text == one.true for each in plates) for one in driven for plates in one.frames)
    wrong = [f"{one.name}: {one.true} as {each.text}" for one in driven for each in one.wrong(SURE)]
    missed = missed and f"missed {missed}"
    named = [one.agreed[0].country for one in driven if one.exact]
    right = sum(one.agreed[0].country == one.country for one in driven if one.exact)
    bins = reliability_of([row for one in driven for row in one.confidences])
    error, stated = error_of(bins), diagram_of(bins)
    cpu_s = percentile([one.cpu_s for one in driven], 0.5)
    return [
        at_least(NAMES[0], _exact(driven), f"of {len(driven)} drives", EXACT_MIN, missed),
        shown(NAMES[1], _exact(two), f"of {len(two)} drives"),
        shown(NAMES[2], alone / max(1, frames), f"of {frames} frames alone"),
        at_most(NAMES[3], len(wrong), f"plates at {SURE}", 0, ", ".join(wrong)),
        shown(
            NAMES[4], right / max(1, len(named)), "of exact drives", f"unknown {named.count(None)}"
        ),
        # A dozen plates say nothing of frequencies.
        at_most(NAMES[5], error, "expected error", CALIBRATION_MAX, stated)
        if full
        else shown(NAMES[5], error, "expected error", stated),
        shown(NAMES[6], cpu_s, "s a frame of 960 px"),
    ]  # fmt: skip


def _exact(driven: list[Driven]) -> float:
    return sum(one.exact for one in driven) / max(1, len(driven))


def _missed(one: Driven) -> str:
    """Numbers are synthetic: they may be told."""
    said = " ".join(f"{each.text} {each.confidence:.2f} of {each.frames}" for each in one.agreed[:2])
    return f"{one.name}: {one.true} as {said or 'nothing'}"


MEASUREMENTS = [Measurement(NAMES, run)]
