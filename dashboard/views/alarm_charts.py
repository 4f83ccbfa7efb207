"""The alarms' charts, as places in a drawing: the page's SVG and a printed one are the same."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from dashboard.store.alarm_log import Raised
from dashboard.views.alarm_figures_shown import Bar, Chart, Mark
from dashboard.views.alarm_load import FLOOD_ABOVE, WINDOW_US
from dashboard.views.language import Speaker

WIDTH, HEIGHT = 1200, 240
LEFT, RIGHT, TOP, BOTTOM = 40, 10, 12, 26
HOUR_US = 3_600_000_000
ROW = 30
NAMES = 430


def rate_chart(announced: Sequence[Raised], since_us: int, until_us: int, speaker: Speaker) -> Chart:
    """Announced alarms over time, in pieces of ten minutes (of a day) or two hours (of a week)."""
    day = until_us - since_us <= 25 * HOUR_US
    piece_us = WINDOW_US if day else 12 * WINDOW_US
    first_us = since_us // piece_us * piece_us
    pieces = (until_us - first_us) // piece_us + 1
    counts = Counter(((one.raised_us - first_us) // piece_us, one.priority) for one in announced)
    totals = Counter((one.raised_us - first_us) // piece_us for one in announced)
    most = max([12 * piece_us // WINDOW_US if not day else 12, *totals.values()])
    wide = (WIDTH - LEFT - RIGHT) / pieces
    high = HEIGHT - TOP - BOTTOM
    bars: list[Bar] = []
    for piece in sorted(totals):
        y = float(HEIGHT - BOTTOM)
        local = speaker.local(first_us + piece * piece_us)
        clock = f"{local:%H:%M}" if day else f"{local:%d.%m %H:%M}"
        for priority in ("high", "medium", "low"):
            count = counts[piece, priority]
            if not count:
                continue
            y -= high * count / most
            title = f"{clock} {speaker.word('priority', priority)}: {count}"
            bars.append(
                _bar(LEFT + wide * piece, y, max(1.0, wide - 1), high * count / most, priority, title)
            )
    every = 3 * HOUR_US if day else 24 * HOUR_US
    offset_us = int((speaker.local(first_us).utcoffset() or timedelta()).total_seconds() * 1e6)
    tick_us = -(-(first_us + offset_us) // every) * every - offset_us
    ticks: list[Mark] = []
    while tick_us < until_us:
        at = LEFT + (tick_us - first_us) / piece_us * wide
        local = speaker.local(tick_us)
        ticks.append(Mark(at=round(at, 1), text=f"{local:%H:%M}" if day else f"{local:%d.%m}"))
        tick_us += every
    lines = [
        Mark(at=round(HEIGHT - BOTTOM - high * count / most, 1), text=str(count))
        for count in (piece_us // WINDOW_US, FLOOD_ABOVE * piece_us // WINDOW_US)
        if count <= most
    ]
    label = (
        speaker.say("Alarms announced in ten minutes")
        if day
        else speaker.say("Alarms announced in two hours")
    )
    return Chart(
        width=WIDTH, height=HEIGHT, label=label, bars=tuple(bars), ticks=tuple(ticks), lines=tuple(lines)
    )


def top_chart(counts: Sequence[tuple[tuple[str, str, str], int]], announced: int, speaker: Speaker) -> Chart:
    """The alarms that came most often, a bar each; its name stands before it."""
    most = max((times for _, times in counts), default=1)
    bars: list[Bar] = []
    names: list[Mark] = []
    for row, ((lane, kind, device), times) in enumerate(counts):
        where = speaker.say("site") if lane.startswith("_") else lane
        name = f"{where} · {speaker.word('alarm', kind)}" + (f": {device}" if device else "")
        width = (WIDTH - NAMES - 120) * times / most
        title = f"{times} ({speaker.number(100 * times / max(announced, 1), 1)} %)"
        bars.append(_bar(NAMES, ROW * row + 4, width, ROW - 8, "plain", title))
        names.append(Mark(at=ROW * row + ROW / 2, text=name if len(name) < 52 else f"{name[:50]}…"))
    label = speaker.say("The alarms that came most often")
    height = max(ROW, ROW * len(counts))
    return Chart(width=WIDTH, height=height, label=label, bars=tuple(bars), ticks=tuple(names), lines=())


def _bar(x: float, y: float, width: float, height: float, tone: str, title: str) -> Bar:
    return Bar(
        x=round(x, 1), y=round(y, 1), width=round(width, 1), height=round(height, 1), tone=tone, title=title
    )
