"""Modes: open decides; closed ends the open passage and starts none; manual decides nothing and obeys named
commands; maintenance drives nothing.  All interlocks hold in each of them."""

from lane_controller.lane.alarms import clear_alarm, raise_alarm
from lane_controller.lane.barrier import barrier_lost, clearance_good
from lane_controller.lane.cell import begin_if_occupied, change_phase, waiting_ends
from lane_controller.lane.passage import Trigger
from lane_controller.lane.permits import answer_pending, end_permit
from lane_controller.lane.state import Lane
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import ModeChanged
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.words import Answer, Arm, CommandKind, Mode


def against_mode(lane: Lane, mode: Mode) -> tuple[Reason, ...]:
    """What stands against entering a mode now."""
    codes: list[str] = []
    if lane.mode is Mode.MAINTENANCE and mode is not Mode.MAINTENANCE:
        if lane.arm is not Arm.LOWERED:
            codes.append("arm_not_lowered")
        if not clearance_good(lane) or any(sensor.covered is not False for sensor in lane.sensors):
            codes.append("sensors_not_clear")
    if mode is Mode.OPEN:
        codes += _against_open(lane)
    return tuple(Reason(code=code) for code in dict.fromkeys(codes))


def _against_open(lane: Lane) -> list[str]:
    codes: list[str] = []
    if not lane.rules.commissioned:
        codes.append("not_commissioned")
    if lane.arm is not Arm.LOWERED:
        codes.append("arm_not_lowered")
    if barrier_lost(lane):
        codes.append("barrier_lost")
    if lane.barrier_fault:
        codes.append("barrier_fault")
    if not clearance_good(lane):
        codes.append("clearance_not_good")
    return codes


def change_mode(turn: Turn, mode: Mode, reason: Reason, by: Person | None = None) -> None:
    before = turn.lane.mode
    turn.set(pending_mode=None)
    if mode is before:
        return
    turn.emit(ModeChanged(mode=mode, before=before, reason=reason, by=by))
    turn.set(mode=mode)
    match mode:
        case Mode.CLOSED | Mode.MAINTENANCE:
            _close(turn, mode)
        case Mode.MANUAL:
            if turn.lane.permit is not None and turn.lane.permit.cause == "decision":
                end_permit(turn, "mode_manual")
        case Mode.OPEN:
            pass
    begin_if_occupied(turn)


def _close(turn: Turn, mode: Mode) -> None:
    """End what is open.  In mode closed the arm is lowered once it may; in maintenance it is left."""
    reason = str(mode)
    end_permit(turn, f"mode_{reason}")
    answer_pending(turn, CommandKind.LOWER, Answer.REFUSED, (Reason(code=f"mode_{reason}"),))
    waiting_ends(turn, Trigger.GIVEN_UP, reason)
    change_phase(turn, Trigger.GIVEN_UP, reason)
    if mode is Mode.MAINTENANCE:
        turn.set(self_lowering=False)


def settle_start(turn: Turn) -> None:
    """Go to the mode that the configuration wants after a start, once the arm is known and all is well."""
    lane = turn.lane
    if lane.pending_mode is None:
        return
    if lane.pending_mode is Mode.OPEN:
        against = _against_open(lane)
        if "not_commissioned" in against:
            raise_alarm(turn, "not_commissioned", Reason(code="not_commissioned"))
        if against:
            return
    clear_alarm(turn, "not_commissioned")
    change_mode(turn, lane.pending_mode, Reason(code="start_complete"))
