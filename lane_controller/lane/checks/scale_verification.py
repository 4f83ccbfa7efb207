"""Is the scale's verification still valid?  OIML R 76-1 and national metrology law: a weight from a scale
whose verification expired is information, not evidence."""

from datetime import date

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.checks.weight_settled import weight_problem
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult

NAME: str = "scale_verification"
SOURCE = "the scale's verification certificate"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    verdicts = Verdicts(evidence, NAME, SOURCE)
    if weight_problem(evidence) == "open":
        return ()
    weight = evidence.weight.weight if evidence.weight else None
    if weight is None:
        return (verdicts.inconclusive("no_weight"),)
    try:
        until = date.fromisoformat(weight.verified_until)
    except ValueError:
        return (verdicts.inconclusive("verification_unknown"),)
    if evidence.today is None:
        return (verdicts.inconclusive("date_not_known"),)
    if until < evidence.today:
        return (
            verdicts.failed("verification_expired", until=weight.verified_until, seal=weight.verification),
        )
    return (verdicts.passed("verified", until=weight.verified_until, seal=weight.verification),)
