"""Carries out erase orders on what was stored before they came: events, passages, search terms, pictures,
what second line wrote, quarantine.  In small transactions, so that the lanes' events need not wait;
interrupted, it begins anew."""

import json
from dataclasses import dataclass, field

import structlog
from sqlalchemy import and_, delete, exists, select, update

from dashboard.store import second_line
from dashboard.store.engine import Database
from dashboard.store.erase import EraseOrder, without_personal
from dashboard.store.incoming import dump
from dashboard.store.stage import Stage
from dashboard.store.tables import ERASURES, EVENTS, MEDIA, MEDIA_REFERENCES, PASSAGES, QUARANTINE
from dashboard.store.views import ViewKey
from dashboard.store.writer import Writer

ROWS_PER_TRANSACTION = 1_000
LOG_WAIT_MS = 200
"""For those who read from SQLite's log, who may take long; the lanes' events wait meanwhile."""
_log = structlog.get_logger()


@dataclass(slots=True)
class _Work:
    """One order under way: how far its events and passages are done."""

    lane: str
    journal: str
    sequence: int
    order: EraseOrder
    events_done: int = 0
    passages_done: int = -1
    pictures: set[str] = field(default_factory=set[str])


async def erase_waiting(writer: Writer, database: Database) -> int:
    """Carries out all orders that are not done; how many there were."""
    done = 0
    while (work := await _next(database)) is not None:
        while await writer.do(lambda stage, work=work: _erase_events(stage, work)):
            pass
        while await writer.do(lambda stage, work=work: _erase_passages(stage, work)):
            pass
        await writer.do(lambda stage, work=work: _finish(stage, work))
        _log.info("store.erased", lane=work.lane, journal=work.journal, pictures=len(work.pictures))
        done += 1
    return done


async def empty_log(database: Database) -> bool:
    """SQLite's log still holds what was overwritten in the database: empty it.  False while somebody reads
    from it, as an export may for long: to be tried again."""
    if database.writes.dialect.name != "sqlite":
        return True
    async with database.writes.connect() as connection:
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert driver is not None

        async def said(pragma: str) -> int:
            # Left open, its statement would refuse the writer's next commit.
            async with driver.execute(f"PRAGMA {pragma}") as cursor:
                return int((await cursor.fetchone())[0])

        usual_ms = await said("busy_timeout")
        await said(f"busy_timeout = {LOG_WAIT_MS}")
        try:
            return await said("wal_checkpoint(TRUNCATE)") == 0
        finally:
            await said(f"busy_timeout = {usual_ms}")


async def _next(database: Database) -> _Work | None:
    async with database.reads.connect() as connection:
        row = (await connection.execute(select(ERASURES).where(~ERASURES.c.done).limit(1))).first()
    if row is None:
        return None
    return _Work(row.lane, row.journal, row.sequence, EraseOrder.of_row(row.sequences_to, row.passages))


async def _erase_events(stage: Stage, work: _Work) -> bool:
    """One portion; False when none is left."""
    statement = select(EVENTS.c.sequence, EVENTS.c.data).where(
        EVENTS.c.lane == work.lane,
        EVENTS.c.journal == work.journal,
        EVENTS.c.sequence > work.events_done,
        EVENTS.c.sequence <= work.order.sequences_to,
    )
    if work.order.passages:
        statement = statement.where(EVENTS.c.passage.in_(work.order.passages))
    statement = statement.order_by(EVENTS.c.sequence).limit(ROWS_PER_TRANSACTION)
    rows = (await stage.connection.execute(statement)).all()
    for row in rows:
        data = json.loads(row.data)
        erased = without_personal(data)
        if erased == data:
            continue
        key = (
            EVENTS.c.lane == work.lane,
            EVENTS.c.journal == work.journal,
            EVENTS.c.sequence == row.sequence,
        )
        await stage.connection.execute(update(EVENTS).where(*key).values(data=dump(erased)))
    if not rows:
        return False
    work.events_done = rows[-1].sequence
    stage.committed.lanes.add(work.lane)
    reference = and_(
        MEDIA_REFERENCES.c.lane == work.lane,
        MEDIA_REFERENCES.c.journal == work.journal,
        MEDIA_REFERENCES.c.sequence.in_([row.sequence for row in rows]),
    )
    work.pictures |= set(await stage.connection.scalars(select(MEDIA_REFERENCES.c.sha256).where(reference)))
    await stage.connection.execute(delete(MEDIA_REFERENCES).where(reference))
    return True


async def _erase_passages(stage: Stage, work: _Work) -> bool:
    statement = select(PASSAGES.c.passage, PASSAGES.c.audience).where(
        PASSAGES.c.lane == work.lane,
        PASSAGES.c.journal == work.journal,
        PASSAGES.c.passage > work.passages_done,
    )
    if work.order.passages:
        statement = statement.where(PASSAGES.c.passage.in_(work.order.passages))
    statement = statement.order_by(PASSAGES.c.passage).limit(ROWS_PER_TRANSACTION)
    rows = (await stage.connection.execute(statement)).all()
    if not rows:
        return False
    if len(rows) == ROWS_PER_TRANSACTION:
        # The rows of one passage must not be torn apart by the limit.
        last = rows[-1].passage
        rows = [row for row in rows if row.passage != last]
    work.passages_done = rows[-1].passage
    views = stage.memory.views
    keys = {ViewKey("passage", work.lane, work.journal, str(row.passage), row.audience) for row in rows}
    await views.load(stage.connection, keys)
    for key in keys:
        registers = views[key].registers
        for name, (sequence, value) in list(registers.items()):
            if sequence <= work.order.sequences_to:
                registers[name] = (sequence, without_personal(value))
    await views.save(stage.connection, keys)
    stage.committed.lanes.add(work.lane)
    return True


async def _finish(stage: Stage, work: _Work) -> None:
    """Pictures that nothing refers to any more, quarantined bytes, and the order's mark."""
    used = exists().where(
        MEDIA_REFERENCES.c.lane == MEDIA.c.lane, MEDIA_REFERENCES.c.sha256 == MEDIA.c.sha256
    )
    for start in range(0, len(work.pictures), ROWS_PER_TRANSACTION):
        some = sorted(work.pictures)[start : start + ROWS_PER_TRANSACTION]
        gone = delete(MEDIA).where(MEDIA.c.lane == work.lane, MEDIA.c.sha256.in_(some), ~used)
        await stage.connection.execute(gone)
    for sha256 in work.pictures:
        stage.memory.wanted_media.get(work.lane, {}).pop(sha256, None)
    quarantined = delete(QUARANTINE).where(QUARANTINE.c.lane == work.lane)
    if work.order.passages:
        # Which passage quarantined bytes belong to cannot be told: those of the journal's time go.
        quarantined = quarantined.where(QUARANTINE.c.journal == work.journal)
    await stage.connection.execute(quarantined)
    await second_line.erase(stage, work.lane, work.journal, work.order)
    await stage.connection.execute(
        update(ERASURES)
        .where(
            ERASURES.c.lane == work.lane,
            ERASURES.c.journal == work.journal,
            ERASURES.c.sequence == work.sequence,
        )
        .values(done=True)
    )
