"""The table of checks, and what they ask and conclude together."""

from typing import Protocol

from lane_controller.lane.checks import (
    chip_data,
    chip_genuine,
    chip_print,
    document_check_digits,
    document_expiry,
    document_lost,
    document_visual_zone,
    person_watchlist,
    plate_booked,
    plate_format,
    plate_read,
    plate_watchlist,
    random_recheck,
    scale_verification,
    weight_declared,
    weight_limit,
    weight_settled,
)
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult


class Check(Protocol):
    """A module of this package: see the package's text."""

    NAME: str

    def questions(self, evidence: Evidence) -> tuple[Question, ...]: ...

    def conclude(self, evidence: Evidence) -> tuple[CheckResult, ...]: ...


MODULES: tuple[Check, ...] = (
    chip_data,
    chip_genuine,
    chip_print,
    document_check_digits,
    document_expiry,
    document_lost,
    document_visual_zone,
    person_watchlist,
    plate_booked,
    plate_format,
    plate_read,
    plate_watchlist,
    random_recheck,
    scale_verification,
    weight_declared,
    weight_limit,
    weight_settled,
)
CHECKS: dict[str, Check] = {check.NAME: check for check in MODULES}

ALWAYS_REFER = frozenset({"document_lost", "person_watchlist", "plate_watchlist"})
"""A failure of these refers, whatever a lane's rules say."""


def questions_of(evidence: Evidence) -> tuple[Question, ...]:
    """All questions that this lane's checks want asked about the evidence, without repeats, in order."""
    wanted: dict[tuple[str, str], Question] = {}
    for rule in evidence.rules.checks:
        for question in CHECKS[rule.check].questions(evidence):
            wanted.setdefault((question.kind, question.subject), question)
    return tuple(wanted.values())


def conclude_all(evidence: Evidence) -> tuple[CheckResult, ...]:
    """All results so far, in the order of the lane's rules.  A check that returned nothing is still open."""
    return tuple(result for rule in evidence.rules.checks for result in CHECKS[rule.check].conclude(evidence))
