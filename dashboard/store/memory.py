"""What the writer keeps in mind between transactions.  Everything here can be read again from the tables,
and is, after a transaction that failed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.erase import EraseOrder, EraseOrders
from dashboard.store.received import Received
from dashboard.store.shelves import Shelf, standing_shelves
from dashboard.store.tables import (
    ALARMS,
    ERASURES,
    EVENTS,
    JOURNALS,
    MEDIA,
    MEDIA_REFERENCES,
    POSITIONS,
    SITE_LANE,
)
from dashboard.store.views import Views, load_registers

WANTED_MAX = 1000
"""Pictures of one lane that are asked for; more are asked for when these have come."""


class Memory:
    def __init__(self, store_id: str) -> None:
        self.store_id = store_id
        self.views = Views()
        self.first_us: dict[tuple[str, str], int] = {}
        self.erasures = EraseOrders()
        self.wanted_media: dict[str, dict[str, None]] = {}
        self.site_alarms: dict[tuple[str, str], str] = {}
        """Standing alarms of the dashboard itself: (kind, lane it is about) to the occurrence's name."""
        self.shelves: dict[str, Shelf] = {}
        """Alarms that are shelved now, by the shelf's id."""
        self.site_rowhash = ""
        self.positions: dict[str, int] = {}
        """The last ones given out, by audience."""
        self._received: defaultdict[str, dict[str, Received]] = defaultdict(dict)

    async def load(self, connection: AsyncConnection) -> None:
        """Reads everything again from the tables."""
        self.views.forget()
        self._received.clear()
        self.first_us.clear()
        self.erasures.clear()
        self.wanted_media.clear()
        self.site_alarms.clear()
        self.positions = {row.audience: row.position for row in await connection.execute(select(POSITIONS))}
        self.shelves = {one.id: one for one in await standing_shelves(connection)}
        for row in await connection.execute(select(ERASURES)):
            order = EraseOrder.of_row(row.sequences_to, row.passages)
            self.erasures.add(row.lane, row.journal, order)
        same = and_(MEDIA.c.lane == MEDIA_REFERENCES.c.lane, MEDIA.c.sha256 == MEDIA_REFERENCES.c.sha256)
        missing = (
            select(MEDIA_REFERENCES.c.lane, MEDIA_REFERENCES.c.sha256)
            .outerjoin(MEDIA, same)
            .where(MEDIA.c.sha256.is_(None))
            .order_by(MEDIA_REFERENCES.c.sequence.desc())
            .limit(10 * WANTED_MAX)
        )
        for row in await connection.execute(missing):
            self.want_media(row.lane, {row.sha256})
        standing = select(ALARMS).where(ALARMS.c.lane == SITE_LANE, ALARMS.c.standing)
        for row in await connection.execute(standing):
            raised = load_registers(row.registers)["raised"][1]
            self.site_alarms[raised["kind"], raised["reason"]["parameters"].get("lane", "")] = row.alarm
        last = (
            select(EVENTS.c.rowhash)
            .where(EVENTS.c.lane == SITE_LANE, EVENTS.c.journal == self.store_id)
            .order_by(EVENTS.c.sequence.desc())
            .limit(1)
        )
        self.site_rowhash = await connection.scalar(last) or ""
        await self.received(connection, SITE_LANE, self.store_id)
        with_holes = select(JOURNALS.c.lane, JOURNALS.c.journal).where(
            JOURNALS.c.contiguous < JOURNALS.c.highest
        )
        for row in (await connection.execute(with_holes)).all():
            await self.received(connection, row.lane, row.journal)

    async def received(self, connection: AsyncConnection, lane: str, journal: str) -> Received:
        known = self.known_journal(lane, journal)
        if known is not None:
            return known
        row = (
            await connection.execute(
                select(JOURNALS.c.contiguous, JOURNALS.c.first_us).where(
                    JOURNALS.c.lane == lane, JOURNALS.c.journal == journal
                )
            )
        ).first()
        received = Received(row.contiguous if row else 0)
        if row:
            self.first_us[lane, journal] = row.first_us
        above = (
            select(EVENTS.c.sequence)
            .where(
                EVENTS.c.lane == lane,
                EVENTS.c.journal == journal,
                EVENTS.c.sequence > received.contiguous,
            )
            .order_by(EVENTS.c.sequence)
        )
        for sequence in await connection.scalars(above):
            received.add(sequence)
        self._received[lane][journal] = received
        return received

    def known_journal(self, lane: str, journal: str) -> Received | None:
        return self.journals_of(lane).get(journal)

    def journals(self) -> Iterator[tuple[tuple[str, str], Received]]:
        """Those heard of since the start, and all that have holes."""
        for lane, journals in self._received.items():
            for journal, received in journals.items():
                yield (lane, journal), received

    def journals_of(self, lane: str) -> Mapping[str, Received]:
        return self._received.get(lane, {})

    def want_media(self, lane: str, hashes: set[str]) -> None:
        wanted = self.wanted_media.setdefault(lane, {})
        for sha256 in sorted(hashes)[: max(0, WANTED_MAX - len(wanted))]:
            wanted[sha256] = None
