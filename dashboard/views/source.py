"""Where views come from: the live picture and the store, the latter cached a lane until it changes."""

from dataclasses import dataclass

from dashboard.ingest.live import Live
from dashboard.store import read
from dashboard.store.engine import Database
from dashboard.store.stage import Committed
from dashboard.store.writer import Writer
from dashboard.views.facts import LaneFacts, Stored, lane_facts
from lane_controller.messages.words import Audience

Audiences = frozenset[Audience]
CACHED_MAX = 4_000


@dataclass(slots=True)
class Source:
    database: Database
    live: Live
    _stored: dict[tuple[str, Audiences], Stored]
    _commits: int = 0

    @classmethod
    def over(cls, database: Database, live: Live, writer: Writer) -> "Source":
        source = cls(database, live, {})
        writer.follow(source.committed)
        return source

    def committed(self, committed: Committed) -> None:
        self._commits += 1
        for key in [key for key in self._stored if key[0] in committed.lanes]:
            del self._stored[key]

    async def lanes(self) -> list[str]:
        """All lanes that ever sent an event or are heard now."""
        async with self.database.reads.connect() as connection:
            stored = await read.known_lanes(connection)
        return sorted({*stored, *(lane for lane, heard in self.live.lanes.items() if heard.states)})

    async def facts(self, lane: str, audiences: Audiences) -> LaneFacts:
        known = self.live.lanes.get(lane)
        heard = known.state_for(audiences) if known else None
        stored = self._stored.get((lane, audiences))
        if stored is None:
            commits = self._commits
            stored = await self._load(lane, audiences)
            if len(self._stored) >= CACHED_MAX:
                self._stored.clear()
            if commits == self._commits:
                # Else it may have been read before a commit that changed it.
                self._stored[lane, audiences] = stored
        return lane_facts(lane, heard, self.live.is_live(lane), stored)

    async def _load(self, lane: str, audiences: Audiences) -> Stored:
        async with self.database.reads.connect() as connection:
            journal = await read.newest_journal(connection, lane)
            if journal is None:
                return Stored()
            return Stored(
                journal=journal,
                sequence=await read.last_sequence(connection, lane, journal, audiences),
                registers=await read.lane_registers(connection, lane, journal, audiences),
                passages=await read.open_passages(connection, lane, journal, audiences),
                alarms=await read.alarms(connection, audiences, lane=lane),
            )
