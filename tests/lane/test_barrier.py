"""May the arm move now?  Tables of cases over the rule in lane_controller/lane/barrier.py."""

from dataclasses import replace
from typing import Any

import pytest

from lane_controller.lane.barrier import Clear, Withheld, may_lower, may_raise, next_order
from lane_controller.lane.state import Lane, Permit, Rise
from lane_controller.messages.words import Arm, Health, Mode, Place
from tests.lane.teller import Teller


@pytest.fixture
def lane() -> Lane:
    """Open, empty, the arm down, all sensors good and clear for an hour."""
    teller = Teller().open_lane()
    teller.wait(3600)
    teller.presence(Place.EXIT, False)
    return teller.now


PERMIT = Permit("permit-1", "decision", None, expires_s=1e9)
UP: dict[str, Any] = {"arm": Arm.RAISED, "self_lowering": True, "rise": Rise("p", "decision", 1)}


def codes(verdict: object) -> list[str]:
    return [reason.code for reason in verdict.reasons] if isinstance(verdict, Withheld) else []


@pytest.mark.parametrize(
    ("changes", "permit", "reasons"),
    [
        ({}, None, ["no_permit"]),
        ({}, PERMIT, []),
        ({"arm": Arm.RAISED}, PERMIT, ["arm_raised"]),
        ({"arm": Arm.RISING}, PERMIT, ["arm_moving"]),
        ({"arm": Arm.LOWERING}, PERMIT, ["arm_moving"]),
        ({"arm": Arm.UNKNOWN}, PERMIT, ["arm_unknown"]),
        ({"arm": Arm.UNKNOWN}, replace(PERMIT, seen_clear=True), ["arm_unknown"]),
        ({"arm": Arm.UNKNOWN}, replace(PERMIT, cause="local", seen_clear=True), ["arm_unknown"]),
        ({"arm": Arm.UNKNOWN}, replace(PERMIT, cause="command"), ["arm_unknown"]),
        ({"arm": Arm.UNKNOWN}, replace(PERMIT, cause="command", seen_clear=True), []),
        ({}, replace(PERMIT, ordered=True), ["permit_spent"]),
        ({}, replace(PERMIT, expires_s=1.0), ["permit_expired"]),
        ({"barrier_fault": True}, PERMIT, ["barrier_fault"]),
        ({"mode": Mode.MANUAL}, PERMIT, []),
        ({"mode": Mode.CLOSED}, PERMIT, ["mode_closed"]),
        ({"mode": Mode.CLOSED}, replace(PERMIT, cause="local"), []),
        ({"mode": Mode.MAINTENANCE}, replace(PERMIT, cause="local"), ["mode_maintenance"]),
        (
            {"mode": Mode.MAINTENANCE, "arm": Arm.UNKNOWN, "barrier_fault": True},
            PERMIT,
            ["mode_maintenance", "barrier_fault", "arm_unknown"],
        ),
    ],
)
def test_the_arm_rises_by_a_permit_and_by_nothing_else(
    lane: Lane, changes: dict[str, Any], permit: Permit | None, reasons: list[str]
) -> None:
    told = replace_lane(lane, permit=permit, **changes)
    assert codes(may_raise(told)) == reasons
    order = next_order(told)
    assert (order is not None and order.movement == "raise") is (not reasons)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        (UP, []),
        ({**UP, "arm": Arm.LOWERED}, ["arm_lowered"]),
        ({**UP, "arm": Arm.RISING}, ["arm_rising"]),
        ({**UP, "arm": Arm.UNKNOWN}, ["arm_unknown"]),
        ({**UP, "self_lowering": False}, ["needs_command"]),
        ({**UP, "self_lowering": False, "lower_command": "c"}, []),
        ({**UP, "mode": Mode.MANUAL}, ["mode_manual"]),
        ({**UP, "mode": Mode.MANUAL, "lower_command": "c"}, []),
        ({**UP, "mode": Mode.CLOSED}, []),
        ({**UP, "mode": Mode.MAINTENANCE, "lower_command": "c"}, ["mode_maintenance"]),
        ({**UP, "barrier_fault": True}, ["barrier_fault"]),
        ({**UP, "rise": Rise("p", "command", None)}, ["passage_going"]),
        ({**UP, "rise": Rise("p", "command", None, used=True)}, []),
    ],
)
def test_the_arm_is_lowered_when_nobody_wants_it_up(
    lane: Lane, changes: dict[str, Any], reasons: list[str]
) -> None:
    assert codes(may_lower(replace_lane(lane, **changes))) == reasons


@pytest.mark.parametrize("commanded", [False, True])
@pytest.mark.parametrize(
    ("health", "covered", "since_s", "reason"),
    [
        (Health.GOOD, False, 2.0, ""),
        (Health.GOOD, False, 1.999, "not_clear_long_enough"),
        (Health.GOOD, True, None, "clearance_covered"),
        (Health.GOOD, None, None, "clearance_not_good"),
        (Health.UNKNOWN, False, None, "clearance_not_good"),
        (Health.DEGRADED, False, None, "clearance_not_good"),
        (Health.DEGRADED, None, None, "clearance_not_good"),
    ],
)
def test_every_clearance_sensor_must_be_good_and_clear_for_long_enough(
    lane: Lane,
    commanded: bool,
    health: Health,
    covered: bool | None,
    since_s: float | None,
    reason: str,
) -> None:
    sensors = tuple(
        replace(one, health=health, covered=covered) if one.place is Place.CLEARANCE else one
        for one in lane.sensors
    )
    told = replace_lane(
        lane,
        **UP,
        sensors=sensors,
        lower_command="c" if commanded else None,
        clear_since_s=None if since_s is None else lane.now_s - since_s,
    )
    verdict = may_lower(told)
    assert codes(verdict) == ([reason] if reason else [])
    assert isinstance(verdict, Clear) is not bool(reason)


def test_a_lane_without_a_clearance_sensor_never_lowers_its_arm(lane: Lane) -> None:
    told = replace_lane(lane, **UP, rules=replace(lane.rules, clearance_sensors=()), lower_command="c")
    assert codes(may_lower(told)) == ["no_clearance_sensor"]


def test_one_dead_sensor_of_two_is_enough_to_leave_the_arm(lane: Lane) -> None:
    two = replace(lane.rules, clearance_sensors=("clearance", "photocell"))
    told = replace_lane(lane, **UP, rules=two)
    assert codes(may_lower(told)) == ["clearance_not_good"]


def replace_lane(lane: Lane, **changes: Any) -> Lane:
    return replace(lane, **changes)
