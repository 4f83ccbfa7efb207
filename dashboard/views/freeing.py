"""What would let a passage go, check by check: evidence that may still change its outcome, or a release.

The lane alone decides; this says in advance what its rules allow (lane_controller/lane/decision.py).  It
knows no more than the checks and reasons that these audiences are shown.
"""

from dashboard.views.facts import PassageFacts
from dashboard.views.language import Coded, Speaker
from dashboard.views.models import Freeing
from dashboard.views.parts import check
from lane_controller.messages.parts import CheckResult
from lane_controller.messages.words import CheckOutcome

OPEN_PHASES = ("gathering", "held", "referred")

AGAIN = {
    "plate_read": "plate_again",
    "plate_format": "plate_again",
    "document_check_digits": "document_again",
    "document_visual_zone": "document_again",
    "document_expiry": "document_other",
    "weight_settled": "weigh_again",
}
"""Checks that another reading concludes anew, whatever came of the first."""
AGAIN_UNLESS_FAILED = {
    "chip_data": "chip_again",
    "chip_genuine": "chip_again",
    "chip_print": "chip_again",
    "weight_limit": "weigh_again",
    "scale_verification": "weigh_again",
}
"""What a good reading failed stays failed: weighing until it passes is no remedy (docs/sources.md 20)."""
_NO_WEIGHT = ("no_weight",)
"""Why a limit could not be looked at, where a weight would help."""


def freeing(speaker: Speaker, facts: PassageFacts) -> tuple[Freeing, ...]:
    """One for each check that did not pass, in the lane's order; none for a passage that goes or is gone."""
    if facts.phase not in OPEN_PHASES:
        return ()
    waits_for = {
        str(reason.parameters.get("agency")) for reason in facts.waiting_for if reason.code == "agency"
    }
    return tuple(
        Freeing(
            check=check(speaker, result),
            settled=facts.phase == "held" and bool(waits_for) and result.agency not in waits_for,
            evidence=_evidence(speaker, result),
            release=_release(speaker, facts, result),
        )
        for result in facts.checks
        if result.outcome is not CheckOutcome.PASSED
    )


def _evidence(speaker: Speaker, result: CheckResult) -> Coded | None:
    code = AGAIN.get(result.check)
    if code is None and result.outcome is not CheckOutcome.FAILED:
        code = AGAIN_UNLESS_FAILED.get(result.check)
        if code == "weigh_again" and result.reason.code not in _NO_WEIGHT:
            code = None
    return speaker.coded("evidence", code) if code else None


def _release(speaker: Speaker, facts: PassageFacts, result: CheckResult) -> Coded:
    code = "second_line" if facts.phase == "referred" else "agency"
    agency = speaker.word("agency", result.agency)
    return Coded(code=code, text=speaker.word("release by", code).format(agency=agency))
