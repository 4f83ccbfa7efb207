"""Tells a lane facts, with a clock that the test moves: what stories, cases and properties share."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lane_controller.lane import facts, views
from lane_controller.lane.facts import Fact
from lane_controller.lane.rules import CheckRule, ChipRules, LaneRules, Timings
from lane_controller.lane.state import Emitted, Lane, Request
from lane_controller.lane.step import step
from lane_controller.messages.command import Command, Expiry
from lane_controller.messages.parts import (
    ChipCheck,
    ChipReading,
    Document,
    Person,
    Plate,
    Reason,
    Stamp,
    Weight,
)
from lane_controller.messages.words import (
    Agency,
    CheckOutcome,
    ClockQuality,
    DeviceRole,
    Direction,
    Health,
    Outcome,
    Place,
    Profile,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
OK = Reason(code="ok")

CHECKS: dict[Profile, tuple[CheckRule, ...]] = {
    Profile.CARGO: (
        CheckRule("plate_read", Agency.BORDER),
        CheckRule("plate_watchlist", Agency.BORDER),
        CheckRule("document_check_digits", Agency.BORDER, Outcome.REFER),
        CheckRule("document_expiry", Agency.BORDER),
        CheckRule("document_lost", Agency.BORDER),
        CheckRule("person_watchlist", Agency.BORDER),
        CheckRule("random_recheck", Agency.CUSTOMS),
        CheckRule("plate_booked", Agency.CUSTOMS),
        CheckRule("weight_declared", Agency.CUSTOMS),
        CheckRule("weight_settled", Agency.TRANSPORT),
        CheckRule("weight_limit", Agency.TRANSPORT),
        CheckRule("scale_verification", Agency.TRANSPORT),
    ),
    Profile.CAR: (
        CheckRule("plate_read", Agency.BORDER),
        CheckRule("plate_watchlist", Agency.BORDER),
        CheckRule("document_expiry", Agency.BORDER),
        CheckRule("person_watchlist", Agency.BORDER),
        CheckRule("random_recheck", Agency.CUSTOMS),
    ),
    Profile.COACH: (
        CheckRule("plate_read", Agency.BORDER),
        CheckRule("document_expiry", Agency.BORDER),
        CheckRule("person_watchlist", Agency.BORDER),
    ),
    Profile.PEDESTRIAN: (
        CheckRule("document_expiry", Agency.BORDER),
        CheckRule("person_watchlist", Agency.BORDER),
    ),
}
PLACES: dict[Profile, tuple[Place, ...]] = {
    Profile.CARGO: tuple(Place),
    Profile.CAR: (Place.ARRIVAL, Place.CLEARANCE, Place.EXIT),
    Profile.COACH: (Place.ARRIVAL, Place.CLEARANCE, Place.EXIT),
    Profile.PEDESTRIAN: (Place.ARRIVAL, Place.CLEARANCE, Place.EXIT),
}


def rules(profile: Profile = Profile.CARGO, **changes: Any) -> LaneRules:
    values: dict[str, Any] = {
        "site": "khorgos",
        "lane": "lane1",
        "journal": "j1",
        "profile": profile,
        "direction": Direction.ENTRY,
        "state": "KZ",
        "checks": CHECKS[profile],
        "places": PLACES[profile],
        "clearance_sensors": ("clearance",),
        "commissioned": True,
        "utc_offset_min": 300,
    }
    return LaneRules(**(values | changes))


def with_chip(base: LaneRules, *, required: bool = True) -> LaneRules:
    """The same lane with a reader of chips and their checks."""
    names = ("chip_data", "chip_genuine", "chip_print")
    checks = tuple(CheckRule(name, Agency.BORDER, Outcome.REFER) for name in names)
    return replace(base, chip=ChipRules(required), checks=(*base.checks, *checks))


CHIPS: dict[str, tuple[str, str, tuple[tuple[str, CheckOutcome, str], ...]]] = {
    "genuine": ("verified", "genuine", (("printed_mrz", CheckOutcome.PASSED, "zones_agree"),)),
    "clone": (
        "verified",
        "failed",
        (
            ("printed_mrz", CheckOutcome.PASSED, "zones_agree"),
            ("chip_authentication", CheckOutcome.FAILED, "protocol_broken"),
        ),
    ),
    "forged": (
        "failed",
        "not_proved",
        (
            ("hash_dg1", CheckOutcome.FAILED, "hash_wrong"),
            ("printed_mrz", CheckOutcome.PASSED, "zones_agree"),
        ),
    ),
    "unknown_state": (
        "not_verifiable",
        "not_proved",
        (
            ("chain", CheckOutcome.INCONCLUSIVE, "no_anchor"),
            ("printed_mrz", CheckOutcome.PASSED, "zones_agree"),
        ),
    ),
    "other_name": ("verified", "genuine", (("printed_mrz", CheckOutcome.FAILED, "zones_differ"),)),
    "misread_name": ("verified", "genuine", (("printed_mrz", CheckOutcome.INCONCLUSIVE, "print_not_sure"),)),
    "no_zone": ("failed", "not_proved", (("signature", CheckOutcome.FAILED, "security_object_missing"),)),
}


def chip_reading(data: str, chip: str, checks: tuple[tuple[str, CheckOutcome, str], ...]) -> ChipReading:
    differs = ("names",) if any(outcome != "passed" for name, outcome, _ in checks if "mrz" in name) else ()
    return ChipReading(
        data=data,
        chip=chip,
        checks=tuple(ChipCheck(name=name, outcome=o, reason=Reason(code=why)) for name, o, why in checks),
        differs=differs,
        trust="7" * 64,
        duration_ms=1200.0,
        apdus=100,
    )


@dataclass
class Teller:
    """A lane, its clock, and everything it said.  Sensors bear the names of their places."""

    rules: LaneRules = field(default_factory=rules)
    lane: Lane | None = None
    boot: str = "boot1"
    mono_s: float = 100.0
    utc: datetime = NOON
    clock: ClockQuality = ClockQuality.SYNCHRONISED
    told: list[Emitted] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    commands: int = 0

    @property
    def at(self) -> Stamp:
        return Stamp(utc=self.utc, boot=self.boot, mono_s=self.mono_s, clock=self.clock)

    @property
    def now(self) -> Lane:
        assert self.lane is not None
        return self.lane

    def tell(self, fact: Fact) -> tuple[Emitted, ...]:
        taken = step(self.lane, fact)
        self.lane = taken.lane
        self.facts.append(fact)
        self.told += taken.events
        return taken.events

    def wait(self, seconds: float) -> tuple[Emitted, ...]:
        """Let time pass, with each deadline told when it is due."""
        end_s, said = self.mono_s + seconds, list[Emitted]()
        for _ in range(1_000):
            due = views.next_deadline(self.now)
            if due is None or due[1] > end_s:
                break
            self._pass(max(0.0, due[1] - self.mono_s))
            said += self.tell(facts.DeadlineReached(self.at, due[0]))
        else:
            raise AssertionError(f"the wait {due} is told again and again")
        self._pass(end_s - self.mono_s)
        return tuple(said)

    def _pass(self, seconds: float) -> None:
        self.mono_s += seconds
        self.utc += timedelta(seconds=seconds)

    def start(self, boot: str | None = None) -> tuple[Emitted, ...]:
        """A start; with another boot the monotonic clock begins anew."""
        if boot is not None and boot != self.boot:
            self.boot, self.mono_s = boot, 20.0
        return self.tell(facts.Started(self.at, self.rules, "1", "c0ffee"))

    def ready(self, *, arm: str = "lowered", covered: tuple[Place, ...] = ()) -> tuple[Emitted, ...]:
        """All devices good, the sensors stating their levels, the arm at an end."""
        said: list[Emitted] = []
        for place in self.rules.places:
            said += self.health(str(place), Health.GOOD)
            said += self.presence(place, place in covered)
        said += self.health("barrier", Health.GOOD, DeviceRole.BARRIER)
        said += self.arm(arm)
        return tuple(said)

    def health(self, device: str, health: Health, role: DeviceRole | None = None) -> tuple[Emitted, ...]:
        place = Place(device) if device in set(Place) else None
        role = role or (DeviceRole.PRESENCE if place else DeviceRole.SCALE)
        reason = OK if health is Health.GOOD else Reason(code="silent")
        return self.tell(facts.DeviceChanged(self.at, device, role, health, reason, place))

    def presence(self, place: Place, covered: bool) -> tuple[Emitted, ...]:
        return self.tell(facts.PresenceChanged(self.at, str(place), place, covered))

    def arm(self, word: str) -> tuple[Emitted, ...]:
        """raised, lowered, between, both, fault (between, with the fault input on), lowered+fault."""
        words = word.split("+")
        raised, lowered = (word in words or "both" in words for word in ("raised", "lowered"))
        return self.tell(facts.BarrierChanged(self.at, "barrier", raised, lowered, "fault" in words))

    def order(self, result: Literal["done", "refused", "unknown"] = "done") -> tuple[Emitted, ...]:
        """What came of the order in hand."""
        order = self.now.order
        name = order.id if order is not None else "raise-0"
        return self.tell(facts.OrderDone(self.at, name, result))

    def carry_out(self) -> tuple[Emitted, ...]:
        """The order in hand, from the pulse to the other end."""
        order = self.now.order
        if order is None:
            return ()
        end = "raised" if order.movement == "raise" else "lowered"
        said = list(self.order())
        for word in ("between", end):
            self._pass(1.0)
            said += self.arm(word)
        return tuple(said)

    def plate(
        self,
        text: str | None,
        confidence: float = 0.95,
        side: Literal["front", "rear"] = "front",
        frames: int = 5,
    ) -> tuple[Emitted, ...]:
        plate = (
            Plate(text=text, display=text, country="KZ", confidence=confidence, frames=frames)
            if text
            else None
        )
        few = Reason(code="low_confidence") if frames < 3 else None
        reason = few if plate else Reason(code="not_read")
        return self.tell(facts.PlateRead(self.at, "camera", side, plate, None, reason))

    def document(self, number: str | None = "N1234567", **changes: Any) -> tuple[Emitted, ...]:
        if number is None:
            return self.tell(facts.DocumentRead(self.at, "reader", None, Reason(code="unreadable")))
        values: dict[str, Any] = {
            "kind": "P",
            "format": "TD3",
            "issuer": "KAZ",
            "number": number,
            "nationality": "KAZ",
            "surname": "SERIKOV",
            "given_names": "ARMAN",
            "birth": "1985-03-12",
            "sex": "M",
            "expiry": "2031-01-01",
            "status": "verified",
            "lines": ("P<KAZSERIKOV<<ARMAN", number),
        }
        return self.tell(facts.DocumentRead(self.at, "reader", Document(**(values | changes))))

    def chip(self, word: str, *, request: str = "") -> tuple[Emitted, ...]:
        """What came of the open requests for chips, or of this one: a word of CHIPS, or why none was read."""
        asked = (request,) if request else tuple(one.id for one in self.requests("chip"))
        said: list[Emitted] = []
        for one in asked:
            reading = chip_reading(*CHIPS[word]) if word in CHIPS else None
            reason = None if reading is not None else Reason(code=word)
            said += self.tell(facts.ChipRead(self.at, one, "pcsc", reading, reason))
        return tuple(said)

    def weight(self, gross_kg: float | None = 38_000, **changes: Any) -> tuple[Emitted, ...]:
        if gross_kg is None:
            return self.tell(facts.WeightRead(self.at, "scale", None, Reason(code="not_settled")))
        values: dict[str, Any] = {
            "gross_kg": gross_kg,
            "settled_s": 3.0,
            "zero_seen": True,
            "wholly_on_deck": True,
            "scale": "scale",
            "verification": "KZ-1",
            "verified_until": "2027-01-01",
            "raw": "02",
        }
        return self.tell(facts.WeightRead(self.at, "scale", Weight(**(values | changes))))

    def requests(self, kind: str | None = None) -> tuple[Request, ...]:
        return tuple(one for one in views.requests(self.now) if kind in (None, one.kind))

    def answer(self, kind: str, hits: tuple[dict[str, Any], ...] | None = None) -> tuple[Emitted, ...]:
        """All open questions of a kind; without hits the answer that stands against nobody."""
        said: list[Emitted] = []
        for request in self.requests(kind):
            found = hits if hits is not None else self.harmless(request)
            said += self.tell(facts.RegisterAnswered(self.at, request.id, found, self.utc.isoformat()))
        return tuple(said)

    def answer_all(self, **hits: tuple[dict[str, Any], ...]) -> tuple[Emitted, ...]:
        """Every open question: `hits` by kind, and for the rest what stands against nobody."""
        said: list[Emitted] = []
        for request in self.requests():
            if request.kind not in ("picture", "chip"):
                said += self.answer(request.kind, hits.get(request.kind))
        return tuple(said)

    def harmless(self, request: Request) -> tuple[dict[str, Any], ...]:
        today = self.utc.date().isoformat()
        plate = dict(request.values).get("plate", "")
        match request.kind:
            case "draw":
                return ({"selected": False, "proof": "p"},)
            case "booking":
                return ({"plate": plate, "valid_from": today, "valid_to": today, "class": "live"},)
            case "declaration":
                return (
                    {"reference": "D1", "plate": plate, "gross_kg": 38_000, "axles": 5, "vehicle": "A2 C3"},
                )
            case _:
                return ()

    def fail(self, kind: str, code: str = "no_answer_in_time") -> tuple[Emitted, ...]:
        said: list[Emitted] = []
        for request in self.requests(kind):
            said += self.tell(facts.RequestFailed(self.at, request.id, Reason(code=code)))
        return tuple(said)

    def command(self, kind: str, **changes: Any) -> Command:
        """A command by somebody who has seen everything, unless the changes say otherwise."""
        self.commands += 1
        lane = self.now
        role = changes.pop("role", "operator")
        agency = changes.pop("agency", "border")
        who = changes.pop("by", f"{role}-{agency}")
        values: dict[str, Any] = {
            "id": f"command-{self.commands:04}",
            "site": lane.rules.site,
            "lane": lane.rules.lane,
            "journal": lane.rules.journal,
            "kind": kind,
            "passage": lane.passage.number if lane.passage is not None else None,
            "seen": lane.sequence,
            "by": Person(operator=who, role=role, agency=agency, workplace="post-1"),
            "reason": Reason(code="seen_by_eye"),
            "expires": Expiry(boot=self.boot, mono_s=self.mono_s + 30.0),
        }
        return Command(**(values | changes))

    def click(self, kind: str, **changes: Any) -> tuple[Emitted, ...]:
        return self.tell(facts.CommandArrived(self.at, self.command(kind, **changes)))

    # What a whole visit needs, for tests that are about something else.

    def open_lane(self) -> "Teller":
        self.start()
        self.ready()
        return self

    def arrive(self) -> None:
        self.presence(Place.ARRIVAL, True)

    def onto_deck(self) -> None:
        self.presence(Place.DECK_ENTRY, True)
        self.presence(Place.ARRIVAL, False)
        self.presence(Place.DECK_ENTRY, False)

    def evidence(self, **hits: tuple[dict[str, Any], ...]) -> None:
        """Everything that a cargo lane reads, and every register's answer."""
        self.arrive()
        self.plate("123ABC02")
        if Place.DECK_ENTRY in self.rules.places:
            self.onto_deck()
            self.weight()
        if self.rules.profile in (Profile.CAR, Profile.COACH):
            self.click("persons", persons=1)
        self.document()
        self.answer_all(**hits)
        self.chip("genuine")

    def drive_out(self) -> None:
        """Under the arm and away; the arm is lowered behind."""
        if Place.DECK_EXIT in self.rules.places:
            self.presence(Place.DECK_EXIT, True)
        self.presence(Place.CLEARANCE, True)
        if self.now.passage is not None and not self.now.passage.left_arrival:
            self.presence(Place.ARRIVAL, False)
        if Place.DECK_EXIT in self.rules.places:
            self.presence(Place.DECK_EXIT, False)
        self.presence(Place.EXIT, True)
        self.presence(Place.CLEARANCE, False)
        self.presence(Place.EXIT, False)
        self.wait(self.rules.timings.clear_for_s)
        self.carry_out()


def with_timings(base: LaneRules, **seconds: float) -> LaneRules:
    return replace(base, timings=replace(base.timings, **seconds))


def timings(**seconds: float) -> Timings:
    return Timings(**seconds)
