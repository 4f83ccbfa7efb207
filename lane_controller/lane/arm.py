"""The arm: end switches, what came of orders, and the time that a travel may take.

The position is only what the end switches say (docs/sources.md 43: both on, or neither for too long, is a
fault).  Why the arm is up is remembered from its rise until it is down.
"""

from dataclasses import replace

from lane_controller.lane.alarms import clear_alarm, raise_alarm
from lane_controller.lane.barrier import next_order
from lane_controller.lane.chatter import may_tell
from lane_controller.lane.facts import BarrierChanged, OrderDone
from lane_controller.lane.permits import answer_pending, end_permit, mark_ordered, rise
from lane_controller.lane.state import Lane, Movement, Travel
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import ArmMoved, ArmReversed
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Answer, Arm, CommandKind

REFUSALS_MAX = 3
"""Lowerings that the fresh reading of the sensors stopped, before a person is asked."""


def barrier_changed(turn: Turn, fact: BarrierChanged) -> None:
    contradictory = fact.raised_switch and fact.lowered_switch
    if fact.fault or contradictory:
        turn.set(barrier_fault=True)
        code = "end_switches_contradict" if contradictory else "fault_input"
        raise_alarm(turn, "barrier_fault", Reason(code=code), subject=fact.device)
    else:
        turn.set(barrier_fault=False)
        clear_alarm(turn, "barrier_fault")
    move_to(turn, _position(turn.lane.arm, fact), fact.device)


def _position(before: Arm, fact: BarrierChanged) -> Arm:
    match fact.raised_switch, fact.lowered_switch:
        case True, True:
            return Arm.UNKNOWN
        case True, False:
            return Arm.RAISED
        case False, True:
            return Arm.LOWERED
        case _:
            return {Arm.RAISED: Arm.LOWERING, Arm.LOWERED: Arm.RISING}.get(before, before)


def move_to(turn: Turn, arm: Arm, device: str) -> None:
    before = turn.lane.arm
    if arm is before:
        return
    was_down = turn.lane.last_end is Arm.LOWERED
    turn.set(arm=arm, arm_unknown_since_s=turn.lane.now_s if arm is Arm.UNKNOWN else None)
    if arm in (Arm.RAISED, Arm.LOWERED):
        turn.set(last_end=arm)
    order = _order_of(turn.lane, arm)
    match arm:
        case Arm.RISING | Arm.RAISED:
            _rising(turn, before, was_down)
        case Arm.LOWERING | Arm.LOWERED | Arm.UNKNOWN:
            pass
    _tell(turn, before, order, device)
    match arm:
        case Arm.RISING:
            _travel(turn, "raise", order)
        case Arm.LOWERING:
            _travel(turn, "lower", order)
        case Arm.RAISED:
            _arrived_up(turn, before)
        case Arm.LOWERED:
            _arrived_down(turn, before)
        case Arm.UNKNOWN:
            turn.set(travel=None)
            end_permit(turn, "arm_unknown")
            answer_pending(turn, CommandKind.RAISE, Answer.REFUSED, (Reason(code="arm_unknown"),))
            answer_pending(turn, CommandKind.LOWER, Answer.REFUSED, (Reason(code="arm_unknown"),))


def _order_of(lane: Lane, arm: Arm) -> str | None:
    """The order of ours that this movement carries out."""
    wanted: Movement = "raise" if arm in (Arm.RISING, Arm.RAISED) else "lower"
    if lane.travel is not None:
        return lane.travel.order if lane.travel.movement == wanted else None
    if lane.order is not None and lane.order.movement == wanted:
        return lane.order.id
    return None


def _rising(turn: Turn, before: Arm, was_down: bool) -> None:
    """The arm goes up: by the permit whose order was given, or by nothing of ours."""
    lane = turn.lane
    if before in (Arm.RISING, Arm.LOWERING):
        return
    permit = lane.permit
    ordered = permit is not None and (
        permit.ordered or (lane.order is not None and lane.order.permit == permit.id)
    )
    if permit is not None and ordered:
        rise(turn, permit)
        turn.set(
            self_lowering=was_down,  # after a start from an unknown position: by a named command only
            last_end=Arm.RAISED if lane.arm is Arm.RAISED else None,
        )
        end_permit(turn, "rose")
    elif was_down:
        turn.set(self_lowering=False, last_end=Arm.RAISED if lane.arm is Arm.RAISED else None)
        raise_alarm(turn, "rise_without_permit", Reason(code="no_permit"), passage=_number(lane))


def _tell(turn: Turn, before: Arm, order: str | None, device: str) -> None:
    lane = turn.lane
    goes_up = lane.arm in (Arm.RISING, Arm.RAISED) and before is not Arm.LOWERING
    permit = lane.rise.permit if lane.rise is not None and goes_up else None
    if may_tell(turn, device):
        turn.emit(ArmMoved(arm=lane.arm, permit=permit, order=order))


def _travel(turn: Turn, movement: Movement, order: str | None) -> None:
    lane = turn.lane
    timings = lane.rules.timings
    limit_s = timings.rise_s if movement == "raise" else timings.lower_s
    if lane.travel is None or lane.travel.movement != movement:
        turn.set(travel=Travel(movement, order, lane.now_s + limit_s))
    if lane.order is not None and lane.order.id == order:
        turn.set(order=None, last_order=lane.order)


