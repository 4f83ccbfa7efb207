"""Shelving: an alarm that a person knows of is put aside for a stated time and reason (docs/sources.md 68).

It makes no sound and stands apart, and is never out of sight.  The shelf is the site's: the lane goes on as
before, and does not know.  An alarm of high priority is about somebody's life or an open lane: it is shelved
for minutes, by a shift leader, and one occurrence alone, so that the next one is heard.
"""

import secrets

from dashboard.commands.sender import WishRefused
from dashboard.store.incoming import now_us
from dashboard.store.shelves import Shelf, end_shelf, put_shelf
from dashboard.store.stage import Stage
from dashboard.store.tables import SITE_LANE
from dashboard.store.writer import Writer
from dashboard.users.accounts import User
from dashboard.users.roles import SHELVE, SHELVE_HIGH
from dashboard.users.sessions import Session
from dashboard.views.facts import AlarmFacts
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Audience, Priority

MINUTES = (10, 30, 60, 240, 480)
"""What can be chosen; the longest is a shift."""
HIGH_MINUTES_MAX = 10
REASONS = ("being_repaired", "known_cause", "false_alarm", "chatters", "exercise", "other")
"""`other` needs a text."""
TEXT_MAX = 500


def against_shelving(alarm: AlarmFacts, user: User) -> tuple[Reason, ...]:
    """Why a user may not shelve an alarm."""
    if user.role not in SHELVE:
        return (Reason(code="role_may_not"),)
    if alarm.priority == Priority.HIGH and user.role not in SHELVE_HIGH:
        return (Reason(code="shift_leader_shelves"),)
    return (Reason(code="shelved_already"),) if alarm.shelf is not None else ()


def minutes_for(priority: str) -> tuple[int, ...]:
    """For how long an alarm of a priority may be shelved; one of an unknown priority as the highest."""
    known = priority in (Priority.LOW, Priority.MEDIUM)
    return MINUTES if known else tuple(one for one in MINUTES if one <= HIGH_MINUTES_MAX)


async def shelve(
    writer: Writer, session: Session, alarm: AlarmFacts, minutes: int, reason: str, text: str
) -> str:
    """Puts a standing alarm aside; the shelf's id.  Raises WishRefused."""
    text = text.strip()[:TEXT_MAX]
    refused = against_shelving(alarm, session.user)
    if not refused and minutes not in minutes_for(alarm.priority):
        refused = (Reason(code="shelved_too_long", parameters={"minutes": minutes_for(alarm.priority)[-1]}),)
    if not refused and (reason not in REASONS or (reason == "other" and not text)):
        refused = (Reason(code="reason_missing"),)
    if refused:
        raise WishRefused(*refused)
    at_us = now_us()
    occurrence = "" if len(minutes_for(alarm.priority)) == len(MINUTES) else alarm.alarm
    shelf = Shelf(
        id=secrets.token_hex(8),
        lane=alarm.lane,
        kind=alarm.kind,
        device=alarm.device or "",
        alarm=occurrence,
        audience=Audience.SUPERVISOR if alarm.lane == SITE_LANE else Audience.LANE,
        by=session.user.name,
        reason=reason,
        text=text,
        from_us=at_us,
        until_us=at_us + minutes * 60_000_000,
    )

    async def job(stage: Stage) -> None:
        await put_shelf(stage.connection, shelf)
        said = {**_said(shelf), "alarm": alarm.alarm, "minutes": minutes, "why": reason, "text": text}
        stage.site.add("site.alarm_shelved", Audience.AUDIT, {**said, "by": session.user.name})
        stage.committed.lanes.add(shelf.lane)
        stage.memory.shelves[shelf.id] = shelf

    await writer.do(job)
    return shelf.id


async def take_back(writer: Writer, session: Session, shelf: str) -> None:
    """Ends a shelf before its time.  Raises WishRefused."""
    if session.user.role not in SHELVE:
        raise WishRefused(Reason(code="role_may_not"))

    async def job(stage: Stage) -> None:
        found = stage.memory.shelves.get(shelf)
        if found is None or found.audience not in session.user.audiences:
            raise WishRefused(Reason(code="no_such_shelf"))
        await _end(stage, found, by=session.user.name, how="taken_back")

    await writer.do(job)


async def expire_shelves(writer: Writer) -> None:
    """Tells the end of the shelves whose time is over."""
    over = [one for one in writer.memory.shelves.values() if one.until_us <= now_us()]
    if not over:
        return

    async def job(stage: Stage) -> None:
        for shelf in over:
            if shelf.id in stage.memory.shelves:
                await _end(stage, shelf, by="", how="expired")

    await writer.do(job)


async def _end(stage: Stage, shelf: Shelf, *, by: str, how: str) -> None:
    at_us = shelf.until_us if how == "expired" else stage.received_us
    await end_shelf(stage.connection, shelf.id, at_us)
    stage.site.add("site.alarm_unshelved", Audience.AUDIT, {**_said(shelf), "by": by, "how": how})
    stage.committed.lanes.add(shelf.lane)
    del stage.memory.shelves[shelf.id]


def _said(shelf: Shelf) -> dict[str, str]:
    return {"shelf": shelf.id, "lane": shelf.lane, "kind": shelf.kind, "device": shelf.device}
