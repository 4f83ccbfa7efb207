"""Lets simulated time pass: steps the world and the benches of its lanes in real time, or faster.

`pace` is simulated seconds a second of the world (drivers, arms, scales); `speed` those of the modules that
time pulses, which must go with the lanes' own clock (`clock.speed` in their configuration).
"""

import asyncio
import time
from collections.abc import Callable, Mapping

import structlog

from simulators.bench import LaneBench
from simulators.world import Happening, World

log = structlog.get_logger()

TICK_S = 0.05
"""Real seconds between two steps."""
LATE_S = 0.5
"""A machine that stood still for longer has lost that time: the world does not jump."""


class Clockwork:
    """Runs until stopped.  `happened` is told everything that happens."""

    def __init__(
        self,
        world: World,
        benches: Mapping[str, LaneBench],
        *,
        pace: float = 1.0,
        speed: float = 1.0,
        happened: Callable[[Happening], None] = lambda _: None,
    ) -> None:
        self.world = world
        self.benches = benches
        self.pace = pace
        self.speed = speed
        self._happened = happened
        self._task: asyncio.Task[None] | None = None
        self.failure: BaseException | None = None

    def step(self, seconds: float) -> None:
        """One step of `seconds` real seconds."""
        world_s, board_s = seconds * self.pace * self.speed, seconds * self.speed
        for happening in self.world.step(world_s):
            self.benches[happening.lane].tell(happening)
            self._happened(happening)
        for bench in self.benches.values():
            bench.step(world_s, board_s)

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="clockwork")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        before = time.monotonic()
        try:
            while True:
                await asyncio.sleep(TICK_S)
                now = time.monotonic()
                self.step(min(now - before, LATE_S))
                before = now
        except Exception as error:
            # The simulation is broken, not the lane: whoever runs it asks `failure`.
            self.failure = error
            log.exception("clockwork.failed")
            raise
