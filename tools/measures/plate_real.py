"""Plates on real photographs that no maker of ours saw, with truth; rapidocr with a pattern beside.

`exact` is every character.  A false reading is one that belongs to no plate of the picture; sure and wrong is
any reading at 0.9 or more whose text is no plate of the picture.  Rectified crops are told apart: a lane's
camera gives none.
"""

from collections.abc import Callable, Sequence

from measures import Figure, Measurement, at_least, at_most, percentile, shown
from measures.rigs.plate_pictures import real_pictures
from measures.rigs.plate_readers import OURS, PEERS, outcomes_of
from measures.rigs.plate_scoring import SURE, Outcome, Scored, calibration_error

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
        name, share, beside = (
            f"plate-real-exact-{country.lower()}",
            exact(ours, country),
            _beside(frames, lambda each, which=country: exact(each, which)),
        )
        unit = f"of {len(_plates(ours, country))} plates"
        if country in EXACT_MIN:
            figures.append(at_least(name, share, unit, EXACT_MIN[country], beside))
        else:
            figures.append(shown(name, share, unit, beside))
    two = [one for one in _plates(ours) if one.plate.lines == 2]
    plates, cropped = f"of {len(_plates(ours))} plates", len(_plates(crops[OURS]))
    figures += [
        shown("plate-real-exact", exact(ours), plates, _beside(frames, exact)),
        shown("plate-real-exact-folded", _folded(ours), plates, _beside(frames, _folded)),
        shown("plate-real-crops-exact", exact(crops[OURS]), f"of {cropped} crops", _beside(crops, exact)),
        shown("plate-real-two-line-exact", sum(one.exact for one in two), f"of {len(two)} plates"),
        shown("plate-real-found", _found(ours), plates, _beside(frames, _found)),
        shown("plate-real-character-errors", _errors(ours), "of characters", _beside(frames, _errors)),
        at_most("plate-real-false", _false(ours), "a frame", 0.05, _beside(frames, _false)),
        at_most(
            "plate-real-sure-and-wrong", _wrong(ours), "a frame", 0.01,
            f"{sum(one.sure_and_wrong for one in ours)} of {count} frames; " + _beside(frames, _wrong),
        ),
        shown("plate-real-country-right", _country(ours, right=True), "of exact readings"),
        at_most("plate-real-country-wrong", _country(ours, right=False), f"of readings at {SURE}", 0.01),
        at_most("plate-real-calibration", calibration_error(ours), "expected error", 0.05),
        at_most("plate-real-cpu", _cpu(ours), "s a frame", 0.25, _beside(frames, _cpu, " s")),
        at_most("plate-real-memory", _memory(ours), "MB", 400, _beside(frames, _memory, " MB")),
    ]  # fmt: skip
    return figures


Outcomes = Sequence[Outcome]


def _plates(outcomes: Outcomes, country: str | None = None) -> list[Scored]:
    every = [one for outcome in outcomes for one in outcome.plates]
    if country == "other":
        return [one for one in every if one.plate.country not in SHOWN]
    return [one for one in every if country in (None, one.plate.country)]


def exact(outcomes: Outcomes, country: str | None = None) -> float:
    plates = _plates(outcomes, country)
    return sum(one.exact for one in plates) / max(1, len(plates))


def _folded(outcomes: Outcomes) -> float:
    plates = _plates(outcomes)
    return sum(one.exact_folded for one in plates) / max(1, len(plates))


def _found(outcomes: Outcomes) -> float:
    plates = [one for one in _plates(outcomes) if one.plate.box is not None]
    return sum(one.found for one in plates) / max(1, len(plates))


def _errors(outcomes: Outcomes) -> float:
    plates = _plates(outcomes)
    return sum(one.distance for one in plates) / max(1, sum(len(one.plate.text or "") for one in plates))


def _false(outcomes: Outcomes) -> float:
    return sum(len(one.false) for one in outcomes) / max(1, len(outcomes))


def _wrong(outcomes: Outcomes) -> float:
    return sum(one.sure_and_wrong for one in outcomes) / max(1, len(outcomes))


def _country(outcomes: Outcomes, right: bool) -> float:
    """Right of the exact readings; wrong of the sure ones (none named is neither)."""
    readings = [(one.plate.country.split("-")[0], one) for one in _plates(outcomes) if one.reading]
    if right:
        read = [(country, one) for country, one in readings if one.exact]
        return sum(one.reading.country == country for country, one in read if one.reading) / max(1, len(read))
    sure = [
        (country, one.reading) for country, one in readings if one.reading and one.reading.confidence >= SURE
    ]
    return sum(each.country not in (None, *country.split("/")) for country, each in sure) / max(1, len(sure))


def _cpu(outcomes: Outcomes) -> float:
    return percentile([one.answer.cpu_s for one in outcomes], 0.5)


def _memory(outcomes: Outcomes) -> float:
    return max(one.answer.peak_mb for one in outcomes)


def _beside(every: dict[str, list[Outcome]], figure: Callable[[Outcomes], float], unit: str = "") -> str:
    return ", ".join(f"{name} {figure(each):.3g}{unit}" for name, each in every.items() if name != OURS)


MEASUREMENTS = [Measurement(NAMES, run)]
