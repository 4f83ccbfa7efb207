"""The alarms as one person is to see and hear them: his lanes' first, a flood told as one thing.

Whose alarms are whose: a user who holds shifts hears the alarms of those lanes and of lanes that nobody
holds; a user without one hears all.  An alarm of high priority is everybody's.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dashboard.store.alarm_log import Raised, raised_since
from dashboard.store.incoming import now_us
from dashboard.store.tables import SITE_LANE
from dashboard.users.accounts import User
from dashboard.views import parts
from dashboard.views.alarm_load import STALE_US, WINDOW_US, Spell, chatters, flood_at
from dashboard.views.facts import AlarmFacts
from dashboard.views.language import Speaker
from dashboard.views.models import AlarmGroup, Alarms, Flood, Sound, Sounding
from dashboard.views.shelf import shelf
from dashboard.views.site import standing_alarms
from dashboard.views.source import Audiences, Source
from dashboard.views.tile_models import Alarm
from lane_controller.messages.rights import COMMAND_ROLES
from lane_controller.messages.words import CommandKind, Priority

RECENT_US = 3_600_000_000
FRESH_S = 1.0
PRIORITIES = ("high", "medium", "low")
Key = tuple[str, str]


@dataclass(slots=True)
class Recent:
    """What was raised within the last hour, read at most once a second for each set of audiences: fifty walls
    ask at the same moment."""

    source: Source
    _kept: dict[Audiences, tuple[float, list[Raised]]] = field(
        default_factory=dict[Audiences, tuple[float, list[Raised]]]
    )

    async def raised(self, audiences: Audiences) -> list[Raised]:
        kept = self._kept.get(audiences)
        if kept is None or time.monotonic() - kept[0] > FRESH_S:
            async with self.source.database.reads.connect() as connection:
                kept = (time.monotonic(), await raised_since(connection, audiences, now_us() - RECENT_US))
            self._kept[audiences] = kept
        return kept[1]


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands, and the flood that this user is in with its first alarm."""

    standing: list[AlarmFacts]
    hears: Callable[[str, str], bool]
    recent: list[Raised]
    flood: Spell | None
    first_out: Key | None
    chattering: frozenset[tuple[str, str, str]]

    @property
    def in_flood(self) -> list[AlarmFacts]:
        """Announced alarms that the flood tells together: never one of high priority, nor the first."""
        if self.flood is None:
            return []
        return [
            one
            for one in self.standing
            if one.announced
            and one.priority != Priority.HIGH
            and (one.lane, one.alarm) != self.first_out
            and self.hears(one.lane, one.priority)
        ]


async def picture(source: Source, recent: Recent, user: User) -> Picture:
    standing = await standing_alarms(source, user)
    hears = await _hears(source, user)
    raised = await recent.raised(user.audiences)
    shelves = list(source.memory.shelves.values())
    told = [
        one
        for one in raised
        if hears(one.lane, one.priority)
        and not any(put.holds(one.lane, one.kind, one.device, one.alarm, one.raised_us) for put in shelves)
    ]
    flood = flood_at([one.raised_us for one in told], now_us())
    of_flood = [one for one in told if flood is not None and one.raised_us > flood[0] - WINDOW_US]
    times: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for one in raised:
        times[one.lane, one.kind, one.device].append(one.raised_us)
    return Picture(
        standing=standing,
        hears=hears,
        recent=told,
        flood=flood,
        first_out=(of_flood[0].lane, of_flood[0].alarm) if of_flood else None,
        chattering=frozenset(key for key, found in times.items() if chatters(found)),
    )


async def _hears(source: Source, user: User) -> Callable[[str, str], bool]:
    holders = {lane: (await source.facts(lane, user.audiences)).shift for lane in await source.lanes()}
    has_shift = user.name in holders.values()

    def hears(lane: str, priority: str) -> bool:
        return (
            not has_shift
            or priority == Priority.HIGH
            or lane == SITE_LANE
            or holders.get(lane) in (user.name, None)
        )

    return hears


