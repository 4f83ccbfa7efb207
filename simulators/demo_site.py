"""The demo: four lanes with all first drivers between them, traffic, and things that go wrong in turn."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from simulators.bench import LaneBench
from simulators.card_desk import CardDesk
from simulators.fleet import Vehicle
from simulators.kit import LaneKit
from simulators.operators import Plan, ScriptedOperator
from simulators.plate_truth import PlatesRead, Whose, compare
from simulators.processor_time import used_s
from simulators.recorder import Event
from simulators.site import BORDERLANE, Site
from simulators.summary import (
    LaneSummary,
    decided,
    decisions,
    journal_events,
    passages,
    store_events,
    summarize,
)
from simulators.traffic import Traffic
from simulators.web_desk import WebDesk

log = structlog.get_logger()

KITS: dict[str, LaneKit] = {
    "cargo-1": LaneKit(
        profile="cargo",
        scale="xk3190",
        camera="rtsp",
        rear_camera="rtsp",
        readers=("page-http-pull",),
        recheck_rate=0.02,
    ),
    "cargo-2": LaneKit(
        profile="cargo",
        boards=("waveshare-relay", "adam-6060"),
        scale="toledo-continuous",
        scale_wire="tcp",
        camera="rtsp-h264",
        rear_camera="rtsp",
        readers=("keyboard-wedge",),
        registers="file",
    ),
    "car-1": LaneKit(profile="car", boards=("moxa-e1214", "adam-6060"), readers=("page-http-push",)),
    "walk-1": LaneKit(profile="pedestrian", boards=("waveshare-relay",), readers=("mrz-swipe", "pcsc")),
}
PACE = 3.0
"""Drivers, arms and scales go at twice life's pace, so that each lane decides several passages a minute."""
IN_LANE_MAX = 2
"""One in the cell and one that waits."""
ACKNOWLEDGED_S = 15.0
LANES_STOP_S = 5.0
PULL_EVERY_S, PULL_FOR_S = 90.0, 6.0
FIRST_PULL_S = 20.0
PULLED = (("walk-1", "swipe"), ("cargo-2", "scale"), ("car-1", "camera"), ("cargo-1", "registers"))
"""Whose cable is pulled, in turn."""


