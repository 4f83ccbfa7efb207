"""One lane as the store has it now, in one statement.

A tile is made anew after each commit that touched its lane.  Question by question the same took three times
as long, nearly all of it SQLAlchemy's work and the switching of threads around each statement.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, cast, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.fold import Registers, alarm_standing
from dashboard.store.read import AlarmView, PassageKey, merged
from dashboard.store.tables import ALARMS, EVENTS, JOURNALS, LANES, PASSAGES
from lane_controller.messages.words import Audience

OPEN_PASSAGES_MAX = 10
_LANE: ColumnElement[str] = bindparam("lane", type_=LANES.c.lane.type)


@dataclass(frozen=True, slots=True)
class Standing:
    """What some audiences may see of a lane: the `journal` that last brought an event, its last visible
    `sequence` (0 for none) and registers, its passages that have arrived and not ended (the oldest first),
    and the lane's standing alarms (the newest first)."""

    journal: str
    sequence: int
    registers: Registers
    passages: list[tuple[PassageKey, Registers]]
    alarms: list[AlarmView]


async def lane_standing(
    connection: AsyncConnection, lane: str, audiences: Collection[Audience]
) -> Standing | None:
    """None for a lane that never sent an event."""
    rows = await connection.execute(_statement(frozenset(audiences)), {"lane": lane})
    texts: defaultdict[str, defaultdict[Any, list[str]]] = defaultdict(lambda: defaultdict(list))
    for of, journal, name, number, registers in map(tuple, rows):
        texts[of][journal, name, number].append(registers)
    if not texts["journal"]:
        return None
    ((journal, _, sequence),) = texts["journal"]
    passages = [
        (PassageKey(lane, journal, number), merged(found))
        for (_, _, number), found in sorted(texts["passage"].items())
    ]
    # One alarm's rows for several audiences are one alarm, raised when the first of them says.
    by_alarm: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (of_journal, name, _), found in sorted(texts["alarm"].items(), key=_newest_first):
        by_alarm[of_journal, name] += found
    alarms = [AlarmView(lane, *key, merged(found)) for key, found in by_alarm.items()]
    return Standing(
        journal,
        sequence,
        merged(text for found in texts["lane"].values() for text in found),
        [(key, registers) for key, registers in passages if "ended" not in registers],
        [view for view in alarms if alarm_standing(view.registers)],
    )


def _newest_first(entry: tuple[tuple[str, str, int], list[str]]) -> tuple[int, str]:
    (_, alarm, raised_us), _ = entry
    return -raised_us, alarm


@lru_cache(maxsize=64)
def _statement(audiences: frozenset[Audience]) -> Any:
    """Rows of (what it is, journal, alarm, number, registers); `number` is the journal's last sequence, the
    passage, or when the alarm was raised (microseconds)."""

    def seen(column: ColumnElement[str]) -> ColumnElement[bool]:
        # As an IN it would be written out anew at each execution.
        return or_(*(column == audience.value for audience in sorted(audiences)))

    journal = (
        select(JOURNALS.c.journal)
        .where(JOURNALS.c.lane == _LANE)
        .order_by(JOURNALS.c.last_us.desc(), JOURNALS.c.first_us.desc())
        .limit(1)
        .cte("newest")
    )
    newest = select(journal.c.journal).scalar_subquery()
    sequence = (
        select(EVENTS.c.sequence)
        .where(EVENTS.c.lane == _LANE, EVENTS.c.journal == newest, seen(EVENTS.c.audience))
        .order_by(EVENTS.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    arrived = (
        select(PASSAGES.c.passage)
        .where(
            PASSAGES.c.lane == _LANE,
            PASSAGES.c.journal == newest,
            seen(PASSAGES.c.audience),
            PASSAGES.c.arrived_us.is_not(None),
            PASSAGES.c.ended_us.is_(None),
        )
        .order_by(PASSAGES.c.passage.desc())
        .limit(OPEN_PASSAGES_MAX)
    )
    none, zero = literal(""), cast(0, BigInteger)
    return union_all(
        select(literal("journal"), journal.c.journal, none, func.coalesce(sequence, 0), none),
        select(literal("lane"), LANES.c.journal, none, zero, LANES.c.registers).where(
            LANES.c.lane == _LANE, LANES.c.journal == newest, seen(LANES.c.audience)
        ),
        select(literal("passage"), PASSAGES.c.journal, none, PASSAGES.c.passage, PASSAGES.c.registers).where(
            PASSAGES.c.lane == _LANE,
            PASSAGES.c.journal == newest,
            PASSAGES.c.passage.in_(arrived),
            seen(PASSAGES.c.audience),
        ),
        select(
            literal("alarm"), ALARMS.c.journal, ALARMS.c.alarm, ALARMS.c.raised_us, ALARMS.c.registers
        ).where(
            ALARMS.c.lane == _LANE,
            ALARMS.c.standing,
            ALARMS.c.raised_us.is_not(None),
            seen(ALARMS.c.audience),
        ),
    )
