"""Signing in: throttled, one answer for a wrong name and a wrong password, each failure on the record."""

import time
from dataclasses import dataclass

from dashboard.store.engine import Database
from dashboard.store.stage import Stage
from dashboard.store.writer import Writer
from dashboard.users.accounts import NAME, User, find_user
from dashboard.users.passwords import is_password
from dashboard.users.sessions import Sessions
from dashboard.users.throttle import Throttle
from lane_controller.messages.words import Audience


@dataclass(frozen=True, slots=True)
class SignedIn:
    user: User
    cookie: str


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """`code`: `wrong` (name or password), `disabled`, `demo_user` or `throttled` with the seconds to wait."""

    code: str
    wait_s: float = 0.0


def may_sign_in(user: User, demo_site: bool) -> bool:
    return not user.disabled and (demo_site or not user.demo)


class SignIn:
    def __init__(self, database: Database, writer: Writer, sessions: Sessions, demo_site: bool) -> None:
        self._database = database
        self._writer = writer
        self._sessions = sessions
        self._demo_site = demo_site
        self._throttle = Throttle()

    async def attempt(
        self, name: str, password: str, address: str, workplace: str
    ) -> SignedIn | SignInRefused:
        """Begins a session for who gives the right password.  `workplace` is the browser's enrolled name, or
        empty."""
        name = name.strip().lower()
        if not NAME.match(name):
            name = ""
        now_s = time.monotonic()
        wait_s = self._throttle.wait_s(name, address, now_s)
        if wait_s > 0:
            return SignInRefused("throttled", wait_s)
        # Counted before it is looked at: a thousand attempts at once are not a thousand guesses.
        self._throttle.failed(name, address, now_s)
        async with self._database.reads.connect() as connection:
            found = await find_user(connection, name)
        if not await is_password(password, found[1] if found else None) or found is None:
            await self._record_failure(name, address, "wrong")
            return SignInRefused("wrong")
        user = found[0]
        if not may_sign_in(user, self._demo_site):
            code = "disabled" if user.disabled else "demo_user"
            await self._record_failure(name, address, code)
            return SignInRefused(code)
        self._throttle.succeeded(name, address)
        return SignedIn(user, await self._sessions.begin(user, address, workplace))

    async def _record_failure(self, name: str, address: str, code: str) -> None:
        async def job(stage: Stage) -> None:
            data = {"user": name, "address": address, "reason": {"code": code, "parameters": {}}}
            stage.site.add("site.sign_in_failed", Audience.AUDIT, data)

        await self._writer.do(job)
