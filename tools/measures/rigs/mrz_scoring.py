"""What a reader's answers are worth against the truth, by picture, document, line, character and field."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from measures.rigs.mrz_pictures import Picture
from measures.rigs.mrz_readers import Answer, Reported
from mrz.errors import MrzError
from mrz.layouts import Layout, layout_of
from mrz.parsing import parse

_NAMES = {"surname": "names", "given_names": "names"}
"""The visual names of a field that the zone prints in one place."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One document of one picture: what was expected and what was read.  `read` is None where nothing was
    reported, or no text.  Wrong fields are those that differ and are not called doubtful.  `doubt_due`: what
    is printed is doubtful by itself (a date that no calendar has), so that saying so is right."""

    expected: tuple[str, ...]
    read: tuple[str, ...] | None
    status: str
    exact: bool
    lines_right: int
    distance: int
    valid_but_wrong: bool
    accepted_wrong_covered: bool
    accepted_wrong_uncovered: bool
    doubt_due: bool = False
    confidences: tuple[tuple[float, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One picture.  `spurious` are documents reported that are not there."""

    picture: Picture
    answer: Answer
    documents: tuple[Scored, ...]
    spurious: tuple[Reported, ...] = field(default=())

    @property
    def exact(self) -> bool:
        """Every character of every line of every document."""
        return bool(self.documents) and all(document.exact for document in self.documents)

    @property
    def found(self) -> bool:
        return bool(self.answer.documents)


def score(picture: Picture, answer: Answer) -> Outcome:
    """Each expected document is compared with the reported one that is nearest to it."""
    left = list(answer.documents)
    scored: list[Scored] = []
    for expected in picture.documents:
        nearest = min(left, key=lambda one: _distance(expected, one.lines), default=None)
        if nearest is not None:
            left.remove(nearest)
        scored.append(_scored(expected, nearest))
    return Outcome(picture, answer, tuple(scored), tuple(left))


def _distance(expected: tuple[str, ...], read: tuple[str, ...]) -> int:
    """Characters to insert, delete or replace; at most the expected ones: what nothing costs."""
    whole = sum(map(len, expected))
    return min(whole, Levenshtein.distance("".join(expected), "".join(read)))


def _scored(expected: tuple[str, ...], reported: Reported | None) -> Scored:
    lines = reported.lines if reported else ()
    exact = lines == expected
    accepted = reported is not None and reported.status in ("verified", "corrected") and bool(lines)
    layout = layout_of(expected)
    assert layout is not None, f"the truth has no format's shape: {expected}"
    wrong = wrong_fields(layout, expected, lines) - _plain(reported.doubtful if reported else ())
    return Scored(
        expected=expected,
        read=lines or None,
        status=reported.status if reported else "",
        exact=exact,
        lines_right=sum(one == other for one, other in zip(expected, lines, strict=False)),
        distance=_distance(expected, lines),
        valid_but_wrong=bool(lines) and not exact and _valid(lines),
        accepted_wrong_covered=accepted and any(layout.covers(name) for name in wrong),
        accepted_wrong_uncovered=accepted and any(not layout.covers(name) for name in wrong),
        doubt_due=bool(parse(expected).doubtful),
        confidences=_confidences(layout, expected, reported),
    )


def wrong_fields(layout: Layout, expected: tuple[str, ...], lines: tuple[str, ...]) -> set[str]:
    """Fields whose print differs; all of them where the shape does."""
    if [len(line) for line in lines] != [len(line) for line in expected]:
        return _plain(layout.fields)
    return _plain(name for name, place in layout.fields.items() if place.of(expected) != place.of(lines))


def _plain(names: Iterable[str]) -> set[str]:
    return {_NAMES.get(name, name) for name in names}


def _valid(lines: tuple[str, ...]) -> bool:
    """Whether the lines are a zone whose check digits all hold."""
    try:
        return not parse(lines).wrong_check_digits
    except MrzError:
        return False


def _confidences(
    layout: Layout, expected: tuple[str, ...], reported: Reported | None
) -> tuple[tuple[float, bool], ...]:
    if reported is None or not reported.lines:
        return ()
    wrong = wrong_fields(layout, expected, reported.lines)
    known = _plain(layout.fields)
    return tuple(
        (value, _NAMES.get(name, name) not in wrong)
        for name, value in reported.confidence.items()
        if _NAMES.get(name, name) in known
    )


@dataclass(frozen=True, slots=True)
class Reliability:
    """Ten bins of confidence (its mean, share right, how many) and the expected calibration error."""

    bins: tuple[tuple[float, float, int], ...]
    error: float

    def __str__(self) -> str:
        return ", ".join(f"{said:.2f}: {right:.2f} right of {count}" for said, right, count in self.bins)


def reliability(values: list[tuple[float, bool]]) -> Reliability:
    """How far stated confidence is what it says."""
    bins: list[tuple[float, float, int]] = []
    error = 0.0
    for place in range(10):
        inside = [one for one in values if min(9, int(one[0] * 10)) == place]
        if inside:
            said = sum(value for value, _ in inside) / len(inside)
            right = sum(correct for _, correct in inside) / len(inside)
            bins.append((said, right, len(inside)))
            error += abs(said - right) * len(inside) / len(values)
    return Reliability(tuple(bins), error)
