"""When a lost device is an alarm: not at each drop-out, and not at each return (docs/sources.md 68).

Cameras and readers fall out for seconds and come back by themselves.  The lane acts on that at once, and the
screen shows it; a person is called only when it lasts, or when the device comes and goes without end.  So the
alarm waits for `LOST_FOR_S`, and neither it nor the wait ends before the device was good for `GOOD_FOR_S`.

A clearance sensor is the exception: its loss is an alarm at once, and another one whenever the lane has been
opened again meanwhile.
"""

from dataclasses import replace

from lane_controller.lane.alarms import clear_alarm, raise_alarm
from lane_controller.lane.state import Loss
from lane_controller.lane.turn import Turn
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import DeviceRole, Mode

LOST_FOR_S = 60.0
REGISTER_LOST_FOR_S = 180.0
"""A register is out of reach for all lanes at once, and each passage that it holds says so."""
GOOD_FOR_S = 30.0


def lost(turn: Turn, device: str, role: DeviceRole, reason: Reason) -> None:
    """A device was lost, or lost again."""
    lane = turn.lane
    clearance = device in lane.rules.clearance_sensors
    if clearance:
        if lane.mode is Mode.OPEN:
            # Somebody opened the lane again: what he had seen is another occurrence.
            clear_alarm(turn, "clearance_lost", subject=device)
        raise_alarm(turn, "clearance_lost", reason, subject=device)
    before = _of(turn, device)
    if before is None:
        told = clearance or any(one.kind == "device_lost" and one.subject == device for one in lane.alarms)
        patience_s = REGISTER_LOST_FOR_S if role is DeviceRole.REGISTER else LOST_FOR_S
        _keep(turn, Loss(device, lane.now_s, patience_s, reason, told=told))
    else:
        _keep(turn, replace(before, good_since_s=None, reason=reason))
        losses_due(turn)


def found(turn: Turn, device: str) -> None:
    """A device is good again."""
    before = _of(turn, device)
    if before is not None:
        _keep(turn, replace(before, good_since_s=turn.lane.now_s))
    elif any(
        one.kind in ("device_lost", "clearance_lost") and one.subject == device for one in turn.lane.alarms
    ):
        # From before a start.
        now_s = turn.lane.now_s
        _keep(turn, Loss(device, now_s, 0.0, Reason(code="restarted"), good_since_s=now_s, told=True))


def losses_due(turn: Turn) -> None:
    """Raises what has lasted, and ends what is well for long enough."""
    for loss in turn.lane.losses:
        at_s = _due_s(loss)
        if at_s is None or turn.lane.now_s < at_s:
            continue
        if loss.good_since_s is None:
            _keep(turn, replace(loss, told=True))
            raise_alarm(turn, "device_lost", loss.reason, subject=loss.device)
        else:
            turn.set(losses=tuple(one for one in turn.lane.losses if one.device != loss.device))
            clear_alarm(turn, "device_lost", "clearance_lost", subject=loss.device)


def next_loss_s(losses: tuple[Loss, ...]) -> float | None:
    """When the first of them is due."""
    return min((at_s for one in losses if (at_s := _due_s(one)) is not None), default=None)


def _due_s(loss: Loss) -> float | None:
    if loss.good_since_s is not None:
        return loss.good_since_s + GOOD_FOR_S
    return None if loss.told else loss.since_s + loss.patience_s


def _of(turn: Turn, device: str) -> Loss | None:
    return next((one for one in turn.lane.losses if one.device == device), None)


def _keep(turn: Turn, loss: Loss) -> None:
    """In the order of their first loss."""
    others = turn.lane.losses
    if any(one.device == loss.device for one in others):
        turn.set(losses=tuple(loss if one.device == loss.device else one for one in others))
    else:
        turn.set(losses=(*others, loss))
