"""The state is complete: a snapshot is the state, a damaged or foreign one is refused with a clear word."""

import json
from dataclasses import FrozenInstanceError

import pytest

from lane_controller.lane import facts, state, views
from lane_controller.lane.facts import FACTS
from lane_controller.lane.state import Lane, SnapshotError
from lane_controller.lane.step import faulted, initial, step
from lane_controller.messages.parts import Stamp
from lane_controller.messages.words import Arm, ClockQuality, Mode, Place, Profile
from tests.lane.teller import NOON, Teller, rules


@pytest.fixture
def busy() -> Teller:
    """A lane with everything in its state: two vehicles, questions, alarms, an order, a pending click."""
    teller = Teller(rules(Profile.CARGO)).open_lane()
    teller.evidence()
    teller.presence(Place.ARRIVAL, True)
    teller.plate("777KZA02")
    teller.arm("between")
    teller.arm("lowered")
    teller.click("shift", shift="begin")
    teller.click("raise")
    assert teller.now.waiting is not None
    assert teller.now.alarms
    assert teller.now.order is not None
    assert teller.now.pending
    return teller


def test_a_snapshot_is_the_state(busy: Teller) -> None:
    text = state.dump(busy.now)
    assert state.load(text) == busy.now
    assert state.dump(state.load(text)) == text


def test_a_lane_goes_on_from_its_snapshot_as_if_nothing_had_been(busy: Teller) -> None:
    again = Teller(busy.rules, state.load(state.dump(busy.now)), mono_s=busy.mono_s, utc=busy.utc)
    again.commands = busy.commands
    for teller in (busy, again):
        teller.carry_out()
        teller.drive_out()
    assert again.now == busy.now


@pytest.mark.parametrize(
    ("snapshot", "word"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "schema None"),
        (b'{"schema":99,"lane":{}}', "schema 99"),
        (b'{"schema":1}', "damaged"),
        (b'{"schema":1,"lane":{"rules":3}}', "damaged"),
    ],
)
def test_a_foreign_or_damaged_snapshot_says_what_to_do(snapshot: bytes, word: str) -> None:
    with pytest.raises(SnapshotError, match=word) as caught:
        state.load(snapshot)
    assert "run the version" in str(caught.value) or "start from an older one" in str(caught.value)


def test_a_snapshot_of_a_later_schema_names_both_versions() -> None:
    later = json.dumps({"schema": state.SCHEMA + 1, "lane": {}}).encode()
    with pytest.raises(SnapshotError, match=f"schema {state.SCHEMA + 1}, this version reads {state.SCHEMA}"):
        state.load(later)


def test_the_state_is_frozen(busy: Teller) -> None:
    with pytest.raises((FrozenInstanceError, AttributeError)):
        busy.now.sequence = 0  # pyright: ignore[reportAttributeAccessIssue]


def test_every_fact_of_a_long_visit_goes_through_its_json(busy: Teller) -> None:
    again: Lane | None = None
    for fact in busy.facts:
        copied = FACTS.validate_python(FACTS.dump_python(fact, mode="json"))
        assert copied == fact
        again = step(again, copied).lane
    assert again == busy.now


def test_a_journal_begins_with_a_start() -> None:
    at = Stamp(utc=NOON, boot="b", mono_s=1.0, clock=ClockQuality.SYNCHRONISED)
    with pytest.raises(ValueError, match="begins with the fact started"):
        step(None, facts.ClockJumped(at, 1.0))
    assert initial(facts.Started(at, rules(), "1", "c")).lane.mode is Mode.MANUAL


def test_a_fact_of_another_boot_moves_no_clock(busy: Teller) -> None:
    before = busy.now
    strange = busy.at.model_copy(update={"boot": "elsewhere", "mono_s": 1e9})
    after = step(before, facts.DeadlineReached(strange, "permit")).lane
    assert after.now_s == before.now_s


def test_a_monotonic_clock_that_goes_back_moves_nothing_back(busy: Teller) -> None:
    before = busy.now
    early = busy.at.model_copy(update={"mono_s": 0.0})
    assert step(before, facts.DeadlineReached(early, "permit")).lane.now_s == before.now_s


def test_a_rule_that_fails_leaves_the_lane_in_manual_with_nothing_ordered(busy: Teller) -> None:
    taken = faulted(busy.now, facts.DeadlineReached(busy.at, "permit"), "KeyError")
    lane = taken.lane
    assert (lane.mode, views.order(lane), lane.permit) == (Mode.MANUAL, None, None)
    assert [emitted.data.type for emitted in taken.events].count("lane.faulted") == 1
    assert any(alarm.kind == "lane_faulted" for alarm in lane.alarms)
    assert lane.sequence == busy.now.sequence + len(taken.events)


def test_a_start_that_fails_still_forgets_what_was_known(busy: Teller) -> None:
    busy.boot, busy.mono_s = "b2", 5.0
    lane = faulted(busy.now, facts.Started(busy.at, busy.rules, "2", "c"), "KeyError").lane
    assert (lane.mode, lane.arm, lane.boot, lane.sensors) == (Mode.MANUAL, Arm.UNKNOWN, "b2", ())
