"""What happens when a wait is over.  Each takes its wait out of the list, also where its alarm is muted: else
the daemon would be told again and again."""

from lane_controller.lane.alarms import raise_alarm
from lane_controller.lane.arm import travel_expired
from lane_controller.lane.cell import change_phase, waiting_ends
from lane_controller.lane.chatter import unmute
from lane_controller.lane.chips import expire_chips
from lane_controller.lane.deadlines import GRACE_S, deadlines, missing_readings
from lane_controller.lane.deciding import current_decision, stop
from lane_controller.lane.decision import owners
from lane_controller.lane.losses import losses_due
from lane_controller.lane.passage import Trigger
from lane_controller.lane.permits import end_permit
from lane_controller.lane.registers import expire
from lane_controller.lane.state import Lane, Stop
from lane_controller.lane.turn import Turn
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Agency, Outcome


def fire_due(turn: Turn) -> None:
    """Everything that is due by the lane's time, in order of time; each kind once a step."""
    due = [(at_s, name) for name, at_s in deadlines(turn.lane).items() if at_s <= turn.lane.now_s]
    for _, name in sorted(due):
        if name in deadlines(turn.lane):
            _fire(turn, name)


def _fire(turn: Turn, name: str) -> None:
    lane = turn.lane
    match name:
        case "permit":
            end_permit(turn, "expired")
        case "travel":
            travel_expired(turn)
        case "arm_unknown":
            turn.set(arm_unknown_since_s=None)
            raise_alarm(turn, "arm_unknown", Reason(code="no_end_switch"))
        case "raised":
            turn.set(raised_since_s=None)
            raise_alarm(turn, "arm_left_raised", Reason(code="nobody_going"))
        case "read":
            _give_up_readings(turn)
        case "request" | "picture":
            expire(turn, GRACE_S)
        case "chip":
            expire_chips(turn, GRACE_S)
        case "hold":
            _hold_expired(turn)
        case "leave":
            number = _number(lane)
            turn.set_passage(leave_alarmed=True)
            raise_alarm(turn, "released_not_leaving", Reason(code="not_left_in_time"), passage=number)
        case "approach":
            restarted = lane.passage is not None and _has_caveat(lane, "restarted")
            change_phase(turn, Trigger.GIVEN_UP if restarted else Trigger.BACKED_OUT)
        case "approach_waiting":
            waiting_ends(turn, Trigger.BACKED_OUT)
        case "quiet":
            unmute(turn)
        case "loss":
            losses_due(turn)
        case _:
            pass  # only the time had to pass: clear, out_of_sight, approach_gone


def _give_up_readings(turn: Turn) -> None:
    """What did not come by now is inconclusive."""
    passage = turn.lane.passage
    if passage is not None:
        missing = missing_readings(turn.lane, passage)
        turn.set_passage(given_up=(*passage.given_up, *missing))
        turn.evidence_changed = True


def _hold_expired(turn: Turn) -> None:
    """Nobody answered: second line decides, for every agency that had not."""
    passage = turn.lane.passage
    if passage is None:
        return
    decision = current_decision(turn.lane, passage)
    unsettled = decision.unsettled if decision is not None else ()
    agencies = unsettled or owners(turn.lane.rules) or (Agency.BORDER,)
    reason = Reason(code="hold_expired")
    stop(turn, *(Stop(agency, Outcome.REFER, reason) for agency in agencies))
    turn.set_passage(held_since_s=None)
    raise_alarm(turn, "hold_expired", reason, passage=passage.number)


def _has_caveat(lane: Lane, code: str) -> bool:
    return lane.passage is not None and any(one.code == code for one in lane.passage.caveats)


def _number(lane: Lane) -> int | None:
    return lane.passage.number if lane.passage is not None else None
