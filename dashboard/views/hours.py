"""Lanes x hours of the day, as a table whose cells are darker the more there was."""

from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import urlencode

from dashboard.store.hours import DAY_US, LaneHour
from dashboard.store.incoming import to_us
from dashboard.store.question import Question
from dashboard.views import parts
from dashboard.views.found_models import HourCount, LaneHours, PassageHours
from dashboard.views.language import Speaker

HOURS = range(24)
LEVELS = 5


def day_of(speaker: Speaker, at_us: int) -> tuple[int, int]:
    """The day of site time that a moment falls into, from midnight to midnight."""
    midnight = speaker.local(at_us).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return to_us(midnight), to_us(_next_day(midnight))


def _next_day(midnight: datetime) -> datetime:
    """Not 24 hours later: clocks are set forward and back."""
    return (midnight.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=midnight.tzinfo)


def passage_hours(
    counts: Counter[LaneHour], lanes: list[str], question: Question, fields: dict[str, str], speaker: Speaker
) -> PassageHours:
    """`fields`: what was asked for, as an address has it; without times."""
    begin_us, end_us = question.from_us or 0, question.to_us or 0
    one_day = end_us - begin_us <= DAY_US
    largest = max(counts.values(), default=0)

    def cell(lane: str, hour: int) -> HourCount:
        count = counts[lane, hour]
        search = (
            _search(fields | {"lane": lane}, begin_us, end_us, hour, speaker) if one_day and count else None
        )
        return HourCount(count=count, level=-(-LEVELS * count // largest) if largest else 0, search=search)

    shown = sorted({*lanes, *(lane for lane, _ in counts)})
    totals = tuple(sum(counts[lane, hour] for lane in shown) for hour in HOURS)
    return PassageHours(
        begin=parts.moment(speaker, begin_us),
        end=parts.moment(speaker, end_us),
        days=-(-(end_us - begin_us) // DAY_US),
        lanes=tuple(
            LaneHours(
                lane=lane,
                hours=tuple(cell(lane, hour) for hour in HOURS),
                total=sum(counts[lane, hour] for hour in HOURS),
            )
            for lane in shown
        ),
        totals=totals,
        total=sum(totals),
        largest=largest,
    )


def _search(fields: dict[str, str], begin_us: int, end_us: int, hour: int, speaker: Speaker) -> str:
    """The query of the list behind a cell: that hour, within what was asked for."""
    day = speaker.local(begin_us)
    first = day.replace(hour=hour, minute=0, second=0, microsecond=0)
    if to_us(first + timedelta(hours=1)) <= begin_us:
        first = first.replace(tzinfo=None) + timedelta(days=1)
        first = first.replace(tzinfo=day.tzinfo)
    from_us = max(begin_us, to_us(first))
    until_us = min(end_us, to_us(first) + 3600 * 1_000_000)
    times = {"from": iso_local(speaker, from_us), "to": iso_local(speaker, until_us)}
    return urlencode({**fields, **times})


def iso_local(speaker: Speaker, at_us: int) -> str:
    """As a browser's field of date and time has it: site time, no offset."""
    local = speaker.local(at_us)
    return f"{local:%Y-%m-%dT%H:%M}"


def days_of(speaker: Speaker, now: int) -> dict[str, dict[str, str]]:
    """The times that are asked for most, as the fields have them: today, yesterday, the last seven days."""
    today = day_of(speaker, now)
    yesterday = day_of(speaker, today[0] - 1)
    week = day_of(speaker, today[0] - 6 * DAY_US + DAY_US // 2)
    spans = {"today": today, "yesterday": yesterday, "week": (week[0], today[1])}
    return {
        name: {"from": iso_local(speaker, begin), "to": iso_local(speaker, end)}
        for name, (begin, end) in spans.items()
    }
