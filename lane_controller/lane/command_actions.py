"""What is done about each kind of command once it counts; each ends with its answer."""

from lane_controller.lane.alarms import acknowledge
from lane_controller.lane.barrier import Clear, against_raising, may_lower
from lane_controller.lane.cell import change_phase
from lane_controller.lane.deadlines import missing_readings
from lane_controller.lane.deciding import conclude, conditions, settle_decision, stop
from lane_controller.lane.decision import open_checks
from lane_controller.lane.modes import against_mode, change_mode
from lane_controller.lane.passage import DECIDING, Phase, Trigger
from lane_controller.lane.permits import answer, issue
from lane_controller.lane.readings import evidence_counts
from lane_controller.lane.state import Settlement, Stop
from lane_controller.lane.turn import Turn
from lane_controller.messages.command import Command
from lane_controller.messages.events import PersonsStated, ShiftChanged
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Answer, Arm, CommandKind, Outcome, Profile, UserRole


def _refuse(turn: Turn, command: Command, *codes: str) -> None:
    answer(turn, command, Answer.REFUSED, tuple(Reason(code=code) for code in codes))


def _is_second_line(command: Command) -> bool:
    return command.by.role == UserRole.SECOND_LINE.value


def release_passage(turn: Turn, command: Command) -> None:
    """An agency's release: it settles that agency's checks as they are now, and no other's."""
    lane, passage, agency = turn.lane, turn.lane.passage, command.by.agency
    if passage is None or agency is None:
        return _refuse(turn, command, "superseded")
    if passage.phase not in DECIDING:
        return _refuse(turn, command, "nothing_to_decide")
    if open_checks(lane.rules, passage.results):
        return _refuse(turn, command, "checks_open")
    if any(condition.code == "vehicle_not_seen" for condition in conditions(lane, passage)):
        return _refuse(turn, command, "vehicle_not_seen")
    if passage.phase is Phase.REFERRED and not _is_second_line(command):
        # For every agency alike: a click must not find out which of them refers, and so why.
        return _refuse(turn, command, "second_line_only")
    caveats = (*passage.caveats, *conditions(lane, passage))
    settlement = Settlement(
        agency=agency,
        second_line=_is_second_line(command),
        results=tuple(result for result in passage.results if result.agency is agency),
        caveats=tuple(caveat.code for caveat in caveats),
    )
    turn.set_passage(
        settlements=(*(one for one in passage.settlements if one.agency is not agency), settlement),
        stops=tuple(one for one in passage.stops if one.agency is not agency),
    )
    answer(turn, command, Answer.DONE)
    settle_decision(turn)


def refer_passage(turn: Turn, command: Command) -> None:
    _stop(turn, command, Outcome.REFER, "referred_by_operator")


def hold_passage(turn: Turn, command: Command) -> None:
    """Hold also ends the wait for readings: an operator takes over."""
    passage = turn.lane.passage
    if passage is not None and passage.phase in DECIDING:
        missing = missing_readings(turn.lane, passage)
        turn.set_passage(given_up=(*passage.given_up, *missing))
        turn.evidence_changed = True
    _stop(turn, command, Outcome.HOLD, "held_by_operator")


def _stop(turn: Turn, command: Command, outcome: Outcome, code: str) -> None:
    passage, agency = turn.lane.passage, command.by.agency
    if passage is None or agency is None:
        return _refuse(turn, command, "superseded")
    if not evidence_counts(passage):
        return _refuse(turn, command, "nothing_to_decide")
    stop(turn, Stop(agency, outcome, Reason(code=code, parameters={"agency": str(agency)})))
    answer(turn, command, Answer.DONE)
    if turn.evidence_changed:
        conclude(turn)
        turn.evidence_changed = False
    settle_decision(turn)


