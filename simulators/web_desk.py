"""A desk at the dashboard: commands given through its HTTP API, as an operator's browser gives them.

It knows the dashboard by its pages and its OpenAPI description: a form to sign in, a CSRF token on each page,
and in a lane's view the token of what is on the screen.
"""

import html
import re
from typing import Any

import httpx
import structlog

from simulators.dashboard_process import DashboardProcess, operator_of
from simulators.operators import Wish

log = structlog.get_logger()

_FORM_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_PAGE_TOKEN = re.compile(r'"X-CSRF-Token": "([^"]+)"')


class _Seat:
    """One signed-in user."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self.client = client
        self.token = token


class WebDesk:
    """`ask` signs the right demo user in when needed.  Raises ConnectionError; a command that the dashboard
    withholds is logged and left: whoever asks looks again."""

    def __init__(self, dashboard: DashboardProcess) -> None:
        self._dashboard = dashboard
        self._seats: dict[str, _Seat] = {}

    async def close(self) -> None:
        for seat in self._seats.values():
            await seat.client.aclose()
        self._seats.clear()

    async def ask(self, wish: Wish) -> None:
        user = operator_of(wish.agency, second_line=wish.second_line)
        try:
            await self._ask(user, wish)
        except httpx.HTTPError as error:
            raise ConnectionError(f"dashboard: {error!r}") from error

    async def _ask(self, user: str, wish: Wish) -> None:
        seat = self._seats.get(user) or await self._sign_in(user)
        shown = await seat.client.get(f"/api/v1/lanes/{wish.lane}")
        if shown.status_code == 401:
            await self._seats.pop(user).client.aclose()
            return
        shown.raise_for_status()
        body: dict[str, Any] = {
            "kind": wish.kind,
            "passage": wish.passage,
            "seen": shown.json()["seen"],
            "reason": wish.reason,
            **wish.extra,
        }
        answer = await seat.client.post(
            f"/api/v1/lanes/{wish.lane}/commands", json=body, headers={"X-CSRF-Token": seat.token}
        )
        if answer.status_code == 409:
            log.info("desk.withheld", lane=wish.lane, kind=wish.kind, said=answer.text[:200])
            return
        answer.raise_for_status()

    async def _sign_in(self, user: str) -> _Seat:
        client = httpx.AsyncClient(base_url=self._dashboard.url, timeout=10, trust_env=False)
        try:
            form = await client.get("/sign-in")
            fields = {"name": user, "password": self._dashboard.password, "csrf": _token(_FORM_TOKEN, form)}
            signed = await client.post("/sign-in", data=fields, follow_redirects=True)
            signed.raise_for_status()
            seat = _Seat(client, _token(_PAGE_TOKEN, signed))
        except BaseException:
            await client.aclose()
            raise
        self._seats[user] = seat
        return seat


def _token(pattern: re.Pattern[str], page: httpx.Response) -> str:
    found = pattern.search(html.unescape(page.text)) or pattern.search(page.text)
    if found is None:
        raise ConnectionError(f"{page.url} shows no CSRF token: {page.status_code}")
    return found[1]
