"""A plate reader's answer beside the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anpr.track import edits
from measures.rigs.plate_pictures import Box, Picture, Plate

SURE = 0.9
_TOUCHES = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """One plate that a reader reports; `confidence` 0 to 1, `country` None where it names none."""

    text: str
    country: str | None
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader said of one picture; `refused` are places that it looked at and read no plate."""

    readings: tuple[Reading, ...]
    cpu_s: float
    peak_mb: float
    error: str = ""
    refused: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """One plate of the truth with the reading that was taken for it, if any; `found`: its place was, whatever
    was read there."""

    plate: Plate
    reading: Reading | None
    found: bool

    @property
    def exact(self) -> bool:
        return self.reading is not None and same(self.plate.text, self.reading.text)

    @property
    def exact_folded(self) -> bool:
        return self.reading is not None and same(folded(self.plate.text), folded(self.reading.text))

    @property
    def distance(self) -> int:
        """Characters wrong, missing or too many; of an unread plate all."""
        text = self.plate.text or ""
        return edits(text.replace("*", ""), self.reading.text if self.reading else "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One picture: its plates that have a text, and readings of plates that are not there."""

    picture: Picture
    answer: Answer
    plates: tuple[Scored, ...]
    false: tuple[Reading, ...]

    @property
    def sure_and_wrong(self) -> int:
        """Readings at `SURE` or more whose text is no plate of the picture."""
        wrong = [one.reading for one in self.plates if one.reading and not one.exact]
        return sum(reading.confidence >= SURE for reading in (*wrong, *self.false))


def score(picture: Picture, answer: Answer) -> Outcome:
    """Readings are given to the plates they touch, the likeliest first; without a box by their text."""
    left = sorted(answer.readings, key=lambda reading: -reading.confidence)
    scored: list[Scored] = []
    for plate in picture.plates:
        near = [reading for reading in left if _belongs(plate, reading)]
        best = max(
            near, key=lambda reading: (same(plate.text, reading.text), reading.confidence), default=None
        )
        # Two readings of one plate are one right and one false.
        left = [reading for reading in left if reading is not best]
        places = (*answer.refused, *((best.box,) if best else ()))
        found = (
            best is not None
            if plate.box is None
            else any(overlap(plate.box, place) >= plate.found_at for place in places)
        )
        if plate.text is not None:
            scored.append(Scored(plate, best, found))
    return Outcome(picture, answer, tuple(scored), tuple(left))


def _belongs(plate: Plate, reading: Reading) -> bool:
    return plate.box is None or touches(plate.box, reading.box)


def touches(plate: Box, reading: Box) -> bool:
    """Whether a reading is taken for one of this plate."""
    return overlap(plate, reading) > _TOUCHES or _inside(plate, reading)


def _inside(outer: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def same(truth: str | None, text: str | None) -> bool:
    """`*` in the truth is any one character, or none where a reader leaves out what it can't spell."""
    if truth is None or text is None:
        return False
    if truth.startswith("*"):
        return text in (truth[1:],) or (len(text) == len(truth) and text[1:] == truth[1:])
    return text == truth


def folded(text: str | None) -> str | None:
    """O and 0 as one."""
    return None if text is None else text.replace("O", "0")


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    both = width * height
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / max(areas - both, 1e-9)


@dataclass(frozen=True, slots=True)
class Bin:
    """Readings of about one confidence: how many, their mean confidence, the share of them that is exact."""

    count: int
    stated: float
    right: float


def reliability(outcomes: Sequence[Outcome], bins: int = 10) -> tuple[Bin, ...]:
    """Of all readings, false ones too, over equal bins of confidence; empty bins are left out."""
    rows = [(s.reading.confidence, s.exact) for o in outcomes for s in o.plates if s.reading]
    rows += [(reading.confidence, False) for o in outcomes for reading in o.false]
    return reliability_of(rows, bins)


def reliability_of(rows: Sequence[tuple[float, bool]], bins: int = 10) -> tuple[Bin, ...]:
    """The same of confidences and whether each was right."""
    made: list[Bin] = []
    for index in range(bins):
        inside = [row for row in rows if index / bins <= row[0] < (index + 1) / bins + (index == bins - 1)]
        if inside:
            stated, right = (sum(float(row[part]) for row in inside) / len(inside) for part in (0, 1))
            made.append(Bin(len(inside), stated, right))
    return tuple(made)


def calibration_error(outcomes: Sequence[Outcome], bins: int = 10) -> float:
    """Expected calibration error: mean distance of stated and true frequency, weighted by readings."""
    return error_of(reliability(outcomes, bins))


def error_of(bins: Sequence[Bin]) -> float:
    count = sum(each.count for each in bins)
    return sum(each.count * abs(each.stated - each.right) for each in bins) / max(1, count)


def error_by_chance(bins: Sequence[Bin], draws: int = 4000) -> tuple[float, float]:
    """What `error_of` says of a reader that is right exactly as often as it states, of so many readings: on
    average, and in 95 of 100 sets at most.  So few are right or wrong by chance."""
    chance = np.random.default_rng(0)
    counts = np.array([each.count for each in bins])
    stated = np.array([each.stated for each in bins])
    right = chance.binomial(counts, stated, (draws, len(bins))) / counts
    errors = (np.abs(right - stated) * counts).sum(axis=1) / max(1, counts.sum())
    return float(errors.mean()), float(np.quantile(errors, 0.95))
