"""Every start, and so every power cut: nothing of before is taken for granted.

Permits end, open passages are held (a referral stays one), sensors, devices and the arm are unknown until
they say, and the time of what was waited for begins anew, since monotonic time counts within one boot only.
Register questions stay open under their ids and are asked again.
"""

from dataclasses import replace

from lane_controller.lane.cell import add_caveat, change_phase
from lane_controller.lane.chips import chip_deadline_s
from lane_controller.lane.facts import Started
from lane_controller.lane.passage import Phase, Trigger
from lane_controller.lane.permits import answer_pending, end_permit
from lane_controller.lane.state import Lane, Passage, Position
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import LaneStarted, ModeChanged
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Answer, Arm, CommandKind, Mode


def first_lane(fact: Started) -> Lane:
    """The lane of a journal whose first fact this is; nothing happened yet."""
    return Lane(
        rules=fact.rules,
        version=fact.version,
        configuration=fact.configuration,
        boot=fact.at.boot,
        now=fact.at,
        now_s=fact.at.mono_s,
        arm_unknown_since_s=fact.at.mono_s,
        pending_mode=Mode(fact.rules.start_mode),
    )


def started(turn: Turn, fact: Started, *, first: bool) -> None:
    lane = turn.lane
    revoked = lane.permit is not None
    same_boot = lane.boot == fact.at.boot
    turn.set(
        rules=fact.rules,
        version=fact.version,
        configuration=fact.configuration,
        boot=fact.at.boot,
        now=fact.at,
        now_s=max(fact.at.mono_s, lane.now_s) if same_boot else fact.at.mono_s,
        arm_unknown_since_s=fact.at.mono_s,
        arm=Arm.UNKNOWN,
        last_end=None,
        barrier_fault=False,
        raised_since_s=None,
        order=None,
        last_order=None,
        travel=None,
        rise=None,
        self_lowering=False,
        lower_refusals=0,
        clear_since_s=None,
        withheld=(),
        key_on=False,
        sensors=(),
        devices=(),
        pictures=(),
        chatter=(),
        losses=(),
    )
    end_permit(turn, "restarted")
    answer_pending(turn, CommandKind.RAISE, Answer.REFUSED, (Reason(code="restarted"),))
    answer_pending(turn, CommandKind.LOWER, Answer.REFUSED, (Reason(code="restarted"),))
    held = _hold_passages(turn)
    turn.emit(
        LaneStarted(
            version=fact.version, configuration=fact.configuration, held_passages=held, permit_revoked=revoked
        )
    )
    if lane.mode is Mode.OPEN and not first:
        turn.emit(ModeChanged(mode=Mode.MANUAL, before=Mode.OPEN, reason=Reason(code="started")))
        turn.set(mode=Mode.MANUAL, pending_mode=Mode.OPEN)
    turn.evidence_changed = True


def _hold_passages(turn: Turn) -> tuple[int, ...]:
    numbers: list[int] = []
    if turn.lane.passage is not None:
        change_phase(turn, Trigger.RESTARTED)
        turn.set(passage=_rebased(turn.lane, turn.lane.passage))
        add_caveat(turn, "restarted")
        numbers.append(turn.lane.passage.number)
    if turn.lane.waiting is not None:
        turn.set(waiting=_rebased(turn.lane, turn.lane.waiting))
        add_caveat(turn, "restarted", waiting=True)
        numbers.append(turn.lane.waiting.number)
    return tuple(numbers)


def _rebased(lane: Lane, passage: Passage) -> Passage:
    """The passage with its waiting begun anew, and its releases forgotten: they were given in view of a
    vehicle that nobody watched since."""
    deadline_s = lane.now_s + lane.rules.timings.register_s
    chip_s = chip_deadline_s(lane)
    return replace(
        passage,
        since_s=lane.now_s,
        read_since_s=lane.now_s,
        held_since_s=lane.now_s if passage.phase is Phase.HELD else None,
        # Under the arm when the power went: whether it is still there, only the sensors can say.
        position=Position.APPROACH if passage.position is Position.ARM else passage.position,
        exit_seen=False,
        left_arrival=False,
        moved_back=False,
        empty_since_s=None,
        plate_confirmed=False,
        rose=False,
        leave_alarmed=False,
        settlements=(),
        asked=tuple(
            one if one.answered is not None else replace(one, deadline_s=deadline_s) for one in passage.asked
        ),
        chips=tuple(
            one if one.read is not None else replace(one, deadline_s=chip_s) for one in passage.chips
        ),
    )
