"""After an upgrade: events that an older version could not read are read again, and views made by older
rules are made again.  Runs before anything is served; interrupted, it begins anew at the next start."""

import json
from typing import Any

import structlog
from sqlalchemy import RowMapping, delete, select, tuple_, update

from dashboard.store.engine import Database
from dashboard.store.fold import VIEWS_VERSION, entries
from dashboard.store.incoming import CONTRACT, IncomingEvent, keep_again, reading_of
from dashboard.store.memory import Memory
from dashboard.store.stage import Stage
from dashboard.store.tables import ALARMS, EVENTS, LANES, PASSAGES, PLATES, SITE_LANE, STORE, TERMS
from lane_controller.messages.words import Audience

ROWS_PER_TRANSACTION = 2_000
_KEY = (EVENTS.c.lane, EVENTS.c.journal, EVENTS.c.sequence)
_log = structlog.get_logger()


async def after_upgrade(database: Database, site: str) -> None:
    """Does what the versions in the store ask for; nothing when they are today's."""
    async with database.reads.connect() as connection:
        known = (await connection.execute(select(STORE.c.views_version, STORE.c.contract))).one()
    if known.contract != CONTRACT:
        await _read_again(database, site)
    if known.views_version != VIEWS_VERSION:
        await _make_views(database)
    async with database.writes.begin() as connection:
        await connection.execute(update(STORE).values(views_version=VIEWS_VERSION, contract=CONTRACT))


async def _read_again(database: Database, site: str) -> None:
    last: tuple[Any, ...] | None = None
    read = 0
    while True:
        async with database.writes.begin() as connection:
            memory = Memory(database.store_id)
            await memory.load(connection)
            statement = select(EVENTS).where(EVENTS.c.reading != "read", EVENTS.c.lane != SITE_LANE)
            if last:
                statement = statement.where(tuple_(*_KEY) > last)
            statement = statement.order_by(*_KEY).limit(ROWS_PER_TRANSACTION)
            rows = (await connection.execute(statement)).mappings().all()
            readable = [event for row in rows if (event := _again(row, site)) is not None]
            stage = Stage(connection, memory)
            await stage.replace(readable)
            read += len(readable)
        if len(rows) < ROWS_PER_TRANSACTION:
            break
        last = (rows[-1]["lane"], rows[-1]["journal"], rows[-1]["sequence"])
    _log.info("store.read_again", events=read)


def _again(row: RowMapping, site: str) -> IncomingEvent | None:
    """The row as a readable event, or None."""
    data = json.loads(row["data"])
    if not row["boot"]:
        return keep_again(data, site, row["lane"])
    if reading_of(row["type"], row["passage"], data) != "read":
        return None
    return event_of(row)


def event_of(row: RowMapping) -> IncomingEvent:
    """A stored row as an event that is readable."""
    return IncomingEvent(
        lane=row["lane"],
        journal=row["journal"],
        sequence=row["sequence"],
        rowhash=row["rowhash"],
        audience=Audience(row["audience"]),
        type=row["type"],
        reading="read",
        time_us=row["time_us"],
        passage=row["passage"],
        boot=row["boot"],
        mono_s=row["mono_s"],
        clock=row["clock"],
        maintenance=row["maintenance"],
        data=json.loads(row["data"]),
    )


async def _make_views(database: Database) -> None:
    async with database.writes.begin() as connection:
        for table in (LANES, PASSAGES, ALARMS, TERMS, PLATES):
            await connection.execute(delete(table))
    last: tuple[Any, ...] | None = None
    memory = Memory(database.store_id)
    while True:
        async with database.writes.begin() as connection:
            statement = select(EVENTS).where(EVENTS.c.reading == "read")
            if last:
                statement = statement.where(tuple_(*_KEY) > last)
            statement = statement.order_by(*_KEY).limit(ROWS_PER_TRANSACTION)
            rows = (await connection.execute(statement)).mappings().all()
            events = [event_of(row) for row in rows]
            await memory.views.apply(connection, [(event, entries(event)) for event in events])
        if len(rows) < ROWS_PER_TRANSACTION:
            break
        last = (rows[-1]["lane"], rows[-1]["journal"], rows[-1]["sequence"])
    _log.info("store.views_made_again", version=VIEWS_VERSION)
