"""Chattering inputs: each change counts for the rules, but not each is told.

A device that changes more than TOLD_MAX times within WINDOW_S has its further events muted, under an alarm,
until it was quiet for QUIET_S; then its last level is told.
"""

from dataclasses import replace

from lane_controller.lane.alarms import clear_alarm, raise_alarm
from lane_controller.lane.state import Chatter
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import PresenceChanged
from lane_controller.messages.parts import Reason

WINDOW_S = 10.0
TOLD_MAX = 20
QUIET_S = 30.0
DEVICES_MAX = 64


def may_tell(turn: Turn, device: str) -> bool:
    """Whether an event about this device may be emitted now; counts it."""
    lane = turn.lane
    now_s = lane.now_s
    entry = next((entry for entry in lane.chatter if entry.device == device), None)
    if entry is None or (not entry.muted and now_s - entry.window_s >= WINDOW_S):
        entry = Chatter(device, window_s=now_s, count=0, last_s=now_s)
    muted = entry.muted or entry.count >= TOLD_MAX
    _keep(turn, replace(entry, count=entry.count + 1, last_s=now_s, muted=muted))
    if muted and not entry.muted:
        raise_alarm(turn, "chattering", Reason(code="changes_too_often"), subject=device)
    return not muted


def flooded(turn: Turn, device: str) -> None:
    """The daemon cut this device's readings to its rate: the same alarm, until it is quiet."""
    now_s = turn.lane.now_s
    entry = next((entry for entry in turn.lane.chatter if entry.device == device), None)
    if entry is None or not entry.muted:
        raise_alarm(turn, "chattering", Reason(code="flood"), subject=device)
    _keep(turn, Chatter(device, window_s=now_s, count=TOLD_MAX, last_s=now_s, muted=True))


def quiet_at_s(turn_chatter: tuple[Chatter, ...]) -> float | None:
    """When the first muted device will have been quiet for long enough."""
    return min((entry.last_s + QUIET_S for entry in turn_chatter if entry.muted), default=None)


def unmute(turn: Turn) -> None:
    """Devices that have been quiet for long enough are told again, beginning with their level now."""
    lane = turn.lane
    quiet = [entry for entry in lane.chatter if entry.muted and lane.now_s >= entry.last_s + QUIET_S]
    turn.set(chatter=tuple(entry for entry in lane.chatter if entry not in quiet))
    for entry in quiet:
        clear_alarm(turn, "chattering", subject=entry.device)
        for sensor in turn.lane.sensors:
            if sensor.device == entry.device and sensor.covered is not None:
                turn.emit(PresenceChanged(place=sensor.place, device=sensor.device, covered=sensor.covered))


def _keep(turn: Turn, entry: Chatter) -> None:
    others = [other for other in turn.lane.chatter if other.device != entry.device]
    stale = [other for other in others if not other.muted and turn.lane.now_s - other.last_s >= WINDOW_S]
    kept = [other for other in others if other not in stale] if len(others) >= DEVICES_MAX else others
    turn.set(chatter=(*kept[-DEVICES_MAX:], entry))
