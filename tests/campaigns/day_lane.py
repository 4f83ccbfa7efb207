"""One lane through a day, by its real rules: the simulated world drives vehicles, its sensors tell the lane,
an operator answers.  Time runs as fast as the machine counts: where nothing moves it jumps to what is next.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from lane_controller.lane import facts, views
from lane_controller.lane.passage import Phase
from lane_controller.lane.state import Emitted, Lane, Request
from lane_controller.messages.events import AlarmCleared, AlarmRaised
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Arm, CommandKind, DeviceRole, Health, Lamp, Mode, Place, Profile
from simulators.fleet import MODELS, vehicle
from simulators.geometry import GEOMETRY
from simulators.people import traveller
from simulators.world import TICK_S, LaneWorld, Manners, Moving, Visit
from tests.lane.teller import OK, Teller, rules

TODAY = date(2026, 6, 1)
REGISTERS = {"booking": ("booking", "declaration"), "watchlist": ("watchlist_person", "watchlist_plate"),
             "lost_documents": ("lost_documents",), "draw": ("draw",)}  # fmt: skip
"""Which register answers what."""
ARM_S = 2.0
STANDING_S, WAITING_S = 0.25, 1.0
"""The world's step while nothing in the lane moves, and while nobody there has anything to do."""
LOOK_S = 5.0
"""How often the operator looks at what is open."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One announcement.  `cleared_s` None: it stands at the end of the day."""

    lane: str
    kind: str
    device: str
    priority: str
    at_s: float
    cleared_s: float | None


