"""The alarms that were raised, standing or not, and who had which lane meanwhile."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.read import merged
from dashboard.store.tables import ALARMS, EVENTS
from lane_controller.messages.words import Audience

RAISED_MAX = 50_000
"""A lane gone mad must not fill the memory of a page; the last ones are taken."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One occurrence.  `device` empty: about none."""

    lane: str
    alarm: str
    kind: str
    device: str
    priority: str
    raised_us: int
    acknowledged_us: int | None
    cleared_us: int | None


async def raised_since(
    connection: AsyncConnection, audiences: Collection[Audience], since_us: int
) -> list[Raised]:
    """What was raised after a moment, the oldest first."""
    statement = (
        select(ALARMS.c.lane, ALARMS.c.journal, ALARMS.c.alarm, ALARMS.c.registers)
        .where(ALARMS.c.audience.in_(audiences), ALARMS.c.raised_us > since_us)
        .order_by(ALARMS.c.raised_us.desc())
        .limit(RAISED_MAX)
    )
    texts: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in await connection.execute(statement):
        texts[row.lane, row.journal, row.alarm].append(row.registers)
    found = [
        _raised(lane, alarm, {name: value for name, (_, value) in merged(one).items()})
        for (lane, _, alarm), one in texts.items()
    ]
    return sorted(found, key=lambda one: one.raised_us)


def _raised(lane: str, alarm: str, said: dict[str, Any]) -> Raised:
    raised = said["raised"]

    def time_of(name: str) -> int | None:
        return said[name]["time_us"] if name in said else None

    return Raised(
        lane=lane,
        alarm=alarm,
        kind=str(raised["kind"]),
        device=str(raised.get("device") or ""),
        priority=str(raised["priority"]),
        raised_us=raised["time_us"],
        acknowledged_us=time_of("acknowledged"),
        cleared_us=time_of("cleared"),
    )


@dataclass(frozen=True, slots=True)
class Took:
    """From `at_us` a lane was `responsible`'s, before it `before`'s; None: nobody's."""

    lane: str
    at_us: int
    responsible: str | None
    before: str | None


async def shifts_since(
    connection: AsyncConnection, audiences: Collection[Audience], since_us: int
) -> list[Took]:
    """Changes of who is responsible after a moment, the oldest first."""
    statement = (
        select(EVENTS.c.lane, EVENTS.c.time_us, EVENTS.c.data)
        .where(
            EVENTS.c.type == "lane.shift_changed",
            EVENTS.c.time_us > since_us,
            EVENTS.c.reading == "read",
            EVENTS.c.audience.in_(audiences),
        )
        .order_by(EVENTS.c.time_us, EVENTS.c.sequence)
    )
    found: list[Took] = []
    for row in await connection.execute(statement):
        data = json.loads(row.data)
        found.append(Took(row.lane, row.time_us, data.get("responsible"), data.get("before")))
    return found
