"""Passages coming and going: number, phase, owner of the cell, the one that waits, and every end."""

from dataclasses import replace

from lane_controller.lane.alarms import clear_alarm
from lane_controller.lane.passage import ENDS, GOING, Phase, Trigger, follow
from lane_controller.lane.permits import end_permit
from lane_controller.lane.state import Lane, Passage, Position
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import PassageArrived, PassageEnded
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Arm, Health, Mode, Place

DECK = (Place.DECK_ENTRY, Place.DECK_EXIT)


def covered(lane: Lane, *places: Place) -> bool:
    """Whether any sensor at one of the places says that something is there."""
    return any(sensor.covered for sensor in lane.sensors if sensor.place in places)


def starts_passages(lane: Lane) -> bool:
    return lane.mode in (Mode.OPEN, Mode.MANUAL)


def begin(turn: Turn, *, waiting: bool = False, position: Position = Position.APPROACH) -> None:
    """A vehicle is here.  It takes its number before anything is asked about it."""
    lane = turn.lane
    number = lane.passages + 1
    passage = Passage(
        number=number,
        phase=Phase.WAITING if waiting else Phase.GATHERING,
        arrived=lane.now,
        arrived_sequence=lane.sequence + 1,
        since=lane.now,
        since_s=lane.now_s,
        read_since_s=lane.now_s,
        position=position,
        left_arrival=not covered(lane, Place.ARRIVAL),
    )
    turn.set(passages=number, **({"waiting": passage} if waiting else {"passage": passage}))
    turn.emit(PassageArrived(passage=number), passage=number)
    turn.evidence_changed = True


def begin_if_occupied(turn: Turn) -> None:
    """After an end, a start or a change of mode: whoever stands there is a passage, and one not seen arriving
    is never released by the machine."""
    lane = turn.lane
    if not starts_passages(lane):
        return
    if lane.passage is None:
        if covered(lane, *DECK):
            begin(turn, position=Position.DECK)
            add_caveat(turn, "not_seen_arriving")
        elif covered(lane, Place.ARRIVAL):
            begin(turn)
    lane = turn.lane
    passage = lane.passage
    if passage is None or lane.waiting is not None or not covered(lane, Place.ARRIVAL):
        return
    if passage.left_arrival and passage.position is not Position.APPROACH:
        begin(turn, waiting=True)


def part_from_next(turn: Turn) -> None:
    """What stands wholly on the deck covers no loop before it: what does is the next vehicle, though the two
    came so close that the loop never cleared between them."""
    lane = turn.lane
    passage = lane.passage
    if passage is None or passage.position is not Position.DECK or passage.left_arrival:
        return
    entry = [sensor for sensor in lane.sensors if sensor.place is Place.DECK_ENTRY]
    if not entry or not all(one.health is Health.GOOD and one.covered is False for one in entry):
        return
    if lane.waiting is None and starts_passages(lane) and covered(lane, Place.ARRIVAL):
        turn.set_passage(left_arrival=True)
        begin(turn, waiting=True)


def add_caveat(turn: Turn, code: str, *, waiting: bool = False) -> None:
    """A lasting reason for which the passage is held, whatever its checks say."""
    passage = turn.lane.waiting if waiting else turn.lane.passage
    if passage is None or any(caveat.code == code for caveat in passage.caveats):
        return
    caveats = (*passage.caveats, Reason(code=code))
    if waiting:
        turn.set_waiting(caveats=caveats)
    else:
        turn.set_passage(caveats=caveats)


def change_phase(turn: Turn, trigger: Trigger, reason: str = "") -> bool:
    """Follow the table for the passage that owns the cell; True when its phase changed.  `reason` is the code
    of an end."""
    passage = turn.lane.passage
    if passage is None:
        return False
    phase = follow(passage.phase, trigger)
    if phase is passage.phase:
        return False
    turn.set_passage(phase=phase, since=turn.lane.now, since_s=turn.lane.now_s)
    if phase is Phase.HELD and passage.held_since_s is None:
        turn.set_passage(held_since_s=turn.lane.now_s)
    if phase is Phase.REFERRED or phase in GOING:
        turn.set_passage(held_since_s=None)
    if phase in GOING and passage.phase not in GOING:
        turn.set_passage(leave_alarmed=False)
    if phase is Phase.RELEASED:
        part_from_next(turn)
    if phase in ENDS:
        _ended(turn, reason or str(trigger))
    elif passage.phase is Phase.RELEASED and phase not in GOING:
        _revoke(turn, passage, "no_longer_released")
    return True


def waiting_ends(turn: Turn, trigger: Trigger, reason: str = "") -> None:
    """The waiting vehicle is gone before its turn."""
    waiting = turn.lane.waiting
    if waiting is None:
        return
    phase = follow(waiting.phase, trigger)
    if phase in ENDS:
        turn.set(waiting=None)
        _tell_end(turn, replace(waiting, phase=phase), reason or str(trigger))


def _ended(turn: Turn, reason: str) -> None:
    passage = turn.lane.passage
    if passage is None:
        return
    _revoke(turn, passage, "passage_ended")
    _tell_end(turn, passage, reason)
    turn.set(passage=None)
    clear_alarm(turn, "released_not_leaving", "hold_expired")
    if turn.lane.arm is Arm.RAISED:
        turn.set(raised_since_s=turn.lane.now_s)
    _promote(turn)
    begin_if_occupied(turn)


def _promote(turn: Turn) -> None:
    waiting = turn.lane.waiting
    if waiting is None:
        return
    lane = turn.lane
    turn.set(
        waiting=None,
        passage=replace(
            waiting,
            phase=follow(waiting.phase, Trigger.PROMOTED),
            since=lane.now,
            since_s=lane.now_s,
            read_since_s=lane.now_s,
        ),
    )
    turn.evidence_changed = True


def _revoke(turn: Turn, passage: Passage, code: str) -> None:
    permit = turn.lane.permit
    if permit is not None and permit.passage == passage.number:
        end_permit(turn, code)


def _tell_end(turn: Turn, passage: Passage, reason: str) -> None:
    same_boot = passage.arrived.boot == turn.lane.boot
    turn.emit(
        PassageEnded(
            passage=passage.number,
            end=ENDS[passage.phase],
            reason=Reason(code=reason),
            lasted_s=max(0.0, turn.lane.now_s - passage.arrived.mono_s) if same_boot else None,
        ),
        passage=passage.number,
    )
