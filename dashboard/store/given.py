"""The reasons that people gave for commands by hand, for who watches over them."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.tables import COMMANDS
from lane_controller.messages.words import CommandKind

GIVEN_MAX = 20_000
"""So many of the newest are looked at."""


@dataclass(frozen=True, slots=True)
class Given:
    lane: str
    kind: str
    operator: str
    role: str
    sent_us: int
    reason: str
    text: str


async def given(
    connection: AsyncConnection, lanes: Collection[str], kinds: Collection[CommandKind], since_us: int
) -> list[Given]:
    """Commands since then, the newest first, whatever the lanes answered."""
    statement = (
        select(COMMANDS.c.lane, COMMANDS.c.kind, COMMANDS.c.operator, COMMANDS.c.sent_us, COMMANDS.c.payload)
        .where(COMMANDS.c.lane.in_(sorted(lanes)), COMMANDS.c.sent_us >= since_us)
        .where(COMMANDS.c.kind.in_(sorted(kinds)))
        .order_by(COMMANDS.c.sent_us.desc(), COMMANDS.c.id)
        .limit(GIVEN_MAX)
    )
    return list(_read(await connection.execute(statement)))


def _read(rows: Any) -> Iterator[Given]:
    for row in rows:
        payload = json.loads(row.payload)
        reason = payload.get("reason") or {}
        yield Given(
            row.lane,
            row.kind,
            row.operator,
            str(payload["by"]["role"]),
            row.sent_us,
            str(reason.get("code", "")),
            str((reason.get("parameters") or {}).get("text", "")),
        )
