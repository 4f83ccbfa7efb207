"""Shifts handed over by name: what was open then, who took it over, and when."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows
from dashboard.store.incoming import dump
from dashboard.store.stage import Stage
from dashboard.store.tables import HAND_OVERS
from lane_controller.messages.words import Audience

LAST_MAX = 20


@dataclass(frozen=True, slots=True)
class HandOver:
    """`page` is the page of open matters as it was offered, for those who may see `audience`.  Times in
    microseconds; `taken_us` None: not taken over yet."""

    id: str
    audience: Audience
    by: str
    to: str
    lanes: tuple[str, ...]
    offered_us: int
    taken_us: int | None
    page: dict[str, Any]


async def save_offer(stage: Stage, offer: HandOver) -> None:
    """With its event, which holds the page too: the chain of the site's events vouches for it."""
    row = (
        *(offer.id, offer.audience, offer.by, offer.to, dump(offer.lanes)),
        *(stage.received_us, None, dump(offer.page)),
    )
    await insert_rows(stage.connection, HAND_OVERS, [row])
    data = {"hand_over": offer.id, "lanes": offer.lanes, "by": offer.by, "to": offer.to, "page": offer.page}
    stage.site.add("shift.offered", offer.audience, data)
    stage.committed.lanes.update(offer.lanes)


async def save_taken(stage: Stage, offer: HandOver, lanes: Collection[str]) -> bool:
    """With its event; False when it was taken over already."""
    open_ = (HAND_OVERS.c.id == offer.id, HAND_OVERS.c.taken_us.is_(None))
    taken = update(HAND_OVERS).where(*open_).values(taken_us=stage.received_us)
    if not (await stage.connection.execute(taken)).rowcount:
        return False
    data = {
        "hand_over": offer.id,
        "lanes": sorted(lanes),
        "by": offer.by,
        "to": offer.to,
        "offered_us": offer.offered_us,
        "taken_us": stage.received_us,
    }
    stage.site.add("shift.taken_over", offer.audience, data)
    stage.committed.lanes.update(offer.lanes)
    return True


async def load_hand_over(
    connection: AsyncConnection, id_: str, audiences: Collection[Audience]
) -> HandOver | None:
    heard = HAND_OVERS.c.audience.in_(audiences)
    row = (await connection.execute(select(HAND_OVERS).where(HAND_OVERS.c.id == id_, heard))).first()
    return _of(row) if row else None


async def last_hand_overs(
    connection: AsyncConnection, audiences: Collection[Audience], of: str | None = None
) -> list[HandOver]:
    """The last ones, the newest first; `of`: given or taken by this user alone."""
    statement = select(HAND_OVERS).where(HAND_OVERS.c.audience.in_(audiences))
    if of is not None:
        statement = statement.where(or_(HAND_OVERS.c.by == of, HAND_OVERS.c.to == of))
    statement = statement.order_by(HAND_OVERS.c.offered_us.desc()).limit(LAST_MAX)
    return [_of(row) for row in await connection.execute(statement)]


def _of(row: Any) -> HandOver:
    return HandOver(
        row.id,
        Audience(row.audience),
        row.by,
        row.to,
        tuple(json.loads(row.lanes)),
        row.offered_us,
        row.taken_us,
        json.loads(row.page),
    )
