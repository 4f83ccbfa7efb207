"""Readers' answers as numbers: one function a number, and the running of several readers side by side."""

import csv
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from measures import percentile
from measures.rigs.mrz_pictures import Picture
from measures.rigs.mrz_readers import read_all
from measures.rigs.mrz_scoring import Outcome, Reliability, Scored, reliability, score
from measures.rigs.scratch import ROOT

TABLES = ROOT / "var" / "mrz-measure"
OURS = "borderlane"
Outcomes = Sequence[Outcome]


def outcomes_of(
    subject: str, wanted: Mapping[str, Sequence[Picture]], full: bool
) -> dict[str, list[Outcome]]:
    """Every reader over its pictures, two readers at a time; each leaves a table in var/mrz-measure."""

    def one(reader: str) -> list[Outcome]:
        pictures = wanted[reader]
        answers = read_all(reader, [str(picture.path) for picture in pictures], keep=full)
        outcomes = [score(picture, answer) for picture, answer in zip(pictures, answers, strict=True)]
        write_table(subject, reader, outcomes)
        return outcomes

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(wanted, pool.map(one, wanted), strict=True))


COLUMNS = ("picture", "kind", "format", "exact", "status", "distance", "cpu_s", "expected", "read", "error")


def write_table(subject: str, reader: str, outcomes: Outcomes) -> None:
    """A row a document, for people: `tools/proof/failures.py` prints those that failed."""
    TABLES.mkdir(parents=True, exist_ok=True)
    with (TABLES / f"{subject}-{reader}.tsv").open("w", newline="") as file:
        rows = csv.writer(file, delimiter="\t")
        rows.writerow(COLUMNS)
        for outcome in outcomes:
            picture, answer = outcome.picture, outcome.answer
            head = [picture.name, picture.kind, picture.sort]
            cpu = f"{answer.cpu_s:.3f}"
            for one in outcome.documents:
                read = " ".join(one.read or ())
                row = [one.exact, one.status, one.distance, cpu, " ".join(one.expected), read, answer.error]
                rows.writerow(head + row)
            for extra in outcome.spurious:
                row = [False, extra.status, "", cpu, "", " ".join(extra.lines), "reported, not there"]
                rows.writerow(head + row)


def documents(outcomes: Outcomes) -> list[Scored]:
    return [document for outcome in outcomes for document in outcome.documents]


def exact(outcomes: Outcomes) -> int:
    """Pictures of which every character of every line was read."""
    return sum(outcome.exact for outcome in outcomes)


def exact_share(outcomes: Outcomes) -> float:
    return exact(outcomes) / max(1, len(outcomes))


def found_share(outcomes: Outcomes) -> float:
    """Pictures in which something is reported, readable or not."""
    return sum(outcome.found for outcome in outcomes) / max(1, len(outcomes))


def reported(outcomes: Outcomes) -> int:
    """Documents reported that are not there."""
    return sum(len(outcome.spurious) for outcome in outcomes)


def line_exact_share(outcomes: Outcomes) -> float:
    scored = documents(outcomes)
    return sum(one.lines_right for one in scored) / max(1, sum(len(one.expected) for one in scored))


def character_error_rate(outcomes: Outcomes) -> float:
    """Characters to mend, over all expected ones; a document that was not read costs all of its own."""
    scored = documents(outcomes)
    whole = sum(len(line) for one in scored for line in one.expected)
    return sum(one.distance for one in scored) / max(1, whole)


def valid_but_wrong(outcomes: Outcomes) -> int:
    """Documents whose check digits all hold and whose text is wrong, whatever the status."""
    return sum(one.valid_but_wrong for one in documents(outcomes))


def accepted_wrong(outcomes: Outcomes, covered: bool) -> int:
    """False accepts: `verified` or `corrected`, and a field that is not named in `doubtful` is wrong.  A
    document that is not there counts too."""
    invented = sum(
        one.status in ("verified", "corrected") for outcome in outcomes for one in outcome.spurious
    )
    if covered:
        return invented + sum(one.accepted_wrong_covered for one in documents(outcomes))
    return sum(one.accepted_wrong_uncovered for one in documents(outcomes))


def doubtful_share(outcomes: Outcomes) -> float:
    """Of the documents read exactly, those called doubtful without need: see `doubts_due`."""
    right = [one for one in documents(outcomes) if one.exact]
    return sum(one.status == "doubtful" and not one.doubt_due for one in right) / max(1, len(right))


def doubts_due(outcomes: Outcomes) -> int:
    """Documents read exactly and called doubtful because what is printed is: an impossible date."""
    return sum(one.exact and one.status == "doubtful" and one.doubt_due for one in documents(outcomes))


def read_wrong(outcomes: Outcomes) -> int:
    """Documents of which a text was given that is not theirs."""
    return sum(one.read is not None and not one.exact for one in documents(outcomes))


def cpu_ms(outcomes: Outcomes, share: float) -> float:
    """CPU time of which `share` of the pictures need less; 0 where there are none."""
    return percentile((1000 * outcome.answer.cpu_s for outcome in outcomes), share) if outcomes else 0.0


def peak_mb(outcomes: Outcomes) -> float:
    return max((outcome.answer.peak_mb for outcome in outcomes), default=0.0)


def calibration(outcomes: Outcomes) -> Reliability:
    """Of the fields' confidences."""
    return reliability([one for document in documents(outcomes) for one in document.confidences])


def beside(all_outcomes: Mapping[str, Outcomes], number: Callable[[Outcomes], float], unit: str = "") -> str:
    """The peers' same number, with how many pictures each had where they had fewer."""
    ours = len(all_outcomes[OURS])
    parts: list[str] = []
    for reader, outcomes in all_outcomes.items():
        if reader != OURS:
            of = f" of {len(outcomes)}" if len(outcomes) != ours else ""
            parts.append(f"{reader} {number(outcomes):.3g}{unit}{of}")
    return ", ".join(parts)
