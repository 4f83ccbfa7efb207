"""Every page of the dashboard, found from the app's router by following links as each kind of user: a page
that is added is walked without being named here."""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Self
from urllib.parse import urlencode, urlsplit

import httpx
from playwright.async_api import Browser, BrowserContext, Page

from dashboard.api.security import SESSION_COOKIE
from dashboard.store.stage import Stage
from dashboard.users.accounts import find_user, set_preferences
from tests.dashboard.fake_lane import FakeLane
from tests.dashboard.routes import page_routes
from tests.dashboard.running import Running
from tests.dashboard.test_api import published
from tests.dashboard.test_guide import a_busy_site

WALKERS = ("lena", "dana", "sara", "igor", "root")
"""A shift leader, an operator, second line, an auditor, an administrator: the first walks what all see."""
PARTS: dict[str, str] = {
    "/lanes/{lane}/view": "what the stream makes a lane's page fetch again: it looks as on the page",
    "/lanes/{lane}/live/{look}": "the part of a lane's page with a live picture, begun by a button",
}
"""Routes to which no link leads, and why they need no visit of their own."""
WAYS = 3
"""So many kinds of questions in its address are looked at, of a page that is looked at once."""
HELD = re.compile(r'<a[^>]*?\bhref="(/[^"]*)"')
FORMS = re.compile(r'<form[^>]*?method="get"[^>]*?action="(/[^"]*)".*?</form>', re.DOTALL)
CHOICE = re.compile(r'<select[^>]*?name="([^"]+)".*?<option( value="([^"]*)")?[^>]*>([^<]*)<', re.DOTALL)
OPENS = re.compile(r'hx-get="(/[^"]*)"[^>]*?hx-target="#dialog"')


@dataclass(frozen=True, slots=True)
class Stop:
    """A page as `user` sees it, with a dialog opened by the link `opens` if any."""

    user: str
    path: str
    opens: str = ""

    def __str__(self) -> str:
        return f"{self.path}{' + ' + self.opens if self.opens else ''} as {self.user}"


class Walker:
    """Cookies of all users, and one browser page for each."""

    def __init__(self, dashboard: Running, browser: Browser) -> None:
        self._dashboard = dashboard
        self._browser = browser
        self._cookies: dict[str, str] = {}
        self._pages: dict[str, Page] = {}
        self._contexts: list[BrowserContext] = []

    async def cookie(self, name: str) -> str:
        if name not in self._cookies:
            service = self._dashboard.service
            async with service.database.reads.connect() as connection:
                found = await find_user(connection, name)
            assert found is not None
            self._cookies[name] = await service.sessions.begin(found[0], "127.0.0.1", "")
        return self._cookies[name]

    async def prefer(self, language: str, theme: str) -> None:
        """Everybody takes this language and light."""

        async def job(stage: Stage) -> None:
            for name in WALKERS:
                await set_preferences(stage, name, language, theme)

        await self._dashboard.service.writer.do(job)
        for name in WALKERS:
            self._dashboard.service.sessions.forget(name)

    async def client(self, name: str) -> httpx.AsyncClient:
        cookies = {SESSION_COOKIE: await self.cookie(name)}
        return httpx.AsyncClient(
            base_url=self._dashboard.url, cookies=cookies, timeout=30, headers={"Accept": "text/html"}
        )

    async def page(self, name: str) -> Page:
        if name not in self._pages:
            context = await self._browser.new_context(viewport={"width": 1366, "height": 768})
            self._contexts.append(context)
            if name:
                value = await self.cookie(name)
                await context.add_cookies(
                    [{"name": SESSION_COOKIE, "value": value, "url": self._dashboard.url}]
                )
            self._pages[name] = await context.new_page()
            self._pages[name].set_default_timeout(60_000)
        return self._pages[name]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for context in self._contexts:
            await context.close()

    async def go(self, stop: Stop) -> Page:
        """The page of a stop, its dialog and all that folds open."""
        page = await self.page(stop.user)
        await page.goto(f"{self._dashboard.url}{stop.path}")
        if stop.opens:
            opener = page.locator(f'[hx-get="{stop.opens}"][hx-target="#dialog"]').first
            await opener.click()
            await page.wait_for_selector("dialog[open]")
        await page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        return page


