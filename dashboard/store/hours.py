"""How many of the passages that are asked for there are, and how many arrived at each lane in each hour."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.question import After, Question, SearchRefused, answers, wanted_of
from dashboard.store.read import Audiences, PassageKey, passages
from dashboard.store.search import each
from dashboard.store.search_sql import Statements, planned_anew
from dashboard.store.terms import CHECK, OUTCOME, terms_of

DAY_US = 24 * 3600 * 1_000_000
SPAN_MAX_US = 31 * DAY_US
"""Counting reads all of the time that it covers."""
STEP_US = 900 * 1_000_000
"""A quarter of an hour: all zones' hours begin with one."""

KEYS_PER_QUERY = 200

LaneHour = tuple[str, int]
"""A lane and an hour of the day, 0 to 23, site time."""


async def count_hours(
    connection: AsyncConnection, question: Question, audiences: Audiences, zone: ZoneInfo
) -> Counter[LaneHour]:
    """`question` names both times.  Raises SearchRefused."""
    if question.from_us is None or question.to_us is None:
        raise SearchRefused("time_not_readable")
    if question.to_us - question.from_us > SPAN_MAX_US:
        raise SearchRefused("hours_too_many")
    counts: Counter[LaneHour] = Counter()
    await planned_anew(connection)
    statements = Statements(question, audiences, connection.dialect.name)
    found = await each(connection, statements)
    for row in await connection.execute(_counts(found)):
        at = datetime.fromtimestamp(row.step * STEP_US / 1e6, UTC).astimezone(zone)
        counts[row.lane, at.hour] += row.passages
    for arrived_us, lane, _, _ in await _overruled(connection, statements, found):
        at = datetime.fromtimestamp(arrived_us / 1e6, UTC).astimezone(zone)
        counts[lane, at.hour] -= 1
    return +counts


def _counts(each_once: Select[Any]) -> Select[Any, Any, int]:
    found = each_once.subquery().c
    step = (found.arrived_us // STEP_US).label("step")
    return select(found.lane, step, func.count().label("passages")).group_by(found.lane, step)


async def count_at_most(
    connection: AsyncConnection, question: Question, audiences: Audiences, most: int
) -> int:
    """How many passages are found, counted no further than `most`.  Raises SearchRefused."""
    await planned_anew(connection)
    statements = Statements(question, audiences, connection.dialect.name)
    found = await each(connection, statements)
    count = await connection.scalar(select(func.count()).select_from(found.limit(most).subquery())) or 0
    return count if count == most else count - len(await _overruled(connection, statements, found))


async def _overruled(
    connection: AsyncConnection, statements: Statements, each_once: Select[Any]
) -> list[After]:
    """What the statements find too much for who hears several audiences: a check that one of them was told
    as not passed, and another later as passed.  A check that was passed is no term: these are read."""
    wanted, audiences = wanted_of(statements.question), statements.audiences
    if len(audiences) == 1 or not any(one.kind in (CHECK, OUTCOME) for one in wanted):
        return []
    rows: Sequence[Any] = (await connection.execute(statements.told_apart(each_once))).all()
    found: list[After] = []
    for start in range(0, len(rows), KEYS_PER_QUERY):
        places: list[After] = [
            (row[0], row[1], row[2], row[3]) for row in rows[start : start + KEYS_PER_QUERY]
        ]
        registers = await passages(connection, [PassageKey(*place[1:]) for place in places], audiences)
        found += [one for one in places if not answers(wanted, terms_of(registers[PassageKey(*one[1:])]))]
    return found
