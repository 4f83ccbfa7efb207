"""Sessions: a random cookie, of which the store keeps the hash; idle ones end by themselves."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import delete, select, update

from dashboard.store.bulk import insert_rows
from dashboard.store.engine import Database
from dashboard.store.incoming import now_us
from dashboard.store.stage import Stage
from dashboard.store.tables import SESSIONS, USERS
from dashboard.store.writer import Writer
from dashboard.users.accounts import User, user_of
from lane_controller.messages.words import Audience

IDLE_US = 12 * 3600 * 1_000_000
"""An unused session ends after this.  Use is what a person or a program asks for, and an open wall."""
TOUCH_EVERY_US = 60 * 1_000_000
CACHED_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Session:
    """`token` is the hash of the cookie.  `workplace` is the enrolled one that it was begun at, or empty."""

    token: str
    user: User
    csrf: str
    workplace: str
    address: str
    seen_us: int


def token_of(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


async def drop_idle(stage: Stage) -> None:
    """Ends the sessions that nobody used for so long; each leaves its event."""
    idle = SESSIONS.c.seen_us < stage.received_us - IDLE_US
    for user in await stage.connection.scalars(select(SESSIONS.c.user).where(idle)):
        stage.site.add("site.signed_out", Audience.AUDIT, {"user": user})
    await stage.connection.execute(delete(SESSIONS).where(idle))


def _is_over(session: Session) -> bool:
    return now_us() - session.seen_us > IDLE_US


class Sessions:
    """All sessions of this dashboard.  The one process that writes is also the one that serves, so a cache
    is right as long as every change goes through here or calls `forget`."""

    def __init__(self, database: Database, writer: Writer, allowed: Callable[[User], bool]) -> None:
        self._database = database
        self._writer = writer
        self._allowed = allowed
        self._cache: dict[str, Session] = {}

    async def begin(self, user: User, address: str, workplace: str) -> str:
        """Starts a session; the cookie's value."""
        cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)

        async def job(stage: Stage) -> None:
            at_us = stage.received_us
            row = (token_of(cookie), user.name, csrf, workplace, at_us, at_us, address[:64])
            await insert_rows(stage.connection, SESSIONS, [row])
            data = {"user": user.name, "role": user.role, "address": address[:64], "workplace": workplace}
            stage.site.add("site.signed_in", Audience.AUDIT, data)

        await self._writer.do(job)
        return cookie

    async def find(self, cookie: str | None) -> Session | None:
        """The session of a cookie while it lives and its user may sign in."""
        if not cookie or len(cookie) > 200:
            return None
        return await self.again(token_of(cookie))

    async def again(self, token: str) -> Session | None:
        """As `find`, for streams that outlive a request, by the cookie's hash."""
        session = self._cache.get(token) or await self._load(token)
        if session is not None and _is_over(session):
            await self.end(session)
            return None
        return session

    async def _load(self, token: str) -> Session | None:
        statement = select(SESSIONS, USERS).join(USERS, USERS.c.name == SESSIONS.c.user)
        async with self._database.reads.connect() as connection:
            row = (await connection.execute(statement.where(SESSIONS.c.token == token))).first()
        if row is None:
            return None
        user = user_of(row)
        if not self._allowed(user):
            return None
        if len(self._cache) >= CACHED_MAX:
            self._cache.clear()
        session = Session(token, user, row.csrf, row.workplace, row.address, row.seen_us)
        self._cache[token] = session
        return session

    async def touch(self, session: Session) -> None:
        """Marks the session used, in the store at most once a minute."""
        now = now_us()
        known = self._cache.get(session.token)
        if known is None or now - known.seen_us < TOUCH_EVERY_US:
            return
        self._cache[session.token] = replace(known, seen_us=now)

        async def job(stage: Stage) -> None:
            seen = update(SESSIONS).where(SESSIONS.c.token == session.token).values(seen_us=now)
            await stage.connection.execute(seen)

        await self._writer.do(job)

    def lives(self, session: Session) -> bool:
        """Whether the session is known to be open; where it is not, `again` looks it up."""
        known = self._cache.get(session.token)
        return known is not None and not _is_over(known)

    async def end(self, session: Session) -> None:
        async def job(stage: Stage) -> None:
            await stage.connection.execute(delete(SESSIONS).where(SESSIONS.c.token == session.token))
            stage.site.add("site.signed_out", Audience.AUDIT, {"user": session.user.name})

        self._cache.pop(session.token, None)
        await self._writer.do(job)

    def forget_workplace(self, name: str) -> None:
        """The sessions of a work place have ended; none have at no place."""
        if not name:
            return
        for token in [token for token, session in self._cache.items() if session.workplace == name]:
            del self._cache[token]

    def forget(self, name: str) -> None:
        """Accounts changed: what is cached of this user is read again."""
        for token in [token for token, session in self._cache.items() if session.user.name == name]:
            del self._cache[token]
