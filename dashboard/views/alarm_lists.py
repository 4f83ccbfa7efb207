"""Lists that a shift leader works down: alarms that stand for too long, and alarms that come and go."""

from collections import defaultdict

from dashboard.store.alarm_log import raised_since
from dashboard.store.incoming import now_us
from dashboard.users.accounts import User
from dashboard.views import parts
from dashboard.views.alarm_load import CHATTER_US, STALE_US, busiest, chatters
from dashboard.views.language import Speaker
from dashboard.views.models import Alarms, ChatteringAlarm, ChatteringAlarms
from dashboard.views.site import standing_alarms
from dashboard.views.source import Source

DAY_US = 24 * 3_600_000_000


async def stale(source: Source, speaker: Speaker, user: User) -> Alarms:
    """Standing for more than a day, the oldest first, acknowledged or not."""
    before_us = now_us() - STALE_US
    found = [one for one in await standing_alarms(source, user) if one.since_us < before_us]
    found.sort(key=lambda one: one.since_us)
    return Alarms(alarms=tuple(parts.alarm(speaker, one, user) for one in found))


async def chattering(source: Source, speaker: Speaker, user: User) -> ChatteringAlarms:
    """Raised three times within a minute or more often, during the last day, and what a lane says of its own
    inputs; the worst first."""
    async with source.database.reads.connect() as connection:
        raised = await raised_since(connection, user.audiences, now_us() - DAY_US)
    times: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for one in raised:
        times[one.lane, one.kind, one.device].append(one.raised_us)
    # An input that chatters is muted by its lane, which raises one alarm about it.
    found = [(key, at) for key, at in times.items() if chatters(at) or key[1] == "chattering"]
    found.sort(key=lambda one: (-len(one[1]), one[0]))
    return ChatteringAlarms(
        alarms=tuple(
            ChatteringAlarm(
                lane=lane,
                kind=speaker.coded("alarm", kind),
                device=device or None,
                times=len(at),
                most_in_a_minute=busiest(at, CHATTER_US),
                last=parts.moment(speaker, max(at)),
            )
            for (lane, kind, device), at in found
        )
    )
