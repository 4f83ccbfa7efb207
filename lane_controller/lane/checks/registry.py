"""The table of checks, and what they ask and conclude together."""

from typing import Protocol

from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult
from lane_controller.messages.words import Agency


class Check(Protocol):
    NAME: str

    def questions(self, evidence: Evidence) -> tuple[Question, ...]: ...

    def conclude(self, evidence: Evidence) -> tuple[CheckResult, ...]: ...


CHECKS: dict[str, Check] = {}


def agency_of(evidence: Evidence, check: str) -> Agency:
    """The agency that owns `check` in this lane."""
    return next(rule.agency for rule in evidence.rules.checks if rule.check == check)


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
