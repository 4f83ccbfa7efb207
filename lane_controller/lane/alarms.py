"""The lane's alarms (ISA-18.2, docs/sources.md 68): what each kind means and wants done, and their life.

An alarm wants a person: it has a cause, a consequence, an action and a time to act, or it is only an event.
All of these are coded ids; the dashboard has the languages.  An alarm names its occurrence, so that an
acknowledgement can't hide a second one.  It is cleared when its condition ends; one about something that
happened once (`latched`) is cleared by its acknowledgement.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lane_controller.lane.state import Alarm, Picture
from lane_controller.lane.turn import Turn
from lane_controller.messages.events import AlarmAcknowledged, AlarmCleared, AlarmRaised
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.words import Mode, Priority

PICTURE_S = 5.0
"""Deadline of an alarm's picture."""
STANDING_MAX = 8
"""Standing occurrences of one kind; more of the same tell a person nothing new, and the events are kept."""


@dataclass(frozen=True, slots=True)
class AlarmKind:
    kind: str
    priority: Priority
    cause: str
    consequence: str
    action: str
    act_within_s: int
    latched: bool = False
    movement: bool = False
    """About the arm or a vehicle moving: muted in mode maintenance."""
    picture: bool = False
    of_device: bool = False
    """Its subject is a device's name."""


def _table(*kinds: AlarmKind) -> dict[str, AlarmKind]:
    return {kind.kind: kind for kind in kinds}


LOW, MEDIUM, HIGH = Priority.LOW, Priority.MEDIUM, Priority.HIGH

ALARMS: dict[str, AlarmKind] = _table(
    # kind, priority, cause, consequence, action, time to act
    AlarmKind("rise_without_permit", HIGH, "arm_rose_unordered", "lane_open", "look_and_stop_traffic", 30,
              latched=True, movement=True, picture=True),
    AlarmKind("passed_without_release", HIGH, "vehicle_under_arm_unreleased", "vehicle_through",
              "stop_vehicle", 30, latched=True, movement=True, picture=True),
    AlarmKind("tailgating", HIGH, "second_vehicle_on_one_release", "vehicle_through", "stop_vehicle", 30,
              latched=True, movement=True, picture=True),
    AlarmKind("local_key", HIGH, "key_turned_at_lane", "arm_rises_undecided", "ask_officer_at_lane", 60,
              latched=True, picture=True),
    AlarmKind("clearance_lost", HIGH, "clearance_sensor_dead", "arm_not_lowered", "look_and_take_over", 60,
              of_device=True),
    AlarmKind("lane_faulted", HIGH, "rules_failed", "lane_in_manual", "take_over_and_report", 60,
              latched=True),
    AlarmKind("arm_reversed", MEDIUM, "barrier_reopened_itself", "arm_stays_up", "look_and_lower", 120,
              movement=True),
    AlarmKind("arm_stuck", MEDIUM, "arm_not_at_end_in_time", "arm_position_unknown", "look_and_move_arm", 120,
              movement=True),
    AlarmKind("barrier_fault", MEDIUM, "barrier_reports_fault", "arm_not_moved", "look_and_repair", 300,
              of_device=True),
    AlarmKind("order_failed", MEDIUM, "order_refused_by_board", "arm_not_moved", "look_and_repeat", 120,
              latched=True, movement=True),
    AlarmKind("arm_unknown", MEDIUM, "no_end_switch_after_start", "arm_not_moved", "look_and_raise", 300),
    AlarmKind("arm_left_raised", MEDIUM, "arm_up_with_nobody_going", "lane_open", "look_and_lower", 120,
              movement=True),
    AlarmKind("released_not_leaving", MEDIUM, "released_vehicle_stays", "lane_blocked", "look_and_ask", 180,
              movement=True),
    AlarmKind("hold_expired", MEDIUM, "hold_unanswered", "passage_referred", "second_line_decides", 300),
    AlarmKind("device_lost", LOW, "device_not_heard", "checks_not_performed", "look_at_device", 1800,
              of_device=True),
    AlarmKind("chattering", LOW, "input_changes_too_often", "events_suppressed", "look_at_device", 3600,
              of_device=True),
    AlarmKind("trouble", MEDIUM, "lane_computer_in_trouble", "journal_or_uplink_at_risk", "see_reason", 1800),
    AlarmKind("not_commissioned", LOW, "walk_not_done", "lane_in_manual", "do_commissioning_walk", 3600),
)  # fmt: skip


def device_of(kind: str, subject: str) -> str | None:
    """The device that an alarm is about, if it is about one."""
    return subject if ALARMS[kind].of_device and subject else None


def raise_alarm(
    turn: Turn,
    kind: str,
    reason: Reason,
    *,
    subject: str = "",
    passage: int | None = None,
    priority: Priority | None = None,
) -> None:
    """Raise one occurrence.  A condition already standing for the same subject is not raised again.
    `priority` overrides the table's for an alarm that others raise through us."""
    entry = ALARMS[kind]
    priority = priority or entry.priority
    if entry.movement and turn.lane.mode is Mode.MAINTENANCE:
        return
    standing = [alarm for alarm in turn.lane.alarms if alarm.kind == kind]
    if len(standing) >= STANDING_MAX:
        return
    if not entry.latched and any(alarm.subject == subject for alarm in standing):
        return
    occurrence = f"{kind}-{turn.lane.sequence + 1}"
    turn.emit(
        AlarmRaised(
            alarm=occurrence,
            kind=kind,
            priority=priority,
            act_within_s=entry.act_within_s,
            device=device_of(kind, subject),
            reason=reason,
            passage=passage,
        ),
        passage=passage,
    )
    alarm = Alarm(occurrence, kind, subject, priority, turn.lane.now, reason, passage)
    turn.set(alarms=(*turn.lane.alarms, alarm))
    if entry.picture:
        picture = Picture(f"picture/{occurrence}", occurrence, turn.lane.now_s + PICTURE_S)
        turn.set(pictures=(*turn.lane.pictures, picture))


def clear_alarm(turn: Turn, *kinds: str, subject: str | None = None) -> None:
    """The condition of these kinds ended (for one subject, or for all)."""
    _clear(turn, lambda alarm: alarm.kind in kinds and subject in (None, alarm.subject))


def acknowledge(turn: Turn, occurrence: str, by: Person) -> bool:
    """A person takes notice of one occurrence; False where none such stands."""
    found = next((alarm for alarm in turn.lane.alarms if alarm.occurrence == occurrence), None)
    if found is None or found.acknowledged_by is not None:
        return False
    turn.emit(AlarmAcknowledged(alarm=occurrence, by=by), passage=found.passage)
    taken = replace(found, acknowledged_by=by.operator)
    turn.set(alarms=tuple(taken if alarm is found else alarm for alarm in turn.lane.alarms))
    if ALARMS[found.kind].latched:
        _clear(turn, lambda alarm: alarm.occurrence == occurrence)
    return True


def _clear(turn: Turn, ended: Callable[[Alarm], bool]) -> None:
    for alarm in turn.lane.alarms:
        if ended(alarm):
            turn.set(alarms=tuple(other for other in turn.lane.alarms if other is not alarm))
            turn.emit(AlarmCleared(alarm=alarm.occurrence), passage=alarm.passage)