def raise_arm(turn: Turn, command: Command) -> None:
    """A permit by a named command: for a released passage whose permit is spent, for second line to take a
    referred one through, or for an empty lane.  Who is still held is released first, by its agencies."""
    lane, passage = turn.lane, turn.lane.passage
    if passage is not None:
        taken_over = passage.phase in (Phase.REFERRED, Phase.HANDING_OVER)
        if taken_over and not _is_second_line(command):
            return _refuse(turn, command, "second_line_only")
        if not taken_over and passage.phase not in (Phase.RELEASED, Phase.LEAVING):
            return _refuse(turn, command, "not_released")
    if any(one.kind is CommandKind.RAISE for one in lane.pending):
        return _refuse(turn, command, "raise_under_way")
    obstacles = against_raising(lane, "command", command.seen_clear)
    if lane.arm is Arm.LOWERING:
        obstacles = (*obstacles, Reason(code="arm_moving"))
    if obstacles:
        return answer(turn, command, Answer.REFUSED, obstacles)
    answer(turn, command, Answer.ACCEPTED)
    turn.set(pending=(*lane.pending, command))
    if passage is not None:
        change_phase(turn, Trigger.TAKEN_OVER)
    issue(turn, "command", passage.number if passage is not None else None, command=command)


def lower_arm(turn: Turn, command: Command) -> None:
    """The sensors' part of the rule holds for a command as for the lane itself."""
    if any(one.kind is CommandKind.LOWER for one in turn.lane.pending):
        return _refuse(turn, command, "lower_under_way")
    turn.set(lower_command=command.id)
    verdict = may_lower(turn.lane)
    if not isinstance(verdict, Clear):
        turn.set(lower_command=None)
        return answer(turn, command, Answer.REFUSED, verdict.reasons)
    answer(turn, command, Answer.ACCEPTED)
    turn.set(pending=(*turn.lane.pending, command))


def change_lane_mode(turn: Turn, command: Command) -> None:
    if command.mode is None:
        return _refuse(turn, command, "no_mode_named")
    obstacles = against_mode(turn.lane, command.mode)
    if obstacles:
        return answer(turn, command, Answer.REFUSED, obstacles)
    answer(turn, command, Answer.DONE)
    change_mode(turn, command.mode, command.reason, command.by)


def state_persons(turn: Turn, command: Command) -> None:
    """How many persons are in the vehicle: so many documents are needed."""
    passage = turn.lane.passage
    if passage is None or command.persons is None:
        return _refuse(turn, command, "no_persons_named")
    if turn.lane.rules.profile not in (Profile.CAR, Profile.COACH):
        return _refuse(turn, command, "not_for_this_profile")
    if not evidence_counts(passage):
        return _refuse(turn, command, "nothing_to_decide")
    if command.persons != passage.persons:
        turn.set_passage(settlements=())
    turn.set_passage(persons=command.persons, read_since_s=turn.lane.now_s)
    turn.evidence_changed = True
    turn.emit(
        PersonsStated(passage=passage.number, persons=command.persons, by=command.by),
        passage=passage.number,
    )
    answer(turn, command, Answer.DONE)


def acknowledge_alarm(turn: Turn, command: Command) -> None:
    if command.alarm is None or not acknowledge(turn, command.alarm, command.by):
        return _refuse(turn, command, "no_such_alarm")
    answer(turn, command, Answer.DONE)


def shift(turn: Turn, command: Command) -> None:
    """Who is responsible from now on; open holds are handed over by name."""
    lane, person = turn.lane, command.by.operator
    if command.shift is None:
        return _refuse(turn, command, "no_shift_named")
    leader = command.by.role == UserRole.SHIFT_LEADER.value
    if command.shift == "end" and lane.shift != person and not (leader and lane.shift is not None):
        return _refuse(turn, command, "not_responsible")
    responsible = person if command.shift == "begin" else None
    holds = [
        one.number for one in (lane.passage,) if one is not None and one.phase in (Phase.HELD, Phase.REFERRED)
    ]
    turn.emit(ShiftChanged(responsible=responsible, before=lane.shift, open_holds=tuple(holds)))
    turn.set(shift=responsible)
    answer(turn, command, Answer.DONE)
