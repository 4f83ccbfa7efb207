"""How the alarms did: rates a person and shift, floods, the top ten, each beside what ISA-18.2 and IEC 62682
hold for good (docs/sources.md 68)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from dashboard.store.alarm_log import Raised, raised_since, shifts_since
from dashboard.store.incoming import now_us
from dashboard.store.shelves import shelf_of, shelves_since
from dashboard.store.tables import SITE_LANE
from dashboard.users.accounts import User
from dashboard.views import alarm_load, parts
from dashboard.views.alarm_charts import rate_chart, top_chart
from dashboard.views.alarm_figures_shown import AlarmFigures, Judged, ShiftLoad, TopAlarm
from dashboard.views.alarm_load import STALE_MOST, STALE_US, WINDOW_US, Spell
from dashboard.views.language import Speaker
from dashboard.views.past_shifts import spells_held
from dashboard.views.site import standing_alarms
from dashboard.views.source import Source

HOURS = (12, 24, 168)
TOP = 10
GAP_US = 1_800_000_000
"""Two spells of one person with a shorter pause are one shift."""
HOUR_US = 3_600_000_000


@dataclass(slots=True)
class _Shift:
    """One person's time, and what was announced in it."""

    operator: str | None
    spell: Spell
    lanes: set[str] = field(default_factory=set[str])
    raised: list[Raised] = field(default_factory=list[Raised])


async def figures(source: Source, speaker: Speaker, user: User, hours: int) -> AlarmFigures:
    until_us = now_us()
    since_us = until_us - hours * HOUR_US
    async with source.database.reads.connect() as connection:
        raised = await raised_since(connection, user.audiences, since_us)
        took = await shifts_since(connection, user.audiences, since_us)
        shelves = await shelves_since(connection, since_us, user.audiences)
    announced = [
        one
        for one in raised
        if shelf_of(shelves, one.lane, one.kind, one.device, one.alarm, one.raised_us) is None
    ]
    now_held = {lane: (await source.facts(lane, user.audiences)).shift for lane in await source.lanes()}
    held = spells_held(now_held, took, since_us, until_us)
    shifts = _shifts(announced, held)
    standing = await standing_alarms(source, user)
    stale = sum(until_us - one.since_us > STALE_US for one in standing)
    return AlarmFigures(
        hours=hours,
        since=parts.moment(speaker, since_us),
        until=parts.moment(speaker, until_us),
        announced=len(announced),
        shelved=len(raised) - len(announced),
        judged=tuple(_judged(announced, shifts, (since_us, until_us), stale, speaker)),
        shifts=tuple(_shift(one, speaker) for one in shifts),
        top=tuple(_top(announced, speaker)),
        rate_chart=rate_chart(announced, since_us, until_us, speaker),
        top_chart=top_chart(_counts(announced).most_common(TOP), len(announced), speaker),
    )


def _shifts(announced: Sequence[Raised], held: list[tuple[str, str | None, Spell]]) -> list[_Shift]:
    """Each person's shifts with their alarms; last what came while nobody had the lane."""
    spells: defaultdict[str, list[Spell]] = defaultdict(list)
    for _, who, spell in held:
        if who is not None:
            spells[who].append(spell)
    shifts = [_Shift(who, spell) for who, own in spells.items() for spell in alarm_load.union(own, GAP_US)]
    for lane, who, spell in held:
        for shift in shifts:
            if shift.operator == who and alarm_load.within([spell], [shift.spell]):
                shift.lanes.add(lane)
    nobody = _Shift(None, (0, 0))
    for one in announced:
        who = next(
            (who for lane, who, spell in held if lane == one.lane and spell[0] <= one.raised_us < spell[1]),
            None,
        )
        found = next(
            (
                shift
                for shift in shifts
                if shift.operator == who and shift.spell[0] <= one.raised_us <= shift.spell[1]
            ),
            nobody,
        )
        if found is nobody and one.lane != SITE_LANE:
            nobody.lanes.add(one.lane)
        found.raised.append(one)
    shifts.sort(key=lambda one: (one.spell[0], one.operator or ""), reverse=True)
    return [*shifts, nobody] if nobody.raised else shifts


def _rate(count: int, spell_us: int) -> float | None:
    """Announced in ten minutes; None where the time is too short to say."""
    return count * WINDOW_US / spell_us if spell_us >= WINDOW_US else None


