"""A second, plain model of what must never happen: it watches facts and events and judges by itself.

It knows the design's sentences and none of the lane's code; each broken one is an AssertionError that says
which.
"""

from dataclasses import dataclass, field

from lane_controller.lane import facts, views
from lane_controller.lane.facts import Fact
from lane_controller.lane.state import Emitted, Lane
from lane_controller.messages import events
from lane_controller.messages.envelope import EVENT_BYTES_MAX
from lane_controller.messages.words import (
    Arm,
    Audience,
    CheckOutcome,
    Health,
    Lamp,
    Mode,
    Outcome,
    PassageEnd,
)

SECOND_LINE_CHECKS = ("person_watchlist", "plate_watchlist", "random_recheck")


@dataclass
class Sensor:
    good: bool = False
    covered: bool | None = None
    clear_since_s: float | None = None


@dataclass
class Model:
    """Judges one lane from its first fact."""

    sensors: dict[str, Sensor] = field(default_factory=dict)
    switches: tuple[bool, bool] | None = None
    started_since_lowered: bool = True
    standing_permit: str | None = None
    permits_ordered: dict[str, str] = field(default_factory=dict)
    orders: set[str] = field(default_factory=set)
    arrived: list[int] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    must_refer: set[int] = field(default_factory=set)
    lifted: set[int] = field(default_factory=set)
    answered: dict[str, str] = field(default_factory=dict)
    mode: Mode = Mode.MANUAL

    def watch(self, fact: Fact, before: Lane | None, said: tuple[Emitted, ...], after: Lane) -> None:
        self._numbered(before, said, after)
        self._sense(fact, before)
        for emitted in said:
            self._event(emitted, fact, after)
        if isinstance(fact, facts.Started):
            self._started(said, after)
        self._order(before, after)
        self._lamp(after)
        self._loss(fact, said)
        self._release(said, after)
        self._bounded(after)

    def _numbered(self, before: Lane | None, said: tuple[Emitted, ...], after: Lane) -> None:
        start = before.sequence if before is not None else 0
        assert after.sequence == start + len(said), "the sequence of events is dense"
        for emitted in said:
            size = len(emitted.data.model_dump_json())
            assert size < EVENT_BYTES_MAX - 1024, f"{emitted.data.type} is {size} bytes: no broker carries it"

    def _sense(self, fact: Fact, before: Lane | None) -> None:
        if isinstance(fact, facts.Started):
            self.sensors.clear()
            self.switches = None
            self.started_since_lowered = True
        if before is not None and fact.at.boot != before.boot:
            return
        match fact:
            case facts.PresenceChanged():
                sensor = self.sensors.setdefault(fact.device, Sensor())
                sensor.covered = fact.covered
                self._note_clear(sensor, fact.at.mono_s)
            case facts.DeviceChanged():
                sensor = self.sensors.setdefault(fact.device, Sensor())
                sensor.good = fact.health is Health.GOOD
                if fact.health is Health.DEGRADED:
                    sensor.covered = None
                self._note_clear(sensor, fact.at.mono_s)
                if fact.device == "barrier" and fact.health is Health.DEGRADED:
                    self.switches = None
            case facts.BarrierChanged():
                self.switches = (fact.raised_switch, fact.lowered_switch)
                if self.switches == (False, True):
                    self.started_since_lowered = False
            case _:
                pass

    def _note_clear(self, sensor: Sensor, now_s: float) -> None:
        if not sensor.good or sensor.covered is not False:
            sensor.clear_since_s = None
        elif sensor.clear_since_s is None:
            sensor.clear_since_s = now_s

    def _started(self, said: tuple[Emitted, ...], after: Lane) -> None:
        assert after.permit is None, "a start revokes permits"
        assert after.order is None, "a start leaves no order in hand"
        assert after.arm is Arm.UNKNOWN, "after a start the arm is unknown"
        assert after.mode is not Mode.OPEN, "a start does not open before the arm is known"
        if after.passage is not None:
            assert after.passage.phase in ("held", "referred"), "a start holds the open passage"
        assert self.standing_permit is None, "and says so"
        assert any(isinstance(one.data, events.LaneStarted) for one in said)

    def _event(self, emitted: Emitted, fact: Fact, after: Lane) -> None:
        data = emitted.data
        match data:
            case events.PermitIssued():
                assert self.standing_permit is None, "one permit at a time"
                self.standing_permit = data.permit
                if data.cause == "local":
                    assert isinstance(fact, facts.LocalKeyTurned)
                if data.cause == "command":
                    assert isinstance(fact, facts.CommandArrived)
                    assert fact.command.kind == "raise"
            case events.PermitEnded():
                assert self.standing_permit == data.permit
                self.standing_permit = None
            case events.ModeChanged():
                assert data.before is self.mode
                self.mode = data.mode
            case events.PassageArrived():
                assert data.passage == len(self.arrived) + 1, "passage numbers are dense"
                assert self.mode in (Mode.OPEN, Mode.MANUAL), "a closed lane starts no passage"
                self.arrived.append(data.passage)
            case events.PassageEnded():
                assert data.passage in self.arrived, "what ends has arrived"
                assert data.passage not in self.ended, "a passage ends once"
                self.ended.add(data.passage)
                if data.end is PassageEnd.HANDED_OVER:
                    assert data.passage not in self.must_refer or after is not None
            case events.CheckConcluded():
                result = data.result
                secret = result.check in SECOND_LINE_CHECKS
                told = result.outcome in (CheckOutcome.PASSED, CheckOutcome.FAILED)
                if secret and told:
                    assert emitted.audience is Audience.SECOND_LINE, "a hit never shows on the lane's screen"
                    assert result.confidential
                if result.outcome is CheckOutcome.FAILED and (secret or result.check == "document_lost"):
                    self.must_refer.add(data.passage)
                    self.lifted.discard(data.passage)
            case events.RegisterHit():
                assert emitted.audience is Audience.SECOND_LINE
            case events.PassageDecided():
                if emitted.audience is Audience.LANE:
                    secrets = {"on_watchlist", "number_listed", "name_listed", "selected"}
                    assert not secrets & {reason.code for reason in data.reasons}
                if data.by is not None and data.by.role == "second_line" and data.settles:
                    self.lifted.add(data.passage)
                if data.decision is Outcome.RELEASE and data.passage in self.must_refer:
                    assert data.passage in self.lifted, "a referral is lifted by second line alone"
            case events.CommandAnswered():
                before = self.answered.get(data.command)
                assert before in (None, "accepted"), "a command is answered once, or accepted and then ended"
                self.answered[data.command] = data.answer
            case _:
                pass

    def _order(self, before: Lane | None, after: Lane) -> None:
        order = views.order(after)
        if order is None or (before is not None and before.order == order):
            if order is not None and order.movement == "lower":
                self._may_lower(after)
            if order is not None and order.movement == "raise":
                assert order.permit == self.standing_permit, "an order outlives no permit"
            return
        assert order.id not in self.orders, "an order's id is used once"
        self.orders.add(order.id)
        assert after.mode is not Mode.MAINTENANCE, "maintenance drives nothing"
        if order.movement == "raise":
            assert order.permit is not None, "nothing raises without a permit"
            assert order.permit == self.standing_permit, "the permit stands"
            first = self.permits_ordered.setdefault(order.permit, order.id)
            assert first == order.id, "a permit gives one order"
        else:
            self._may_lower(after)

    def _may_lower(self, after: Lane) -> None:
        assert self.switches == (True, False), "only an arm at its upper end is lowered"
        for name in after.rules.clearance_sensors:
            sensor = self.sensors.get(name, Sensor())
            assert sensor.good, "a sensor that is not good lets nothing be lowered"
            assert sensor.covered is False, "nothing is lowered onto somebody"
            assert sensor.clear_since_s is not None
            clear_s = after.now_s - sensor.clear_since_s
            assert clear_s >= after.rules.timings.clear_for_s - 1e-6, "clear for long enough"
        if after.lower_command is None:
            assert not self.started_since_lowered, "after a start the arm is lowered by a command only"
            assert after.mode is not Mode.MANUAL, "in manual the arm is lowered by a command only"

    def _lamp(self, after: Lane) -> None:
        if views.lamp(after) is Lamp.GREEN:
            assert after.arm is Arm.RAISED, "green only under a raised arm"
            assert after.mode in (Mode.OPEN, Mode.MANUAL)
            for name in after.rules.clearance_sensors:
                assert self.sensors.get(name, Sensor()).good, "a dead clearance sensor shows red"

    def _loss(self, fact: Fact, said: tuple[Emitted, ...]) -> None:
        lost = isinstance(fact, facts.DeviceChanged) and fact.health is Health.DEGRADED
        if lost or isinstance(fact, facts.RequestFailed | facts.PersonalErased):
            for emitted in said:
                data = emitted.data
                released = isinstance(data, events.PassageDecided) and data.decision is Outcome.RELEASE
                assert not released, "a loss never becomes a release"
                assert not isinstance(data, events.PermitIssued)

    def _release(self, said: tuple[Emitted, ...], after: Lane) -> None:
        """A release by decision: each required check passed, or its agency released it."""
        permits = [one.data for one in said if isinstance(one.data, events.PermitIssued)]
        passage = after.passage
        for permit in permits:
            if permit.cause != "decision" or passage is None or passage.number != permit.passage:
                continue
            released = {settlement.agency for settlement in passage.settlements}
            by_check = {result.check: result for result in passage.results}
            for rule in after.rules.checks:
                assert rule.check in by_check, "every required check is concluded before a release"
                if rule.agency not in released:
                    results = [result for result in passage.results if result.check == rule.check]
                    assert all(result.outcome is CheckOutcome.PASSED for result in results), (
                        "an agency that did not release has only passed checks"
                    )
            if not passage.settlements:
                assert after.mode is not Mode.MANUAL, "in manual the machine releases nobody"
                assert not passage.caveats, "a passage in doubt is released by people only"

    def _bounded(self, after: Lane) -> None:
        if after.permit is not None and after.permit.ordered:
            assert after.travel is not None, "an ordered permit is waited for"
        assert len(after.alarms) <= 120
        assert len(after.answers) <= 512
        assert len(after.sensors) <= 32
        assert len(after.devices) <= 64
        assert len(after.chatter) <= 65
