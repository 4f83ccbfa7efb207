"""A whole simulated site, started and stopped by a program: broker, benches, lanes and dashboard.

    site = Site(folder, {"cargo-1": LaneKit(profile="cargo")}, dashboard=False)
    await site.start()
    visit = await site.send(Arrival(lane="cargo-1", at_s=0, vehicle="rigid-2"))
    await site.recorder.until(lambda: site.recorder.lanes["cargo-1"].of_type("passage.ended"), 60)
    await site.stop()

Lanes and dashboard are the real programs, as processes of their own; the site knows them by their
configuration, the broker and their commands, never by their code.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from simulators.bench import LaneBench
from simulators.books import Books
from simulators.broker import Broker, access_list
from simulators.cast import CHIP_S, Cast, today_at
from simulators.children import Child, ChildFailed, run
from simulators.clockwork import Clockwork
from simulators.dashboard_process import DashboardProcess
from simulators.geometry import GEOMETRY, Geometry
from simulators.kit import LaneKit
from simulators.lane_toml import LaneFile, write
from simulators.pki import Authority, CommandKey, Identity
from simulators.recorder import Recorder
from simulators.scenario import Arrival
from simulators.site_trust import build_trust
from simulators.world import Happening, Visit, World

log = structlog.get_logger()

BORDERLANE = Path(sys.executable).with_name("borderlane")
STOP_S = 6.0
"""A lane stops within 5 s by itself."""
READY_S = 60.0
PLATE_S = 4.5
"""By the lane's clock: several pictures, each read in half a second or more on a busy machine."""
WALKS_AT_ONCE = 2
WALK_TRIES = 3
"""A busy machine may keep a simulated device from answering in time."""

TIMINGS: dict[str, float] = {
    "clear_for_s": 1.0,
    "rise_s": 6.0,
    "lower_s": 6.0,
    "read_s": 40.0,
    "approach_s": 10.0,
    "leave_s": 30.0,
}
"""Brisker than a real lane's, so that a story does not take as long as a real one."""


def default_drives() -> Path:
    """Where rendered pictures are kept between runs."""
    return Path("var") / "drives"


def bench_seeds(lanes: Iterable[str], seed: int) -> dict[str, int]:
    """The seed of each lane's bench, from the site's."""
    return {lane: seed * 100 + number for number, lane in enumerate(lanes, 1)}


def _plan(kit: LaneKit, pace: float) -> Geometry:
    """The lane's plan.  Drivers in a hurry still halt for as long as a lane needs to read their plate."""
    geometry = GEOMETRY[kit.profile]
    halt_s = max(geometry.halt_s, PLATE_S * pace) if geometry.halt_s else 0.0
    return replace(geometry, halt_s=halt_s)


class LaneProcess:
    """One lane's daemon."""

    def __init__(self, file: LaneFile, environment: Mapping[str, str]) -> None:
        self.file = file
        argv = (str(BORDERLANE), "run", str(file.path))
        self.child = Child(file.name, argv, file.path.with_name("lane.log"), environment)

    async def walk(self, environment: Mapping[str, str]) -> None:
        """The commissioning walk, which a simulated bench answers by itself.  Raises ChildFailed."""
        argv = (str(BORDERLANE), "check", str(self.file.path), "--walk")
        await run(
            Child(f"walk of {self.file.name}", argv, self.file.path.with_name("walk.log"), environment),
            READY_S,
        )


