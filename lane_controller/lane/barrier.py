"""May the arm move now?  The rule that decides whether the barrier opens, and the one that lets it close.

Raising needs a permit (a decision, a named command or the local key): nothing raises without one, and one
permit lets the arm rise once.  Lowering needs every clearance sensor good and clear for `clear_for_s`; the
daemon reads them again just before the coil is written.  Both come on top of the barrier's own safety
hardware (EN 12453:2017) and never replace it; "no closing while a presence sensor is active" and "a new
command after an obstruction" are also the makers' rules (docs/sources.md 41).

Reasons are named values with parameters; the dashboard has the sentences.
"""

from dataclasses import dataclass

from lane_controller.lane.passage import GOING
from lane_controller.lane.state import Cause, Lane, Order, Permit, Sensor
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Arm, DeviceRole, Health, Mode


@dataclass(frozen=True, slots=True)
class Withheld:
    """The arm must not move, for all of these reasons."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Clear:
    """The arm may be lowered: nothing has been under it since `since_s`."""

    since_s: float


def may_raise(lane: Lane) -> Permit | Withheld:
    """The permit by which the arm may rise now, or why it may not."""
    permit = lane.permit
    if permit is None:
        return Withheld((Reason(code="no_permit"),))
    reasons = list(against_raising(lane, permit.cause, permit.seen_clear))
    if permit.ordered:
        reasons.append(Reason(code="permit_spent"))
    elif permit.expires_s <= lane.now_s:
        reasons.append(Reason(code="permit_expired"))
    if lane.arm is Arm.RAISED:
        reasons.append(Reason(code="arm_raised"))
    elif lane.arm in (Arm.RISING, Arm.LOWERING):
        reasons.append(Reason(code="arm_moving"))
    return Withheld(tuple(reasons)) if reasons else permit


def against_raising(lane: Lane, cause: Cause, seen_clear: bool) -> tuple[Reason, ...]:
    """What would stand against raising even with a permit: lasting reasons only."""
    reasons: list[Reason] = []
    if lane.mode is Mode.MAINTENANCE:
        reasons.append(Reason(code="mode_maintenance"))
    if lane.mode is Mode.CLOSED and cause != "local":
        reasons.append(Reason(code="mode_closed"))
    reasons += _barrier_reasons(lane)
    if lane.arm is Arm.UNKNOWN and not (seen_clear and cause == "command"):
        # After a power cut nobody knows what the arm lies on: somebody must have looked.
        reasons.append(Reason(code="arm_unknown"))
    return tuple(reasons)


def may_lower(lane: Lane) -> Clear | Withheld:
    """Whether the arm may be lowered now.

    By itself only in modes open and closed, after a rise by a permit since the start, and when no passage
    needs it up; else by a named command.  The sensors' part holds for both.
    """
    reasons: list[Reason] = []
    if lane.mode is Mode.MAINTENANCE:
        reasons.append(Reason(code="mode_maintenance"))
    if lane.lower_command is None:
        if lane.mode is Mode.MANUAL:
            reasons.append(Reason(code="mode_manual"))
        if not lane.self_lowering:
            reasons.append(Reason(code="needs_command"))
        if needs_arm(lane):
            reasons.append(Reason(code="passage_going"))
    if lane.arm is not Arm.RAISED:
        reasons.append(Reason(code=f"arm_{lane.arm}"))
    reasons += _barrier_reasons(lane)
    reasons += against_lowering(lane)
    return Withheld(tuple(reasons)) if reasons else Clear(lane.clear_since_s or 0.0)


def against_lowering(lane: Lane) -> tuple[Reason, ...]:
    """The clearance sensors' part of the rule: each must be good and clear, and have been for long enough."""
    names = lane.rules.clearance_sensors
    if not names:
        return (Reason(code="no_clearance_sensor"),)
    reasons: list[Reason] = []
    for name in names:
        sensor = _sensor(lane, name)
        if sensor is None or sensor.health is not Health.GOOD or sensor.covered is None:
            reasons.append(Reason(code="clearance_not_good", parameters={"device": name}))
        elif sensor.covered:
            reasons.append(Reason(code="clearance_covered", parameters={"device": name}))
    if not reasons and not clear_long_enough(lane):
        reasons.append(Reason(code="not_clear_long_enough"))
    return tuple(reasons)


def clearance_good(lane: Lane) -> bool:
    """Every clearance sensor is known and good."""
    sensors = [_sensor(lane, name) for name in lane.rules.clearance_sensors]
    return bool(sensors) and all(
        sensor is not None and sensor.health is Health.GOOD and sensor.covered is not None
        for sensor in sensors
    )


def clearance_clear(lane: Lane) -> bool:
    """Every clearance sensor is good and clear at this moment."""
    return clearance_good(lane) and not any(
        sensor.covered for sensor in lane.sensors if sensor.device in lane.rules.clearance_sensors
    )


def clear_long_enough(lane: Lane) -> bool:
    since = lane.clear_since_s
    return since is not None and lane.now_s >= since + lane.rules.timings.clear_for_s


def needs_arm(lane: Lane) -> bool:
    """Somebody may still want to go under the arm: a released passage, or the one that this rise was for."""
    passage, rise = lane.passage, lane.rise
    if passage is not None and passage.phase in GOING:
        return True
    if rise is None:
        return False
    if rise.passage is None:
        return not rise.used
    return passage is not None and passage.number == rise.passage


def next_order(lane: Lane) -> Order | None:
    """The order for the arm now.  The one place that builds the order "raise", and only from a permit."""
    if lane.permit is not None and isinstance(permit := may_raise(lane), Permit):
        return Order(f"raise-{lane.orders + 1}", "raise", permit.id)
    if lane.arm is Arm.RAISED and isinstance(may_lower(lane), Clear):
        return Order(f"lower-{lane.orders + 1}", "lower")
    return None


def _sensor(lane: Lane, name: str) -> Sensor | None:
    return next((sensor for sensor in lane.sensors if sensor.device == name), None)


def barrier_lost(lane: Lane) -> bool:
    return any(
        device.role is DeviceRole.BARRIER and device.health is Health.DEGRADED for device in lane.devices
    )


def _barrier_reasons(lane: Lane) -> list[Reason]:
    reasons: list[Reason] = []
    if barrier_lost(lane):
        reasons.append(Reason(code="barrier_lost"))
    if lane.barrier_fault:
        reasons.append(Reason(code="barrier_fault"))
    return reasons
