"""Finding passages: by plate with wildcards, document number, lane, time and decision."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.read import Audiences, PassageKey
from dashboard.store.tables import PASSAGES, TERMS

FIXED_CHARACTERS_MIN = 3
"""A plate with wildcards must hold so many fixed characters: less would name half the country."""


class SearchRefused(Exception):
    """The question cannot be asked so; the argument is a reason's code."""


@dataclass(frozen=True, slots=True)
class Question:
    """`plate` may hold * and ?; `document` is an exact number; times are of the arrival, microseconds."""

    plate: str = ""
    document: str = ""
    lane: str = ""
    decision: str = ""
    from_us: int | None = None
    to_us: int | None = None
    after: tuple[int, str, str, int] | None = None
    """The last row of the page before: arrival, lane, journal, passage."""
    limit: int = 50


async def find(
    connection: AsyncConnection, question: Question, audiences: Audiences
) -> list[tuple[PassageKey, int]]:
    """Keys and arrivals, the newest first; one more than `limit` when there is a next page.  Raises
    SearchRefused."""
    p = PASSAGES
    order = (p.c.arrived_us, p.c.lane, p.c.journal, p.c.passage)
    statement = select(*order).where(p.c.audience.in_(audiences), p.c.arrived_us.is_not(None))
    for kind, clause in (("plate", _plate(question.plate)), ("document", _document(question.document))):
        if clause is not None:
            statement = statement.where(
                exists().where(_same(TERMS), TERMS.c.audience.in_(audiences), TERMS.c.kind == kind, clause)
            )
    if question.lane:
        statement = statement.where(p.c.lane == question.lane)
    if question.from_us is not None:
        statement = statement.where(p.c.arrived_us >= question.from_us)
    if question.to_us is not None:
        statement = statement.where(p.c.arrived_us < question.to_us)
    if question.decision:
        statement = statement.where(_decided(question.decision, audiences))
    if question.after:
        statement = statement.where(tuple_(*order) < question.after)
    statement = statement.distinct().order_by(*(column.desc() for column in order)).limit(question.limit + 1)
    rows = (await connection.execute(statement)).all()
    return [(PassageKey(row.lane, row.journal, row.passage), row.arrived_us) for row in rows]


def _same(table: Any, other: Any = PASSAGES) -> ColumnElement[bool]:
    return and_(*(table.c[name] == other.c[name] for name in ("lane", "journal", "passage")))


def _decided(decision: str, audiences: Audiences) -> ColumnElement[bool]:
    """The newest decision that may be seen is this one."""
    this, newer = PASSAGES.alias("this"), PASSAGES.alias("newer")
    overruled = exists().where(
        _same(newer, this),
        newer.c.audience.in_(audiences),
        newer.c.decision_sequence > this.c.decision_sequence,
    )
    return exists().where(
        _same(this), this.c.audience.in_(audiences), this.c.decision == decision, ~overruled
    )


def _plate(plate: str) -> ColumnElement[bool] | None:
    pattern = re.sub(r"[^A-Z0-9А-ЯЁ*?]", "", plate.upper())
    if not plate.strip():
        return None
    if not set(pattern) & set("*?"):
        if not pattern:
            raise SearchRefused("plate_not_readable")
        return TERMS.c.term == pattern
    if len(pattern.replace("*", "").replace("?", "")) < FIXED_CHARACTERS_MIN:
        raise SearchRefused("plate_too_wide")
    clause = TERMS.c.term.like(pattern.replace("*", "%").replace("?", "_"))
    prefix = re.split(r"[*?]", pattern)[0]
    if prefix:
        # The bounds let the index be used, which LIKE alone does not on either database.
        clause = and_(clause, TERMS.c.term >= prefix, TERMS.c.term < prefix + "\uffff")
    return clause


def _document(number: str) -> ColumnElement[bool] | None:
    wanted = re.sub(r"[\s-]", "", number.upper())
    return TERMS.c.term == wanted[:64] if wanted else None
