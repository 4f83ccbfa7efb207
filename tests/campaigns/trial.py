"""A site on trial: one lane on simulated devices, its broker, its dashboard, and people who walk through.

Everything is a process of its own and may be killed, frozen and started again.  A scripted operator decides
at the dashboard; each closing of the arm's raise contact is noted with its time.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any, Protocol

from lane_controller.daemon.status import ask
from simulators.kit import LaneKit
from simulators.operators import Plan, ScriptedOperator
from simulators.scenario import Arrival, Traveller
from simulators.site import Site
from simulators.web_desk import WebDesk
from tests.campaigns.records import recorded, stored_to
from tests.daemon.rig import until

LANE = "walk-1"
PACE = 3.0
"""An arm that went faster would arrive while its raise contact is still closed."""
RAISE_OUTPUT = 0
PAPERS = ("passport", "passport", "passport", "identity-card", "expired")
READY_S = 60.0
SETTLED_S = 60.0


class Process(Protocol):
    """A lane's daemon, however it is started."""

    @property
    def running(self) -> bool: ...

    async def start(self) -> None: ...

    async def kill(self) -> None: ...

    async def stop(self, grace_s: float = 5.0) -> None: ...


class Trial:
    """`daemon` is the lane's process; `pulses` are the times (monotonic) at which the arm was ordered up."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.site = Site(folder, {LANE: LaneKit(profile="pedestrian")}, seed=seed, pace=PACE)
        self.chance = random.Random(seed)
        self.pulses: list[float] = []
        self.file = self.site.folder / LANE / "lane.toml"
        self.journal = self.file.with_name("journal.sqlite")
        self.daemon: Process
        self.desk: WebDesk
        self._operator: ScriptedOperator
        self._walking: asyncio.Task[None] | None = None

    @property
    def store(self) -> Path:
        assert self.site.dashboard is not None
        return self.site.dashboard.store

    async def start(self) -> None:
        await self.site.start()
        assert self.site.dashboard is not None
        self.daemon = self.site.lanes[LANE].child
        self.desk = WebDesk(self.site.dashboard)
        plan = Plan(after_s=0.3, patience_s=3.0, alarms_s=3.0, left_behind_s=2.0)
        profiles = {LANE: "pedestrian"}
        self._operator = ScriptedOperator(self.desk, self.site.recorder, profiles, self.site.persons_at, plan)
        self._note_pulses()
        await self.let_people_come()

    async def stop(self) -> None:
        await self.let_nobody_come()
        await self.daemon.stop()
        await self.desk.close()
        await self.site.stop()

    def _note_pulses(self) -> None:
        bench = self.site.benches[LANE]
        raise_arm = bench.wiring.arm.raise_contact

        def noted(closed: bool) -> None:
            if closed:
                self.pulses.append(time.monotonic())
            raise_arm(closed)

        bench.wiring.boards["board-1"].module.wire_output(RAISE_OUTPUT, noted)

    # --- people -------------------------------------------------------------------------------------------

    async def let_people_come(self) -> None:
        """Somebody comes whenever nobody is there, and the operator is at the desk."""
        if self._walking is None:
            self._walking = asyncio.create_task(self._walk(), name="people")
            await self._operator.start()

    async def let_nobody_come(self) -> None:
        task, self._walking = self._walking, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._operator.stop()

    async def _walk(self) -> None:
        world = self.site.world.lanes[LANE]
        while True:
            if not world.busy:
                papers = self.chance.choice(PAPERS)
                comes = Arrival(
                    lane=LANE,
                    at_s=self.site.world.time_s,
                    vehicle="walker",
                    travellers=(Traveller(papers=papers),),
                )
                await self.site.send(comes)
            await asyncio.sleep(0.1)

    async def crank_down(self) -> None:
        """Everybody is sent out, and the arm cranked down by hand, once its module has ended its pulse."""
        bench = self.site.benches[LANE]
        module = bench.wiring.boards["board-1"].module
        await until(lambda: not module.outputs[RAISE_OUTPUT], "the pulse is over")
        world = self.site.world.lanes[LANE]
        world.vehicles.clear()
        world.coming.clear()
        bench.wiring.arm.stop_contact(True)
        bench.wiring.arm.open = 0.0

    # --- the lane -----------------------------------------------------------------------------------------

    async def status(self) -> dict[str, Any] | None:
        """What the daemon says at its own socket; None while it says nothing."""
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            return await ask(self.file.with_name("status.sock"), {"ask": "status"}, timeout_s=1)
        return None

    async def lane_until(self, true: Callable[[dict[str, Any]], bool], what: str) -> None:
        """Wait until the running daemon says so of itself."""
        status: dict[str, Any] | None = None
        try:
            async with asyncio.timeout(READY_S):
                while not ((status := await self.status()) and true(status)):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"did not happen: {what}; the lane says {status}") from None

    async def ready(self) -> None:
        """Connected to the broker, the arm's place known, its devices well."""

        def is_ready(status: dict[str, Any]) -> bool:
            return bool(
                status["broker"]["connected"]
                and status["arm"] in ("lowered", "raised")
                and all(device["health"] != "degraded" for device in status["devices"])
            )

        await self.lane_until(is_ready, "the lane is ready")

    async def somebody_passes(self) -> None:
        """The arm is ordered up once more: the site works, from the reader to the operator."""
        before = len(self.pulses)
        await until(lambda: len(self.pulses) > before, "the arm is ordered up", READY_S)

    async def something_happens(self) -> None:
        """The lane records something, whatever state it is in: a reader's cable comes out and goes in."""
        bench = self.site.benches[LANE]
        await bench.pull("swipe")
        await self.lane_until(lambda status: _device(status, "swipe")["health"] == "degraded", "a loss")
        await bench.put_back("swipe")
        await self.lane_until(lambda status: _device(status, "swipe")["state"] == "running", "a return")

    # --- the end ------------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Nobody comes any more, and the store has everything; then the daemon is stopped."""
        await self.let_nobody_come()
        while True:
            await self.ready()
            await until(self._store_has_all, "the store has every event", SETTLED_S)
            await self.daemon.stop()
            if self._store_has_all():
                return
            await self.daemon.start()  # something happened in between

    def _store_has_all(self) -> bool:
        found = recorded(self.journal)
        return stored_to(self.store, found.journal) >= found.last_sequence


def _device(status: dict[str, Any], name: str) -> dict[str, Any]:
    return next(device for device in status["devices"] if device["device"] == name)


@contextlib.asynccontextmanager
async def on_trial(folder: Path, seed: int) -> AsyncGenerator[Trial]:
    """A started trial, stopped afterwards whatever happened."""
    trial = Trial(folder, seed)
    await trial.start()
    try:
        yield trial
    finally:
        await trial.stop()
