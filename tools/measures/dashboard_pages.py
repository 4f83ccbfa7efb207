"""What wall, lane and search weigh, and how soon they can be worked with.

A served dashboard on SQLite with 200 lanes, some of which wait for a person, and a store of passages.  What
goes over the wire is counted by Chromium itself (the DevTools protocol): at the first visit, and at the next,
when the static files are kept.  Lighthouse (by npm, where a registry answers) plays each page on a slow
processor.  Beside both stands an empty page of a bare server of the same library.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, CDPSession, async_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from dashboard.store.engine import database_url, open_database
from measures import Figure, Measurement, shown
from measures.rigs import lighthouse
from measures.rigs.lighthouse import Seen
from measures.rigs.many_passages import fill_sqlite
from measures.rigs.scratch import scratch
from tests.dashboard.conftest import CHROMIUM
from tests.dashboard.fake_lane import overloaded
from tests.dashboard.postgres import free_port
from tests.dashboard.running import mosquitto, running, signed_in
from tests.dashboard.test_api import lanes_of, published

LANES, WAITING, PASSAGES = 200, 6, 2_000
PAGES = {"wall": "/", "lane": "/lanes/cargo-1", "search": "/passages?decision=release"}
NAMES = tuple(
    f"dashboard-pages-{page}-{figure}" for page in PAGES for figure in ("first", "again", "interactive")
)
EMPTY = "<!doctype html><html lang=en><meta name=viewport content=width=device-width><title>-</title><p>-</p>"
ON_ITS_OWN = frozenset({"EventSource", "Fetch"})
"""What scripts ask for while the page lives: its end is not waited for."""
SETTLED_S = 1.0
"""So long nothing more is asked for: the page is there."""


@dataclass(slots=True)
class Wire:
    """What one visit brings over the wire, headers included."""

    bytes: Counter[str] = field(default_factory=Counter[str])
    """By kind."""
    requests: int = 0

    @property
    def kilobytes(self) -> float:
        return self.bytes.total() / 1000

    def words(self) -> str:
        kinds = ", ".join(f"{kind} {count / 1000:.1f}" for kind, count in self.bytes.most_common())
        return f"{self.requests} requests: {kinds}"


class Counting:
    """Counts what a page's visits bring; a stream that stays open counts what it said so far."""

    def __init__(self, client: CDPSession) -> None:
        self.wire = Wire()
        self._kinds: dict[str, str] = {}
        self._open: set[str] = set()
        self.changed = asyncio.Event()
        client.on("Network.requestWillBeSent", self._asked)
        client.on("Network.responseReceived", self._answered)
        client.on("Network.loadingFinished", self._finished)
        client.on("Network.loadingFailed", self._failed)

    def begin(self) -> None:
        """Forgets what a page that is left had asked for: nothing tells how that ends."""
        self.wire = Wire()
        self._open.clear()

    @property
    def loading(self) -> bool:
        return any(self._kinds[one] not in ON_ITS_OWN for one in self._open)

    def _asked(self, told: dict[str, Any]) -> None:
        self._kinds[told["requestId"]] = told.get("type", "Other")
        self._open.add(told["requestId"])
        self.wire.requests += 1
        self.changed.set()

    def _answered(self, told: dict[str, Any]) -> None:
        if told.get("type") == "EventSource":
            self._kinds[told["requestId"]] = "EventSource"
            self.wire.bytes["EventSource"] += int(told["response"]["encodedDataLength"])
        self.changed.set()

    def _finished(self, told: dict[str, Any]) -> None:
        self._open.discard(told["requestId"])
        self.wire.bytes[self._kinds.get(told["requestId"], "Other")] += int(told["encodedDataLength"])
        self.changed.set()

    def _failed(self, told: dict[str, Any]) -> None:
        self._open.discard(told["requestId"])
        self.changed.set()

    async def settled(self) -> Wire:
        """Once nothing is asked for any more."""
        while True:
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), SETTLED_S)
            except TimeoutError:
                if not self.loading:
                    return self.wire


@asynccontextmanager
async def bare() -> AsyncGenerator[str]:
    """A server of an empty page; its address."""

    async def empty(_: Request) -> HTMLResponse:
        return HTMLResponse(EMPTY)

    port = free_port()
    config = uvicorn.Config(Starlette(routes=[Route("/", empty)]), port=port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        await serving


async def visits(browser: Browser, url: str, cookies: dict[str, str]) -> tuple[Wire, Wire]:
    """The first visit, and the next one of the same browser."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    await context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    page = await context.new_page()
    client = await context.new_cdp_session(page)
    await client.send("Network.enable")
    counting = Counting(client)
    seen: list[Wire] = []
    for _ in range(2):
        await page.goto("about:blank")
        counting.begin()
        await page.goto(url)
        seen.append(await counting.settled())
    await context.close()
    return seen[0], seen[1]


async def _plays(url: str, cookies: dict[str, str], folder: Path) -> Seen | str:
    """What Lighthouse sees, or why it was not asked."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    try:
        return await lighthouse.seen(url, cookie, CHROMIUM, folder)
    except RuntimeError as error:
        return str(error).splitlines()[0]


def _figures(page: str, wires: tuple[Wire, Wire], seen: Seen | str, empty: Seen | str) -> list[Figure]:
    first, again = wires
    figures = [
        shown(f"dashboard-pages-{page}-first", first.kilobytes, "kB", first.words()),
        shown(f"dashboard-pages-{page}-again", again.kilobytes, "kB", again.words()),
    ]
    name = f"dashboard-pages-{page}-interactive"
    if isinstance(seen, str):
        return [*figures, shown(name, 0, "ms", f"not measured: {seen}")]
    limit = f"an empty page {empty.interactive_ms:.0f} ms" if isinstance(empty, Seen) else empty
    told = f"{limit}; {seen.words()}; mended could be: {', '.join(seen.notes)}"
    return [*figures, shown(name, seen.interactive_ms, "ms", told)]


async def measured(folder: Path) -> list[Figure]:
    async with open_database(database_url("sqlite:///store.db", folder)):
        pass
    fill_sqlite(folder / "store.db", PASSAGES)
    names = [f"cargo-{number}" for number in range(1, LANES + 1)]
    figures: list[Figure] = []
    with mosquitto(folder / "mosquitto") as port:
        async with (
            running(folder, port) as dashboard,
            lanes_of(dashboard, *names) as lanes,
            bare() as empty_url,
            async_playwright() as playwright,
        ):
            for number, lane in enumerate(lanes):
                lane.start()
                if number < WAITING:
                    overloaded(lane)
            await published(*lanes)
            user = await signed_in(dashboard.url, "dana")
            cookies = dict(user.cookies)
            await user.aclose()
            browser = await playwright.chromium.launch(
                executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            wires = {
                page: await visits(browser, dashboard.url + path, cookies) for page, path in PAGES.items()
            }
            await browser.close()
            empty = await _plays(empty_url, {}, folder)
            for page, path in PAGES.items():
                seen = await _plays(dashboard.url + path, cookies, folder)
                figures += _figures(page, wires[page], seen, empty)
    return figures


def run(_full: bool) -> list[Figure]:
    if not CHROMIUM.exists():
        return [shown(name, 0, "", f"not measured: no {CHROMIUM} here") for name in NAMES]
    with scratch() as folder:
        return asyncio.run(measured(folder))


MEASUREMENTS = [Measurement(NAMES, run)]
