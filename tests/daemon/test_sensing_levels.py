"""Loops, photocells, end switches and the key switch: told when they stand, and never as a flood."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barrier import BarrierReading
from drivers.presence import PresenceReading
from lane_controller.daemon.sensing.flood import Flood
from lane_controller.daemon.sensing.levels import TOLD_BURST, TOLD_PER_S, BarrierSense, PresenceSense
from lane_controller.lane.facts import BarrierChanged, LocalKeyTurned
from lane_controller.messages.parts import Stamp
from lane_controller.messages.words import ClockQuality, Place

POLL_S = 0.02
DEBOUNCE_S = 0.05
UP, DOWN, BETWEEN = (True, False), (False, True), (False, False)


def at(second: float) -> Stamp:
    return Stamp(utc=datetime(2026, 6, 1, tzinfo=UTC), boot="b", mono_s=second, clock=ClockQuality.FREE)


class Loop:
    """One loop, polled."""

    def __init__(self) -> None:
        self.sense = PresenceSense("loop", Place.ARRIVAL, DEBOUNCE_S)
        self.second = 0.0

    def polled(self, *levels: bool) -> list[bool]:
        """What was told while these levels were read."""
        told: list[bool] = []
        for level in levels:
            self.second += POLL_S
            if fact := self.sense.take(PresenceReading(level), at(self.second)):
                told.append(fact.covered)
        return told


def test_a_level_is_told_once_when_it_has_stood() -> None:
    loop = Loop()
    assert loop.polled(*[False] * 10) == [False]
    assert loop.polled(*[True] * 10) == [True]
    assert loop.polled(*[True] * 100) == []


def test_a_bounce_shorter_than_the_debounce_is_nothing() -> None:
    loop = Loop()
    loop.polled(*[False] * 10)
    assert loop.polled(True, True, False, True, False, *[False] * 10) == []


def test_before_a_level_has_stood_nothing_is_known() -> None:
    loop = Loop()
    loop.polled(True, False)
    assert loop.sense.covered is None
    loop.polled(*[True] * 10)
    assert loop.sense.covered is True


def test_what_a_lost_sensor_said_proves_nothing_and_is_told_again() -> None:
    loop = Loop()
    assert loop.polled(*[True] * 10) == [True]
    loop.sense.forget()
    assert loop.sense.covered is None
    assert loop.polled(True) == [], "it has to stand anew"
    assert loop.polled(*[True] * 10) == [True], "the same level, found again"


@given(st.lists(st.integers(3, 6), min_size=200, max_size=400))
def test_a_chattering_sensor_neither_floods_the_journal_nor_leaves_a_stale_level(spells: list[int]) -> None:
    loop, told, level = Loop(), 0, False
    for spell in spells:
        level = not level
        told += len(loop.polled(*[level] * spell))
    assert told <= TOLD_BURST + TOLD_PER_S * loop.second + 1
    loop.polled(*[level] * 50)
    assert loop.sense.covered is level, "what it came to rest at is told as soon as its allowance lets it"


class Arm:
    """End switches, fault and key, polled."""

    def __init__(self) -> None:
        self.sense = BarrierSense("arm", DEBOUNCE_S)
        self.second = 0.0

    def polled(self, switches: tuple[bool, bool], polls: int = 5, *, fault: bool = False, key: bool = False):
        told: list[BarrierChanged | LocalKeyTurned] = []
        for _ in range(polls):
            self.second += POLL_S
            told += self.sense.take(BarrierReading(*switches, fault, key), at(self.second))
        return [
            (one.raised_switch, one.lowered_switch, one.fault) if isinstance(one, BarrierChanged) else one.on
            for one in told
        ]


def test_both_switches_and_the_fault_are_told_together_when_all_have_stood() -> None:
    arm = Arm()
    assert arm.polled(DOWN) == [(False, True, False)]
    assert arm.polled(BETWEEN) == [(False, False, False)]
    assert arm.polled(UP) == [(True, False, False)]
    assert arm.polled(UP, fault=True) == [(True, False, True)]
    assert arm.polled(UP, polls=100, fault=True) == []


def test_a_contradiction_of_the_switches_is_told_as_it_is() -> None:
    arm = Arm()
    assert arm.polled((True, True)) == [(True, True, False)], "the lane calls it a fault; nothing is hidden"


def test_a_switch_that_bounces_on_arrival_is_told_once() -> None:
    arm = Arm()
    arm.polled(BETWEEN)
    told = [one for _ in range(4) for one in arm.polled(UP, 1) + arm.polled(BETWEEN, 1)]
    assert told + arm.polled(UP) == [(True, False, False)]


def test_the_key_is_told_when_it_turns_and_not_when_it_is_found_off() -> None:
    arm = Arm()
    assert arm.polled(DOWN) == [(False, True, False)]
    assert arm.polled(DOWN, key=True) == [True]
    assert arm.polled(DOWN, polls=50, key=True) == []
    assert arm.polled(DOWN) == [False]


def test_a_key_that_is_found_turned_at_the_start_is_told() -> None:
    arm = Arm()
    assert arm.polled(DOWN, key=True) == [(False, True, False), True]


def test_a_board_that_was_lost_tells_the_position_anew_and_gives_no_second_permit_for_the_same_turn() -> None:
    arm = Arm()
    arm.polled(DOWN, key=True)
    arm.sense.forget()
    assert arm.polled(DOWN, key=True) == [(False, True, False)]


@pytest.mark.parametrize("rate_per_s", [10.0, 200.0])
def test_a_flood_is_cut_to_its_rate_and_the_rest_is_counted_in_few_facts(rate_per_s: float) -> None:
    flood, taken, told = Flood(rate_per_s), 0, list[int]()
    readings = 60_000
    for number in range(readings):
        second = number / 1000
        taken += flood.take(second)
        if cut := flood.due(second):
            told.append(cut)
    assert taken <= rate_per_s * 60 + 2 * rate_per_s + 1
    assert len(told) <= 7, "one fact each ten seconds"
    later = flood.due(1000)
    assert taken + sum(told) + later == readings, "nothing is lost uncounted"
    assert flood.due(2000) == 0