def _arrived_up(turn: Turn, before: Arm) -> None:
    lane = turn.lane
    lowering = lane.travel is not None and lane.travel.movement == "lower" and lane.travel.order is not None
    turn.set(raised_since_s=lane.now_s, travel=None)
    if before is Arm.LOWERING and lowering:
        turn.set(self_lowering=False)
        turn.emit(ArmReversed(passage=_number(lane)))
        end_permit(turn, "obstructed")
        raise_alarm(turn, "arm_reversed", Reason(code="reopened_itself"), passage=_number(lane))
        answer_pending(turn, CommandKind.LOWER, Answer.REFUSED, (Reason(code="reversed"),))
    if lane.order is not None and lane.order.movement == "raise":
        turn.set(order=None, last_order=lane.order)
    clear_alarm(turn, "arm_stuck", "arm_unknown")
    answer_pending(turn, CommandKind.RAISE, Answer.DONE)


def _arrived_down(turn: Turn, before: Arm) -> None:
    ours = turn.lane.rise is not None
    turn.set(rise=None, self_lowering=False, raised_since_s=None, lower_refusals=0)
    permit = turn.lane.permit
    if permit is None or not permit.ordered:
        turn.set(travel=None)
    clear_alarm(turn, "arm_stuck", "arm_unknown", "arm_reversed", "arm_left_raised")
    if before is Arm.RISING and ours:
        raise_alarm(turn, "arm_stuck", Reason(code="came_down_again"), passage=_number(turn.lane))
        answer_pending(turn, CommandKind.RAISE, Answer.REFUSED, (Reason(code="arm_stuck"),))
    answer_pending(turn, CommandKind.LOWER, Answer.DONE)


def order_done(turn: Turn, fact: OrderDone) -> None:
    lane = turn.lane
    order = lane.order
    if order is None or order.id != fact.order:
        _late(turn, fact)
        return
    turn.set(order=None, last_order=order)
    match order.movement, fact.result:
        case "raise", "done" | "unknown":
            mark_ordered(turn)
            _travel(turn, "raise", order.id)
        case "raise", "refused":
            end_permit(turn, "order_refused")
            raise_alarm(turn, "order_failed", _reason(fact), subject="raise", passage=_number(lane))
        case "lower", "done" | "unknown":
            _travel(turn, "lower", order.id)
        case "lower", "refused":
            _lowering_refused(turn, fact)


def _late(turn: Turn, fact: OrderDone) -> None:
    """A result for an order no longer in hand: it was withdrawn while on its way, or the arm was seen moving
    before the board answered."""
    lane = turn.lane
    order = lane.last_order
    if order is None or order.id != fact.order or fact.result == "refused" or lane.travel is not None:
        return
    if (order.movement == "lower" and lane.arm is Arm.RAISED) or (
        order.movement == "raise" and lane.arm is Arm.LOWERED
    ):
        _travel(turn, order.movement, order.id)


def _lowering_refused(turn: Turn, fact: OrderDone) -> None:
    """A sensor read just before said no: wait again for as long, and after some times ask a person."""
    lane = turn.lane
    refusals = lane.lower_refusals + 1
    turn.set(lower_refusals=refusals, clear_since_s=lane.now_s if lane.clear_since_s is not None else None)
    answer_pending(turn, CommandKind.LOWER, Answer.REFUSED, (_reason(fact),))
    if refusals >= REFUSALS_MAX and lane.self_lowering:
        turn.set(self_lowering=False, lower_refusals=0)
        raise_alarm(turn, "order_failed", _reason(fact), subject="lower", passage=_number(lane))


def travel_expired(turn: Turn) -> None:
    """The arm is not at the other end in time: stuck between the ends, or it never moved."""
    lane = turn.lane
    travel = lane.travel
    if travel is None:
        return
    turn.set(travel=None, self_lowering=False)
    kind = CommandKind.RAISE if travel.movement == "raise" else CommandKind.LOWER
    if lane.arm in (Arm.RISING, Arm.LOWERING):
        turn.set(arm=Arm.UNKNOWN)
        turn.emit(ArmMoved(arm=Arm.UNKNOWN, order=travel.order))
    if travel.movement == "raise":
        end_permit(turn, "arm_did_not_rise")
    reason = Reason(code="arm_stuck", parameters={"movement": travel.movement})
    raise_alarm(turn, "arm_stuck", reason, passage=_number(lane))
    answer_pending(turn, kind, Answer.REFUSED, (reason,))


def settle_order(turn: Turn) -> None:
    """Take back an order that may no longer be, and give the one that may."""
    lane = turn.lane
    wanted = next_order(lane)
    if lane.order is not None:
        if wanted is not None and replace(wanted, id=lane.order.id) == lane.order:
            return
        turn.set(order=None, last_order=lane.order)
        if lane.order.movement == "lower":
            answer_pending(turn, CommandKind.LOWER, Answer.REFUSED, (Reason(code="no_longer_clear"),))
        elif lane.permit is not None and lane.permit.id == lane.order.permit:
            # The pulse may be on its way all the same: another order would make two of one permit.
            end_permit(turn, "order_taken_back")
        wanted = next_order(turn.lane)
    if wanted is not None and turn.lane.travel is None:
        turn.set(order=wanted, orders=lane.orders + 1)


def _number(lane: Lane) -> int | None:
    return lane.passage.number if lane.passage is not None else None


def _reason(fact: OrderDone) -> Reason:
    return fact.reason or Reason(code=f"order_{fact.result}")
