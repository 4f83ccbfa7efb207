"""What is open in somebody's lanes: vehicles that wait, alarms, lost devices, events that are not here
yet."""

from collections.abc import Iterable

from dashboard.store.incoming import now_us
from dashboard.users.accounts import User
from dashboard.views import parts
from dashboard.views.facts import AlarmFacts, LaneFacts
from dashboard.views.language import Speaker
from dashboard.views.shift_models import OpenAlarm, OpenDevice, OpenHold, OpenLane, OpenMatters
from dashboard.views.source import Audiences, Source

WAITS = ("held", "referred")


async def open_matters(
    source: Source, speaker: Speaker, lanes: Iterable[str], by: User, to: User
) -> OpenMatters:
    """As both persons may see it: what one was told the other does not learn from this page."""
    audiences: Audiences = by.audiences & to.audiences
    facts = [await source.facts(lane, audiences) for lane in lanes]
    now = now_us()
    return OpenMatters(
        at=parts.moment(speaker, now),
        by=by.name,
        to=to.name,
        lanes=tuple(_lane(speaker, one) for one in facts),
        holds=tuple(sorted((hold for one in facts for hold in _holds(speaker, one, now)), key=_since)),
        alarms=tuple(_alarm(speaker, alarm) for one in facts for alarm in one.alarms),
        devices=tuple(
            OpenDevice(lane=one.lane, device=parts.device(speaker, device))
            for one in facts
            for device in one.devices
            if device.health == "degraded"
        ),
    )


def _since(hold: OpenHold) -> str:
    return hold.since.at


def _lane(speaker: Speaker, facts: LaneFacts) -> OpenLane:
    return OpenLane(
        lane=facts.lane,
        live=facts.live,
        mode=speaker.coded("mode", facts.mode) if facts.mode else None,
        unsent=facts.backlog,
        heard=parts.moment(speaker, facts.heard.at_us) if facts.heard and not facts.live else None,
    )


def _holds(speaker: Speaker, facts: LaneFacts, now: int) -> Iterable[OpenHold]:
    passage = facts.passage
    if passage is None or passage.phase not in WAITS:
        return
    yield OpenHold(
        lane=facts.lane,
        journal=facts.journal,
        passage=passage.passage,
        phase=speaker.coded("phase", passage.phase),
        since=parts.moment(speaker, passage.since_us),
        waited=waited(now - passage.since_us),
        plates=tuple(dict.fromkeys(plate.display for plate in passage.plates)),
        reasons=parts.all_said(speaker, passage.reasons or passage.waiting_for),
    )


def waited(span_us: int) -> str:
    """`4:05`, `1:04:05`: as the clocks of the pages count."""
    minutes, seconds = divmod(max(0, span_us) // 1_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _alarm(speaker: Speaker, facts: AlarmFacts) -> OpenAlarm:
    action = speaker.word("alarm action", facts.kind)
    return OpenAlarm(
        lane=facts.lane,
        kind=speaker.coded("alarm", facts.kind),
        priority=speaker.coded("priority", facts.priority),
        device=facts.device,
        since=parts.moment(speaker, facts.since_us),
        action=action if action != facts.kind else "",
        acknowledged_by=facts.acknowledged_by,
        shelved_until=parts.moment(speaker, facts.shelf.until_us) if facts.shelf else None,
        shelved_by=facts.shelf.by if facts.shelf else None,
    )
