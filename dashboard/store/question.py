"""What passages are asked for, and which of it cannot be asked."""

import fnmatch
import re
from dataclasses import dataclass, replace

from dashboard.store.plate_spelling import WILDCARDS, searched
from dashboard.store.terms import (
    CHECK,
    DECISION,
    DOCUMENT,
    OFFICER,
    OUTCOME,
    PLATE,
    Slot,
    Term,
    check_term,
    document_term,
)
from lane_controller.messages.words import CheckOutcome

FIXED_CHARACTERS_MIN = 3
"""A plate with wildcards holds so many fixed characters, or the search a lane or a time: less would name half
the country."""
NOT_PASSED = tuple(outcome for outcome in CheckOutcome if outcome is not CheckOutcome.PASSED)

After = tuple[int, str, str, int]
"""The last row of the page before: arrival, lane, journal, passage."""


class SearchRefused(Exception):
    """The question cannot be asked so; the argument is a reason's code."""


@dataclass(frozen=True, slots=True)
class Question:
    """`plate` may hold * and ?; `document` is an exact number; `check` a check's name, `outcome` how one went
    (any but passed); `officer` who decided or commanded; times are of the arrival, microseconds."""

    plate: str = ""
    document: str = ""
    lane: str = ""
    decision: str = ""
    check: str = ""
    outcome: str = ""
    officer: str = ""
    from_us: int | None = None
    to_us: int | None = None
    after: After | None = None
    limit: int = 50

    def going_on(self, after: After) -> "Question":
        return replace(self, after=after)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One kind of term that a passage must have: one of `terms`, or a plate that fits a `pattern`; the terms
    of a pattern are all plates that fit, None until they are looked up and where they are many."""

    kind: str
    terms: tuple[str, ...] | None
    pattern: str = ""

    def fits(self, term: str) -> bool:
        return fnmatch.fnmatchcase(term, self.pattern) if self.pattern else term in (self.terms or ())

    @property
    def prefix(self) -> str:
        return re.split(r"[*?]", self.pattern)[0]

    @property
    def suffix(self) -> str:
        return re.split(r"[*?]", self.pattern)[-1]


def wanted_of(question: Question) -> list[Wanted]:
    """What the question asks of a passage's terms, the most telling first.  Raises SearchRefused."""
    found: list[Wanted] = []
    if question.document:
        number = document_term(question.document)
        if not number:
            raise SearchRefused("document_not_readable")
        found.append(Wanted(DOCUMENT, (number,)))
    if question.plate:
        found.append(_plate(question))
    if question.officer:
        found.append(Wanted(OFFICER, (question.officer.lower(),)))
    if question.check:
        outcomes = (question.outcome,) if question.outcome else NOT_PASSED
        found.append(Wanted(CHECK, tuple(check_term(question.check, outcome) for outcome in outcomes)))
    elif question.outcome:
        found.append(Wanted(OUTCOME, (question.outcome,)))
    if question.decision:
        found.append(Wanted(DECISION, (question.decision,)))
    return found


def _plate(question: Question) -> Wanted:
    pattern = re.sub(r"\*+", "*", searched(question.plate, WILDCARDS))
    if not set(pattern) & WILDCARDS:
        if not pattern:
            raise SearchRefused("plate_not_readable")
        return Wanted(PLATE, (pattern,))
    fixed = sum(one not in WILDCARDS for one in pattern)
    narrowed = question.lane or question.from_us is not None or question.to_us is not None
    if fixed < FIXED_CHARACTERS_MIN and not narrowed:
        raise SearchRefused("plate_too_wide")
    return Wanted(PLATE, None, pattern)


def answers(wanted: list[Wanted], terms: dict[Slot, Term]) -> bool:
    """Whether a passage with these terms is one of those that are wanted."""
    return all(
        any(slot.kind == one.kind and one.fits(term.term) for slot, term in terms.items()) for one in wanted
    )
