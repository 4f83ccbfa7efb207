"""What plate measurements say in common of scored answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from measures import percentile
from measures.rigs.plate_scoring import SURE, Bin, Outcome, Reading, Scored, error_by_chance, reliability

Outcomes = Sequence[Outcome]
Named = Literal["right", "wrong", "unknown"]
Wanted = Callable[[Scored], bool]


@dataclass(frozen=True, slots=True)
class Compared:
    """Our outcomes beside those of peers by name: of readers, and of detectors, which read nothing; `skipped`
    says why a peer is missing."""

    ours: Outcomes
    readers: Mapping[str, Outcomes]
    detectors: Mapping[str, Outcomes]
    skipped: Mapping[str, str]

    def only(self, sort: str) -> "Compared":
        """Of the pictures of this sort."""

        def those(outcomes: Outcomes) -> Outcomes:
            return [one for one in outcomes if one.picture.sort == sort]

        readers, detectors = (
            {name: those(outcomes) for name, outcomes in each.items()}
            for each in (self.readers, self.detectors)
        )
        return Compared(those(self.ours), readers, detectors, self.skipped)

    def beside(self, figure: Callable[[Outcomes], float], unit: str = "") -> str:
        """The readers' same figure, with how many pictures each had where it had fewer."""
        return self._beside(self.readers, lambda outcomes: f"{figure(outcomes):.3g}{unit}")

    def beside_all(self, figure: Callable[[Outcomes], float], unit: str = "") -> str:
        """The same with the detectors'."""
        every = {**self.readers, **self.detectors}
        return self._beside(every, lambda outcomes: f"{figure(outcomes):.3g}{unit}")

    def missing(self) -> str:
        """The peers that are."""
        return "".join(f", {name} skipped: {why}" for name, why in self.skipped.items())

    def beside_named(self) -> str:
        """Of the readers that name countries: how many of their exact readings do so rightly."""
        naming = {name: each for name, each in self.readers.items() if _names_any(each)}
        return self._beside(naming, named)

    def _beside(self, peers: Mapping[str, Outcomes], said: Callable[[Outcomes], str]) -> str:
        parts: list[str] = []
        for name, outcomes in peers.items():
            of = f" of {len(outcomes)} pictures" if len(outcomes) != len(self.ours) else ""
            parts.append(f"{name} {said(outcomes)}{of}")
        return ", ".join(parts)


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


def _names_any(outcomes: Outcomes) -> bool:
    return country(outcomes, "right") > 0 or country(outcomes, "wrong") > 0


def named(outcomes: Outcomes) -> str:
    each: tuple[Named, ...] = ("right", "wrong", "unknown")
    return " ".join(f"{what} {country(outcomes, what):.3g}" for what in each)


def places(outcomes: Outcomes) -> float:
    """Looked at, a picture: who names every place finds all plates."""
    looked = sum(len(one.answer.readings) + len(one.answer.refused) for one in outcomes)
    return looked / max(1, len(outcomes))


def detection(every: Compared) -> str:
    """Beside `found`: the peers', and how many places each reader looks at for it."""
    looked = f"places a picture {places(every.ours):.3g}, {every.beside_all(places)}"
    return f"{every.beside_all(found)}{every.missing()}; {looked}"


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
    if not bins:
        return "nothing was stated"
    stated = ", ".join(f"{each.stated:.3f}: {each.right:.3f} of {each.count}" for each in bins)
    mean, most = error_by_chance(bins)
    return f"stated: right {stated}; exactly as sure as right: {mean:.3f}, 95 of 100 such under {most:.3f}"
