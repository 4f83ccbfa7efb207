"""What the lane waits for, and until when: each wait is a name and a time of the monotonic clock.

The lane has no clock.  Every fact carries the time, and what is due by then happens before the fact itself
counts; `DeadlineReached` is only the fact that comes when nothing else does.
"""

from lane_controller.lane.barrier import needs_arm
from lane_controller.lane.chatter import quiet_at_s
from lane_controller.lane.decision import open_checks
from lane_controller.lane.losses import next_loss_s
from lane_controller.lane.passage import DECIDING, GOING, Phase
from lane_controller.lane.state import Lane, Passage, Position
from lane_controller.messages.words import Arm, Profile

GRACE_S = 1.0
"""The daemon answers for a request by its deadline; if not even that comes, the lane goes on without it."""

READINGS: dict[Profile, tuple[str, ...]] = {
    Profile.CARGO: ("plate", "weight", "document"),
    Profile.CAR: ("plate", "document"),
    Profile.COACH: ("plate", "document"),
    Profile.PEDESTRIAN: ("document",),
}
"""What each profile reads."""

Deadlines = dict[str, float]


def deadlines(lane: Lane) -> Deadlines:
    """All waits by name.  A wait that is over is not listed: each listed one changes the state when due."""
    due: Deadlines = {}
    _arm(lane, due)
    _passage(lane, due)
    quiet_s = quiet_at_s(lane.chatter)
    if quiet_s is not None:
        due["quiet"] = quiet_s
    loss_s = next_loss_s(lane.losses)
    if loss_s is not None:
        due["loss"] = loss_s
    if lane.pictures:
        due["picture"] = min(one.deadline_s for one in lane.pictures) + GRACE_S
    return due


def next_deadline(lane: Lane) -> tuple[str, float] | None:
    """The name and time of the first wait; None when nothing is waited for."""
    due = deadlines(lane)
    if not due:
        return None
    name = min(due, key=lambda one: due[one])
    return name, due[name]


def _arm(lane: Lane, due: Deadlines) -> None:
    timings = lane.rules.timings
    if lane.permit is not None and not lane.permit.ordered:
        due["permit"] = lane.permit.expires_s
    if lane.travel is not None:
        due["travel"] = lane.travel.until_s
    if lane.clear_since_s is not None:
        clear_s = lane.clear_since_s + timings.clear_for_s
        if lane.now_s < clear_s and (lane.passage is not None or lane.arm is Arm.RAISED):
            due["clear"] = clear_s
        unseen_s = lane.clear_since_s + timings.approach_s
        under = lane.passage is not None and lane.passage.position is Position.ARM
        if under and lane.now_s < unseen_s:
            due["out_of_sight"] = unseen_s
    if lane.arm_unknown_since_s is not None:
        due["arm_unknown"] = lane.arm_unknown_since_s + timings.rise_s
    if lane.raised_since_s is not None and not _arm_wanted(lane):
        due["raised"] = lane.raised_since_s + timings.leave_s


def _arm_wanted(lane: Lane) -> bool:
    """A released vehicle has an alarm of its own; a rise for an empty lane is not wanted for ever."""
    return needs_arm(lane) and lane.passage is not None


def _passage(lane: Lane, due: Deadlines) -> None:
    timings = lane.rules.timings
    passage = lane.passage
    if passage is not None:
        if passage.phase in DECIDING:
            if missing_readings(lane, passage):
                due["read"] = passage.read_since_s + timings.read_s
            open_s = [one.deadline_s for one in passage.asked if one.answered is None]
            if open_s:
                due["request"] = min(open_s) + GRACE_S
            chips_s = [one.deadline_s for one in passage.chips if one.read is None]
            if chips_s:
                due["chip"] = min(chips_s) + GRACE_S
        hold_s = hold_until_s(lane, passage)
        if hold_s is not None:
            due["hold"] = hold_s
        if passage.phase in GOING and not passage.leave_alarmed:
            due["leave"] = passage.since_s + timings.leave_s
        _empty(lane, passage, "approach", due)
    if lane.waiting is not None:
        _empty(lane, lane.waiting, "approach_waiting", due)


def hold_until_s(lane: Lane, passage: Passage) -> float | None:
    """When a hold that nobody answers becomes a referral; None for a passage that is not held."""
    if passage.phase is not Phase.HELD or passage.held_since_s is None:
        return None
    return passage.held_since_s + lane.rules.timings.hold_s


def _empty(lane: Lane, passage: Passage, name: str, due: Deadlines) -> None:
    if passage.empty_since_s is None:
        return
    gone_s = passage.empty_since_s + lane.rules.timings.clear_for_s
    if lane.now_s < gone_s:
        due[f"{name}_gone"] = gone_s
    due[name] = passage.empty_since_s + lane.rules.timings.approach_s


def missing_readings(lane: Lane, passage: Passage) -> tuple[str, ...]:
    """Readings that were not had and not given up, while a check waits: `plate`, `weight`, `document`."""
    if not open_checks(lane.rules, passage.results):
        return ()
    had = set(passage.given_up)
    if any(one.side == "front" for one in passage.plates):
        had.add("plate")
    if passage.weight is not None:
        had.add("weight")
    if documents_missing(lane, passage) == 0:
        had.add("document")
    return tuple(name for name in READINGS[lane.rules.profile] if name not in had)


def documents_missing(lane: Lane, passage: Passage) -> int | None:
    """Documents still to be read: a coach's list comes to zero.  None while nobody said how many persons."""
    expected = passage.persons if lane.rules.profile in (Profile.CAR, Profile.COACH) else 1
    read = {(one.document.issuer, one.document.number) for one in passage.documents if one.document}
    return None if expected is None else max(0, expected - len(read))
