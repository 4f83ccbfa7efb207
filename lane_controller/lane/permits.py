"""Permits and the commands that wait for the arm: how each begins and how each ends."""

from dataclasses import replace

from lane_controller.lane.state import Cause, CommandAnswer, Permit, Rise
from lane_controller.lane.turn import Turn
from lane_controller.messages.command import Command
from lane_controller.messages.events import CommandAnswered, PermitEnded, PermitIssued
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Answer, Arm, CommandKind

ANSWERS_KEPT = 64
"""Answers kept at least, whatever their age; those that have not expired are kept beyond that."""
ANSWERS_MAX = 512


def issue(
    turn: Turn,
    cause: Cause,
    passage: int | None,
    *,
    command: Command | None = None,
    lifetime_s: float | None = None,
) -> None:
    """A permit; it takes the place of any other."""
    end_permit(turn, "replaced")
    lane = turn.lane
    permit = Permit(
        id=f"permit-{lane.sequence + 1}",
        cause=cause,
        passage=passage,
        expires_s=lane.now_s + (lifetime_s or lane.rules.timings.permit_s),
        seen_clear=command is not None and command.seen_clear,
        command=command.id if command is not None else None,
    )
    turn.emit(PermitIssued(permit=permit.id, cause=cause, passage=passage), passage=passage)
    turn.set(permit=permit)


def settle_permit(turn: Turn) -> None:
    """A permit for an arm that is up, and not told to come down, is spent at once."""
    lane = turn.lane
    if lane.permit is None or lane.permit.ordered or lane.arm is not Arm.RAISED or lane.travel is not None:
        return
    rise(turn, lane.permit)
    end_permit(turn, "arm_was_raised")
    answer_pending(turn, CommandKind.RAISE, Answer.DONE)


def rise(turn: Turn, permit: Permit) -> None:
    """The arm is up by this permit, and for whom."""
    turn.set(rise=Rise(permit.id, permit.cause, permit.passage))
    passage = turn.lane.passage
    if passage is not None and passage.number == permit.passage:
        turn.set_passage(rose=True)


def end_permit(turn: Turn, code: str) -> None:
    """The permit in force ends; nothing where there is none.  A command that waited for the rise is refused,
    unless the arm is on its way or up."""
    permit = turn.lane.permit
    if permit is None:
        return
    turn.set(permit=None)
    turn.emit(PermitEnded(permit=permit.id, reason=Reason(code=code)), passage=permit.passage)
    if permit.command is not None and code not in ("rose", "arm_was_raised"):
        answer_pending(turn, CommandKind.RAISE, Answer.REFUSED, (Reason(code=code),))


def answer(
    turn: Turn,
    command: Command,
    said: Answer,
    reasons: tuple[Reason, ...] = (),
) -> None:
    """Say what came of a command, and remember it for a repeat of its id."""
    sequence = turn.emit(
        CommandAnswered(
            command=command.id,
            kind=command.kind,
            answer=said,
            reasons=reasons,
            by=command.by,
            second=command.second,
            given=command.reason,
            passage=command.passage,
        ),
        passage=command.passage,
    )
    kept = [entry for entry in turn.lane.answers if entry.id != command.id]
    kept.append(CommandAnswer(command.id, said, reasons, sequence, command.expires.mono_s))
    if len(kept) > ANSWERS_KEPT:
        old, new = kept[:-ANSWERS_KEPT], kept[-ANSWERS_KEPT:]
        kept = [entry for entry in old if entry.expires_s > turn.lane.now_s] + new
    turn.set(answers=tuple(kept[-ANSWERS_MAX:]))


def answer_pending(turn: Turn, kind: CommandKind, said: Answer, reasons: tuple[Reason, ...] = ()) -> None:
    """The accepted commands of this kind have come to their end."""
    ended = [command for command in turn.lane.pending if command.kind is kind]
    if not ended:
        return
    turn.set(pending=tuple(command for command in turn.lane.pending if command.kind is not kind))
    if kind is CommandKind.LOWER:
        turn.set(lower_command=None)
    for command in ended:
        answer(turn, command, said, reasons)


def mark_ordered(turn: Turn) -> None:
    """The permit's one order was sent."""
    if turn.lane.permit is not None:
        turn.set(permit=replace(turn.lane.permit, ordered=True))