class Site:
    """`kits` by lane name.  `pace` and `speed` as in simulators/clockwork.py; `seed` repeats who comes.

    `dashboard` False leaves the dashboard out: then the recorder takes the events over as their store.
    """

    def __init__(
        self,
        folder: Path,
        kits: Mapping[str, LaneKit],
        *,
        name: str = "demo",
        seed: int = 1,
        pace: float = 1.0,
        speed: float = 1.0,
        dashboard: bool = True,
        timings: Mapping[str, float] = TIMINGS,
        drives: Path | None = None,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Builds everything and starts nothing.  `told` hears what is going on, a line at a time."""
        self.folder = folder.absolute()
        self.name = name
        self.kits = dict(kits)
        self.world = World({lane: _plan(kit, pace) for lane, kit in kits.items()})
        today = today_at()
        self.books = Books(datetime.now(UTC))
        self.cast = Cast(seed, today, self.books, chip_s=CHIP_S * pace * speed)
        self.happenings: list[Callable[[Happening], None]] = []
        cache = (drives or default_drives()).absolute()
        self.benches = {
            lane: LaneBench(
                self.kits[lane],
                self.world.lanes[lane],
                self.books,
                self.folder / lane,
                seed=bench_seed,
                drives=cache,
            )
            for lane, bench_seed in bench_seeds(self.kits, seed).items()
        }
        self.clockwork = Clockwork(self.world, self.benches, pace=pace, speed=speed, happened=self._happened)
        self.lanes: dict[str, LaneProcess] = {}
        self.dashboard: DashboardProcess | None = None
        self._speed = speed
        self._timings = dict(timings)
        self._with_dashboard = dashboard
        self._told = told
        self._make_identities()

    def _make_identities(self) -> None:
        authority = Authority(self.folder / "pki")
        lanes = [f"{self.name}/{lane}" for lane in self.kits]
        self.command_key: CommandKey = authority.command_key(f"{self.name}-1")
        self._identities: dict[str, Identity] = {
            lane: authority.issue(f"{self.name}/{lane}") for lane in self.kits
        }
        dashboard, recorder = authority.issue("dashboard"), authority.issue("recorder")
        stores = ("dashboard",) if self._with_dashboard else ("dashboard", "recorder")
        access = access_list(lanes, stores, () if "recorder" in stores else ("recorder",))
        self.broker = Broker(self.folder / "broker", authority.issue("broker", server=True), access)
        self._dashboard_identity = dashboard
        self.recorder = Recorder(
            self.name, tuple(self.kits), self.broker.port, recorder, acknowledge=not self._with_dashboard
        )

    def _happened(self, happening: Happening) -> None:
        for listener in self.happenings:
            listener(happening)

    # --- start and stop -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start everything, in order; returns when every lane is open.  Raises ChildFailed, OSError; then
        everything that was started is stopped again."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        self._told("broker")
        await self.broker.start()
        await self.recorder.start()
        self._told("devices")
        for bench in self.benches.values():
            await bench.start()
        await self.clockwork.start()
        trust = None
        if any(kit.reads_chips for kit in self.kits.values()):
            self._told("trust store")
            trust = await build_trust(self.folder / "trust", BORDERLANE, today_at())
        for lane, bench in self.benches.items():
            file = LaneFile(
                self.folder / lane / "lane.toml",
                self.name,
                lane,
                self.broker.port,
                self._identities[lane],
                self.command_key,
                self._speed,
            )
            write(file, bench.kit, bench.device_tables(), bench.register_tables(), self._timings, trust)
            self.lanes[lane] = LaneProcess(file, bench.environment)
        self._told("commissioning walk")
        gate = asyncio.Semaphore(WALKS_AT_ONCE)
        await asyncio.gather(*(self._walk(lane, gate) for lane in self.lanes))
        if self._with_dashboard:
            self._told("dashboard")
            self.dashboard = DashboardProcess(
                BORDERLANE,
                self.folder / "site",
                self.name,
                self.broker.port,
                self._dashboard_identity,
                self.command_key,
            )
            await self.dashboard.start()
        self._told("lanes")
        for process in self.lanes.values():
            await process.child.start()
        for lane in self.lanes:
            await self.until_open(lane)

    async def _walk(self, lane: str, gate: asyncio.Semaphore) -> None:
        """The lane's commissioning walk; what was seen is kept, so another try walks only what is missing."""
        for tries_left in reversed(range(WALK_TRIES)):
            try:
                async with gate:
                    await self.lanes[lane].walk(self.benches[lane].environment)
                return
            except ChildFailed as error:
                if not tries_left:
                    raise
                log.warning("site.walk_again", lane=lane, error=str(error)[-300:])

    async def until_open(self, lane: str) -> None:
        """Wait until the lane is in mode `open`.  Raises ChildFailed."""
        record, child = self.recorder.lanes[lane], self.lanes[lane].child

        async def is_open() -> bool:
            return record.status == "online" and record.state.get("mode") == "open"

        await child.until(is_open, READY_S)

    async def stop_lanes(self) -> None:
        """Stop the lanes' daemons, as their service manager would.  Idempotent."""
        await asyncio.gather(*(process.child.stop(STOP_S) for process in self.lanes.values()))

    async def stop(self) -> None:
        """Stop everything; no process is left.  Idempotent."""
        await self.stop_lanes()
        if self.dashboard is not None:
            await self.dashboard.stop()
        await self.recorder.stop()
        await self.clockwork.stop()
        for bench in self.benches.values():
            await bench.stop()
            bench.discard()
        await self.broker.stop()

    # --- what may be done to it ---------------------------------------------------------------------------

    async def send(self, arrival: Arrival) -> Visit:
        """Let somebody come at `arrival.at_s` of the world's time, with what the registers should know.
        Raises ValueError, KeyError for a lane that is not here."""
        lane = self.world.lanes[arrival.lane]
        visit = self.cast.visit(arrival)
        await self.benches[arrival.lane].prepare(visit.vehicle)
        lane.send(visit, arrival.at_s)
        return visit

    def persons_at(self, lane: str) -> int | None:
        """How many persons an officer sees in the vehicle that stands to be checked; 0 when none does, None
        when nobody is in the lane at all."""
        vehicles = self.world.lanes[lane].vehicles
        standing = [moving for moving in vehicles if moving.phase == "standing"]
        if standing:
            return len(standing[0].visit.travellers)
        return 0 if vehicles else None

    async def power_cut(self, lane: str) -> None:
        """The lane's controller loses power: killed in the middle of whatever it does."""
        process = self.lanes[lane]
        self.recorder.lanes[lane].states.clear()
        await process.child.kill()
        log.info("site.power_cut", lane=lane)

    async def power_on(self, lane: str) -> None:
        """It starts again, as its service manager would start it."""
        with contextlib.suppress(ChildFailed):
            await self.lanes[lane].child.start()
        log.info("site.power_on", lane=lane)

    def failure(self) -> str:
        """What of the simulation itself has died unasked; "" while all is well."""
        if self.clockwork.failure is not None:
            return f"the simulated world stopped: {self.clockwork.failure!r}"
        if not self.broker.child.running:
            return f"mosquitto ended with {self.broker.child.returncode}: {self.broker.child.tail()}"
        if self.dashboard is not None and not self.dashboard.child.running:
            return (
                f"the dashboard ended with {self.dashboard.child.returncode}: {self.dashboard.child.tail()}"
            )
        return ""
