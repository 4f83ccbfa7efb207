"""Was the vehicle's front plate read?  The frames of its own presence interval must have agreed on it.

A rear plate (a trailer's) is read where a camera sees it; its absence is no finding, since a vehicle
without a trailer has none of its own.
"""

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult

NAME: str = "plate_read"
SOURCE = "the lane's own rule: a plate agreed over frames of the presence interval"
CONFIDENCE_MIN = 0.6
"""Below this a reading is shown and never relied on."""


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    verdicts = Verdicts(evidence, NAME, SOURCE)
    fact = evidence.plate("front")
    if fact is not None and fact.plate is not None:
        if fact.plate.confidence >= CONFIDENCE_MIN:
            return (verdicts.passed("read", "plate-front", frames=fact.plate.frames),)
        return (verdicts.inconclusive("low_confidence", "plate-front", confidence=fact.plate.confidence),)
    if fact is not None or "plate" in evidence.given_up:
        reason = fact.reason.code if fact is not None and fact.reason is not None else "not_read"
        return (verdicts.inconclusive(reason, "plate-front"),)
    return ()