async def board(source: Source, recent: Recent, speaker: Speaker, user: User) -> Alarms:
    """The page of standing alarms."""
    seen = await picture(source, recent, user)
    groups = grouped(seen.in_flood)
    group_of = {(one.lane, one.alarm): name for name, members in groups.items() for one in members}
    shelves = sorted(source.memory.shelves.values(), key=lambda one: one.until_us)
    return Alarms(
        alarms=tuple(_alarm(one, seen, group_of, speaker, user) for one in seen.standing),
        flood=_flood(seen, speaker),
        groups=tuple(_group(name, members, speaker) for name, members in groups.items()),
        shelves=tuple(shelf(speaker, one, user) for one in shelves if one.audience in user.audiences),
    )


def grouped(alarms: Sequence[AlarmFacts]) -> dict[str, list[AlarmFacts]]:
    """Alarms that are told together: those of one kind at several lanes have one cause more often than not;
    of what is left, those of one lane.  What has nothing in common stands alone."""
    lanes_of: defaultdict[str, set[str]] = defaultdict(set)
    for one in alarms:
        lanes_of[one.kind].add(one.lane)
    found: defaultdict[str, list[AlarmFacts]] = defaultdict(list)
    for one in alarms:
        found[f"kind-{one.kind}" if len(lanes_of[one.kind]) > 1 else f"lane-{one.lane}"].append(one)
    return {name: members for name, members in found.items() if len(members) > 1}


def _group(name: str, members: list[AlarmFacts], speaker: Speaker) -> AlarmGroup:
    about, _, code = name.partition("-")
    worst = min((one.priority for one in members), key=PRIORITIES.index)
    return AlarmGroup(
        id=name,
        kind=speaker.coded("alarm", code) if about == "kind" else None,
        lane=code if about == "lane" else None,
        priority=speaker.coded("priority", worst),
        lanes=tuple(sorted({one.lane for one in members})),
        since=parts.moment(speaker, min(one.since_us for one in members)),
        count=len(members),
    )


def _alarm(facts: AlarmFacts, seen: Picture, group_of: dict[Key, str], speaker: Speaker, user: User) -> Alarm:
    key = (facts.lane, facts.alarm)
    marks = {
        "first_out": key == seen.first_out,
        "stale": now_us() - facts.since_us > STALE_US,
        "chattering": (facts.lane, facts.kind, facts.device or "") in seen.chattering,
    }
    shown = parts.alarm(speaker, facts, user)
    found = tuple(speaker.coded("alarm_mark", name) for name, holds in marks.items() if holds)
    return shown.model_copy(update={"marks": found, "group": group_of.get(key)})


def _flood(seen: Picture, speaker: Speaker) -> Flood | None:
    if seen.flood is None:
        return None
    lately = sum(one.raised_us > now_us() - WINDOW_US for one in seen.recent)
    return Flood(since=parts.moment(speaker, seen.flood[0]), count=lately)


async def sound(source: Source, recent: Recent, speaker: Speaker, user: User) -> Sound:
    """What calls for this user now: each alarm by itself, a flood's lesser ones as one."""
    seen = await picture(source, recent, user)
    if user.role not in COMMAND_ROLES[CommandKind.ACKNOWLEDGE]:
        return Sound(sounding=(), flood=None)
    drowned = {(one.lane, one.alarm) for one in seen.in_flood}
    sounding = [
        Sounding(id=f"{one.lane}/{one.journal}/{one.alarm}", priority=one.priority)
        for one in seen.standing
        if one.announced and seen.hears(one.lane, one.priority) and (one.lane, one.alarm) not in drowned
    ]
    if seen.flood is not None and drowned:
        sounding.append(Sounding(id=f"flood/{seen.flood[0]}", priority="medium"))
    return Sound(sounding=tuple(sounding), flood=_flood(seen, speaker))
