"""Devices: their health, what their loss means for the lane, and floods."""

from dataclasses import replace

from lane_controller.lane.alarms import clear_alarm, raise_alarm
from lane_controller.lane.arm import move_to
from lane_controller.lane.chatter import flooded, may_tell
from lane_controller.lane.facts import DeviceChanged, ReadingsDiscarded, TroubleChanged
from lane_controller.lane.losses import found, lost
from lane_controller.lane.modes import change_mode
from lane_controller.lane.presence import SENSORS_MAX, lost_sight, set_sensor
from lane_controller.lane.state import Device, Lane, Sensor
from lane_controller.lane.turn import Turn
from lane_controller.messages import events
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Arm, DeviceRole, Health, Mode

DEVICES_MAX = 64


def device_changed(turn: Turn, fact: DeviceChanged) -> None:
    known = _find(turn.lane, fact.device, fact.role)
    device = Device(fact.device, fact.role, fact.health, fact.reason)
    if known == device:
        return
    others = tuple(one for one in turn.lane.devices if one is not known)
    if known is None and len(others) >= DEVICES_MAX:
        return
    turn.set(devices=(*others, device))
    if may_tell(turn, fact.device):
        turn.emit(
            events.DeviceChanged(
                device=fact.device, role=fact.role, health=fact.health, reason=fact.reason, discarded=0
            )
        )
    if fact.role is DeviceRole.PRESENCE:
        _sensor_health(turn, fact)
    match fact.health:
        case Health.DEGRADED:
            _lost(turn, fact)
        case Health.GOOD:
            found(turn, fact.device)
        case Health.UNKNOWN:
            pass


def readings_discarded(turn: Turn, fact: ReadingsDiscarded) -> None:
    """A flood that the daemon cut: one alarm, one event a spell that says how many were dropped."""
    known = _find(turn.lane, fact.device, fact.role)
    flooding = any(one.device == fact.device and one.muted for one in turn.lane.chatter)
    flooded(turn, fact.device)
    if flooding:
        return
    turn.emit(
        events.DeviceChanged(
            device=fact.device,
            role=fact.role,
            health=known.health if known is not None else Health.UNKNOWN,
            reason=Reason(code="flood"),
            discarded=fact.count,
        )
    )


def trouble_changed(turn: Turn, fact: TroubleChanged) -> None:
    """The daemon's own trouble, one standing alarm each; another priority is another occurrence."""
    if not fact.standing:
        clear_alarm(turn, "trouble", subject=fact.trouble)
        return
    standing = [one for one in turn.lane.alarms if (one.kind, one.subject) == ("trouble", fact.trouble)]
    if any(one.priority is not fact.priority for one in standing):
        clear_alarm(turn, "trouble", subject=fact.trouble)
    raise_alarm(turn, "trouble", fact.reason, subject=fact.trouble, priority=fact.priority)


def _find(lane: Lane, name: str, role: DeviceRole) -> Device | None:
    return next((one for one in lane.devices if (one.name, one.role) == (name, role)), None)


def _sensor_health(turn: Turn, fact: DeviceChanged) -> None:
    sensor = next((one for one in turn.lane.sensors if one.device == fact.device), None)
    if sensor is None:
        if fact.place is None or len(turn.lane.sensors) >= SENSORS_MAX:
            return
        sensor = Sensor(fact.device, fact.place)
        turn.set(sensors=(*turn.lane.sensors, sensor))
    # A level from before the loss is not believed after it: the device states it again.
    covered = None if fact.health is Health.DEGRADED else sensor.covered
    set_sensor(turn, replace(sensor, health=fact.health, covered=covered))


def _lost(turn: Turn, fact: DeviceChanged) -> None:
    lost(turn, fact.device, fact.role, fact.reason)
    if fact.device in turn.lane.rules.clearance_sensors and turn.lane.mode is Mode.OPEN:
        change_mode(turn, Mode.MANUAL, Reason(code="clearance_lost"))
    if fact.role is DeviceRole.BARRIER:
        move_to(turn, Arm.UNKNOWN, fact.device)
    sensor = next((one for one in turn.lane.sensors if one.device == fact.device), None)
    if fact.role is DeviceRole.PRESENCE and sensor is not None:
        lost_sight(turn, sensor.place)
