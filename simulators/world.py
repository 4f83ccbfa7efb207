"""The simulated world: lanes, what drives through them, and time.

Everything that a simulated sensor says derives from this one state, so that sensors contradict each other
only where a fault says so.  The world is pure: it does no I/O, owns no clock and draws nothing at random;
whoever runs it calls `step` and tells it how far each arm is open and whether its light is green.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Literal

from simulators.fleet import TYRE_M, Axle, Vehicle
from simulators.geometry import Geometry
from simulators.people import Document, Traveller

TICK_S = 0.05
"""Longest step of the physics; `World.step` cuts longer ones."""

ARM_UP = 0.95
"""How far open an arm must be before a driver goes under it."""

HURRY = 2.0
"""How much faster a tailgater drives, so as to be through before the arm comes down."""

BEYOND_LINE_M = 1.5
"""A front this far beyond the camera's line no longer hides the next one from the camera."""

ARM_STRIKES = 0.5
"""An arm lowered further than this touches a vehicle under it."""

Phase = Literal["approaching", "waiting", "entering", "standing", "leaving", "following", "backing", "gone"]


@dataclass(frozen=True, slots=True)
class Manners:
    """How a driver behaves.  By default: obeys the light and the arm.

    `presents_after_s` from standing still to handing over the first document, `presents_for_s` in the
    reader's hand, `pause_s` between two.  `follows`: drives after the vehicle ahead through the open arm
    (a tailgater).  `backs_out`: reverses out of the lane from the `arrival` loop or the `deck`, after
    `backs_after_s` there.  `stops_short_m`: stands that much before the stop line, so that a trailer's tail
    stays off the deck.  `reaction_s` from green light and open arm to moving.
    """

    presents_after_s: float = 1.5
    presents_for_s: float = 1.2
    pause_s: float = 1.0
    follows: bool = False
    backs_out: Literal["", "arrival", "deck"] = ""
    backs_after_s: float = 4.0
    stops_short_m: float = 0.0
    reaction_s: float = 0.6


@dataclass(frozen=True, slots=True)
class Visit:
    """A vehicle that comes with its travellers.  `number` counts visits of the whole world from 1."""

    number: int
    vehicle: Vehicle
    travellers: tuple[Traveller, ...]
    manners: Manners = field(default_factory=Manners)


