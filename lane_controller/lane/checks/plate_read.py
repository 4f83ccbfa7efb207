"""Was the vehicle's front plate read?  The frames of its own presence interval must have agreed on it.

A rear plate (a trailer's) is read where a camera sees it; its absence is no finding, since a vehicle
without a trailer has none of its own.
"""

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.lane.facts import PlateRead
from lane_controller.messages.parts import CheckResult, Plate

NAME: str = "plate_read"
SOURCE = "the lane's own rule: a plate agreed over frames of the presence interval"
CONFIDENCE_MIN = 0.6
"""Below this a reading is shown and never relied on."""


def sure(fact: PlateRead | None) -> Plate | None:
    """The plate of a reading that may be relied on: enough frames agreed, and surely enough."""
    if fact is None or fact.plate is None or fact.reason is not None:
        return None
    return fact.plate if fact.plate.confidence >= CONFIDENCE_MIN else None


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    verdicts = Verdicts(evidence, NAME, SOURCE)
    fact = evidence.plate("front")
    if (plate := sure(fact)) is not None:
        return (verdicts.passed("read", "plate-front", frames=plate.frames),)
    if fact is not None and fact.plate is not None:
        confidence, frames = fact.plate.confidence, fact.plate.frames
        return (verdicts.inconclusive("low_confidence", "plate-front", confidence=confidence, frames=frames),)
    if fact is not None or "plate" in evidence.given_up:
        reason = fact.reason.code if fact is not None and fact.reason is not None else "not_read"
        return (verdicts.inconclusive(reason, "plate-front"),)
    return ()
