"""Is the document known to the lost-documents register (Interpol SLTD and national)?

Asked by number, issuer and kind, not by name; a hit is to be confirmed with its owner state before anybody
acts (facts of Interpol's SLTD), so it refers, whatever the lane's rules say.
"""

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Evidence, Question
from lane_controller.messages.parts import CheckResult

NAME: str = "document_lost"
SOURCE = "register of lost documents, by number, issuer and kind"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return tuple(
        Question(
            "lost_documents",
            f"person-{n}",
            (("number", document.number), ("issuer", document.issuer), ("type", document.kind)),
        )
        for n, document in enumerate(evidence.people(), 1)
    )


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    if not evidence.people_complete():
        return ()
    verdicts = Verdicts(evidence, NAME, SOURCE)
    results: list[CheckResult] = []
    for n in range(1, max(len(evidence.people()), evidence.people_expected() or 1) + 1):
        subject = f"person-{n}"
        if n > len(evidence.people()):
            results.append(verdicts.inconclusive("no_document", subject))
            continue
        answered = evidence.answer("lost_documents", subject)
        if answered is None:
            return ()
        if answered.hits is None:
            results.append(verdicts.not_performed(answered, subject))
        elif answered.hits:
            results.append(verdicts.failed("reported_lost", subject, as_of=answered.as_of))
        else:
            results.append(verdicts.passed("not_reported", subject, as_of=answered.as_of))
    return tuple(results)