class Demo:
    """A `Site` with traffic.  `told` hears what is worth a line."""

    def __init__(self, folder: Path, *, seed: int, drives: Path | None, told: Callable[[str], None]) -> None:
        self.site = Site(
            folder, KITS, seed=seed, pace=PACE, drives=drives, told=lambda line: told(f"starting {line}")
        )
        self._told = told
        self._draw = random.Random(seed)
        self._traffic = {
            lane: Traffic(lane, kit.profile, seed, behind=2 if lane == "cargo-2" else 0)
            for lane, kit in KITS.items()
        }
        self._tasks: list[asyncio.Task[None]] = []
        self._desk: WebDesk | None = None
        self._operator: ScriptedOperator | None = None
        self.cables = 0
        """Pulled and put back."""
        self.processors: dict[str, float] = {}
        """How many processors each part kept busy while traffic flowed."""
        self._decided_a_minute: dict[str, float] = {}
        self._whose = {lane: Whose(self.site.world.lanes[lane]) for lane in KITS}
        self.site.recorder.listeners.append(self._heard)

    @property
    def pools(self) -> dict[str, list[Vehicle]]:
        """The vehicles that come, by lane."""
        return {lane: traffic.pool() for lane, traffic in self._traffic.items()}

    async def start(self) -> None:
        """Start the site, then the traffic.  Raises ChildFailed, OSError."""
        await self._prepare()
        await self.site.start()
        dashboard = self.site.dashboard
        assert dashboard is not None
        self._desk = WebDesk(dashboard)
        profiles = {lane: kit.profile for lane, kit in KITS.items()}
        plan = Plan(after_s=1.5, patience_s=12.0, left_behind_s=4.0)
        self._operator = ScriptedOperator(
            self._desk, self.site.recorder, profiles, self.site.persons_at, plan
        )

    async def _prepare(self) -> None:
        """Have at hand what the cameras will show: rendered at set-up, but for another seed's vehicles."""
        comes = [(self.site.benches[lane], one) for lane, pool in self.pools.items() for one in pool]
        if not all(drive.is_file() for bench, vehicle in comes for drive in bench.drives(vehicle)):
            self._told("rendering vehicles for the cameras (kept for the next time)")
        for bench, vehicle in comes:
            await bench.prepare(vehicle)

    async def run(self, seconds: float | None) -> None:
        """Let traffic flow for `seconds`, or until cancelled.  Raises RuntimeError when a part of the
        simulation dies."""
        assert self._operator is not None
        await self._operator.start()
        self._tasks = [asyncio.create_task(self._flow(lane), name=f"traffic of {lane}") for lane in KITS]
        self._tasks.append(asyncio.create_task(self._pull_cables(), name="cables"))
        loop = asyncio.get_running_loop()
        began, used = loop.time(), self._used_s()
        while seconds is None or loop.time() < began + seconds:
            if failure := self._failure():
                raise RuntimeError(failure)
            await asyncio.sleep(0.2)
        flowed_s = loop.time() - began
        self.processors = {part: (now - used[part]) / flowed_s for part, now in self._used_s().items()}
        self._decided_a_minute = {
            lane: decisions(record) * 60 / flowed_s for lane, record in self.site.recorder.lanes.items()
        }

    def _used_s(self) -> dict[str, float]:
        dashboard = self.site.dashboard
        lanes = [process.child.pid for process in self.site.lanes.values()]
        parts = {"lanes": lanes, "dashboard": [dashboard.child.pid if dashboard else None]}
        return used_s({part: [pid for pid in pids if pid is not None] for part, pids in parts.items()})

    def _failure(self) -> str:
        for task in self._tasks:
            if task.done() and not task.cancelled() and task.exception() is not None:
                return f"{task.get_name()} failed: {task.exception()!r}"
        for lane, process in self.site.lanes.items():
            if not process.child.running:
                return f"{lane} ended with {process.child.returncode}: {process.child.tail()}"
        return self.site.failure()

    async def _flow(self, lane: str) -> None:
        """Keep one vehicle in the cell and one waiting."""
        world, traffic = self.site.world.lanes[lane], self._traffic[lane]
        while True:
            if len(world.vehicles) + len(world.coming) < IN_LANE_MAX:
                present = {moving.visit.vehicle.front for moving in world.vehicles}
                arrivals = traffic.next(self.site.world.time_s, present)
                for arrival in arrivals:
                    await self.site.send(arrival)
                if len(arrivals) > 1:
                    await self._until_sorted_out(lane)
            await asyncio.sleep(0.3)

    async def _until_sorted_out(self, lane: str) -> None:
        """After a tailgater nobody else comes until the operator has dealt with it."""
        world, record = self.site.world.lanes[lane], self.site.recorder.lanes[lane]
        with suppress(TimeoutError):
            async with asyncio.timeout(45):
                while (
                    world.busy
                    or record.state.get("passage") is not None
                    or record.state.get("mode") != "open"
                ):
                    await asyncio.sleep(0.3)

    async def _pull_cables(self) -> None:
        await asyncio.sleep(FIRST_PULL_S)
        turn = 0
        while True:
            lane, device = PULLED[turn % len(PULLED)]
            turn += 1
            self._told(f"{lane}: cable of {device} pulled")
            await self.site.benches[lane].pull(device)
            await asyncio.sleep(PULL_FOR_S)
            await self.site.benches[lane].put_back(device)
            self.cables += 1
            self._told(f"{lane}: cable of {device} put back")
            await asyncio.sleep(PULL_EVERY_S - PULL_FOR_S)

    def plates_read(self) -> list[PlatesRead]:
        """What the lanes read of the plates that came, lane by lane."""
        sides = {
            lane: [side for side, model in (("front", kit.camera_model), ("rear", kit.rear_camera)) if model]
            for lane, kit in KITS.items()
        }
        return [
            compare(passages(self.site.recorder.lanes[lane]), whose.vehicles, sides[lane])
            for lane, whose in self._whose.items()
        ]

    def _heard(self, lane: str, event: Event) -> None:
        data = event["data"]
        self._whose[lane].heard(event)
        if data.get("type") == "passage.ended":
            events = passages(self.site.recorder.lanes[lane]).get(int(data["passage"]), [])
            self._told(
                f"{lane}: passage {data['passage']}: {decided(events) or 'not decided'}; {data['end']}"
            )
        elif data.get("type") == "alarm.raised" and data["kind"] != "not_commissioned":
            self._told(f"{lane}: ALARM {data['kind']} ({data['priority']})")

    # --- end ----------------------------------------------------------------------------------------------

    async def stop_traffic(self) -> None:
        """No more vehicles and no more pulled cables."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for bench in self.site.benches.values():
            for device in tuple(bench.pulled):
                await bench.put_back(device)

    async def settle(self) -> list[LaneSummary]:
        """Wait for the last acknowledgement, at most ACKNOWLEDGED_S in all, with the lanes stopped so that
        nothing more is recorded; then what each lane did.  Raises JournalUnreadable, sqlite3.Error."""
        loop = asyncio.get_running_loop()
        end = loop.time() + ACKNOWLEDGED_S
        await self.site.recorder.until(self._all_acknowledged, ACKNOWLEDGED_S / 2)
        if self._operator is not None:
            await self._operator.stop()
        await self.site.recorder.until(self._all_acknowledged, max(end - loop.time() - LANES_STOP_S, 0.1))
        await self.site.stop_lanes()
        while True:
            summaries = await self._summaries()
            if all(summary.agrees for summary in summaries) or loop.time() > end:
                return summaries
            await asyncio.sleep(0.2)

    def _all_acknowledged(self) -> bool:
        return all(
            record.state.get("backlog") == 0 and record.state.get("passage") is None
            for record in self.site.recorder.lanes.values()
        )

    async def _summaries(self) -> list[LaneSummary]:
        assert self.site.dashboard is not None
        stored = store_events(self.site.dashboard.store)
        found: list[LaneSummary] = []
        for lane, process in self.site.lanes.items():
            journal, events, problem = await journal_events(BORDERLANE, process.file.journal)
            record = self.site.recorder.lanes[lane]
            in_store = stored.get((lane, journal), 0)
            found.append(summarize(record, events, in_store, problem, self._decided_a_minute[lane]))
        return found

    async def stop(self) -> None:
        """Stop everything.  Idempotent."""
        await self.stop_traffic()
        if self._operator is not None:
            await self._operator.stop()
        if self._desk is not None:
            await self._desk.close()
        await self.site.stop()


def open_ports(benches: Sequence[LaneBench]) -> tuple[int, ...]:
    """Ports that are not on loopback alone: those of vpcd."""
    desks = [part.device for bench in benches for part in bench.parts.values()]
    return tuple(port for desk in desks if isinstance(desk, CardDesk) for port in desk.ports)
