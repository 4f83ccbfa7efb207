"""How alarms load a person, by ISA-18.2 and IEC 62682 (docs/sources.md 68): floods, rates.  Pure."""

from collections.abc import Iterable, Sequence

WINDOW_US = 600_000_000
"""Ten minutes, the unit of all rates."""
RATE_GOOD, RATE_MOST = 1.0, 2.0
"""Announced an operator in ten minutes: acceptable, and still manageable."""
FLOOD_ABOVE, FLOOD_OVER_BELOW = 10, 5
"""More announced in ten minutes begin a flood, fewer end it."""
FLOOD_SHARE = 0.01
TOP_TEN_SHARE = 0.05
PRIORITY_SHARES = {"high": 0.05, "medium": 0.15, "low": 0.80}
CHATTER_TIMES, CHATTER_US = 3, 60_000_000
"""Raised so often within a minute: chattering."""
STALE_US = 24 * 3_600_000_000
"""Standing for longer: stale.  Under five a day."""
STALE_MOST = 5

Spell = tuple[int, int]


def floods(times_us: Iterable[int]) -> list[Spell]:
    """Spells of flood among moments of announcement.  The last one ends when nothing more is announced."""
    changes = sorted((at, step) for time in times_us for at, step in ((time, 1), (time + WINDOW_US, -1)))
    found: list[Spell] = []
    began: int | None = None
    count = 0
    for at, step in changes:
        count += step
        if began is None and count > FLOOD_ABOVE:
            began = at
        elif began is not None and count < FLOOD_OVER_BELOW:
            found.append((began, at))
            began = None
    return found


def flood_at(times_us: Iterable[int], now_us: int) -> Spell | None:
    """The flood that stands at a moment."""
    return next((one for one in floods(times_us) if one[0] <= now_us < one[1]), None)


def busiest(times_us: Sequence[int], window_us: int = WINDOW_US) -> int:
    """The most announced within any window."""
    times, most, first = sorted(times_us), 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - window_us:
            first += 1
        most = max(most, last - first + 1)
    return most


def chatters(times_us: Sequence[int]) -> bool:
    """Whether one alarm was raised too often within a minute."""
    return busiest(times_us, CHATTER_US) >= CHATTER_TIMES


def within(spells: Iterable[Spell], others: Iterable[Spell]) -> int:
    """Microseconds of `spells` that lie within `others`; those of one list don't overlap."""
    held = list(others)
    return sum(max(0, min(end, last) - max(begin, first)) for begin, end in spells for first, last in held)


def union(spells: Iterable[Spell], gap_us: int = 0) -> list[Spell]:
    """Spells that overlap, or lie at most `gap_us` apart, as one."""
    found: list[Spell] = []
    for begin, end in sorted(spells):
        if found and begin <= found[-1][1] + gap_us:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found
