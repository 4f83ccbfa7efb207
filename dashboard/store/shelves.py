"""Shelved alarms: which stand apart and make no sound, until when, and why."""

from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows
from dashboard.store.tables import SHELVES
from lane_controller.messages.words import Audience


@dataclass(frozen=True, slots=True)
class Shelf:
    """One alarm put aside, from `from_us` to `until_us` unless it was taken back (`ended_us`).  `alarm`:
    the one occurrence that it is for; empty: every occurrence of this kind, device and lane."""

    id: str
    lane: str
    kind: str
    device: str
    alarm: str
    audience: Audience
    by: str
    reason: str
    text: str
    from_us: int
    until_us: int
    ended_us: int | None = None

    def holds(self, lane: str, kind: str, device: str, alarm: str, at_us: int) -> bool:
        """Whether an occurrence is shelved by this at a moment."""
        same = (self.lane, self.kind, self.device) == (lane, kind, device) and self.alarm in ("", alarm)
        ends_us = self.until_us if self.ended_us is None else self.ended_us
        return same and self.from_us <= at_us < ends_us


def shelf_of(
    shelves: Iterable[Shelf], lane: str, kind: str, device: str, alarm: str, at_us: int
) -> Shelf | None:
    """The shelf that holds an occurrence, the one that lasts longest."""
    found = [one for one in shelves if one.holds(lane, kind, device, alarm, at_us)]
    return max(found, key=lambda one: one.until_us, default=None)


async def standing_shelves(connection: AsyncConnection) -> list[Shelf]:
    """Those that nobody ended and whose end was not told yet."""
    return await _shelves(connection, SHELVES.c.ended_us.is_(None))


async def shelves_since(
    connection: AsyncConnection, since_us: int, audiences: Collection[Audience]
) -> list[Shelf]:
    """Those that held anything after `since_us`."""
    still = or_(SHELVES.c.ended_us.is_(None), SHELVES.c.ended_us > since_us)
    return await _shelves(connection, still, SHELVES.c.until_us > since_us, SHELVES.c.audience.in_(audiences))


async def _shelves(connection: AsyncConnection, *where: ColumnElement[bool]) -> list[Shelf]:
    rows = await connection.execute(select(SHELVES).where(*where))
    return [
        Shelf(
            id=row.id,
            lane=row.lane,
            kind=row.kind,
            device=row.device,
            alarm=row.alarm,
            audience=Audience(row.audience),
            by=row.by,
            reason=row.reason,
            text=row.text,
            from_us=row.from_us,
            until_us=row.until_us,
            ended_us=row.ended_us,
        )
        for row in rows
    ]


async def put_shelf(connection: AsyncConnection, shelf: Shelf) -> None:
    await insert_rows(connection, SHELVES, [astuple(shelf)])


async def end_shelf(connection: AsyncConnection, shelf: str, at_us: int) -> None:
    await connection.execute(update(SHELVES).where(SHELVES.c.id == shelf).values(ended_us=at_us))