def filled_in(text: str) -> Iterator[str]:
    """Where the page's forms lead as they stand, with the first of each choice."""
    for form in FORMS.finditer(text):
        given = {name: value if has else said for name, has, value, said in CHOICE.findall(form.group(0))}
        chosen = urlencode({name: value for name, value in given.items() if value})
        yield f"{form.group(1)}?{chosen}" if chosen else form.group(1)


async def discover(walker: Walker, dashboard: Running, *, each: int = 1) -> list[Stop]:
    """All pages and dialogs, `each` of a kind.  Fails when a route is not reached: then link to it, or say in
    PARTS why it needs no visit."""
    known = page_routes(dashboard)
    stops = [Stop("", "/sign-in")]
    reached = {"/sign-in"}
    seen: dict[tuple[str, ...], int] = {}

    def kind(path: str) -> tuple[str, ...] | None:
        parts = urlsplit(path)
        for route, pattern in known.items():
            if pattern.match(parts.path):
                names = sorted(re.findall(r"(?:^|&)(\w+)=", parts.query))
                return (route, *names)
        return None

    for user in WALKERS:
        async with await walker.client(user) as client:
            # What needs no name in its address is asked for too: scripts fetch some without a link.
            waiting = [
                "/",
                *(route for route in known if "{" not in route and route not in ("/", "/sign-in")),
            ]
            asked = set(waiting)
            while waiting:
                path = waiting.pop(0)
                which = kind(path)
                if which is None or seen.get((*which, user), 0) >= each:
                    continue
                if each == 1 and path != "/" and (which in seen or seen.get((which[0], "ways"), 0) >= WAYS):
                    continue
                answer = await client.get(path)
                if answer.status_code != 200:
                    continue
                seen[(*which, user)] = seen.get((*which, user), 0) + 1
                seen[which[0], "ways"] = seen.get((which[0], "ways"), 0) + 1
                reached.add(which[0])
                text = answer.text if answer.headers["content-type"].startswith("text/html") else ""
                if "<html" not in text:
                    continue
                if seen.get(which, 0) < each:
                    seen[which] = seen.get(which, 0) + 1
                    stops.append(Stop(user, path))
                for opens in map(unescape, OPENS.findall(text)):
                    dialog = kind(opens)
                    assert dialog is not None, f"{path}: {opens} is no page's"
                    reached.add(dialog[0])
                    title = (*dialog, "dialog", opens.partition("?")[0].rsplit("/", 1)[-1])
                    if seen.get(title, 0) < 1:
                        seen[title] = 1
                        stops.append(Stop(user, path, opens))
                for link in (*map(unescape, HELD.findall(text)), *filled_in(text)):
                    if link not in asked:
                        asked.add(link)
                        waiting.append(link)
    lost = set(known) - reached - set(PARTS)
    assert not lost, f"no link that the walkers see leads to {sorted(lost)}"
    return stops


NOTES = "the light is slow"


@asynccontextmanager
async def a_full_site(
    dashboard: Running, browser: Browser
) -> AsyncGenerator[tuple[Walker, dict[str, FakeLane]]]:
    """A busy site with somebody to walk it: one shift is being handed over, another can be."""
    async with a_busy_site(dashboard) as lanes, Walker(dashboard, browser) as walker:
        for name, officer in (("walk-1", "bolat"), ("car-2", "lena")):
            lanes[name].record("lane.shift_changed", responsible=officer, before=None, open_holds=[])
            lanes[name].shift = officer
        await published(*lanes.values())
        async with await walker.client("bolat") as bolat:
            session = await dashboard.service.sessions.find(await walker.cookie("bolat"))
            assert session is not None
            form = {"csrf": session.csrf, "to": "lena", "lanes": "walk-1", "notes": NOTES}
            made = await bolat.post("/hand-over", data=form)
            assert made.status_code == 303, made.text
        yield walker, lanes
