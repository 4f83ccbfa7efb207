"""Vehicles that come, stand and leave before a camera, their frames voted on as a lane does.

Of each drive up to 16 frames are read in which the vehicle's plate is whole: 10 drives, with FULL=1 200.
They go through the lane's own vote, which has looked at the empty lane before and after another vehicle, as
in a lane at work; that other vehicle is not drawn.  A drive is exact when the plate that the lane goes by is
the vehicle's; wrong is a plate that the lane was told at 0.9 or more and is not the vehicle's, or one that
was agreed so and is not there.  Peers do not vote: they have four frames of each drive, one by one.
"""

from measures import Figure, Measurement, at_least, at_most, percentile, shown
from measures.rigs.plate_driven import Driven
from measures.rigs.plate_drives import drives
from measures.rigs.plate_figures import diagram_of
from measures.rigs.plate_readers import READERS, PeerUnavailable, outcomes_of
from measures.rigs.plate_scoring import SURE, error_of, reliability_of

DRIVES, DRIVES_SHORT = 200, 10
EXACT_MIN, CALIBRATION_MAX = 0.97, 0.05
NAMES = tuple(
    f"plate-drives-{name}"
    for name in (
        "exact", "two-line-exact", "frame-exact", "sure-and-wrong", "country-right", "calibration", "cpu",
        "countries-whole",
    )
)  # fmt: skip


def run(full: bool) -> list[Figure]:
    driven = list(drives(DRIVES if full else DRIVES_SHORT, keep=full))
    missed = ", ".join(one.miss for one in driven if not one.exact)
    two = [one for one in driven if one.lines == 2]
    frames = sum(len(one.frames) for one in driven)
    alone = sum(one.true in texts for one in driven for texts in one.frames)
    wrong = [f"{one.name}: {one.true} as {text}" for one in driven for text in one.wrong(SURE)]
    best = sum(bool(one.agreed) and one.agreed[0].text == one.true for one in driven)
    missed = f"best supported in {best}" + (missed and f", missed {missed}")
    named = [(one.agreed[0].country, one.country) for one in driven if one.exact]
    right = sum(said == true for said, true in named)
    unknown = sum(said is None for said, _ in named)
    bins = reliability_of([row for one in driven for row in one.confidences])
    error, stated = error_of(bins), diagram_of(bins)
    cpu_s = percentile([one.cpu_s for one in driven], 0.5)
    return [
        at_least(NAMES[0], _exact(driven), f"of {len(driven)} drives", EXACT_MIN, missed),
        shown(NAMES[1], _exact(two), f"of {len(two)} drives"),
        shown(NAMES[2], alone / max(1, frames), f"of {frames} frames alone", _peers(driven, full)),
        at_most(NAMES[3], len(wrong), f"plates at {SURE}", 0, ", ".join(wrong)),
        shown(
            NAMES[4], right / max(1, len(named)), "of exact drives",
            f"wrong {len(named) - right - unknown}, unknown {unknown}",
        ),
        # A dozen plates say nothing of frequencies.
        at_most(NAMES[5], error, "expected error", CALIBRATION_MAX, stated)
        if full
        else shown(NAMES[5], error, "expected error", stated),
        shown(NAMES[6], cpu_s, "s a frame of 960 px"),
        _by_country(driven),
    ]  # fmt: skip


def _by_country(driven: list[Driven]) -> Figure:
    counts: dict[str, tuple[int, int]] = {}
    for one in sorted(driven, key=lambda one: one.country):
        exact, every = counts.get(one.country, (0, 0))
        counts[one.country] = exact + one.exact, every + 1
    said = ", ".join(f"{country} {exact} of {every}" for country, (exact, every) in counts.items())
    whole = sum(exact == every for exact, every in counts.values())
    return shown(NAMES[7], whole, f"of {len(counts)} countries, every drive exact", said)


def _peers(driven: list[Driven], full: bool) -> str:
    """How many of some frames each peer reads the vehicle's plate in."""
    shots = [(one.true, shot) for one in driven for shot in one.shots]
    said: list[str] = []
    for peer in READERS if shots else ():
        try:
            outcomes = outcomes_of(peer, [shot for _, shot in shots], keep=full)
        except PeerUnavailable as why:
            said.append(f"{peer} skipped: {why}")
            continue
        read = sum(
            any(reading.text == true for reading in outcome.answer.readings)
            for (true, _), outcome in zip(shots, outcomes, strict=True)
        )
        said.append(f"{peer} {read / len(shots):.3g} of {len(shots)} frames")
    return ", ".join(said)


def _exact(driven: list[Driven]) -> float:
    return sum(one.exact for one in driven) / max(1, len(driven))


MEASUREMENTS = [Measurement(NAMES, run)]
