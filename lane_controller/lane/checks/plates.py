"""What the checks on plates share."""

from lane_controller.lane.checks.plate_read import sure
from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult, Plate


def sure_plate(evidence: Evidence, side: str) -> Plate | None:
    """The plate of that side if it was read well enough to be asked about."""
    return sure(evidence.plate(side))


def questions_about_front_plate(evidence: Evidence, kind: str) -> tuple[Question, ...]:
    plate = sure_plate(evidence, "front")
    return () if plate is None else (Question(kind, "plate-front", (("plate", plate.text),)),)


def unread(evidence: Evidence, verdicts: Verdicts) -> tuple[CheckResult, ...]:
    """The inconclusive result when no front plate will come any more; () while it may, or is there."""
    if sure_plate(evidence, "front") is not None:
        return ()
    if evidence.plate("front") is not None or "plate" in evidence.given_up:
        return (verdicts.inconclusive("no_plate", "plate-front"),)
    return ()
