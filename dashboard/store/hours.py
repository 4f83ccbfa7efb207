"""How many of the passages that are asked for there are, and how many arrived at each lane in each hour."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.question import Question, SearchRefused, wanted_of
from dashboard.store.read import Audiences
from dashboard.store.search_sql import Statements, planned_anew

DAY_US = 24 * 3600 * 1_000_000
SPAN_MAX_US = 31 * DAY_US
"""Counting reads all of the time that it covers."""
STEP_US = 900 * 1_000_000
"""A quarter of an hour: all zones' hours begin with one."""

LaneHour = tuple[str, int]
"""A lane and an hour of the day, 0 to 23, site time."""


async def count_hours(
    connection: AsyncConnection, question: Question, audiences: Audiences, zone: ZoneInfo
) -> Counter[LaneHour]:
    """`question` names both times.  A check that one audience was told as not passed, and another as passed
    later, is counted for who hears both.  Raises SearchRefused."""
    if question.from_us is None or question.to_us is None:
        raise SearchRefused("time_not_readable")
    if question.to_us - question.from_us > SPAN_MAX_US:
        raise SearchRefused("hours_too_many")
    counts: Counter[LaneHour] = Counter()
    await planned_anew(connection)
    for row in await connection.execute(_counts(connection, question, audiences)):
        at = datetime.fromtimestamp(row.step * STEP_US / 1e6, UTC).astimezone(zone)
        counts[row.lane, at.hour] += row.passages
    return counts


def _counts(connection: AsyncConnection, question: Question, audiences: Audiences) -> Select[Any, Any, int]:
    statements = Statements(question, audiences, connection.dialect.name)
    passages = statements.each(wanted_of(question)).subquery().c
    step = (passages.arrived_us // STEP_US).label("step")
    return select(passages.lane, step, func.count().label("passages")).group_by(passages.lane, step)


async def count_at_most(
    connection: AsyncConnection, question: Question, audiences: Audiences, most: int
) -> int:
    """How many passages are found, counted no further than `most`.  Raises SearchRefused."""
    statements = Statements(question, audiences, connection.dialect.name)
    found = statements.each(wanted_of(question)).limit(most).subquery()
    await planned_anew(connection)
    return await connection.scalar(select(func.count()).select_from(found)) or 0
