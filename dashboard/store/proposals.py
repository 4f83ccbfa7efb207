"""Commands that wait for a second person, as they stand in the store: a restart loses none."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update

from dashboard.store.bulk import insert_rows
from dashboard.store.stage import Stage
from dashboard.store.tables import PROPOSALS


async def save_proposal(stage: Stage, row: tuple[Any, ...], over_us: int) -> None:
    """One more, its values in the order of the columns; those that ended, of before `over_us`, go for it."""
    over = (PROPOSALS.c.state != "open", PROPOSALS.c.asked_us < over_us)
    await stage.connection.execute(delete(PROPOSALS).where(*over))
    await insert_rows(stage.connection, PROPOSALS, [row])


async def end_proposal(stage: Stage, id_: str, state: str, by: str) -> None:
    ended = update(PROPOSALS).where(PROPOSALS.c.id == id_).values(state=state, ended_by=by)
    await stage.connection.execute(ended)


async def kept_proposals(stage: Stage) -> Sequence[Any]:
    """The rows, the oldest first."""
    return (await stage.connection.execute(select(PROPOSALS).order_by(PROPOSALS.c.asked_us))).all()
