"""Where views come from: the live picture and the store, the latter cached a lane until it changes."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.ingest.live import Live
from dashboard.store import read
from dashboard.store.engine import Database
from dashboard.store.fold import Registers
from dashboard.store.incoming import now_us
from dashboard.store.media import stored_pictures
from dashboard.store.memory import Memory
from dashboard.store.read import PassageKey, StoredEvent
from dashboard.store.stage import Committed
from dashboard.store.standing import lane_standing
from dashboard.store.writer import Writer
from dashboard.views.facts import AlarmFacts, LaneFacts, Stored, lane_facts
from dashboard.views.usual import UsualTimes
from lane_controller.messages.pictures import pictures_in
from lane_controller.messages.words import Audience

Audiences = frozenset[Audience]
CACHED_MAX = 4_000
SHEETS_MAX = 400
TIMELINE_MAX = 60
COMMANDS_MAX = 8

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What of the store only a lane's own page shows: its last events and commands, and the registers of the
    passage that is there, with those of its pictures that came."""

    events: list[StoredEvent]
    commands: Sequence[Any]
    registers: Registers
    pictures: frozenset[str]


@dataclass(slots=True)
class Source:
    database: Database
    live: Live
    memory: Memory
    usual: UsualTimes
    _stored: dict[tuple[str, Audiences], Stored] = field(default_factory=dict[tuple[str, Audiences], Stored])
    _sheets: dict[tuple[str, str, int | None, Audiences], Sheet] = field(
        default_factory=dict[tuple[str, str, int | None, Audiences], Sheet]
    )
    _commits: int = 0

    @classmethod
    def over(cls, database: Database, live: Live, writer: Writer) -> "Source":
        source = cls(database, live, writer.memory, UsualTimes(database))
        writer.follow(source.committed)
        return source

    def committed(self, committed: Committed) -> None:
        self._commits += 1
        for stored in [key for key in self._stored if key[0] in committed.lanes]:
            del self._stored[stored]
        for sheet in [key for key in self._sheets if key[0] in committed.lanes]:
            del self._sheets[sheet]

    async def lanes(self) -> list[str]:
        """All lanes that ever sent an event or are heard now."""
        async with self.database.reads.connect() as connection:
            stored = await read.known_lanes(connection)
        return sorted({*stored, *(lane for lane, heard in self.live.lanes.items() if heard.states)})

    async def knows(self, lane: str) -> bool:
        """Whether the lane ever sent an event or is heard now."""
        heard = self.live.lanes.get(lane)
        return bool(heard and heard.states) or lane in await self.lanes()

    async def has_passage(self, key: PassageKey, audiences: Audiences) -> bool:
        """Whether these audiences know of the passage."""
        async with self.database.reads.connect() as connection:
            return key in await read.passages(connection, [key], audiences)

    async def facts(self, lane: str, audiences: Audiences) -> LaneFacts:
        known = self.live.lanes.get(lane)
        heard = known.state_for(audiences) if known else None
        stored = await self._cached(
            self._stored, (lane, audiences), lambda: self._load(lane, audiences), CACHED_MAX
        )
        found = lane_facts(lane, heard, self.live.is_live(lane), stored)
        return replace(found, alarms=self.shelved(found.alarms)) if self.memory.shelves else found

    def shelved(self, alarms: Iterable[AlarmFacts]) -> tuple[AlarmFacts, ...]:
        """Alarms with the shelves that hold them now."""
        shelves, at_us = self.memory.shelves.values(), now_us()
        return tuple(one.among(shelves, at_us) for one in alarms)

    async def sheet(self, lane: str, journal: str, passage: int | None, audiences: Audiences) -> Sheet:
        """What a lane's own page shows of the store."""
        key = (lane, journal, passage, audiences)
        return await self._cached(self._sheets, key, lambda: self._load_sheet(*key), SHEETS_MAX)

    async def _cached(
        self, kept: dict[Key, Value], key: Key, load: Callable[[], Awaitable[Value]], most: int
    ) -> Value:
        value = kept.get(key)
        if value is None:
            commits = self._commits
            value = await load()
            if len(kept) >= most:
                kept.clear()
            if commits == self._commits:
                # Else it may have been read before a commit that changed it.
                kept[key] = value
        return value

    async def _load(self, lane: str, audiences: Audiences) -> Stored:
        usual = await self.usual.of(lane)
        async with self.database.glances.connect() as connection:
            found = await lane_standing(connection, lane, audiences)
        if found is None:
            return Stored()
        return Stored(found.journal, found.sequence, found.registers, found.passages, found.alarms, usual)

    async def _load_sheet(self, lane: str, journal: str, passage: int | None, audiences: Audiences) -> Sheet:
        async with self.database.reads.connect() as connection:
            key = PassageKey(lane, journal, passage) if passage is not None else None
            registers = (await read.passages(connection, [key], audiences)).get(key, {}) if key else {}
            return Sheet(
                await read.events(connection, audiences, lane=lane, journal=journal, limit=TIMELINE_MAX),
                await read.commands(connection, lane, COMMANDS_MAX),
                registers,
                await pictures_of(connection, lane, registers, audiences),
            )


async def pictures_of(
    connection: AsyncConnection, lane: str, registers: Registers, audiences: Audiences
) -> frozenset[str]:
    """The pictures of a passage that can be shown: named by its events, and here."""
    named = pictures_in([value for _, value in registers.values()])
    return await stored_pictures(connection, lane, named, audiences)
