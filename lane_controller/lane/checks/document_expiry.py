"""Is the document still valid today?  ICAO Doc 9303-3, 4.8 (dates; unknown parts are lawful).

Today is the lane's local date; with a free-running clock nobody knows it, and the check is inconclusive.
"""

from datetime import date

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult, Document

NAME: str = "document_expiry"
SOURCE = "ICAO Doc 9303-3, 4.8"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return ()


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    if not evidence.people_complete():
        return ()
    verdicts = Verdicts(evidence, NAME, SOURCE)
    results = [
        _one(verdicts, document, f"person-{n}", evidence.today)
        for n, document in enumerate(evidence.people(), 1)
    ]
    for missing in range(len(results) + 1, (evidence.people_expected() or 1) + 1):
        results.append(verdicts.inconclusive("no_document", f"person-{missing}"))
    return tuple(results)


def _one(verdicts: Verdicts, document: Document, subject: str, today: date | None) -> CheckResult:
    if document.expiry is None:
        return verdicts.passed("states_no_expiry", subject)
    if "expiry" in document.doubtful or document.status == "unreadable":
        return verdicts.inconclusive("expiry_doubtful", subject)
    try:
        expiry = date.fromisoformat(document.expiry)
    except ValueError:
        return verdicts.inconclusive("expiry_unknown", subject, expiry=document.expiry)
    if today is None:
        return verdicts.inconclusive("date_not_known", subject)
    if expiry < today:
        return verdicts.failed("expired", subject, expiry=document.expiry, days=(today - expiry).days)
    return verdicts.passed("valid", subject, expiry=document.expiry)