class DayLane:
    """`seed` repeats a day.  Faults come from outside by `at`."""

    def __init__(self, name: str, profile: Profile, seed: int) -> None:
        self.name, self.profile = name, profile
        self.draw = random.Random(f"{seed}/{name}")
        self.teller = Teller(rules(profile, lane=name))
        self.world = LaneWorld(name, GEOMETRY[profile])
        self.passed = 0
        self.raised: dict[str, Raised] = {}
        self.lost: dict[str, int] = {}
        self.covered: dict[Place, bool] = {}
        self.arm_fails = self.arm_reverses = False
        self._began_s = self.teller.mono_s
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._arm_target = 0.0
        self._order_seen = ""
        self._plates: set[int] = set()
        self._numbers = itertools.count(1)
        self._acted: dict[str, float] = {}
        self._asked: Lane | None = None
        self._deadline_s = 0.0

    # Time.

    @property
    def now_s(self) -> float:
        return self.teller.mono_s - self._began_s

    def at(self, at_s: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at_s, next(self._order), do))

    def run(self, until_s: float) -> None:
        self._told(self.teller.open_lane)
        for role, device in self._others():
            self._health(device, role, Health.GOOD)
        self.at(LOOK_S, self._look)
        while self.now_s < until_s:
            busy = bool(self.world.vehicles) or self._arm_moves
            next_s = min(self._due[0][0] if self._due else until_s, until_s)
            if self.world.coming and self.world.coming[0][0] > self.now_s:  # else it waits for room
                next_s = min(next_s, self.world.coming[0][0])
            step_s = max(next_s - self.now_s, 0.001)
            if busy:
                step_s = min(TICK_S if self._moving else STANDING_S if self._reaching else WAITING_S, step_s)
            self._wait(step_s)
            for happening in self.world.step(self.now_s, step_s if busy else 0.001):
                self._happened(happening.what, happening.visit)
            if busy:
                self._devices(step_s)
            while self._due and self._due[0][0] <= self.now_s:
                heapq.heappop(self._due)[2]()

    def _wait(self, seconds: float) -> None:
        """As `Teller.wait`, but the lane is asked for its next deadline only when it changed."""
        if self._asked is not self.teller.lane:
            self._asked = self.teller.lane
            due = views.next_deadline(self.teller.now)
            self._deadline_s = due[1] if due is not None else float("inf")
        if self._deadline_s <= self.teller.mono_s + seconds:
            self._took(self.teller.wait(seconds))
        else:
            self.teller.mono_s += seconds
            self.teller.utc += timedelta(seconds=seconds)

    # What the lane says.

    def _told(self, tell: Callable[[], object]) -> None:
        before = len(self.teller.told)
        tell()
        self._took(tuple(self.teller.told[before:]))

    def _took(self, said: tuple[Emitted, ...]) -> None:
        for one in said:
            match one.data:
                case AlarmRaised() as data:
                    self.raised[data.alarm] = Raised(
                        self.name, data.kind, data.device or "", data.priority, self.now_s, None
                    )
                case AlarmCleared() as data:
                    was = self.raised[data.alarm]
                    self.raised[data.alarm] = Raised(
                        was.lane, was.kind, was.device, was.priority, was.at_s, self.now_s
                    )
                case _:
                    pass
        self.teller.told.clear()
        self.teller.facts.clear()
        self._carry_out()
        self._answer()

    def _carry_out(self) -> None:
        order = self.teller.now.order
        if order is None or order.id == self._order_seen:
            return
        self._order_seen = order.id
        if "barrier" in self.lost:
            self.at(self.now_s + 1.0, lambda: self._told(lambda: self.teller.order("unknown")))
            return
        target = 1.0 if order.movement == "raise" else 0.0

        def done() -> None:
            self._told(lambda: self.teller.order("done"))
            self._arm_target = 0.5 if self.arm_fails else target
            self.arm_fails = False

        self.at(self.now_s + 0.05, done)

    def _answer(self) -> None:
        for request in self.teller.requests():
            if request.kind not in ("picture", "chip") and request.id not in self._acted:
                self._acted[request.id] = self.now_s
                self._ask(request)

    def _ask(self, request: Request) -> None:
        if any(request.kind in REGISTERS.get(name, ()) for name in self.lost):
            self.at(self.now_s + 3.0, lambda: self._told(lambda: self.teller.fail(request.kind)))
        else:
            self.at(self.now_s + 0.2, lambda: self._told(lambda: self.teller.answer(request.kind)))

    # What the devices say.

    @property
    def _arm_moves(self) -> bool:
        return self.world.arm_open != self._arm_target

    @property
    def _moving(self) -> bool:
        return self._arm_moves or any(one.speed_m_s for one in self.world.vehicles)

    @property
    def _reaching(self) -> bool:
        """Whether somebody is about to drive or holds out papers."""
        return self.teller.now.lamp is Lamp.GREEN or any(
            one.phase != "standing" or one.presented < len(one.visit.travellers) or one.in_hand is not None
            for one in self.world.vehicles[:1]
        )

    def _devices(self, seconds: float) -> None:
        self.world.green = self.teller.now.lamp is Lamp.GREEN
        before = self.world.arm_open
        if before != self._arm_target:
            if self.arm_reverses and self._arm_target == 0.0 and before < 0.6:
                self.arm_reverses, self._arm_target = False, 1.0
            way = seconds / ARM_S
            step = max(-way, min(way, self._arm_target - before))
            self.world.arm_open = before + step
            word = {0.0: "lowered", 1.0: "raised"}.get(self.world.arm_open, "between")
            was = {0.0: "lowered", 1.0: "raised"}.get(before, "between")
            if word != was and "barrier" not in self.lost:
                self._told(lambda: self.teller.arm(word))
        for place in self.teller.rules.places:
            self.see(place, self.world.covered(str(place)))
        seen = self.world.in_view
        if seen is not None and abs(seen[1]) < 0.6 and seen[0].visit.number not in self._plates:
            self._plates.add(seen[0].visit.number)
            self.at(self.now_s + 1.0, lambda moving=seen[0]: self._plate(moving))

    def see(self, place: Place, covered: bool) -> None:
        if self.covered.get(place, False) != covered:
            self.covered[place] = covered
            if str(place) not in self.lost:
                self._told(lambda: self.teller.presence(place, covered))

    def flicker(self, place: Place) -> None:
        """A dirty photocell: covered and clear again."""
        truth = self.covered.get(place, False)
        self.see(place, not truth)
        self.see(place, truth)

    def _plate(self, moving: Moving) -> None:
        plate = moving.visit.vehicle.front
        if plate is not None and "camera" not in self.lost and self.draw.random() < 0.98:
            self._told(lambda: self.teller.plate(plate.text))

    def _happened(self, what: str, visit: int) -> None:
        match what:
            case "presents" if "reader" not in self.lost:
                expiry = "2031-01-01" if self.draw.random() < 0.99 else "2026-01-01"
                number = f"N{next(self._numbers):07}"
                self.at(
                    self.now_s + 0.8,
                    lambda: self._told(lambda: self.teller.document(number, expiry=expiry)),
                )
            case "stands" if self.profile is Profile.CARGO and "scale" not in self.lost:
                gross = 38_000 if self.draw.random() < 0.97 else 46_500
                self.at(self.now_s + 4.0, lambda: self._told(lambda: self.teller.weight(gross)))
            case "gone":
                self.passed += 1
            case _:
                pass

    def _others(self) -> Iterator[tuple[DeviceRole, str]]:
        yield DeviceRole.PLATE_CAMERA, "camera"
        yield DeviceRole.DOCUMENT_READER, "reader"
        yield DeviceRole.SIGNAL, "light"
        if self.profile is Profile.CARGO:
            yield DeviceRole.SCALE, "scale"
        for name in REGISTERS:
            yield DeviceRole.REGISTER, name

    def _role(self, device: str) -> DeviceRole:
        if device == "barrier":
            return DeviceRole.BARRIER
        known = {name: role for role, name in self._others()}
        return known.get(device, DeviceRole.PRESENCE)

    def _health(self, device: str, role: DeviceRole, health: Health) -> None:
        place = Place(device) if role is DeviceRole.PRESENCE else None
        why = OK if health is Health.GOOD else Reason(code="no_answer")
        self._told(
            lambda: self.teller.tell(facts.DeviceChanged(self.teller.at, device, role, health, why, place))
        )

    def lose(self, device: str, for_s: float) -> None:
        """A device is not heard for so long; losses that overlap are one."""
        self.lost[device] = self.lost.get(device, 0) + 1
        if self.lost[device] == 1:
            self._health(device, self._role(device), Health.DEGRADED)
        self.at(self.now_s + for_s, lambda: self._found(device))

    def _found(self, device: str) -> None:
        self.lost[device] -= 1
        if self.lost[device]:
            return
        del self.lost[device]
        self._health(device, self._role(device), Health.GOOD)
        self._state_again(device)

    def _state_again(self, device: str) -> None:
        if device == "barrier":
            word = {0.0: "lowered", 1.0: "raised"}.get(self.world.arm_open, "between")
            self._told(lambda: self.teller.arm(word))
        elif self._role(device) is DeviceRole.PRESENCE:
            place = Place(device)
            self._told(lambda: self.teller.presence(place, self.covered.get(place, False)))

    def power_cut(self) -> None:
        self._told(self.teller.start)
        word = {0.0: "lowered", 1.0: "raised"}.get(self.world.arm_open, "between")
        self._order_seen = ""
        for role, device in self._others():
            if device not in self.lost:
                self._health(device, role, Health.GOOD)
        for device in (*map(str, self.teller.rules.places), "barrier"):
            if device not in self.lost:
                self._health(device, self._role(device), Health.GOOD)
                self._state_again(device)
        self._told(lambda: self.teller.arm(word))

    # Who comes.

    def send(self, number: int, at_s: float, manners: Manners) -> None:
        names = [model.name for model in MODELS.values() if model.profile == self.profile]
        comes = vehicle(self.draw, self.draw.choice(names), country="KZ")
        people = (traveller(self.draw, TODAY, state="KAZ", papers="passport"),)
        self.world.send(Visit(number, comes, people, manners), at_s)

    # The operator.

    def _look(self) -> None:
        self.at(self.now_s + LOOK_S, self._look)
        lane = self.teller.now
        for alarm in lane.alarms:
            if alarm.acknowledged_by is None and self._after(f"alarm {alarm.occurrence}", 15, 60):
                self._click("acknowledge", alarm=alarm.occurrence)
        if lane.mode in (Mode.MANUAL, Mode.CLOSED) and self._after("open", 20, 60):
            self._click("mode", mode=Mode.OPEN)
            self._acted.pop("open", None)
        if lane.arm is Arm.UNKNOWN and not self._arm_moves and self._after("raise", 20, 60):
            # From between its ends the arm may only be raised, by somebody who has looked.
            self._click("raise", seen_clear=True)
            self._acted.pop("raise", None)
        left_up = any(one.kind in ("arm_left_raised", "arm_reversed") for one in lane.alarms)
        if lane.arm is Arm.RAISED and left_up and self._after("lower", 20, 60):
            self._click("lower", seen_clear=True)
            self._acted.pop("lower", None)
        self._decide()

    def _decide(self) -> None:
        passage = self.teller.now.passage
        if passage is None:
            return
        key = f"{passage.number} {passage.phase}"
        missing = not self.world.vehicles
        if missing and self._after(f"gone {passage.number}", 30, 90):
            self._click("mode", mode=Mode.CLOSED)
        elif passage.phase is Phase.GATHERING and passage.persons is None and self.profile is Profile.CAR:
            if self._after(f"persons {key}", 3, 8):
                self._click("persons", persons=1)
        elif passage.phase in (Phase.HELD, Phase.REFERRED) and self._after(f"decide {key}", 20, 120):
            role = "second_line" if passage.phase is Phase.REFERRED else "operator"
            agencies = dict.fromkeys(rule.agency for rule in self.teller.rules.checks)
            for agency in agencies:
                self._click("release", agency=agency, role=role)
            self._acted.pop(f"decide {key}", None)

    def _after(self, what: str, least_s: float, most_s: float) -> bool:
        """Whether the operator has come to it: so long after he first saw it."""
        due = self._acted.setdefault(what, self.now_s + self.draw.uniform(least_s, most_s))
        if self.now_s < due:
            return False
        self._acted[what] = float("inf")
        return True

    def _click(self, kind: str, **changes: object) -> None:
        self._told(lambda: self.teller.click(CommandKind(kind), **changes))
