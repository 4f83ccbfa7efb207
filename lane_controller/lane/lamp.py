"""The lamp, and the telling of movements that are wanted and may not be."""

from lane_controller.lane.barrier import Withheld, clearance_good, may_raise
from lane_controller.lane.passage import GOING
from lane_controller.lane.state import Lane
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import ArmWithheld, LampChanged
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Arm, Lamp, Mode

PASSING = frozenset({"no_permit", "permit_spent", "permit_expired", "arm_raised", "arm_moving"})
"""Reasons that say that there is nothing to do now, not that something is wrong."""


def lamp_of(lane: Lane) -> Lamp:
    """Green only while the arm is up for somebody who has not gone yet, with every clearance sensor good: the
    next vehicle must not follow a green that was not for it."""
    rise, passage = lane.rise, lane.passage
    if rise is None or rise.used or rise.cause == "local" or lane.arm is not Arm.RAISED:
        return Lamp.RED
    if lane.mode not in (Mode.OPEN, Mode.MANUAL) or not clearance_good(lane):
        return Lamp.RED
    if rise.passage is None:
        return Lamp.GREEN if passage is None else Lamp.RED
    going = passage is not None and passage.number == rise.passage and passage.phase in GOING
    return Lamp.GREEN if going else Lamp.RED


def settle_lamp(turn: Turn) -> None:
    lamp = lamp_of(turn.lane)
    if lamp is not turn.lane.lamp:
        turn.set(lamp=lamp)
        turn.emit(LampChanged(lamp=lamp))


def settle_withheld(turn: Turn) -> None:
    """Tell once why a permit does not let the arm rise."""
    reasons = _against_permit(turn.lane)
    codes = tuple(reason.code for reason in reasons)
    if codes == turn.lane.withheld:
        return
    turn.set(withheld=codes)
    permit = turn.lane.permit
    if reasons and permit is not None:
        turn.emit(
            ArmWithheld(movement="raise", reasons=reasons, passage=permit.passage), passage=permit.passage
        )


def _against_permit(lane: Lane) -> tuple[Reason, ...]:
    if lane.permit is None:
        return ()
    match may_raise(lane):
        case Withheld(reasons):
            return tuple(reason for reason in reasons if reason.code not in PASSING)
        case _:
            return ()
