"""The reducer: one fact in, the next state and its events out.  This file only dispatches.

For each fact, in this order: time passes (what is due by the fact's time happens), the fact counts, and then
everything that follows from the state is settled: the end of a passage that has left, the decision, the order
for the arm, the lamp.  Nothing of a step may be acted on before its row is committed.
"""

from typing import assert_never

from lane_controller.lane import facts
from lane_controller.lane.alarms import raise_alarm
from lane_controller.lane.arm import barrier_changed, order_done, settle_order
from lane_controller.lane.barrier import clearance_clear
from lane_controller.lane.cell import change_phase
from lane_controller.lane.chips import chip_read
from lane_controller.lane.commands import command_arrived
from lane_controller.lane.deciding import conclude, settle_decision
from lane_controller.lane.devices import device_changed, readings_discarded, trouble_changed
from lane_controller.lane.erasure import personal_erased
from lane_controller.lane.facts import Fact, Started
from lane_controller.lane.lamp import settle_lamp, settle_withheld
from lane_controller.lane.localkey import local_key_turned
from lane_controller.lane.modes import change_mode, settle_start
from lane_controller.lane.passage import Phase, Trigger
from lane_controller.lane.permits import end_permit, settle_permit
from lane_controller.lane.presence import has_left, presence_changed, settle_clear
from lane_controller.lane.readings import card_seen, document_read, plate_read, weight_read
from lane_controller.lane.registers import picture_taken, register_answered, request_failed
from lane_controller.lane.start import first_lane, started
from lane_controller.lane.state import Lane, Step
from lane_controller.lane.timers import fire_due
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import ClockJumped, LaneFaulted
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Arm, Mode

ERROR_MAX = 500


def initial(fact: Started) -> Step:
    """The first step of a journal."""
    return step(None, fact)


def step(lane: Lane | None, fact: Fact) -> Step:
    """The lane after `fact`.  `lane` is None for the first fact of a journal, which is `Started`.

    Raises ValueError for another first fact; beyond that it never raises, whatever the facts say.
    """
    if lane is None:
        if not isinstance(fact, Started):
            raise ValueError(f"a journal begins with the fact started, not with {fact.kind}")
        turn = Turn(first_lane(fact))
        started(turn, fact, first=True)
    elif isinstance(fact, Started):
        turn = Turn(lane)
        started(turn, fact, first=False)
    else:
        turn = Turn(lane)
        if _advance(turn, fact):
            fire_due(turn)
            _settle(turn)
        _count(turn, fact)
    _settle(turn)
    return Step(turn.lane, tuple(turn.events))


def faulted(lane: Lane, fact: Fact, error: str) -> Step:
    """What the daemon records when `step` raised on this fact: the lane goes to manual and says so."""
    turn = Turn(lane)
    if isinstance(fact, Started):
        turn.set(boot=fact.at.boot, now_s=fact.at.mono_s, arm=Arm.UNKNOWN, sensors=(), rise=None, travel=None)
    _advance(turn, fact)
    end_permit(turn, "lane_faulted")
    turn.set(order=None, last_order=turn.lane.order or turn.lane.last_order, self_lowering=False)
    turn.emit(LaneFaulted(error=error[:ERROR_MAX]))
    raise_alarm(turn, "lane_faulted", Reason(code="rules_failed", parameters={"fact": fact.kind}))
    if turn.lane.mode is Mode.OPEN:
        change_mode(turn, Mode.MANUAL, Reason(code="lane_faulted"))
    turn.set(pending_mode=None)
    settle_lamp(turn)
    return Step(turn.lane, tuple(turn.events))


def _advance(turn: Turn, fact: Fact) -> bool:
    """Let time pass to the fact's; False where it can't be told (another boot without a start)."""
    lane = turn.lane
    if fact.at.boot != lane.boot:
        return False
    now_s = max(lane.now_s, fact.at.mono_s)
    turn.set(now=fact.at, now_s=now_s)
    return True


def _count(turn: Turn, fact: Fact) -> None:
    match fact:
        case facts.Started():
            started(turn, fact, first=False)
        case facts.ClockJumped():
            _clock_jumped(turn, fact)
        case facts.DeadlineReached():
            pass  # what was due has happened; a stale one finds nothing due
        case facts.DeviceChanged():
            device_changed(turn, fact)
        case facts.ReadingsDiscarded():
            readings_discarded(turn, fact)
        case facts.PresenceChanged():
            presence_changed(turn, fact)
        case facts.BarrierChanged():
            barrier_changed(turn, fact)
        case facts.LocalKeyTurned():
            local_key_turned(turn, fact)
        case facts.PlateRead():
            plate_read(turn, fact)
        case facts.DocumentRead():
            document_read(turn, fact)
        case facts.CardSeen():
            card_seen(turn, fact)
        case facts.ChipRead():
            chip_read(turn, fact)
        case facts.WeightRead():
            weight_read(turn, fact)
        case facts.RegisterAnswered():
            register_answered(turn, fact)
        case facts.RequestFailed():
            request_failed(turn, fact)
        case facts.PictureTaken():
            picture_taken(turn, fact)
        case facts.OrderDone():
            order_done(turn, fact)
        case facts.CommandArrived():
            command_arrived(turn, fact)
        case facts.PersonalErased():
            personal_erased(turn, fact)
        case facts.TroubleChanged():
            trouble_changed(turn, fact)
        case _:
            assert_never(fact)


def _clock_jumped(turn: Turn, fact: facts.ClockJumped) -> None:
    """No date is trusted any more for who is here; who comes later is judged by the clock's quality."""
    turn.emit(ClockJumped(by_s=fact.by_s))
    turn.set_passage(clock_doubt=True)
    turn.set_waiting(clock_doubt=True)
    turn.evidence_changed = True


def _settle(turn: Turn) -> None:
    """What follows from the state as it is now."""
    settle_clear(turn, clearance_clear(turn.lane))
    settle_start(turn)
    for _ in range(2):  # the owner of the cell, and one that followed it under the arm
        if has_left(turn.lane):
            _left(turn)
    if turn.evidence_changed:
        turn.evidence_changed = False
        conclude(turn)
    settle_decision(turn)
    settle_permit(turn)
    settle_order(turn)
    settle_withheld(turn)
    settle_lamp(turn)


def _left(turn: Turn) -> None:
    passage = turn.lane.passage
    if passage is None:
        return
    if passage.phase in (Phase.LEAVING, Phase.HANDING_OVER):
        change_phase(turn, Trigger.LEFT, "left")
        return
    rise = turn.lane.rise
    local = rise is not None and rise.cause == "local" and rise.passage == passage.number
    change_phase(turn, Trigger.LEFT, "let_out_by_key" if local else "not_released")
