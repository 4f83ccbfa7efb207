"""Do the document's own check digits hold?  ICAO Doc 9303-3, 4.9.

A surely read print that does not hold them is a forgery's sign (failed); a print that was not surely read
says nothing either way (inconclusive).
"""

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult, Document

NAME: str = "document_check_digits"
SOURCE = "ICAO Doc 9303-3, 4.9"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    if not evidence.people_complete():
        return ()
    verdicts = Verdicts(evidence, NAME, SOURCE)
    results = [_one(verdicts, document, f"person-{n}") for n, document in enumerate(evidence.people(), 1)]
    for missing in range(len(results) + 1, (evidence.people_expected() or 1) + 1):
        presented = any(fact.document is None for fact in evidence.documents)
        results.append(
            verdicts.inconclusive("unreadable" if presented else "no_document", f"person-{missing}")
        )
    return tuple(results)


def _one(verdicts: Verdicts, document: Document, subject: str) -> CheckResult:
    if document.status == "inconsistent" or (document.wrong_check_digits and document.status != "doubtful"):
        return verdicts.failed("wrong_check_digits", subject, fields=", ".join(document.wrong_check_digits))
    if document.status in ("verified", "corrected"):
        return verdicts.passed(document.status, subject)
    return verdicts.inconclusive(document.status, subject, fields=", ".join(document.doubtful))
