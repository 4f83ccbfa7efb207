"""Finding passages, the newest first, whatever is known of them, in a store of many millions.

The work is bounded by what is rare.  A pattern is looked for among the plates, where each stands once: up to
`FEW` that fit are wanted by name from then on.  Each thing that is wanted is counted in its index, up to
`NARROW`: the first one with fewer entries leads, and the others are asked of its passages one by one.  Where
nothing is rare but the lane's passages are few, each of those is asked.  Where they are many too, a pattern
that narrows and something else of up to `WHOLE` entries are held against each other whole; else the newest
passages' plates are read one after the other, which soon fill a page of what is common; only when `NEWEST` of
them do not, all entries of what fits are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store import read
from dashboard.store.fold import Registers
from dashboard.store.question import After, Question, Wanted, answers, wanted_of
from dashboard.store.read import Audiences, PassageKey
from dashboard.store.search_sql import Statements, planned_anew
from dashboard.store.terms import terms_of

NARROW = 20_000
"""So many entries of an index are read and sorted in some hundredths of a second."""
AT_LANE = 20_000
"""So many passages of one lane are asked, each by its key, in some hundredths of a second."""
AT_ONCE = 5_000
"""So few passages of one lane are asked sooner than all plates are looked through for a pattern."""
WHOLE = 200_000
"""So many entries of one thing that is wanted are held against all of a pattern in tenths of a second."""
PLATES_WHOLE = 20_000
"""So many plates of a pattern have some 80,000 passages in the store that is measured."""
NEWEST = 200_000
FEW = 500
"""So many plates are named in a statement: PostgreSQL took a tenth of a second to plan one with 2,000."""
SPARE = 20
"""Rows read beyond a page: a passage with two plates that fit comes twice."""


@dataclass(frozen=True, slots=True)
class Found:
    """One passage with what these audiences may know of it."""

    key: PassageKey
    arrived_us: int
    registers: Registers

    @property
    def place(self) -> After:
        return self.arrived_us, self.key.lane, self.key.journal, self.key.passage


async def named(connection: AsyncConnection, question: Question, audiences: Audiences) -> list[Wanted]:
    """What is wanted, with the plates that fit a pattern where they are few.  Raises SearchRefused."""
    await planned_anew(connection)
    statements = Statements(question, audiences, connection.dialect.name)
    return await _by_name(connection, statements, wanted_of(question))


async def find(
    connection: AsyncConnection, question: Question, audiences: Audiences, wanted: list[Wanted] | None = None
) -> tuple[list[Found], bool]:
    """A page, the newest first, and whether there is another.  `wanted` is what `named` gave, for who reads
    page after page.  Raises SearchRefused."""
    statements = Statements(question, audiences, connection.dialect.name)
    asked = question.limit + 1 + SPARE
    found: list[Found] = []
    await planned_anew(connection)
    if wanted is None:
        wanted = await _by_name(connection, statements, wanted_of(question))
    while True:
        rows = await _rows(connection, statements, wanted, asked)
        places: list[After] = list(dict.fromkeys((row[0], row[1], row[2], row[3]) for row in rows))
        missing = question.limit + 1 - len(found)
        found += (await _seen(connection, places, wanted, audiences))[:missing]
        if len(rows) < asked or len(found) > question.limit:
            return found[: question.limit], len(found) > question.limit
        statements = replace(statements, question=statements.question.going_on(places[-1]))


async def each(connection: AsyncConnection, statements: Statements) -> Select[Any]:
    """All that is found, each once, for those who count.  Raises SearchRefused."""
    wanted = await _by_name(connection, statements, wanted_of(statements.question))
    if not wanted:
        return statements.each(None, [], by_time=False)
    leader, narrow = await _leader(connection, statements, wanted)
    if not narrow and await _few_at_lane(connection, statements, AT_LANE):
        return statements.each(None, wanted, by_time=False)
    by_time = bool(leader.pattern) and not narrow and await _all_of_time(connection, statements, NEWEST)
    return statements.each(leader, [one for one in wanted if one is not leader], by_time=by_time)


async def _seen(
    connection: AsyncConnection, places: Sequence[After], wanted: list[Wanted], audiences: Audiences
) -> list[Found]:
    """Those that are as wanted when all that these audiences may see is put together: what one was told may
    be overruled by what another was."""
    keys = [PassageKey(*place[1:]) for place in places]
    registers = await read.passages(connection, keys, audiences)
    found = [
        Found(key, place[0], registers[key])
        for place, key in zip(places, keys, strict=True)
        if key in registers
    ]
    if len(audiences) == 1:
        return found
    return [one for one in found if answers(wanted, terms_of(one.registers))]


async def _by_name(connection: AsyncConnection, statements: Statements, wanted: list[Wanted]) -> list[Wanted]:
    """With the plates that fit a pattern, where they are few.  A short time's own plates are read sooner."""
    if not any(one.pattern for one in wanted) or await _all_of_time(connection, statements, NARROW):
        return wanted
    if await _few_at_lane(connection, statements, AT_ONCE):
        return wanted
    found: list[Wanted] = []
    for one in wanted:
        if one.pattern:
            plates = (await connection.scalars(statements.fitting(one).limit(FEW + 1))).all()
            found.append(replace(one, terms=tuple(plates)) if len(plates) <= FEW else one)
        else:
            found.append(one)
    return found


