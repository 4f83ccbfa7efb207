"""A wall of 200 lanes fed a day's 260,000 events as fast as Chromium takes them: its heap and nodes after a
collection, before and after."""

import asyncio
import time
from pathlib import Path

from playwright.async_api import async_playwright

from dashboard.users.accounts import User
from lane_controller.messages.words import Agency, UserRole
from measures import Figure, Measurement, at_most, shown
from measures.rigs.scratch import scratch
from tests.campaigns.wall_soak import Held, soaked
from tests.dashboard.conftest import CHROMIUM
from tests.dashboard.running import mosquitto, running
from tests.dashboard.test_browser import signed_in_page

EVENTS = 260_000
NAMES = ("dashboard-soak-heap", "dashboard-soak-nodes")


async def measured(folder: Path) -> tuple[Held, Held, float]:
    user = User(
        name="dana",
        role=UserRole.OPERATOR,
        agency=Agency.TRANSPORT,
        language="en",
        theme="dark",
        volume=0,
        character_keys=True,
        demo=False,
        disabled=False,
    )
    with mosquitto(folder / "mosquitto") as port:
        async with running(folder, port) as dashboard, async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            page = await signed_in_page(browser, dashboard.url, "dana", [])
            began = time.monotonic()
            before, after = await soaked(page, dashboard.url, dashboard.service.speaker("en"), user, EVENTS)
            took = time.monotonic() - began
            await browser.close()
    return before, after, took


def run(_full: bool) -> list[Figure]:
    if not CHROMIUM.exists():
        return [shown(name, 0, "", f"not measured: no {CHROMIUM} here") for name in NAMES]
    with scratch() as folder:
        before, after, took = asyncio.run(measured(folder))
    beside = f"{EVENTS} events in {took:.0f} s; {before.heap / 1e6:.1f} MB and {before.nodes} nodes before"
    return [
        at_most(NAMES[0], (after.heap - before.heap) / 1e6, "MB", 5, beside),
        at_most(NAMES[1], after.nodes - before.nodes, "nodes", 0, beside),
    ]


MEASUREMENTS = [Measurement(NAMES, run)]