What = Literal[
    "arrives",
    "enters",
    "stands",
    "presents",
    "takes_back",
    "leaves",
    "passes_arm",
    "gone",
    "backs_out",
    "struck",
]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that truly happened, whatever any sensor says.  `document` with presents and takes_back;
    `holder`, whose it is, with presents."""

    time_s: float
    lane: str
    visit: int
    what: What
    document: Document | None = None
    holder: Traveller | None = None


class Moving:
    """One visit in the lane: where its front is, how fast, and what its driver is doing."""

    def __init__(self, visit: Visit, front_m: float) -> None:
        self.visit = visit
        self.front_m = front_m
        self.speed_m_s = 0.0
        self.pull_m_s2 = 0.0
        self.phase: Phase = "approaching"
        self.phase_s = 0.0
        self.may_go_s = 0.0
        self.presented = 0
        self.in_hand: Document | None = None
        self.struck = False

    @property
    def rear_m(self) -> float:
        return self.front_m - self.visit.vehicle.length_m

    def axles(self) -> Iterable[tuple[Axle, float]]:
        """Each axle with what it bears now."""
        vehicle = self.visit.vehicle
        return zip(vehicle.axles, vehicle.loads_kg(self.pull_m_s2), strict=True)

    def enter(self, phase: Phase) -> None:
        self.phase, self.phase_s = phase, 0.0

    def advance(self, limit_m: float, geometry: Geometry, seconds: float) -> None:
        """Drive towards `limit_m`, braking in time to stand there."""
        hurry = HURRY if self.phase == "following" else 1.0
        pull = geometry.pull_m_s2 * hurry
        fastest = geometry.speed_m_s
        if self.phase == "entering":
            fastest = min(fastest, geometry.deck_speed_m_s)
        room = max(limit_m - self.front_m, 0.0)
        braking = (2 * pull * room) ** 0.5
        before_m_s = self.speed_m_s
        self.speed_m_s = min(self.speed_m_s + pull * seconds, fastest * hurry, braking)
        self.front_m = min(self.front_m + self.speed_m_s * seconds, self.front_m + room)
        if room < 0.03:
            self.speed_m_s = 0.0
        # The last centimetres are cut short: no driver's brake is sharper for it.
        self.pull_m_s2 = min(pull, max(-pull, (self.speed_m_s - before_m_s) / seconds))

    def reverse(self, geometry: Geometry, seconds: float) -> None:
        before_m_s = self.speed_m_s
        self.speed_m_s = min(self.speed_m_s + geometry.pull_m_s2 * seconds, geometry.speed_m_s / 2)
        self.front_m -= self.speed_m_s * seconds
        self.pull_m_s2 = (before_m_s - self.speed_m_s) / seconds


class LaneWorld:
    """One lane: its plan, the vehicles in it (the foremost first) and those still to come.

    Told from outside: `arm_open` (0 lowered to 1 raised) and `green`.
    """

    def __init__(self, name: str, geometry: Geometry) -> None:
        self.name = name
        self.geometry = geometry
        self.arm_open = 0.0
        self.green = False
        self.vehicles: list[Moving] = []
        self.coming: list[tuple[float, Visit]] = []
        self.departed = 0
        self._arm_before = 0.0
        self._time_s = 0.0
        self._happened: list[Happening] = []

    # What sensors see

    def covered(self, place: str) -> bool:
        """True when something is in the zone of a place's sensor.  KeyError for a place that the lane has
        not."""
        zone = self.geometry.places[place]
        return any(zone.meets(moving.rear_m, moving.front_m) for moving in self.vehicles)

    @property
    def deck_load_kg(self) -> float:
        """Kilograms of all axles on the deck, a tyre's on its edge in part; 0 without a deck."""
        deck = self.geometry.deck
        if deck is None:
            return 0.0
        return sum(
            load_kg * deck.share(moving.front_m - axle.behind_m, TYRE_M)
            for moving in self.vehicles
            for axle, load_kg in moving.axles()
        )

    @property
    def moving_on_deck(self) -> bool:
        """True while something on the deck moves: a scale shows motion."""
        deck = self.geometry.deck
        return deck is not None and any(
            moving.speed_m_s > 0.0 and deck.meets(moving.rear_m, moving.front_m) for moving in self.vehicles
        )

    @property
    def under_arm(self) -> bool:
        """True when an arm that came down now would touch something."""
        return any(moving.rear_m < self.geometry.arm_m < moving.front_m for moving in self.vehicles)

    @property
    def in_view(self) -> tuple[Moving, float] | None:
        """What the plate camera sees, and how far its front is before the line that the camera looks at
        (negative beyond it): the foremost vehicle that has not passed the line, or the hindmost that has."""
        seen: tuple[Moving, float] | None = None
        for moving in self.vehicles:
            before_m = self.geometry.camera_m - moving.front_m
            seen = (moving, before_m)
            if before_m > -BEYOND_LINE_M:
                break
        return seen

    def next_of(self, known: Container[int]) -> Visit | None:
        """Whose a new passage is: the foremost's that has arrived, has not passed the arm and is none of the
        `known` visits, which had theirs; None when nobody is there for it."""
        arrival_m, arm_m = self.geometry.places["arrival"].start_m, self.geometry.arm_m
        there = (one for one in self.vehicles if one.rear_m < arm_m and arrival_m < one.front_m)
        return next((one.visit for one in there if one.visit.number not in known), None)

    @property
    def in_hand(self) -> Document | None:
        """The document that a traveller is holding to the reader."""
        return next((moving.in_hand for moving in self.vehicles if moving.in_hand is not None), None)

    @property
    def busy(self) -> bool:
        return bool(self.vehicles or self.coming)

    # What happens

    def send(self, visit: Visit, at_s: float) -> None:
        """Let `visit` come at `at_s`, or as soon after it as there is room."""
        self.coming.append((at_s, visit))
        self.coming.sort(key=lambda entry: (entry[0], entry[1].number))

    def step(self, time_s: float, seconds: float) -> list[Happening]:
        """Advance by at most TICK_S."""
        self._time_s, self._happened = time_s, []
        self._strike()
        self._let_in()
        for index, moving in enumerate(self.vehicles):
            moving.phase_s += seconds
            ahead = self.vehicles[index - 1] if index else None
            before_m, moving.pull_m_s2 = moving.front_m, 0.0
            self._drive(moving, ahead, seconds)
            if before_m <= self.geometry.places["arrival"].start_m < moving.front_m:
                self._tell(moving, "arrives")
        for moving in self.vehicles:
            if moving.phase == "gone":
                self.departed += 1
        self.vehicles = [moving for moving in self.vehicles if moving.phase != "gone"]
        return self._happened

    def _strike(self) -> None:
        """An arm that came down while something stood under it has hit it."""
        lowering = self.arm_open < self._arm_before
        self._arm_before = self.arm_open
        if lowering and self.arm_open < ARM_STRIKES:
            for moving in self.vehicles:
                if moving.rear_m < self.geometry.arm_m < moving.front_m and not moving.struck:
                    moving.struck = True
                    self._tell(moving, "struck")

    def _tell(
        self, moving: Moving, what: What, document: Document | None = None, holder: Traveller | None = None
    ) -> None:
        number = moving.visit.number
        self._happened.append(Happening(self._time_s, self.name, number, what, document, holder))

    def _let_in(self) -> None:
        appear = self.geometry.appear_m
        room = all(moving.rear_m > appear + self.geometry.gap_m for moving in self.vehicles)
        if self.coming and self.coming[0][0] <= self._time_s and room:
            self.vehicles.append(Moving(self.coming.pop(0)[1], appear))

    def _cell_free(self, moving: Moving) -> bool:
        """A driver goes in when those ahead are past the exit sensor and the arm is down again."""
        exit_end = self.geometry.places["exit"].end_m
        ahead = self.vehicles[: self.vehicles.index(moving)]
        return self.arm_open <= 1 - ARM_UP and all(other.rear_m > exit_end for other in ahead)

    def _limit(self, moving: Moving, ahead: Moving | None, wanted_m: float) -> float:
        """How far a driver who wants to go to `wanted_m` can: not into the vehicle ahead, nor the arm."""
        if ahead is not None:
            wanted_m = min(wanted_m, ahead.rear_m - self.geometry.gap_m)
        before_arm = moving.front_m <= self.geometry.arm_m
        if before_arm and self.arm_open < ARM_UP:
            wanted_m = min(wanted_m, self.geometry.arm_m - 0.4 * self.geometry.gap_m)
        return wanted_m

    def _drive(self, moving: Moving, ahead: Moving | None, seconds: float) -> None:
        geometry, manners = self.geometry, moving.visit.manners
        match moving.phase:
            case "approaching" | "waiting":
                self._come(moving, ahead, seconds)
            case "entering":
                # A tailgater that the arm cut off past the line stands where it is.
                stop = max(geometry.stop_m - manners.stops_short_m, moving.front_m)
                moving.advance(self._limit(moving, ahead, stop), geometry, seconds)
                if moving.speed_m_s == 0.0 and moving.phase_s > 0.5 and stop - moving.front_m < 0.05:
                    moving.enter("standing")
                    self._tell(moving, "stands")
            case "standing":
                self._stand(moving, seconds)
            case "following":
                self._follow(moving, ahead, seconds)
            case "leaving":
                self._pass(moving, self._limit(moving, ahead, geometry.gone_m + 99.0), seconds)
            case "backing":
                moving.reverse(geometry, seconds)
                if moving.front_m < geometry.appear_m:
                    moving.enter("gone")
                    self._tell(moving, "gone")
            case "gone":
                pass

    def _come(self, moving: Moving, ahead: Moving | None, seconds: float) -> None:
        geometry, manners = self.geometry, moving.visit.manners
        moving.advance(self._limit(moving, ahead, geometry.wait_m), geometry, seconds)
        if moving.phase == "approaching" and geometry.wait_m - moving.front_m < 0.05:
            moving.enter("waiting")
        if manners.backs_out == "arrival":
            if moving.phase == "waiting" and moving.phase_s >= manners.backs_after_s:
                self._back_out(moving)
        elif manners.follows and ahead is not None and ahead.phase in ("leaving", "following"):
            moving.enter("following")
        elif self._halted(moving) and self._cell_free(moving):
            moving.enter("entering")
            self._tell(moving, "enters")

    def _halted(self, moving: Moving) -> bool:
        """Whether a driver has stood at the waiting line for long enough, where there is something to wait
        for; else it may roll over the line."""
        if self.geometry.halt_s:
            return moving.phase == "waiting" and moving.phase_s >= self.geometry.halt_s
        return self.geometry.wait_m - moving.front_m < 2.0

    def _back_out(self, moving: Moving) -> None:
        moving.in_hand = None
        moving.speed_m_s = 0.0
        moving.enter("backing")
        self._tell(moving, "backs_out")

    def _stand(self, moving: Moving, seconds: float) -> None:
        manners = moving.visit.manners
        if manners.backs_out == "deck" and moving.phase_s >= manners.backs_after_s:
            self._back_out(moving)
            return
        self._present(moving)
        done = moving.presented == len(moving.visit.travellers) and moving.in_hand is None
        go = self.green and self.arm_open >= ARM_UP and done
        moving.may_go_s = moving.may_go_s + seconds if go else 0.0
        if moving.may_go_s >= manners.reaction_s:
            moving.enter("leaving")
            self._tell(moving, "leaves")

    def _present(self, moving: Moving) -> None:
        """Documents go to the reader one after another, each for `presents_for_s`."""
        manners, people = moving.visit.manners, moving.visit.travellers
        since = moving.phase_s - manners.presents_after_s
        turn = manners.presents_for_s + manners.pause_s
        if moving.in_hand is not None:
            if since >= (moving.presented - 1) * turn + manners.presents_for_s:
                self._tell(moving, "takes_back", moving.in_hand)
                moving.in_hand = None
        elif moving.presented < len(people) and since >= moving.presented * turn:
            holder = people[moving.presented]
            moving.in_hand = holder.document
            moving.presented += 1
            self._tell(moving, "presents", moving.in_hand, holder)

    def _follow(self, moving: Moving, ahead: Moving | None, seconds: float) -> None:
        """A tailgater drives on while the arm is open before it, and becomes a lawful driver when not."""
        if moving.front_m <= self.geometry.arm_m and self.arm_open < ARM_UP:
            moving.enter("entering")
            self._tell(moving, "enters")
            return
        self._pass(moving, self._limit(moving, ahead, self.geometry.gone_m + 99.0), seconds)

    def _pass(self, moving: Moving, limit_m: float, seconds: float) -> None:
        before = moving.front_m
        moving.advance(limit_m, self.geometry, seconds)
        if before <= self.geometry.arm_m < moving.front_m:
            self._tell(moving, "passes_arm")
        if moving.rear_m > self.geometry.gone_m:
            moving.enter("gone")
            self._tell(moving, "gone")


class World:
    """All lanes and their common time, in simulated seconds from 0."""

    def __init__(self, lanes: dict[str, Geometry]) -> None:
        self.time_s = 0.0
        self.lanes = {name: LaneWorld(name, geometry) for name, geometry in lanes.items()}

    def step(self, seconds: float) -> tuple[Happening, ...]:
        """Advance by `seconds`, in ticks of at most TICK_S; what happened, in order."""
        happened: list[Happening] = []
        end_s = self.time_s + seconds
        while end_s - self.time_s > 1e-9:
            tick = min(TICK_S, end_s - self.time_s)
            self.time_s += tick
            for lane in self.lanes.values():
                happened += lane.step(self.time_s, tick)
        return tuple(happened)