def _flood_us(shift: _Shift) -> int:
    return alarm_load.within(alarm_load.floods(one.raised_us for one in shift.raised), [shift.spell])


def _shift(shift: _Shift, speaker: Speaker) -> ShiftLoad:
    begin, end = shift.spell
    rate = _rate(len(shift.raised), end - begin)
    worst = alarm_load.busiest([one.raised_us for one in shift.raised])
    return ShiftLoad(
        operator=shift.operator,
        lanes=tuple(sorted(shift.lanes)),
        since=parts.moment(speaker, begin) if shift.operator is not None else None,
        hours=speaker.number((end - begin) / HOUR_US, 1) if shift.operator is not None else None,
        announced=len(shift.raised),
        per_ten_minutes=speaker.number(rate) if rate is not None else None,
        busiest=worst,
        flood=_percent(_flood_us(shift) / (end - begin), speaker) if end > begin else None,
        within=rate is None or rate <= alarm_load.RATE_GOOD,
    )


def _judged(
    announced: Sequence[Raised], shifts: list[_Shift], whole: Spell, stale: int, speaker: Speaker
) -> Iterable[Judged]:
    manned = [one for one in shifts if one.operator is not None]
    if manned:
        time_us = sum(end - begin for begin, end in (one.spell for one in manned))
        count, flood_us = sum(len(one.raised) for one in manned), sum(map(_flood_us, manned))
    else:
        # Nobody has a shift: as if one person had all lanes all the time.
        time_us, count = whole[1] - whole[0], len(announced)
        flood_us = alarm_load.within(alarm_load.floods(one.raised_us for one in announced), [whole])
    rate = _rate(count, time_us) or 0.0
    share = flood_us / time_us if time_us else 0.0
    tops = _counts(announced).most_common(TOP)
    top_share = sum(times for _, times in tops) / len(announced) if announced else 0.0
    times: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for one in announced:
        times[one.lane, one.kind, one.device].append(one.raised_us)
    chattering = sum(alarm_load.chatters(at) for at in times.values())
    seen = [
        (one.acknowledged_us - one.raised_us) / 1e6 for one in announced if one.acknowledged_us is not None
    ]
    number = speaker.number

    def judged(code: str, value: str, target: str, met: bool | None) -> Judged:
        return Judged(figure=speaker.coded("alarm_figure", code), value=value, target=target, met=met)

    yield judged("rate", number(rate), f"≤ {number(alarm_load.RATE_GOOD)}", rate <= alarm_load.RATE_GOOD)
    yield judged(
        "flood", _percent(share, speaker), f"< {_percent(0.01, speaker)}", share < alarm_load.FLOOD_SHARE
    )
    yield judged("chattering", number(chattering), "0", chattering == 0)
    yield judged("stale", number(stale), f"< {STALE_MOST}", stale < STALE_MOST)
    yield judged(
        "top_ten",
        _percent(top_share, speaker),
        f"< {_percent(alarm_load.TOP_TEN_SHARE, speaker)}",
        # Ten alarms can be a twentieth of all only where there are two hundred kinds of them.
        top_share < alarm_load.TOP_TEN_SHARE if len(times) > 20 * TOP else None,
    )
    counts = Counter(one.priority for one in announced)
    for priority, wanted in alarm_load.PRIORITY_SHARES.items():
        part = counts[priority] / len(announced) if announced else 0.0
        yield judged(f"share_{priority}", _percent(part, speaker), f"≈ {_percent(wanted, speaker)}", None)
    if seen:
        yield judged("seen_after", speaker.span(round(median(seen))), "", None)


def _percent(share: float, speaker: Speaker) -> str:
    return f"{speaker.number(100 * share, 1)} %"


def _counts(raised: Iterable[Raised]) -> Counter[tuple[str, str, str]]:
    return Counter((one.lane, one.kind, one.device) for one in raised)


def _top(announced: Sequence[Raised], speaker: Speaker) -> Iterable[TopAlarm]:
    for (lane, kind, device), times in _counts(announced).most_common(TOP):
        yield TopAlarm(
            lane=lane,
            kind=speaker.coded("alarm", kind),
            device=device or None,
            times=times,
            share=_percent(times / len(announced), speaker),
        )
