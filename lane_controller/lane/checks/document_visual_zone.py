"""Does the print for people say what the machine-readable zone says?  ICAO Doc 9303-3, 3 and 4.

Recognised print proves nothing: a difference is inconclusive, a question for a person, and never a failure.
The page reader compares only where the lane's file says so (`[pages] visual_zone`).
"""

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult, Document

NAME: str = "document_visual_zone"
SOURCE = "ICAO Doc 9303-3, 3 and 4"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    if not evidence.people_complete():
        return ()
    verdicts = Verdicts(evidence, NAME, SOURCE)
    results = [_one(verdicts, document, f"person-{n}") for n, document in enumerate(evidence.people(), 1)]
    for missing in range(len(results) + 1, (evidence.people_expected() or 1) + 1):
        results.append(verdicts.inconclusive("no_document", f"person-{missing}"))
    return tuple(results)


def _one(verdicts: Verdicts, document: Document, subject: str) -> CheckResult:
    fields = {
        outcome: ", ".join(field for field, found in document.visual_zone.items() if found == outcome)
        for outcome in ("agrees", "differs")
    }
    if fields["differs"]:
        return verdicts.inconclusive("visual_zone_differs", subject, fields=fields["differs"])
    if fields["agrees"]:
        return verdicts.passed("visual_zone_agrees", subject, fields=fields["agrees"])
    return verdicts.inconclusive(
        "visual_zone_not_read" if document.visual_zone else "visual_zone_not_compared", subject
    )
