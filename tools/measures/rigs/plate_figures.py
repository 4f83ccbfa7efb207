"""What plate measurements say in common of scored answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from measures import percentile
from measures.rigs.plate_readers import OURS
from measures.rigs.plate_scoring import SURE, Bin, Outcome, Reading, Scored, reliability

Outcomes = Sequence[Outcome]
Named = Literal["right", "wrong", "unknown"]
Wanted = Callable[[Scored], bool]


def _any(_: Scored) -> bool:
    return True


def plates(outcomes: Outcomes, wanted: Wanted = _any) -> list[Scored]:
    """The plates that have a text."""
    return [one for outcome in outcomes for one in outcome.plates if wanted(one)]


def exact(outcomes: Outcomes, wanted: Wanted = _any) -> float:
    """Of plates."""
    among = plates(outcomes, wanted)
    return sum(one.exact for one in among) / max(1, len(among))


def exact_folded(outcomes: Outcomes) -> float:
    """Of plates, O and 0 as one."""
    every = plates(outcomes)
    return sum(one.exact_folded for one in every) / max(1, len(every))


def found(outcomes: Outcomes) -> float:
    """Of plates whose place is known."""
    every = plates(outcomes, lambda one: one.plate.box is not None)
    return sum(one.found for one in every) / max(1, len(every))


def character_errors(outcomes: Outcomes) -> float:
    """Of characters."""
    every = plates(outcomes)
    return sum(one.distance for one in every) / max(1, sum(len(one.plate.text or "") for one in every))


def false(outcomes: Outcomes) -> float:
    """Readings of no plate, a frame."""
    return sum(len(one.false) for one in outcomes) / max(1, len(outcomes))


def sure_and_wrong(outcomes: Outcomes) -> float:
    """A frame."""
    return sum(one.sure_and_wrong for one in outcomes) / max(1, len(outcomes))


def country(outcomes: Outcomes, what: Named) -> float:
    """Of exact readings: how many name the right country, a wrong one, none."""
    named = [_named(one, one.reading) for one in plates(outcomes) if one.reading and one.exact]
    return sum(each == what for each in named) / max(1, len(named))


def sure_of_wrong_country(outcomes: Outcomes) -> float:
    """Of sure readings of plates."""
    named = [
        _named(one, one.reading) for one in plates(outcomes) if one.reading and one.reading.confidence >= SURE
    ]
    return sum(each == "wrong" for each in named) / max(1, len(named))


def _named(one: Scored, reading: Reading) -> Named:
    if reading.country is None:
        return "unknown"
    # `EU-RO` is a part of EU; `MK/EU` may be either.
    return "right" if reading.country in one.plate.country.split("-")[0].split("/") else "wrong"


def cpu_s(outcomes: Outcomes) -> float:
    """A frame, median."""
    return percentile([one.answer.cpu_s for one in outcomes], 0.5)


def peak_mb(outcomes: Outcomes) -> float:
    return max(one.answer.peak_mb for one in outcomes)


def diagram(outcomes: Outcomes) -> str:
    """The reliability of all readings, as `calibration_error` counts them."""
    return diagram_of(reliability(outcomes))


def diagram_of(bins: Sequence[Bin]) -> str:
    return "stated: right " + ", ".join(
        f"{each.stated:.3f}: {each.right:.3f} of {each.count}" for each in bins
    )


def beside(every: Mapping[str, Outcomes], figure: Callable[[Outcomes], float], unit: str = "") -> str:
    """The peers' same figure, with how many pictures each had where they had fewer."""
    parts: list[str] = []
    for name, outcomes in every.items():
        if name != OURS:
            of = f" of {len(outcomes)} frames" if len(outcomes) != len(every[OURS]) else ""
            parts.append(f"{name} {figure(outcomes):.3g}{unit}{of}")
    return ", ".join(parts)
