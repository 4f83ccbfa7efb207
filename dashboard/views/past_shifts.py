"""Shifts that are over: who had which lane when, and the holds that nobody answered meanwhile."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from dashboard.store.alarm_log import Took, shifts_since
from dashboard.store.holds import expired_holds
from dashboard.store.incoming import now_us
from dashboard.users.accounts import User
from dashboard.views import parts
from dashboard.views.alarm_load import Spell
from dashboard.views.language import Speaker
from dashboard.views.shift_models import PastShift
from dashboard.views.source import Source

SINCE_US = 7 * 24 * 3600 * 1_000_000
SHOWN_MAX = 50


async def past_shifts(
    source: Source, now_held: Mapping[str, str | None], speaker: Speaker, user: User
) -> tuple[PastShift, ...]:
    """Those that ended in the last seven days, the newest first.  `now_held`: who has which lane now."""
    until_us = now_us()
    since_us = until_us - SINCE_US
    async with source.database.reads.connect() as connection:
        took = await shifts_since(connection, user.audiences, since_us)
        expired = await expired_holds(connection, since_us, user.audiences)
    times_us: defaultdict[str, list[int]] = defaultdict(list)
    for one in expired:
        times_us[one.lane].append(one.at_us)
    over = [
        (lane, who, spell)
        for lane, who, spell in spells_held(now_held, took, since_us, until_us)
        if who is not None and spell[1] < until_us
    ]
    over.sort(key=lambda one: (-one[2][1], one[0]))
    return tuple(
        PastShift(
            lane=lane,
            responsible=who,
            begun=parts.moment(speaker, begin_us) if begin_us > since_us else None,
            ended=parts.moment(speaker, end_us),
            unanswered=sum(begin_us <= at_us < end_us for at_us in times_us[lane]),
        )
        for lane, who, (begin_us, end_us) in over[:SHOWN_MAX]
    )


def spells_held(
    now_held: Mapping[str, str | None], took: Iterable[Took], since_us: int, until_us: int
) -> list[tuple[str, str | None, Spell]]:
    """Who was responsible for which lane when, within a time; None: nobody."""
    changes: defaultdict[str, list[Took]] = defaultdict(list)
    for one in took:
        changes[one.lane].append(one)
    found: list[tuple[str, str | None, Spell]] = []
    for lane in {*now_held, *changes}:
        at_us, who = since_us, changes[lane][0].before if changes[lane] else now_held.get(lane)
        for change in changes[lane]:
            found.append((lane, who, (at_us, change.at_us)))
            at_us, who = change.at_us, change.responsible
        found.append((lane, who, (at_us, until_us)))
    return [one for one in found if one[2][0] < one[2][1]]