async def _rows(
    connection: AsyncConnection, statements: Statements, wanted: list[Wanted], most: int
) -> Sequence[Any]:
    if not wanted:
        return (await connection.execute(statements.all().limit(most))).all()
    leader, narrow = await _leader(connection, statements, wanted)
    if not narrow and await _few_at_lane(connection, statements, AT_LANE):
        return (await connection.execute(statements.all(wanted).limit(most))).all()
    others = [one for one in wanted if one is not leader]
    if leader.pattern and not narrow:
        if whole := await _whole(connection, statements, leader, others):
            rest = [one for one in others if one is not whole]
            return (await connection.execute(statements.both(whole, leader, rest).limit(most))).all()
        rows = await _newest(connection, statements, leader, others, most)
        if rows is not None:
            return rows
    return (await connection.execute(statements.indexed(leader, others).limit(most))).all()


async def _leader(
    connection: AsyncConnection, statements: Statements, wanted: list[Wanted]
) -> tuple[Wanted, bool]:
    """The first that is rare; else a plate's pattern, which is told from an index without the passages; else
    the first, whose entries stand in the order of arrival."""
    if len(wanted) == 1 and not wanted[0].pattern and not statements.question.lane:
        return wanted[0], False  # nothing to choose
    for one in wanted:
        if one.terms is not None and await _count(connection, statements.entries(one, NARROW)) < NARROW:
            return one, True
    patterns = [one for one in wanted if one.pattern]
    return (patterns or wanted)[0], False


async def _whole(
    connection: AsyncConnection, statements: Statements, pattern: Wanted, others: list[Wanted]
) -> Wanted | None:
    """What has few enough entries to be held against all of a pattern; None where there is nothing such, or
    the pattern, which a beginning or an end must bound, fits too much."""
    few = [one for one in others if one.terms is not None]
    if not few or not (pattern.prefix or pattern.suffix):
        return None
    if await _count(connection, statements.fitting(pattern).limit(PLATES_WHOLE)) >= PLATES_WHOLE:
        return None
    for one in few:
        if await _count(connection, statements.entries(one, WHOLE)) < WHOLE:
            return one
    return None


async def _newest(
    connection: AsyncConnection, statements: Statements, leader: Wanted, others: list[Wanted], most: int
) -> Sequence[Any] | None:
    """A page of what fits among the newest plates; None when more must be read."""
    newest = statements.newest(leader, others, NEWEST)
    rows = (await connection.execute(newest.limit(most))).all()
    if len(rows) >= most:
        return rows
    return rows if await _all_of_time(connection, statements, NEWEST) else None


async def _few_at_lane(connection: AsyncConnection, statements: Statements, most: int) -> bool:
    """Whether one lane is asked for that has fewer passages than `most` in its time."""
    lane = statements.question.lane
    return bool(lane) and await _count(connection, statements.at_lane(most)) < most


async def _all_of_time(connection: AsyncConnection, statements: Statements, most: int) -> bool:
    """Whether the time that is asked for has fewer plates than `most`."""
    in_time = statements.question.from_us is not None
    return in_time and await _count(connection, statements.plates(most)) < most


async def _count(connection: AsyncConnection, statement: Any) -> int:
    return await connection.scalar(select(func.count()).select_from(statement.subquery())) or 0
