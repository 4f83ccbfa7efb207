"""Is a traveller on the watchlist?  Exact number and issuer first, names second and always for a human.

The register gives candidates; what counts as a match is decided here, so that it can be explained: which
tokens matched, and whether the birth dates agree.  For second line alone; it always refers, whatever the
lane's rules say.
"""

from typing import Any

from lane_controller.lane.checks.results import Verdicts
from lane_controller.lane.evidence import Answered, Evidence, Question
from lane_controller.messages.parts import CheckResult, Document
from mrz.names import match

NAME: str = "person_watchlist"
MATCH_MIN = 0.88
"""Of `mrz.names.match`: a man and his sister of another spelling are over it, a shared given name is not."""
SOURCE = "watchlist of persons: exact number and issuer first, then names"


def questions(evidence: Evidence) -> tuple[Question, ...]:
    return tuple(
        Question(
            "watchlist_person",
            f"person-{n}",
            (
                ("number", document.number),
                ("issuer", document.issuer),
                ("surname", document.surname),
                ("given_names", document.given_names),
                ("birth_date", document.birth),
            ),
        )
        for n, document in enumerate(evidence.people(), 1)
    )


def conclude(evidence: Evidence) -> tuple[CheckResult, ...]:
    if not evidence.people_complete():
        return ()
    verdicts = Verdicts(evidence, NAME, SOURCE, confidential=True)
    results: list[CheckResult] = []
    people = evidence.people()
    for n in range(1, max(len(people), evidence.people_expected() or 1) + 1):
        subject = f"person-{n}"
        if n > len(people):
            results.append(verdicts.inconclusive("no_document", subject))
            continue
        answered = evidence.answer("watchlist_person", subject)
        if answered is None:
            return ()
        results.append(_one(verdicts, people[n - 1], answered, subject))
    return tuple(results)


def explain(evidence: Evidence, subject: str) -> tuple[str, ...]:
    """For second line: each matching hit's reference with why it matched (name tokens, number, birth)."""
    index = int(subject.removeprefix("person-")) - 1
    answered = evidence.answer("watchlist_person", subject)
    if answered is None or not answered.hits or index >= len(evidence.people()):
        return ()
    document = evidence.people()[index]
    return tuple(
        f"{hit.get('reference', '')}: {', '.join(why)}"
        for hit in answered.hits
        if (why := _why(document, hit))
    )


def _one(verdicts: Verdicts, document: Document, answered: Answered, subject: str) -> CheckResult:
    if answered.hits is None:
        return verdicts.not_performed(answered, subject)
    if any(_same_number(document, hit) for hit in answered.hits):
        return verdicts.failed("number_listed", subject, as_of=answered.as_of)
    if any(_why(document, hit) for hit in answered.hits):
        return verdicts.failed("name_listed", subject, as_of=answered.as_of)
    return verdicts.passed("not_listed", subject, as_of=answered.as_of)


def _same_number(document: Document, hit: dict[str, Any]) -> bool:
    return bool(document.number) and (
        str(hit.get("number", "")) == document.number and str(hit.get("issuer", "")) == document.issuer
    )


def _why(document: Document, hit: dict[str, Any]) -> tuple[str, ...]:
    """Why this hit means the document's holder; () when it does not."""
    if _same_number(document, hit):
        return ("number",)
    birth = str(hit.get("birth_date", "") or "")
    if not _births_agree(document.birth, birth):
        return ()
    listed = hit.get("names", "")
    names: list[str] = [str(name) for name in listed] if isinstance(listed, list | tuple) else [str(listed)]
    whole = f"{document.surname} {document.given_names}"
    best = max((match(whole, name) for name in names), key=lambda found: found.score, default=None)
    if best is None or best.score < MATCH_MIN:
        return ()
    why = tuple(f"{pair.left}~{pair.right} {pair.how}" for pair in best.pairs)
    return (*why, "birth") if birth else why


def _births_agree(document: str, listed: str) -> bool:
    """Unknown parts (`XX`, a missing date, a year alone) agree with anything."""
    if not listed:
        return True
    parts = zip(document.split("-"), listed.split("-"), strict=False)
    return all("X" in ours or "X" in theirs or ours == theirs for ours, theirs in parts)
