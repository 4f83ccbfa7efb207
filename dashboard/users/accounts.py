"""Accounts in the store.  Every change leaves an audit event."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows
from dashboard.store.stage import Stage
from dashboard.store.tables import SESSIONS, USERS
from dashboard.users.roles import AUDIENCES
from lane_controller.messages.words import Agency, Audience, UserRole

NAME = re.compile(r"^[a-z][a-z0-9._-]{1,31}$")
THEMES = ("system", "light", "dark")
VOLUME = 40
"""Of the alarms' sound, in hundredths, until the user chooses another; 0 is silent."""


class AccountRefused(Exception):
    """The account cannot be as asked; the argument is a reason's code."""


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: UserRole
    agency: Agency | None
    language: str
    theme: str
    volume: int
    character_keys: bool
    demo: bool
    disabled: bool

    @property
    def audiences(self) -> frozenset[Audience]:
        return AUDIENCES[self.role]


def user_of(row: Any) -> User:
    return User(
        name=row.name,
        role=UserRole(row.role),
        agency=Agency(row.agency) if row.agency else None,
        language=row.language,
        theme=row.theme,
        volume=row.volume,
        character_keys=row.character_keys,
        demo=row.demo,
        disabled=row.disabled,
    )


async def list_users(connection: AsyncConnection) -> list[User]:
    return [user_of(row) for row in await connection.execute(select(USERS).order_by(USERS.c.name))]


async def find_user(connection: AsyncConnection, name: str) -> tuple[User, str] | None:
    """The account and its password's hash."""
    row = (await connection.execute(select(USERS).where(USERS.c.name == name))).first()
    return (user_of(row), row.password) if row else None


async def save_user(
    stage: Stage,
    *,
    name: str,
    role: UserRole,
    agency: Agency | None,
    password: str,
    language: str,
    demo: bool,
    by: str,
) -> None:
    """Makes an account, or gives an existing one this role, agency and password (already hashed).  Its
    sessions end.  Raises AccountRefused."""
    if not NAME.match(name):
        raise AccountRefused("bad_user_name")
    await stage.connection.execute(delete(USERS).where(USERS.c.name == name))
    row = (name, role, agency, password, language, "system", demo, False, stage.received_us, VOLUME, True)
    await insert_rows(stage.connection, USERS, [row])
    await stage.connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))
    data = {"user": name, "role": role, "agency": agency, "by": by, "change": "saved"}
    stage.site.add("site.user_changed", Audience.AUDIT, data)


async def set_disabled(stage: Stage, name: str, disabled: bool, by: str) -> None:
    """Shuts an account out, or lets it in again; its sessions end.  Raises AccountRefused."""
    changed = update(USERS).where(USERS.c.name == name).values(disabled=disabled)
    if not (await stage.connection.execute(changed)).rowcount:
        raise AccountRefused("no_such_user")
    await stage.connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))
    change = "disabled" if disabled else "enabled"
    stage.site.add("site.user_changed", Audience.AUDIT, {"user": name, "by": by, "change": change})


async def set_preferences(stage: Stage, name: str, language: str, theme: str) -> None:
    changed = update(USERS).where(USERS.c.name == name).values(language=language, theme=theme)
    await stage.connection.execute(changed)


async def set_language(stage: Stage, name: str, language: str) -> None:
    await stage.connection.execute(update(USERS).where(USERS.c.name == name).values(language=language))


async def set_volume(stage: Stage, name: str, volume: int) -> None:
    await stage.connection.execute(update(USERS).where(USERS.c.name == name).values(volume=volume))


async def set_character_keys(stage: Stage, name: str, wanted: bool) -> None:
    """Whether keys that write a character do something on the pages (WCAG 2.1.4)."""
    changed = update(USERS).where(USERS.c.name == name).values(character_keys=wanted)
    await stage.connection.execute(changed)


async def set_password(stage: Stage, name: str, password: str) -> None:
    """`password` is hashed already."""
    await stage.connection.execute(update(USERS).where(USERS.c.name == name).values(password=password))
    data = {"user": name, "by": name, "change": "password"}
    stage.site.add("site.user_changed", Audience.AUDIT, data)
