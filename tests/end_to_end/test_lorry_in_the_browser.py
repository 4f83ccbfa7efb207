"""The whole system on real wires: a lorry comes, an operator releases it in a browser, the arm goes up."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from simulators.kit import LaneKit
from simulators.scenario import Arrival, Traveller
from simulators.site import Site
from tests.dashboard.conftest import CHROMIUM

pytestmark = pytest.mark.xdist_group("site")
LANE = "cargo-1"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path, {LANE: LaneKit(profile="cargo")})
    await site.start()
    yield site
    await site.stop()


@pytest.fixture
async def page(site: Site) -> AsyncIterator[Page]:
    assert site.dashboard is not None
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = await browser.new_page(viewport={"width": 1366, "height": 768})
        await page.goto(site.dashboard.url)
        await page.fill("input[name=name]", "border")
        await page.fill("input[name=password]", site.dashboard.password)
        await page.click("button.main")
        yield page
        await browser.close()


async def test_a_lorry_arrives_the_operator_releases_it_and_the_arm_goes_up(site: Site, page: Page) -> None:
    tile = page.locator(f"article[data-lane={LANE}]")
    await expect(tile).to_contain_text("free", timeout=20_000)
    arm = site.benches[LANE].wiring.arm
    assert arm.open == 0

    await site.send(
        Arrival(lane=LANE, at_s=0, vehicle="tractor-2-semi-3", travellers=(Traveller(papers="expired"),))
    )
    await expect(tile).to_contain_text("held", timeout=90_000, ignore_case=True)
    assert arm.open == 0

    await tile.locator("a.open").click()
    await expect(page.locator("#lane-head")).to_contain_text(LANE)
    await expect(page.locator("main")).to_contain_text("expired", ignore_case=True)
    await page.click("#command-release")
    reason = page.locator("#dialog select[name=reason]")
    await reason.select_option(index=1)
    await page.fill("#dialog input[name=text]", "seen the new passport at the window")
    await page.click("#dialog button.main")

    await expect(page.locator(".commands ~ .card .sent, .sent").first).to_contain_text(
        re.compile("done|accepted", re.IGNORECASE), timeout=15_000
    )
    record = site.recorder.lanes[LANE]
    await site.recorder.until(lambda: record.of_type("passage.ended"), 60)
    moved = [event["data"]["arm"] for event in record.events if event["type"].endswith("barrier.moved")]
    assert "raised" in moved
    ended = record.of_type("passage.ended")
    assert ended
    assert arm.struck == 0
