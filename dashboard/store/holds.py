"""Holds that nobody answered: each raised the alarm `hold_expired` when it became a referral."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.read import Audiences
from dashboard.store.tables import ALARMS


@dataclass(frozen=True, slots=True)
class ExpiredHold:
    lane: str
    at_us: int


async def expired_holds(
    connection: AsyncConnection, since_us: int, audiences: Audiences
) -> list[ExpiredHold]:
    """Those since a time, of all lanes."""
    statement = select(ALARMS.c.lane, ALARMS.c.raised_us, ALARMS.c.journal, ALARMS.c.alarm).where(
        ALARMS.c.raised_us >= since_us,
        ALARMS.c.alarm.like("hold\\_expired-%", escape="\\"),
        ALARMS.c.audience.in_(audiences),
    )
    found = {(row.lane, row.journal, row.alarm): row.raised_us for row in await connection.execute(statement)}
    return [ExpiredHold(lane, at_us) for (lane, _, _), at_us in found.items()]
