"""Questions to the store.  Each names the audiences that may be seen and sees nothing else: the rows of
several audiences are merged register by register, the newest event winning, as when they were written."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import select_rows
from dashboard.store.fold import Registers, alarm_standing
from dashboard.store.tables import ALARMS, COMMANDS, EVENTS, JOURNALS, LANES, PASSAGES, POSITIONS, SITE_LANE
from dashboard.store.views import load_registers
from lane_controller.messages.words import Audience

Audiences = Collection[Audience]


@dataclass(frozen=True, slots=True)
class PassageKey:
    lane: str
    journal: str
    passage: int


@dataclass(frozen=True, slots=True)
class AlarmView:
    lane: str
    journal: str
    alarm: str
    registers: Registers


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the store has it; `sequence` is for code and auditors, never for an ordinary screen."""

    lane: str
    journal: str
    sequence: int
    audience: Audience
    position: int
    type: str
    reading: str
    time_us: int
    received_us: int
    passage: int | None
    clock: str
    maintenance: bool
    rowhash: str
    data: dict[str, Any] = field(hash=False)


def merged(texts: Iterable[str]) -> Registers:
    """The registers of one thing's rows for several audiences."""
    result: Registers = {}
    for text in texts:
        for name, register in load_registers(text).items():
            if name not in result or result[name][0] < register[0]:
                result[name] = register
    return result


async def known_lanes(connection: AsyncConnection) -> list[str]:
    statement = select(JOURNALS.c.lane).where(JOURNALS.c.lane != SITE_LANE).distinct()
    return sorted((await connection.scalars(statement)).all())


async def lane_registers(
    connection: AsyncConnection, lane: str, journal: str, audiences: Audiences
) -> Registers:
    statement = select(LANES.c.registers).where(
        LANES.c.lane == lane, LANES.c.journal == journal, LANES.c.audience.in_(audiences)
    )
    return merged((await connection.scalars(statement)).all())


async def passages(
    connection: AsyncConnection, keys: Sequence[PassageKey], audiences: Audiences
) -> dict[PassageKey, Registers]:
    if not keys:
        return {}
    columns = ("lane", "journal", "passage", "audience")
    wanted = [(key.lane, key.journal, key.passage, str(audience)) for key in keys for audience in audiences]
    texts: defaultdict[PassageKey, list[str]] = defaultdict(list)
    for row in await select_rows(connection, PASSAGES, columns, wanted):
        texts[PassageKey(row["lane"], row["journal"], row["passage"])].append(row["registers"])
    return {key: merged(found) for key, found in texts.items()}


async def alarms(
    connection: AsyncConnection,
    audiences: Audiences,
    *,
    lane: str | None = None,
    standing: bool = True,
    limit: int = 500,
) -> list[AlarmView]:
    """Standing alarms, or all, the newest first."""
    statement = select(ALARMS).where(ALARMS.c.audience.in_(audiences), ALARMS.c.raised_us.is_not(None))
    if lane is not None:
        statement = statement.where(ALARMS.c.lane == lane)
    if standing:
        statement = statement.where(ALARMS.c.standing)
    statement = statement.order_by(ALARMS.c.raised_us.desc(), ALARMS.c.alarm).limit(limit)
    texts: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in await connection.execute(statement):
        texts[row.lane, row.journal, row.alarm].append(row.registers)
    views = [AlarmView(*key, merged(found)) for key, found in texts.items()]
    return [view for view in views if not standing or alarm_standing(view.registers)]


async def events(
    connection: AsyncConnection,
    audiences: Audiences,
    *,
    lane: str | None = None,
    key: PassageKey | None = None,
    journal: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[StoredEvent]:
    """Events of a lane or passage, the newest first; `before` is the sequence to go on from (needs a
    journal)."""
    statement = select(EVENTS).where(EVENTS.c.audience.in_(audiences))
    if key is not None:
        lane, journal = key.lane, key.journal
        statement = statement.where(EVENTS.c.passage == key.passage)
    if lane is not None:
        statement = statement.where(EVENTS.c.lane == lane)
    if journal is not None:
        statement = statement.where(EVENTS.c.journal == journal)
        statement = statement.order_by(EVENTS.c.sequence.desc())
        if before is not None:
            statement = statement.where(EVENTS.c.sequence < before)
    else:
        statement = statement.order_by(EVENTS.c.received_us.desc(), EVENTS.c.sequence.desc())
    rows = (await connection.execute(statement.limit(limit))).all()
    return [
        StoredEvent(
            lane=row.lane,
            journal=row.journal,
            sequence=row.sequence,
            audience=Audience(row.audience),
            position=row.position,
            type=row.type,
            reading=row.reading,
            time_us=row.time_us,
            received_us=row.received_us,
            passage=row.passage,
            clock=row.clock,
            maintenance=row.maintenance,
            rowhash=row.rowhash,
            data=json.loads(row.data),
        )
        for row in rows
    ]


async def positions(connection: AsyncConnection) -> dict[Audience, int]:
    rows = await connection.execute(select(POSITIONS))
    return {Audience(row.audience): row.position for row in rows}


async def commands(connection: AsyncConnection, lane: str, limit: int = 10) -> Sequence[Any]:
    """A lane's commands, the newest first."""
    statement = select(COMMANDS).where(COMMANDS.c.lane == lane)
    return (await connection.execute(statement.order_by(COMMANDS.c.sent_us.desc()).limit(limit))).all()


async def passage_commands(connection: AsyncConnection, key: PassageKey) -> Sequence[Any]:
    """The commands about one passage, the oldest first."""
    statement = select(COMMANDS).where(
        COMMANDS.c.lane == key.lane, COMMANDS.c.journal == key.journal, COMMANDS.c.passage == key.passage
    )
    return (await connection.execute(statement.order_by(COMMANDS.c.sent_us, COMMANDS.c.id))).all()
