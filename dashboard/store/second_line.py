"""What second line recorded of the passages that were referred to it: results, and answers to the questions
an officer is asked.  The site's events tell that it happened, who did it and the result's code; what an
officer wrote or was told stands here alone, for second line, and goes with the passage when it is erased."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows
from dashboard.store.erase import EraseOrder
from dashboard.store.incoming import dump
from dashboard.store.read import PassageKey
from dashboard.store.stage import Stage
from dashboard.store.tables import EVENTS, SECOND_LINE
from lane_controller.messages.parts import Person
from lane_controller.messages.words import Audience

RECORDS_MAX = 100
"""Of one passage."""

RESULTS = (
    "no_finding",
    "data_corrected",
    "papers_completed",
    "administrative_decision",
    "passed_to_police",
    "passed_to_customs",
    "passed_to_asylum_authority",
    "passed_to_protection",
    "passed_to_child_protection",
    "returned_on_own_wish",
    "crossing_refused",
    "other",
)
"""What came of a referral; `other` needs a text."""

QUESTIONS = (
    "spoken_alone",
    "asks_protection",
    "keeps_own_documents",
    "speaks_for_self",
    "knows_destination",
    "afraid_of_companion",
    "child_with_parent",
    "consent_seen",
)
"""What an officer is asked (domain knowledge, not a score): the answers are `yes`, `no` or `not_asked`."""
ANSWERS = ("yes", "no", "not_asked")


class RecordRefused(Exception):
    """It cannot be recorded so; the argument is a reason's code."""


@dataclass(frozen=True, slots=True)
class Record:
    """A result, or answers; `text` and `answers` are None after an erase order."""

    key: PassageKey
    number: int
    at_us: int
    officer: str
    workplace: str
    result: str | None
    text: str | None
    answers: dict[str, str] | None


async def record(
    stage: Stage, key: PassageKey, by: Person, *, result: str | None, text: str, answers: Mapping[str, str]
) -> None:
    """Adds a result or answers.  Raises RecordRefused."""
    if result is None and not any(answer != "not_asked" for answer in answers.values()):
        raise RecordRefused("nothing_to_record")
    if result == "other" and not text.strip():
        raise RecordRefused("reason_missing")
    last = select(func.max(SECOND_LINE.c.number)).where(*_of(key))
    number = (await stage.connection.scalar(last) or 0) + 1
    if number > RECORDS_MAX:
        raise RecordRefused("too_many_records")
    where = (key.lane, key.journal, key.passage, number, stage.received_us)
    kept = dump(dict(answers)) if answers else None
    row = (*where, by.operator, by.workplace, result, text.strip() or None, kept)
    await insert_rows(stage.connection, SECOND_LINE, [row])
    said = {"lane": key.lane, "journal": key.journal, "passage": key.passage, "number": number}
    told = {**said, "by": by.model_dump(mode="json"), "result": result}
    kind = "site.second_line_result" if result else "site.second_line_answers"
    stage.committed.second_line = True
    stage.site.add(kind, Audience.SECOND_LINE, told)
    stage.site.add(kind, Audience.AUDIT, told)


def _of(key: PassageKey) -> tuple[ColumnElement[bool], ...]:
    c = SECOND_LINE.c
    return (c.lane == key.lane, c.journal == key.journal, c.passage == key.passage)


async def records_of(connection: AsyncConnection, key: PassageKey) -> list[Record]:
    """A passage's, the newest first."""
    statement = select(SECOND_LINE).where(*_of(key)).order_by(SECOND_LINE.c.number.desc())
    return [_record(row) for row in await connection.execute(statement)]


async def newest_results(connection: AsyncConnection, since_us: int, limit: int) -> list[Record]:
    """Results of all passages, the newest first."""
    c = SECOND_LINE.c
    statement = select(SECOND_LINE).where(c.at_us >= since_us, c.result.is_not(None))
    rows = await connection.execute(statement.order_by(c.at_us.desc(), c.lane, c.passage).limit(limit))
    return [_record(row) for row in rows]


def _record(row: Row[Any]) -> Record:
    return Record(
        key=PassageKey(row.lane, row.journal, row.passage),
        number=row.number,
        at_us=row.at_us,
        officer=row.officer,
        workplace=row.workplace,
        result=row.result,
        text=row.text,
        answers=json.loads(row.answers) if row.answers else None,
    )


async def erase(stage: Stage, lane: str, journal: str, order: EraseOrder) -> None:
    """Takes out what was written of the passages that an order names, or of all that its sequences reach."""
    c, e = SECOND_LINE.c, EVENTS.c
    reached = select(e.passage).where(
        e.lane == lane, e.journal == journal, e.sequence <= order.sequences_to, e.passage.is_not(None)
    )
    named = c.passage.in_(order.passages) if order.passages else c.passage.in_(reached)
    statement = update(SECOND_LINE).where(c.lane == lane, c.journal == journal, named)
    await stage.connection.execute(statement.values(text=None, answers=None))
