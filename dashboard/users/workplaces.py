"""Enrolled work places: an administrator gives the browser that he sits at a name, and the browser keeps a
cookie for it.  Where two persons are needed, they stand at two of them."""

import re
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows
from dashboard.store.engine import Database
from dashboard.store.stage import Stage
from dashboard.store.tables import SESSIONS, WORKPLACES
from dashboard.users.sessions import token_of
from lane_controller.messages.words import Audience

NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,31}$")
COOKIE_S = 400 * 24 * 3600
"""Browsers keep no cookie longer (RFC 6265bis, 5.5); every sign-in gives it anew."""


class WorkplaceRefused(Exception):
    """The work place cannot be as asked; the argument is a reason's code."""


@dataclass(frozen=True, slots=True)
class Workplace:
    name: str
    enrolled_by: str
    enrolled_us: int


def new_cookie() -> str:
    """What a browser shows from now on; the store keeps its hash alone."""
    return secrets.token_urlsafe(32)


async def enrol(stage: Stage, name: str, cookie: str, by: str) -> None:
    """Gives the name to the browser with this cookie: another that had the name is that place no more, and
    the sessions there end.  Raises WorkplaceRefused."""
    if not NAME.match(name):
        raise WorkplaceRefused("bad_workplace_name")
    token = token_of(cookie)
    same = or_(WORKPLACES.c.name == name, WORKPLACES.c.token == token)
    await stage.connection.execute(delete(WORKPLACES).where(same))
    await stage.connection.execute(delete(SESSIONS).where(SESSIONS.c.workplace == name))
    await insert_rows(stage.connection, WORKPLACES, [(name, token, by, stage.received_us)])
    stage.site.add("site.workplace_enrolled", Audience.AUDIT, {"workplace": name, "by": by})


async def withdraw(stage: Stage, name: str, by: str) -> None:
    """The browser is an enrolled place no more; the sessions there end.  Raises WorkplaceRefused."""
    gone = delete(WORKPLACES).where(WORKPLACES.c.name == name)
    if not (await stage.connection.execute(gone)).rowcount:
        raise WorkplaceRefused("no_such_workplace")
    await stage.connection.execute(delete(SESSIONS).where(SESSIONS.c.workplace == name))
    stage.site.add("site.workplace_withdrawn", Audience.AUDIT, {"workplace": name, "by": by})


async def list_workplaces(connection: AsyncConnection) -> list[Workplace]:
    rows = await connection.execute(select(WORKPLACES).order_by(WORKPLACES.c.name))
    return [Workplace(row.name, row.enrolled_by, row.enrolled_us) for row in rows]


class Workplaces:
    """Which browser is which place; read again when an administrator changed it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[str, str] | None = None

    async def place_of(self, cookie: str | None) -> str:
        """The name under which the browser with this cookie is enrolled; empty for any other."""
        if not cookie or len(cookie) > 200:
            return ""
        if self._names is None:
            async with self._database.reads.connect() as connection:
                rows = await connection.execute(select(WORKPLACES))
                self._names = {row.token: row.name for row in rows}
        return self._names.get(token_of(cookie), "")

    def changed(self) -> None:
        self._names = None
