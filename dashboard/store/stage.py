"""One transaction of the writer: events sorted into new, repeated, forked and refused, and written with all
that follows from them (positions, views, search terms, picture references, answers to commands)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows, select_rows
from dashboard.store.erase import EraseOrder, without_personal
from dashboard.store.fold import Entry, entries
from dashboard.store.incoming import Incoming, IncomingEvent, Rejected, dump, now_us
from dashboard.store.memory import Memory
from dashboard.store.site_events import SiteEvents
from dashboard.store.tables import (
    ALARMS,
    COMMANDS,
    ERASURES,
    EVENTS,
    JOURNALS,
    MEDIA,
    MEDIA_REFERENCES,
    POSITIONS,
    QUARANTINE,
    SITE_LANE,
)
from lane_controller.messages.pictures import pictures_in
from lane_controller.messages.words import Audience

QUARANTINE_ROWS_MAX = 1000
"""Of one lane; what comes beyond is counted in its alarm's log line only."""
KEYS_PER_QUERY = 500
SHOWN_BY_PICTURES = frozenset({"passage.plate", "passage.document", "passage.chip"})
"""Types of events whose pictures are kept."""

Key = tuple[str, str, int]


@dataclass(slots=True)
class Committed:
    """What a transaction changed, for those who follow the store."""

    lanes: set[str] = field(default_factory=set[str])
    positions: dict[Audience, int] = field(default_factory=dict[Audience, int])
    commands: set[str] = field(default_factory=set[str])
    contiguous: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Of the journals that brought something, repeated or new."""
    second_line: bool = False
    """Second line recorded something."""


class Stage:
    """Gathers one transaction's events and writes them at its end."""

    def __init__(self, connection: AsyncConnection, memory: Memory) -> None:
        self.connection = connection
        self.memory = memory
        self.site = SiteEvents(memory)
        self.committed = Committed()
        self.received_us = now_us()
        self._new: dict[Key, IncomingEvent] = {}
        self._journals: set[tuple[str, str]] = set()
        self._forks: list[IncomingEvent] = []

    def touch(self, lane: str, journal: str) -> None:
        """What is received of this journal may have changed: it is told with the commit."""
        self._journals.add((lane, journal))

    async def take(self, incoming: Incoming) -> None:
        """Sorts one batch in.  Raises nothing for what a peer sent."""
        repeated: list[IncomingEvent] = []
        for (lane, journal), events in groupby(incoming.events, attrgetter("lane", "journal")):
            received = await self.memory.received(self.connection, lane, journal)
            self.touch(lane, journal)
            for event in events:
                if received.add(event.sequence) or (lane, journal, event.sequence) in self._new:
                    self._stage(event)
                elif event.sequence in received:
                    repeated.append(event)
        await self._find_forks(repeated)
        for rejected in incoming.rejected:
            await self._quarantine_rejected(rejected)

    def _stage(self, event: IncomingEvent) -> None:
        """For the transaction's end, unless another one has its key."""
        staged = self._new.setdefault((event.lane, event.journal, event.sequence), event)
        if staged.rowhash != event.rowhash:
            self._forks.append(event)

    async def _find_forks(self, repeated: list[IncomingEvent]) -> None:
        for start in range(0, len(repeated), KEYS_PER_QUERY):
            some = repeated[start : start + KEYS_PER_QUERY]
            keys = [(event.lane, event.journal, event.sequence) for event in some]
            rows = await select_rows(self.connection, EVENTS, ("lane", "journal", "sequence"), keys)
            kept = {(row["lane"], row["journal"], row["sequence"]): row["rowhash"] for row in rows}
            for event in some:
                rowhash = kept.get((event.lane, event.journal, event.sequence))
                if rowhash is None:
                    self._stage(event)  # its loss was accepted, and it turned up after all
                elif rowhash != event.rowhash:
                    self._forks.append(event)

    async def _quarantine_rejected(self, rejected: Rejected) -> None:
        await self._quarantine(rejected, rejected.why, None)

    async def _quarantine(self, rejected: Rejected, why: str, fork: IncomingEvent | None) -> None:
        lane = rejected.lane
        known = select(QUARANTINE.c.id).where(QUARANTINE.c.id == rejected.id)
        if await self.connection.scalar(known) is not None:
            return
        count = select(func.count()).select_from(QUARANTINE).where(QUARANTINE.c.lane == lane)
        if (await self.connection.scalar(count) or 0) < QUARANTINE_ROWS_MAX:
            key = (fork.journal, fork.sequence) if fork else (None, None)
            row = (rejected.id, lane, *key, rejected.audience, why, rejected.raw, self.received_us)
            await insert_rows(self.connection, QUARANTINE, [row], "keep")
        # Who may not see an event must not learn from an alarm that it exists.
        ordinary = rejected.audience in (Audience.LANE, Audience.SUPERVISOR)
        audience = Audience.SUPERVISOR if ordinary else Audience.AUDIT
        kind = "fork" if fork else "unreadable"
        self.site.raise_alarm(kind, lane, audience, "medium", {"lane": lane, "why": why})

    async def finish(self) -> Committed:
        """Writes everything staged into the transaction."""
        for event in self._forks:
            raw = dump({"type": event.type, "rowhash": event.rowhash, "data": event.data}).encode()
            await self._quarantine(Rejected(event.lane, event.audience, "no_key", raw), "fork", event)
        for event in self._new.values():
            if event.reading == "unreadable":
                audience = Audience.SUPERVISOR if event.audience == Audience.LANE else Audience.AUDIT
                given: dict[str, Any] = {"lane": event.lane, "why": "data"}
                self.site.raise_alarm("unreadable", event.lane, audience, "medium", given)
        new = [*self._new.values(), *self.site.take(self.received_us)]
        if new:
            await self._write_events(await self._erased(new))
        await self._write_journals(new)
        for lane, journal in self._journals:
            received = await self.memory.received(self.connection, lane, journal)
            self.committed.contiguous[lane, journal] = received.contiguous
        return self.committed

    async def replace(self, events: list[IncomingEvent]) -> None:
        """Writes events anew whose keys are stored: they can be read now, and get positions of their own."""
        for event in events:
            key = (event.lane, event.journal, event.sequence)
            columns = (EVENTS.c.lane, EVENTS.c.journal, EVENTS.c.sequence)
            same = (column == value for column, value in zip(columns, key, strict=True))
            await self.connection.execute(delete(EVENTS).where(*same))
        if events:
            await self._write_events(await self._erased(events))

    async def _erased(self, new: list[IncomingEvent]) -> list[IncomingEvent]:
        """Records new erase orders and applies all known ones to what is new."""
        orders = [event for event in new if event.type == "journal.erased" and event.reading == "read"]
        for event in orders:
            order = EraseOrder.of(event.data)
            await self._order_erasure(event.lane, event.journal, event.sequence, order)
            for journal, order in EraseOrder.of_older(event.data):
                # It has no sequence in that journal: such orders count down from -1.
                lowest = select(func.min(ERASURES.c.sequence)).where(
                    ERASURES.c.lane == event.lane, ERASURES.c.journal == journal
                )
                sequence = min(await self.connection.scalar(lowest) or 0, 0) - 1
                await self._order_erasure(event.lane, journal, sequence, order)
        return [
            replace(event, data=without_personal(event.data))
            if self.memory.erasures.cover(event.lane, event.journal, event.sequence, event.passage)
            else event
            for event in new
        ]

    async def _order_erasure(self, lane: str, journal: str, sequence: int, order: EraseOrder) -> None:
        row = (lane, journal, sequence, order.sequences_to, dump(sorted(order.passages)), False)
        await insert_rows(self.connection, ERASURES, [row], "keep")
        self.memory.erasures.add(lane, journal, order)

    async def _write_events(self, new: list[IncomingEvent]) -> None:
        positions = self.memory.positions
        rows: list[tuple[Any, ...]] = []
        said: list[tuple[IncomingEvent, list[Entry]]] = []
        references: list[tuple[Any, ...]] = []
        for event in new:
            positions[event.audience] += 1
            rows.append(_row(event, positions[event.audience], self.received_us))
            if event.reading == "read":
                said.append((event, entries(event)))
                if event.type in SHOWN_BY_PICTURES:
                    key = (event.lane, event.journal, event.sequence)
                    references += [(*key, sha256) for sha256 in set(pictures_in(event.data))]
                elif event.type == "command.answered":
                    await self.answer(event.lane, event.data, event.time_us)
            self.committed.lanes.add(event.lane)
        await insert_rows(self.connection, EVENTS, rows)
        given = {event.audience: positions[event.audience] for event in new}
        await insert_rows(self.connection, POSITIONS, list(given.items()), "overwrite")
        self.committed.positions |= given
        await self.memory.views.apply(self.connection, said)
        await self._write_references(references)

    async def _write_references(self, references: list[tuple[Any, ...]]) -> None:
        await insert_rows(self.connection, MEDIA_REFERENCES, references, "keep")
        by_lane: dict[str, set[str]] = defaultdict(set)
        for lane, _, _, sha256 in references:
            by_lane[lane].add(sha256)
        for lane, wanted in by_lane.items():
            known = select(MEDIA.c.sha256).where(MEDIA.c.lane == lane, MEDIA.c.sha256.in_(wanted))
            have = set((await self.connection.scalars(known)).all())
            self.memory.want_media(lane, wanted - have)

    async def answer(self, lane: str, data: dict[str, Any], at_us: int) -> None:
        """What a lane said to a command; a final answer is not overwritten by `accepted`."""
        final = COMMANDS.c.answer.in_(("done", "refused"))
        statement = (
            update(COMMANDS)
            .where(COMMANDS.c.id == data["command"], COMMANDS.c.lane == lane)
            .where(or_(COMMANDS.c.answer.is_(None), ~final))
            .values(answer=data["answer"], reasons=dump(data.get("reasons") or []), answered_us=at_us)
        )
        if (await self.connection.execute(statement)).rowcount:
            self.committed.commands.add(data["command"])
            self.committed.lanes.add(lane)

    async def acknowledge_site_alarm(
        self, alarm: str, operator: str, role: str, audiences: Collection[Audience]
    ) -> bool:
        """Acknowledges and clears a standing alarm of the dashboard itself; False when there is none."""
        statement = select(ALARMS.c.audience, ALARMS.c.registers).where(
            ALARMS.c.lane == SITE_LANE,
            ALARMS.c.alarm == alarm,
            ALARMS.c.standing,
            ALARMS.c.audience.in_(audiences),
        )
        row = (await self.connection.execute(statement)).first()
        if row is None:
            return False
        audience = Audience(row.audience)
        by = {"operator": operator, "role": role, "agency": None, "workplace": ""}
        self.site.add("alarm.acknowledged", audience, {"alarm": alarm, "by": by})
        self.site.clear_named(alarm, audience)
        return True

    async def _write_journals(self, new: list[IncomingEvent]) -> None:
        rows: list[tuple[Any, ...]] = []
        for lane, journal in {(event.lane, event.journal) for event in new}:
            received = await self.memory.received(self.connection, lane, journal)
            first_us = self.memory.first_us.setdefault((lane, journal), self.received_us)
            rows.append((lane, journal, received.contiguous, received.highest, first_us, self.received_us))
        await insert_rows(self.connection, JOURNALS, rows, "overwrite")


def _row(event: IncomingEvent, position: int, received_us: int) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    return (
        event.lane,
        event.journal,
        event.sequence,
        event.audience,
        position,
        event.rowhash,
        event.type,
        event.reading,
        event.time_us,
        received_us,
        event.passage,
        event.boot,
        event.mono_s,
        event.clock,
        event.maintenance,
        dump(event.data),
    )
