"""Plays a scenario: the world, the lanes' real daemons, faults at their times; then what was expected beside
what the lanes decided."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from simulators.bench import LaneBench, UnknownFault
from simulators.control import Control
from simulators.findings import LaneReport, Report, VisitReport, lane_report, visit_report
from simulators.operators import Plan, ScriptedOperator, SigningDesk
from simulators.recorder import Event
from simulators.scenario import Arrival, Loaded, PowerCut, ScenarioError
from simulators.site import Site
from simulators.world import Happening, Visit

log = structlog.get_logger()

SETTLE_S = 15.0
"""Real seconds for the last events of a lane after the world has come to rest."""
RISES = 0.1
"""How far open an arm is that has left its place."""
PATIENCE_S = 90.0
"""Longer than a lane waits for its readings: what the machine makes of a passage is looked at first."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do at `at_s` of the scenario's time."""

    at_s: float
    what: str
    do: Callable[[], Awaitable[None]]


class Player:
    """One play of one scenario in `folder`.  `seed` overrides the scenario's; `speed` is simulated seconds a
    second, of the world and of the lanes' clocks alike."""

    def __init__(
        self,
        loaded: Loaded,
        folder: Path,
        *,
        seed: int | None = None,
        speed: float = 1.0,
        control: Path | None = None,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Raises ScenarioError when a device or fault that the scenario names is not on its bench,
        FileExistsError when `control` is a file."""
        self.scenario = loaded.scenario
        self.seed = self.scenario.seed if seed is None else seed
        self.site = Site(
            folder,
            self.scenario.lanes,
            name="scenario",
            seed=self.seed,
            speed=speed,
            dashboard=False,
            told=told,
        )
        if mistakes := _unknown(loaded, self.site.benches):
            raise ScenarioError(mistakes)
        self._speed = speed
        self._told = told
        self._began_s = 0.0
        self._first: dict[str, int] = {}
        self._visits: list[tuple[Arrival | None, Visit]] = []
        self._arrived: dict[str, list[int]] = {lane: [] for lane in self.scenario.lanes}
        self._passages: dict[tuple[str, int], int | None] = {}
        self._struck: dict[str, int] = dict.fromkeys(self.scenario.lanes, 0)
        self.site.happenings.append(self._happened)
        self.site.recorder.listeners.append(self._recorded)
        self._control = (
            Control(control, self.site.world, self.site.benches, self._send_now) if control else None
        )
        self._inviting: set[asyncio.Task[None]] = set()

    # --- playing ------------------------------------------------------------------------------------------

    async def play(self) -> Report:
        """Start everything, play, stop everything.  Raises ChildFailed, OSError."""
        try:
            await self.site.start()
            if self._control is not None:
                await self._control.start()
                self._told(f"control: {self._control.path}")
            await self._play()
        finally:
            if self._control is not None:
                await self._control.stop()
            await self.site.stop()
        return self._report()

    async def _play(self) -> None:
        for arrival in self.scenario.arrives:
            visit = self.site.cast.visit(arrival)
            await self.site.benches[arrival.lane].prepare(visit.vehicle)
            self._visits.append((arrival, visit))
        operator = self._operator()
        await operator.start()
        self._began_s = self.site.world.time_s
        self._first = {name: record.last for name, record in self.site.recorder.lanes.items()}
        for arrival, visit in self._visits:
            if arrival is not None:
                self.site.world.lanes[arrival.lane].send(visit, self._began_s + arrival.at_s)
        try:
            await self._timeline()
            await self._until_rest()
        finally:
            await operator.stop()

    def _operator(self) -> ScriptedOperator:
        wanted = self.scenario.operator
        plan = Plan(
            holds=wanted.holds,
            refers=wanted.refers,
            after_s=wanted.after_s / self._speed,
            patience_s=PATIENCE_S / self._speed,
        )
        profiles = {lane: kit.profile for lane, kit in self.scenario.lanes.items()}
        desk = SigningDesk(self.site.name, self.site.recorder, self.site.command_key)
        return ScriptedOperator(desk, self.site.recorder, profiles, self.site.persons_at, plan)

    def _now_s(self) -> float:
        return self.site.world.time_s - self._began_s

    async def _until_s(self, at_s: float) -> None:
        while (left_s := at_s - self._now_s()) > 0:
            if failure := self.site.failure():
                raise RuntimeError(failure)
            await asyncio.sleep(min(max(left_s / self._speed, 0.01), 0.2))

    async def _timeline(self) -> None:
        for step in sorted(self._steps(), key=lambda step: step.at_s):
            await self._until_s(min(step.at_s, self.scenario.lasts_s))
            if step.at_s > self.scenario.lasts_s:
                return
            self._told(f"{step.at_s:6.1f} s  {step.what}")
            await step.do()

    def _steps(self) -> list[Step]:
        steps: list[Step] = []
        for fault in self.scenario.faults:
            bench = self.site.benches[fault.lane]

            async def switch(
                on: bool, bench: LaneBench = bench, device: str = fault.device, name: str = fault.fault
            ) -> None:
                bench.set_fault(device, name, on)

            about = f"{fault.lane}: {fault.device}: {fault.fault}"
            steps.append(Step(fault.at_s, about, lambda switch=switch: switch(True)))
            if fault.lasts_s is not None:
                end_s = fault.at_s + fault.lasts_s
                steps.append(Step(end_s, f"{about} is over", lambda switch=switch: switch(False)))
        for pull in self.scenario.pulls:
            bench, device = self.site.benches[pull.lane], pull.device
            about = f"{pull.lane}: cable of {device}"
            steps.append(Step(pull.at_s, f"{about} pulled", lambda b=bench, d=device: b.pull(d)))
            if pull.lasts_s is not None:
                end_s = pull.at_s + pull.lasts_s
                steps.append(Step(end_s, f"{about} put back", lambda b=bench, d=device: b.put_back(d)))
        for cut in self.scenario.power_cuts:
            lane = cut.lane
            if cut.once:
                about = f"{lane}: power cut once {cut.once}"
                steps.append(Step(cut.at_s, about, lambda cut=cut: self._cut_once(cut)))
                continue
            steps.append(Step(cut.at_s, f"{lane}: power cut", lambda lane=lane: self.site.power_cut(lane)))
            on_s = cut.at_s + cut.lasts_s
            steps.append(Step(on_s, f"{lane}: power back", lambda lane=lane: self.site.power_on(lane)))
        return steps

    async def _cut_once(self, cut: PowerCut) -> None:
        """How fast a lane decides is the machine's affair: the moment is found by looking."""
        arm = self.site.world.lanes[cut.lane]
        while arm.arm_open < RISES and self._now_s() < self.scenario.lasts_s:
            await self._until_s(self._now_s() + 0.05)
        self._told(f"{self._now_s():6.1f} s  {cut.lane}: power cut")
        await self.site.power_cut(cut.lane)
        await self._until_s(self._now_s() + cut.lasts_s)
        self._told(f"{self._now_s():6.1f} s  {cut.lane}: power back")
        await self.site.power_on(cut.lane)

    async def _until_rest(self) -> None:
        """Until nobody is in the world any more and no lane has an open passage, or the scenario's end."""
        while self._now_s() < self.scenario.lasts_s:
            if not any(lane.busy for lane in self.site.world.lanes.values()) and not self._inviting:
                break
            await self._until_s(self._now_s() + 0.2)
        await self.site.recorder.until(self._at_rest, SETTLE_S)

    def _at_rest(self) -> bool:
        return all(
            record.state.get("passage") is None and record.state.get("arm") == "lowered"
            for record in self.site.recorder.lanes.values()
        )

    # --- from outside -------------------------------------------------------------------------------------

    def _send_now(self, arrival: Arrival) -> int:
        visit = self.site.cast.visit(arrival)
        self._visits.append((None, visit))

        async def come() -> None:
            await self.site.benches[arrival.lane].prepare(visit.vehicle)
            self.site.world.lanes[arrival.lane].send(visit, arrival.at_s)

        task = asyncio.create_task(come(), name=f"visit {visit.number}")
        self._inviting.add(task)
        task.add_done_callback(self._inviting.discard)
        return visit.number

    # --- what came of it ----------------------------------------------------------------------------------

    def _happened(self, happening: Happening) -> None:
        if happening.what == "arrives":
            self._arrived[happening.lane].append(happening.visit)
        elif happening.what == "struck":
            self._struck[happening.lane] += 1

    def _recorded(self, lane: str, event: Event) -> None:
        """A passage is of the first vehicle that truly arrived, should have one and has none yet."""
        if event["data"].get("type") != "passage.arrived":
            return
        arrivals = {visit.number: arrival for arrival, visit in self._visits}
        taken = set(self._passages.values())
        visit = next(
            (
                number
                for number in self._arrived[lane]
                if number not in taken
                and ((arrival := arrivals.get(number)) is None or arrival.expect.passage)
            ),
            None,
        )
        self._passages[lane, int(event["data"]["passage"])] = visit

    def _report(self) -> Report:
        visits: list[VisitReport] = []
        for arrival, visit in self._visits:
            where = next((key for key, number in self._passages.items() if number == visit.number), None)
            lane = arrival.lane if arrival is not None else (where[0] if where else "")
            events = self._events(*where) if where else []
            expected = arrival.expect if arrival is not None else None
            visits.append(visit_report(lane, visit, where[1] if where else None, expected, events))
        lanes: list[LaneReport] = []
        for name, kit in self.scenario.lanes.items():
            record = self.site.recorder.lanes[name]
            since = [event for event in record.events if int(event["sequence"]) > self._first.get(name, 0)]
            ghosts = [key[1] for key, number in self._passages.items() if key[0] == name and number is None]
            lanes.append(lane_report(name, kit.expect, since, self._struck[name], ghosts))
        return Report(self.scenario.title, self.seed, visits, lanes)

    def _events(self, lane: str, passage: int) -> list[Event]:
        record = self.site.recorder.lanes[lane]
        events = [event for event in record.events if event["data"].get("passage") == passage]
        return sorted(events, key=lambda event: int(event["sequence"]))


def _unknown(loaded: Loaded, benches: dict[str, LaneBench]) -> list[str]:
    """Devices and faults that are not on the bench."""
    mistakes: list[str] = []
    for index, fault in enumerate(loaded.scenario.faults):
        try:
            known = benches[fault.lane].known_faults(fault.device)
        except UnknownFault as error:
            mistakes.append(loaded.mistake(("faults", index, "device"), str(error)))
            continue
        if fault.fault not in known:
            said = f"found {fault.fault!r}, expected one of {', '.join(known)}"
            mistakes.append(loaded.mistake(("faults", index, "fault"), said))
    for index, pull in enumerate(loaded.scenario.pulls):
        wired = benches[pull.lane].devices
        if pull.device not in wired:
            said = f"found {pull.device!r}, expected a device with a cable: {', '.join(wired)}"
            mistakes.append(loaded.mistake(("pulls", index, "device"), said))
    return mistakes
