"""Is there a weight that counts?  OIML R 76-1:2006, 4.4.2 (stable equilibrium) and the lane's own rules: the
vehicle wholly on the deck, and a zero seen before it came."""

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult

NAME: str = "weight_settled"
SOURCE = "OIML R 76-1:2006, 4.4.2"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    verdicts = Verdicts(evidence, NAME, SOURCE)
    problem = weight_problem(evidence)
    if problem == "open":
        return ()
    if problem:
        return (verdicts.inconclusive(problem),)
    weight = evidence.weight.weight if evidence.weight else None
    return (verdicts.passed("settled", gross_kg=weight.gross_kg if weight else None),)


def weight_problem(evidence: Evidence) -> str:
    """Why the weight can't be used: a reason code, "open" while one may still come, "" when it can."""
    fact = evidence.weight
    if fact is None:
        return "no_weight" if "weight" in evidence.given_up else "open"
    if fact.weight is None:
        return fact.reason.code if fact.reason else "no_weight"
    if not fact.weight.zero_seen:
        return "zero_not_seen"
    if fact.weight.wholly_on_deck is False:
        return "not_wholly_on_deck"
    return ""
