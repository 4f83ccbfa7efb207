"""kill -9 of a real daemon at random instants, its lane in traffic.

A third of the kills come while the daemon starts, a third while an order to the arm is on its way, the others
at any instant of the traffic.  Between two lives somebody often sends the people out and cranks the arm down.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from lane_controller.daemon.journal import StoredEvent
from simulators.operators import Wish
from tests.campaigns import records
from tests.campaigns.trial import LANE, Trial
from tests.daemon.rig import until

ROOT = Path(__file__).parents[2]
TRAFFIC_S = 3.0
"""How long a life in traffic lasts at most, from ready on."""
ORDER_S = 0.4
"""How long after an operator began to give a command, at most, the kill comes."""


class Kills:
    """A campaign on a trial.  `starts` are the times (monotonic) at which the daemon was started."""

    def __init__(self, trial: Trial, starting_s: float) -> None:
        """`starting_s`: about how long a start takes; kills during a start come within it."""
        self._trial, self._starting_s = trial, starting_s
        self.starts: list[float] = []
        self.killed = 0

    async def start(self) -> None:
        self.starts.append(time.monotonic())
        await self._trial.daemon.start()

    async def kill(self, times: int) -> None:
        """So many lives, each ended by a kill."""
        chance = self._trial.chance
        for _ in range(times):
            await self.start()
            match chance.randrange(3):
                case 0:
                    await asyncio.sleep(chance.random() * self._starting_s)
                case 1:
                    await self._trial.ready()
                    ordering = asyncio.create_task(self._order())
                    await asyncio.sleep(chance.random() * ORDER_S)
                    ordering.cancel()
                    await asyncio.gather(ordering, return_exceptions=True)
                case _:
                    await self._trial.ready()
                    await asyncio.sleep(chance.random() * TRAFFIC_S)
            assert self._trial.daemon.running, "the daemon ended by itself; see lane.log"
            await self._trial.daemon.kill()
            self.killed += 1
            if chance.random() < 0.6:
                await self._trial.crank_down()

    async def _order(self) -> None:
        """An officer lets whoever is held go, or has the arm raised."""
        status = await self._trial.status()
        passage = status["passage"] if status else None
        if passage:
            wish = Wish(LANE, "release", passage["passage"], "border", False, "checked_by_hand")
        else:
            wish = Wish(LANE, "raise", None, "border", False, "test", {"seen_clear": True})
        with contextlib.suppress(ConnectionError):
            await self._trial.desk.ask(wish)

    def first_decisions(self) -> list[tuple[float, float]]:
        """Of each start at which somebody was held, the seconds until the lane said so: in its journal, and
        in the store."""
        events = records.whole(self._trial.journal).events
        received = {one.sequence: one.received_us / 1e6 for one in records.stored(self._trial.store, LANE)}
        to_wall_s = time.time() - time.monotonic()
        found: list[tuple[float, float]] = []
        for began_s, until_s in zip(self.starts, [*self.starts[1:], float("inf")], strict=True):
            life = [event for event in events if began_s <= event.at.mono_s < until_s]
            decided = _decided_at_start(life)
            if decided is not None:
                stored_s = received[decided.sequence] - to_wall_s
                found.append((decided.at.mono_s - began_s, stored_s - began_s))
        return found


def _decided_at_start(life: list[StoredEvent]) -> StoredEvent | None:
    """The decision that a start led to by itself; None where nobody was in the lane."""
    for event in life:
        if event.data["type"] == "passage.decided":
            return event
        if event.data["type"] == "presence.changed":
            return None
    return None


class Forked:
    """A daemon forked from a process that has imported everything, so that a test can kill many."""

    def __init__(self, zygote: asyncio.subprocess.Process, file: Path) -> None:
        self._zygote, self._file = zygote, file
        self._pid = 0

    @property
    def running(self) -> bool:
        return self._pid != 0 and os.path.exists(f"/proc/{self._pid}")

    async def start(self) -> None:
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        log = self._file.with_name("lane.log")
        self._zygote.stdin.write(f"run {self._file} {log}\n".encode())
        self._pid = int(await self._zygote.stdout.readline())

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self, grace_s: float = 5.0) -> None:
        await self._end(signal.SIGTERM, grace_s)

    async def _end(self, number: signal.Signals, grace_s: float = 5.0) -> None:
        pid, self._pid = self._pid, 0
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            await until(lambda: not os.path.exists(f"/proc/{pid}"), "the daemon is gone", 4 * grace_s)


@contextlib.asynccontextmanager
async def forked(file: Path) -> AsyncGenerator[Forked]:
    """A lane's daemon to be started and killed many times."""
    zygote = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.campaigns.zygote", stdin=-1, stdout=-1, cwd=ROOT
    )
    assert zygote.stdout is not None
    daemon = Forked(zygote, file)
    try:
        assert await zygote.stdout.readline() == b"ready\n"
        yield daemon
    finally:
        await daemon.kill()
        zygote.kill()
        await zygote.wait()
