"""The one task that writes: it gathers what is waiting and commits it together.

A commit costs the same for one event as for thousands, so everybody who writes hands his part in and waits
for the commit that holds it.  Acknowledgements and answers are given after that, never before.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError

from dashboard.store.engine import Database, StoreUnavailable
from dashboard.store.incoming import Incoming
from dashboard.store.memory import Memory
from dashboard.store.stage import Committed, Stage

EVENTS_PER_COMMIT = 10_000
WAITING_MAX = 2_000

Job = Callable[[Stage], Awaitable[Any]]
_log = structlog.get_logger()


@dataclass(slots=True)
class _Part:
    """What one caller hands in: a batch of events, or a job on the transaction."""

    incoming: Incoming | None
    job: Job | None
    done: asyncio.Future[Any]


class Writer:
    """Use `take` and `do` from anywhere in the event loop while `run` runs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: asyncio.Queue[_Part] = asyncio.Queue(WAITING_MAX)
        self._followers: list[Callable[[Committed], None]] = []
        self._contiguous: dict[tuple[str, str], int] = {}
        self._stopping = False
        self.memory = Memory(database.store_id)
        self.events_committed = 0

    def follow(self, follower: Callable[[Committed], None]) -> None:
        """Calls `follower` after each commit with what it changed."""
        self._followers.append(follower)

    async def take(self, incoming: Incoming) -> None:
        """Stores a batch; returns after the commit.  Raises StoreUnavailable, and then nothing was kept."""
        await self._hand_in(incoming, None)

    async def do(self, job: Job) -> Any:
        """Runs `job` within a transaction, alone behind a savepoint; returns its result after the commit.
        What the job raises is raised here and undoes the job alone."""
        return await self._hand_in(None, job)

    async def _hand_in(self, incoming: Incoming | None, job: Job | None) -> Any:
        if self._stopping:
            raise StoreUnavailable("the dashboard is stopping")
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        await self._waiting.put(_Part(incoming, job, done))
        return await done

    async def contiguous(self, lane: str, journal: str) -> int:
        """Up to which sequence a journal is stored without a gap.  Only what is committed counts: the memory
        of the transaction under way must never be acknowledged."""

        async def look(stage: Stage) -> int:
            return (await self.memory.received(stage.connection, lane, journal)).contiguous

        if (lane, journal) not in self._contiguous:
            # A commit that came with the look, or right after it, knows better.
            self._contiguous.setdefault((lane, journal), await self.do(look))
        return self._contiguous[lane, journal]

    async def start(self) -> None:
        """Reads what the writer must keep in mind.  Call before `run`."""
        async with self._database.writes.connect() as connection:
            await self.memory.load(connection)

    async def stop(self) -> None:
        """Takes nothing more; `run` ends after what was handed in is committed."""
        self._stopping = True
        await self._waiting.put(_Part(None, None, asyncio.get_running_loop().create_future()))

    async def run(self) -> None:
        while not (self._stopping and self._waiting.empty()):
            parts = [await self._waiting.get()]
            events = 0
            while not self._waiting.empty() and events < EVENTS_PER_COMMIT:
                part = self._waiting.get_nowait()
                events += len(part.incoming.events) if part.incoming else 0
                parts.append(part)
            await self._commit(parts)

    async def _commit(self, parts: list[_Part]) -> None:
        try:
            committed, outcomes = await self._transaction(parts)
        except IntegrityError as error:
            # Another writer came between, or one part cannot stand: each alone, so that one harms itself.
            await self._recover(error)
            if len(parts) > 1:
                for part in parts:
                    await self._commit([part])
            else:
                _fail(parts, StoreUnavailable(f"the database refused it: {error.orig}"))
            return
        except (DBAPIError, OSError) as error:
            await self._recover(error)
            _fail(parts, StoreUnavailable("the database did not take the transaction; see the log"))
            return
        except BaseException as error:
            _fail(parts, StoreUnavailable(f"the writer failed: {error!r}"))
            raise
        self._contiguous |= committed.contiguous
        for part, outcome in zip(parts, outcomes, strict=True):
            if part.done.done():
                continue
            if isinstance(outcome, Exception):
                part.done.set_exception(outcome)
            else:
                part.done.set_result(outcome)
        for follower in self._followers:
            follower(committed)

    async def _transaction(self, parts: list[_Part]) -> tuple[Committed, list[Any]]:
        outcomes: list[Any] = []
        async with self._database.writes.begin() as connection:
            stage = Stage(connection, self.memory)
            for part in parts:
                if part.incoming is not None:
                    await stage.take(part.incoming)
                    outcomes.append(None)
                elif part.job is not None and not part.done.done():
                    outcomes.append(await _run_job(stage, part.job))
                else:
                    outcomes.append(None)
            committed = await stage.finish()
        self.events_committed += sum(len(part.incoming.events) for part in parts if part.incoming)
        return committed, outcomes

    async def _recover(self, error: Exception) -> None:
        """After a failed transaction the memory may be ahead of the tables."""
        _log.error("store.transaction_failed", error=str(getattr(error, "orig", error)))
        delay_s = 0.1
        while True:
            try:
                await self.start()
                return
            except (DBAPIError, OSError):
                if self._stopping:
                    return
                await asyncio.sleep(delay_s)
                delay_s = min(5.0, delay_s * 2)


async def _run_job(stage: Stage, job: Job) -> Any:
    mark = stage.site.mark()
    try:
        async with stage.connection.begin_nested():
            return await job(stage)
    except (DBAPIError, OSError):
        raise
    except Exception as error:
        stage.site.undo(mark)
        return error


def _fail(parts: list[_Part], error: Exception) -> None:
    for part in parts:
        if not part.done.done():
            part.done.set_exception(error)
