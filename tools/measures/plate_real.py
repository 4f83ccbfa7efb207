"""Plates on real photographs that no maker of ours saw, with truth; rapidocr with a pattern beside.

`exact` is every character.  A false reading is one that belongs to no plate of the picture; sure and wrong is
any reading at 0.9 or more whose text is no plate of the picture.  Rectified crops are told apart: a lane's
camera gives none.
"""

from functools import partial

from measures import Figure, Measurement, at_least, at_most, shown
from measures.rigs import plate_figures as of
from measures.rigs.plate_pictures import real_pictures
from measures.rigs.plate_readers import OURS, PEERS, outcomes_of
from measures.rigs.plate_scoring import SURE, Scored, calibration_error

EXACT_MIN = {"KZ": 0.85, "RU": 0.75, "EU": 0.85}
SHOWN = ("KZ", "RU", "EU", "EU-RO", "UA", "CN", "IR", "other")
NAMES = (
    *(f"plate-real-exact-{country.lower()}" for country in SHOWN),
    "plate-real-exact", "plate-real-exact-folded", "plate-real-crops-exact", "plate-real-two-line-exact",
    "plate-real-found", "plate-real-character-errors", "plate-real-false", "plate-real-sure-and-wrong",
    "plate-real-country-right", "plate-real-country-wrong", "plate-real-calibration", "plate-real-cpu",
    "plate-real-memory",
)  # fmt: skip


def run(full: bool) -> list[Figure]:
    pictures = real_pictures()
    if not pictures:
        missing = "not measured: no folder with the photographs; PLATE_IMAGES names one"
        return [shown(name, 0, "", missing) for name in NAMES]
    every = {reader: outcomes_of(reader, pictures) for reader in (OURS, *PEERS)}
    frames = {reader: [one for one in each if one.picture.sort == "frame"] for reader, each in every.items()}
    crops = {reader: [one for one in each if one.picture.sort == "crop"] for reader, each in every.items()}
    ours, count = frames[OURS], len(frames[OURS])
    figures: list[Figure] = []
    for country in SHOWN:
        wanted = partial(_of_country, country=country)
        name, share = f"plate-real-exact-{country.lower()}", partial(of.exact, wanted=wanted)
        unit = f"of {len(of.plates(ours, wanted))} plates"
        value, beside = share(ours), of.beside(frames, share)
        if country in EXACT_MIN:
            figures.append(at_least(name, value, unit, EXACT_MIN[country], beside))
        else:
            figures.append(shown(name, value, unit, beside))
    two = of.plates(ours, lambda one: one.plate.lines == 2)
    plates, cropped = f"of {len(of.plates(ours))} plates", len(of.plates(crops[OURS]))
    right = of.country(ours, "right")
    figures += [
        shown("plate-real-exact", of.exact(ours), plates, of.beside(frames, of.exact)),
        shown("plate-real-exact-folded", of.exact_folded(ours), plates, of.beside(frames, of.exact_folded)),
        shown(
            "plate-real-crops-exact", of.exact(crops[OURS]), f"of {cropped} crops", of.beside(crops, of.exact)
        ),
        shown("plate-real-two-line-exact", sum(one.exact for one in two), f"of {len(two)} plates"),
        shown("plate-real-found", of.found(ours), plates, of.beside(frames, of.found)),
        shown(
            "plate-real-character-errors", of.character_errors(ours), "of characters",
            of.beside(frames, of.character_errors),
        ),
        at_most("plate-real-false", of.false(ours), "a frame", 0.05, of.beside(frames, of.false)),
        at_most(
            "plate-real-sure-and-wrong", of.sure_and_wrong(ours), "a frame", 0.01,
            f"{sum(one.sure_and_wrong for one in ours)} of {count} frames; "
            + of.beside(frames, of.sure_and_wrong),
        ),
        shown(
            "plate-real-country-right", right, "of exact readings",
            f"wrong {of.country(ours, 'wrong'):.3g}, unknown {of.country(ours, 'unknown'):.3g}",
        ),
        at_most("plate-real-country-wrong", of.sure_of_wrong_country(ours), f"of readings at {SURE}", 0.01),
        at_most("plate-real-calibration", calibration_error(ours), "expected error", 0.05, of.diagram(ours)),
        at_most("plate-real-cpu", of.cpu_s(ours), "s a frame", 0.25, of.beside(frames, of.cpu_s, " s")),
        at_most("plate-real-memory", of.peak_mb(ours), "MB", 400, of.beside(frames, of.peak_mb, " MB")),
    ]  # fmt: skip
    return figures


def _of_country(one: Scored, country: str) -> bool:
    return one.plate.country not in SHOWN if country == "other" else one.plate.country == country


MEASUREMENTS = [Measurement(NAMES, run)]
