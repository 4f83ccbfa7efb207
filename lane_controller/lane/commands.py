"""What operators ask for: who may, when it still counts, and what is done about it.

A command is refused aloud: stale (its time is over), superseded (another passage, other evidence than was
seen), not of the agency, without the second person its kind needs, withheld by an interlock.  Each is done
once; a repeat of its id is answered from the state (`views.reply`) and changes nothing.
"""

from collections.abc import Callable

from lane_controller.lane.command_actions import (
    acknowledge_alarm,
    change_lane_mode,
    hold_passage,
    lower_arm,
    raise_arm,
    refer_passage,
    release_passage,
    shift,
    state_persons,
)
from lane_controller.lane.facts import CommandArrived
from lane_controller.lane.permits import answer
from lane_controller.lane.state import Lane
from lane_controller.lane.turn import Turn
from lane_controller.messages.command import Command
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.rights import COMMAND_ROLES, SECOND_WITHIN_S
from lane_controller.messages.words import Answer, CommandKind, Mode, UserRole

REASON_CHARACTERS_MAX = 2_000
"""Of an operator's own reason, which the answer repeats."""
EXPIRY_MAX_S = 300.0
"""No command may live longer: an answer must be remembered for as long as its command could be repeated."""

OF_PASSAGE = frozenset({CommandKind.RELEASE, CommandKind.REFER, CommandKind.HOLD, CommandKind.PERSONS})
ON_EVIDENCE = frozenset({CommandKind.RELEASE, CommandKind.RAISE})
"""They let somebody go: the operator must have seen the last of the evidence.  What only stops or tells is
taken whatever was seen."""
OF_AGENCY = frozenset({CommandKind.RELEASE, CommandKind.REFER, CommandKind.HOLD})

ACTIONS: dict[CommandKind, Callable[[Turn, Command], None]] = {
    CommandKind.RELEASE: release_passage,
    CommandKind.REFER: refer_passage,
    CommandKind.HOLD: hold_passage,
    CommandKind.RAISE: raise_arm,
    CommandKind.LOWER: lower_arm,
    CommandKind.MODE: change_lane_mode,
    CommandKind.PERSONS: state_persons,
    CommandKind.ACKNOWLEDGE: acknowledge_alarm,
    CommandKind.SHIFT: shift,
}


def command_arrived(turn: Turn, fact: CommandArrived) -> None:
    command = fact.command
    if any(one.id == command.id for one in turn.lane.answers):
        return
    if len(str(command.reason)) > REASON_CHARACTERS_MAX:
        short = command.model_copy(update={"reason": Reason(code=command.reason.code[:100])})
        answer(turn, short, Answer.REFUSED, (Reason(code="reason_too_long"),))
        return
    refusals = against(turn.lane, command)
    if refusals:
        answer(turn, command, Answer.REFUSED, refusals)
        return
    turn.actor = command
    ACTIONS[command.kind](turn, command)
    turn.actor = None


def against(lane: Lane, command: Command) -> tuple[Reason, ...]:
    """Why the lane must not do what is asked; the first kind of reason found, all of that kind."""
    for question in (_addressed, _entitled, _in_time, _about_what_was_seen):
        codes = question(lane, command)
        if codes:
            return tuple(Reason(code=code) for code in codes)
    return ()


def _addressed(lane: Lane, command: Command) -> list[str]:
    rules = lane.rules
    if (command.site, command.lane, command.journal) != (rules.site, rules.lane, rules.journal):
        return ["other_lane"]
    return []


def _entitled(lane: Lane, command: Command) -> list[str]:
    codes: list[str] = []
    if not _has_role(command.by, command.kind):
        codes.append("role_may_not")
    agencies = {rule.agency for rule in lane.rules.checks}
    if command.kind in OF_AGENCY and command.by.agency not in agencies:
        codes.append("not_of_the_agency")
    if command.kind in lane.rules.two_person_kinds:
        codes += second_person(command)
    return codes


def second_person(command: Command) -> list[str]:
    """Two accounts at two enrolled work places, the second soon after the first."""
    first, second = command.by, command.second
    if second is None:
        return ["needs_second_person"]
    codes: list[str] = []
    if second.operator.casefold() == first.operator.casefold():
        codes.append("second_person_is_the_same")
    if not _has_role(second, command.kind):
        codes.append("second_person_may_not")
    if not (first.workplace and second.workplace):
        codes.append("workplace_not_enrolled")
    elif first.workplace.casefold() == second.workplace.casefold():
        codes.append("second_person_same_workplace")
    if command.second_after_s is None or command.second_after_s > SECOND_WITHIN_S:
        codes.append("second_person_late")
    return codes


def _has_role(person: Person, kind: CommandKind) -> bool:
    return any(person.role == role.value for role in COMMAND_ROLES[kind])


def _in_time(lane: Lane, command: Command) -> list[str]:
    expires = command.expires
    if expires.boot != lane.boot or not lane.now_s <= expires.mono_s:
        return ["stale"]
    if expires.mono_s > lane.now_s + EXPIRY_MAX_S:
        return ["expires_too_late"]
    return []


def _about_what_was_seen(lane: Lane, command: Command) -> list[str]:
    passage = lane.passage
    number = passage.number if passage is not None else None
    named = command.kind in OF_PASSAGE or command.kind in (CommandKind.RAISE, CommandKind.LOWER)
    if command.seen > lane.sequence:
        return ["superseded"]
    if command.kind in OF_PASSAGE and command.passage is None:
        return ["no_passage_named"]
    if named and command.passage != number:
        return ["superseded"]
    if command.kind in ON_EVIDENCE and passage is not None:
        second_line = command.by.role == UserRole.SECOND_LINE.value
        if command.seen < (passage.seen_second_line if second_line else passage.seen_lane):
            return ["superseded"]
    if command.kind in OF_PASSAGE and lane.mode in (Mode.CLOSED, Mode.MAINTENANCE):
        return [f"mode_{lane.mode}"]
    return []
