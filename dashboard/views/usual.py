"""How long a lane's passages usually take, from the last ones that the store holds.

Arrival and end of every passage are for everybody's eyes, so this tells nothing of what is not.
"""

import time
from dataclasses import dataclass

from sqlalchemy import select

from dashboard.store.engine import Database
from dashboard.store.tables import PASSAGES
from lane_controller.messages.words import Audience, PassageEnd

LAST_PASSAGES = 50
PASSAGES_MIN = 10
"""Of fewer nobody can say what is usual."""
KEPT_S = 300.0
LANES_MAX = 1000


@dataclass(frozen=True, slots=True)
class UsualTime:
    """Half of the passages took at most `median_s`, nine of ten at most `p90_s`."""

    median_s: int
    p90_s: int


class UsualTimes:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, tuple[float, UsualTime | None]] = {}

    async def of(self, lane: str) -> UsualTime | None:
        """From the lane's last passages, looked up every five minutes at most; None while there are few."""
        kept = self._kept.get(lane)
        if kept is None or kept[0] < time.monotonic():
            if len(self._kept) >= LANES_MAX:
                self._kept.clear()
            kept = self._kept[lane] = (time.monotonic() + KEPT_S, await self._load(lane))
        return kept[1]

    async def _load(self, lane: str) -> UsualTime | None:
        statement = (
            select(PASSAGES.c.arrived_us, PASSAGES.c.ended_us)
            .where(
                PASSAGES.c.lane == lane,
                PASSAGES.c.ended_us.is_not(None),
                PASSAGES.c.arrived_us.is_not(None),
                PASSAGES.c.audience == Audience.LANE.value,
                PASSAGES.c.ending == PassageEnd.DEPARTED.value,
            )
            .order_by(PASSAGES.c.ended_us.desc())
            .limit(LAST_PASSAGES)
        )
        async with self._database.reads.connect() as connection:
            rows = (await connection.execute(statement)).all()
        took_s = sorted((row.ended_us - row.arrived_us) / 1e6 for row in rows)
        if len(took_s) < PASSAGES_MIN:
            return None
        return UsualTime(round(took_s[len(took_s) // 2]), round(took_s[len(took_s) * 9 // 10]))
