"""The operator's guide: what it tells to do is done here, in a real Chromium over a real store, and its
pictures are taken on the way.  `make screenshots` writes them to docs/images."""

import asyncio
import os
import random
import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

import mrz
from dashboard.api.security import WORKPLACE_COOKIE
from dashboard.views.language import catalogue
from lane_controller.daemon.vision.evidence import page_reading, reduced, zone_picture
from mrz.picture import load
from simulators.people import traveller
from simulators.render.page import draw
from tests.dashboard.fake_lane import (
    FakeLane,
    arriving,
    check,
    overloaded,
    reason,
    referred,
    released,
    still,
)
from tests.dashboard.running import PASSWORD, SITE, Running, enrolled
from tests.dashboard.test_api import published
from tests.dashboard.test_ingest import until

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
GUIDES = {"en": ROOT / "docs" / "operators-guide.md", "ru": ROOT / "docs" / "operators-guide.ru.md"}


SCREEN: ViewportSize = {"width": 1366, "height": 768}
TALL: ViewportSize = {"width": 1366, "height": 1400}
"""For a card that is higher than the screen."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Takes the pictures of one language's guide."""

    page: Page
    language: str
    folder: Path

    async def take(self, name: str, part: str = "body") -> None:
        """`part` is a selector: parts of a live page are swapped, so it is found and measured at once."""
        suffix = "" if self.language == "en" else f".{self.language}"
        path = self.folder / f"{name}{suffix}.png"
        if part == "body":
            await self.page.screenshot(path=path)
            return
        seen = await self.page.evaluate(
            """selector => {
                const part = document.querySelector(selector);
                part.scrollIntoView({ block: "center" });
                const { x, y, width, height } = part.getBoundingClientRect();
                return { x, y, width, height };
            }""",
            part,
        )
        await self.page.screenshot(path=path, clip=seen)


@asynccontextmanager
async def a_busy_site(dashboard: Running) -> AsyncGenerator[dict[str, FakeLane]]:
    """Six lanes at work; the people and plates in them are invented."""
    profiles = {"cargo-1": "cargo", "cargo-2": "cargo", "cargo-3": "cargo"}
    profiles |= {"car-1": "car", "car-2": "car", "walk-1": "pedestrian"}
    lanes = {name: FakeLane(SITE, name, kind, key=dashboard.public_key) for name, kind in profiles.items()}
    async with AsyncExitStack() as stack:
        for lane in lanes.values():
            await stack.enter_async_context(lane.connected("127.0.0.1", dashboard.broker_port))
            lane.start(7200)
        for number in range(6):
            lanes["cargo-2"].arrive(6000 - 700 * number)
            lanes["cargo-2"].read_plate(f"0{number + 1}KG31{number}ABE", f"0{number + 1} KG 31{number} ABE")
            lanes["cargo-2"].read_document(number=f"AC01{number}4567")
            lanes["cargo-2"].weigh(35_400 + 620 * number)
            lanes["cargo-2"].decide("release")
            lanes["cargo-2"].leave(ago_s=5900 - 700 * number)
        overloaded(lanes["cargo-1"])
        released(lanes["cargo-2"])
        lanes["cargo-2"].alarm("tailgating", "high", reason("tailgating"), 12)
        arriving(lanes["cargo-3"])
        lanes["cargo-3"].lose("camera-front", "unavailable")
        lanes["cargo-3"].alarm(
            "device_lost", "low", reason("unavailable"), 340, act_within_s=1800, device="camera-front"
        )
        referred(lanes["car-1"])
        lanes["car-2"].two_person_kinds = ("raise",)
        lanes["walk-1"].shift = "bolat"
        await published(*lanes.values())
        talking = [asyncio.create_task(lane.talk()) for lane in lanes.values()]
        try:
            yield lanes
        finally:
            for one in talking:
                one.cancel()
            await asyncio.gather(*talking, return_exceptions=True)


@pytest.mark.long
@pytest.mark.parametrize("dashboard", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_an_operator_who_follows_the_guide_gets_through_a_shift(
    dashboard: Running, browser: Browser, language: str, tmp_path: Path
) -> None:
    folder = Path(os.environ["SCREENSHOTS"]) if "SCREENSHOTS" in os.environ else tmp_path
    url = dashboard.url
    places = await enrolled(url, "booth-1", "booth-2")
    page = await at_place(browser, url, language, places["booth-1"])
    camera = Camera(page, language, folder)
    async with a_busy_site(dashboard) as lanes:
        await page.goto(f"{url}/sign-in")
        await camera.take("guide-sign-in")
        await sign_in(page, language)
        await begin_a_shift(page, url, lanes["cargo-1"], camera)
        await look_at_the_wall(page, url, camera)
        await look_closer(page, lanes["cargo-1"], camera)
        await look_at_the_queue(page, camera)
        await release(page, url, camera)
        await look_at_a_page(page, url, lanes["walk-1"], camera)
        colleague = await at_place(browser, url, language, places["booth-2"])
        await raise_in_two(page, url, lanes["car-2"], camera, colleague)
        await record_a_result(browser, url, lanes["car-1"], camera)
        await see_to_an_alarm(page, url, lanes["cargo-2"], camera)
        await search(page, url, camera)
        await lose_a_lane(page, url, dashboard, camera)
        leader = await at_place(browser, url, language, places["booth-2"])
        await read_the_reasons(leader, url, camera)
    for context in browser.contexts:
        await context.close()
    taken = {path.name for path in folder.glob("*.png")}
    assert pictures_in(GUIDES[language]) <= taken, "the guide shows what this test does not take"


async def at_place(browser: Browser, url: str, language: str, workplace: str) -> Page:
    """A page in a browser that is enrolled as a work place."""
    context = await browser.new_context(viewport=SCREEN, locale=language, color_scheme="light")
    if workplace:
        await context.add_cookies([{"name": WORKPLACE_COOKIE, "value": workplace, "url": url}])
    page = await context.new_page()
    page.set_default_timeout(60_000)
    return page


async def sign_in(page: Page, language: str, name: str = "dana") -> None:
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#wall")
    await page.click(".who")
    await page.select_option("[name=language]", language)
    await page.select_option("[name=theme]", "light")
    # A key that is pressed before the new page has its scripts is heard by nobody.
    async with page.expect_navigation():
        await page.click("form[action='/account/preferences'] button")
    await expect(page.locator("html")).to_have_attribute("lang", language)


NOTES = "01 KG 204 ACD: the driver waits for a second weighing; transport inspection knows."


async def begin_a_shift(page: Page, url: str, lane: FakeLane, camera: Camera) -> None:
    await page.keyboard.press("s")
    await page.click("#begin-cargo-1")
    await expect(page.locator("#hand-over")).to_be_visible()
    assert lane.shift == "dana"
    await page.select_option("#to", "bolat")
    await camera.take("guide-shifts")
    await page.click("#hand-over")
    await page.fill("[name=notes]", NOTES)
    await camera.take("guide-hand-over")
    await page.click(".buttons a.quiet")
    await page.wait_for_url("**/shifts")


async def look_at_the_wall(page: Page, url: str, camera: Camera) -> None:
    await page.keyboard.press("w")
    await expect(page.locator(".tile")).to_have_count(6)
    order = await page.locator(".tile").evaluate_all("all => all.map(tile => tile.dataset.lane)")
    assert order[:4] == ["cargo-2", "cargo-1", "car-1", "cargo-3"], "who needs a person comes first"
    await camera.take("wall")


async def look_closer(page: Page, lane: FakeLane, camera: Camera) -> None:
    await page.click('[data-lane="cargo-1"]')
    await page.wait_for_url("**/lanes/cargo-1")
    await expect(page.locator("table.axles tbody tr")).to_have_count(3)
    await page.set_viewport_size(TALL)
    await camera.take("guide-weight", "section.card:has(.chart)")
    await page.set_viewport_size(SCREEN)
    await page.keyboard.press("v")
    await until(lambda: bool(lane.looks))
    await lane.send_still(still("01KG204ACD"))
    await expect(page.locator("img.still")).to_have_js_property("naturalWidth", 960)
    await camera.take("guide-live", "section.card.live")


async def release(page: Page, url: str, camera: Camera) -> None:
    await page.goto(f"{url}/lanes/cargo-1")
    await expect(page.locator("img.picture")).to_have_js_property("complete", True)
    await camera.take("lane")
    await page.keyboard.press("r")
    await page.select_option("dialog [name=reason]", "checked_by_hand")
    await page.fill("dialog [name=text]", "weighed again: 43,900 kg")
    await camera.take("guide-release", "dialog")
    await page.click("dialog button.main")
    # The shift begun before was one command, this is the other.
    await expect(page.locator(".sent li.done")).to_have_count(2)
    await expect(page.locator(".timeline .command-answered")).to_have_count(2)
    await camera.take("guide-answer", "section.card:has(.sent)")


def wrongly_checked(lane: FakeLane) -> None:
    """A synthetic passport whose number's check digit is one off, as a forger leaves it: drawn, then read."""
    person = traveller(random.Random(3), date(2026, 11, 1), state="UZB", papers="wrong-check-digit")
    picture = load(draw(person.document.lines, seed=3).white)
    reading = mrz.read(picture, reference=date(2026, 11, 1))
    wrong = [one.field for one in reading.inconsistent]
    assert wrong == ["number", "composite"]
    shown, scale = reduced(picture)
    told = page_reading(picture, reading, scale).model_dump(mode="json")
    lane.arrive(20)
    lane.read_document(
        (shown, zone_picture(picture, reading), told),
        issuer="UZB",
        nationality="UZB",
        number=person.document.number,
        surname=person.surname,
        given_names=person.given_names,
        birth=person.birth.isoformat(),
        sex=person.sex,
        expiry=str(person.document.expiry),
        lines=list(person.document.lines),
        status="inconsistent",
        wrong_check_digits=wrong,
    )
    failed = {"fields": ", ".join(wrong), "subject": "person-1"}
    source = "ICAO Doc 9303-3, 4.9"
    lane.conclude(check("document_check_digits", "border", "failed", "wrong_check_digits", source, **failed))
    lane.decide("refer", reason("wrong_check_digits", fields=failed["fields"]))


async def look_at_a_page(page: Page, url: str, lane: FakeLane, camera: Camera) -> None:
    wrongly_checked(lane)
    await published(lane)
    await page.goto(f"{url}/lanes/walk-1")
    await expect(page.locator(".marks li.inconsistent")).to_have_count(2)
    await expect(page.locator(".sheet image")).to_be_visible()
    await camera.take("guide-page", "section.card:has(.zone)")
    lane.leave("handed_over")
    await published(lane)


async def raise_in_two(page: Page, url: str, lane: FakeLane, camera: Camera, colleague: Page) -> None:
    await page.goto(f"{url}/lanes/car-2")
    await page.keyboard.press("u")
    await page.select_option("dialog [name=reason]", "emergency_service")
    await page.click("dialog button.main")
    await expect(page.locator("#requests .mine")).to_be_visible()
    await colleague.goto(f"{url}/sign-in")
    await sign_in(colleague, camera.language, "bolat")
    await expect(colleague.locator("#requests .request")).to_be_visible()
    await replace(camera, page=colleague).take("guide-second-person", "#requests")
    await colleague.click("#requests button.main")
    await expect(page.locator(".sent li.done")).to_be_visible()
    assert [one.second.operator for one in lane.asked if one.second] == ["bolat"]


async def look_at_the_queue(page: Page, camera: Camera) -> None:
    await page.keyboard.press("q")
    await expect(page.locator(".holds li")).not_to_have_count(0)
    await expect(page.locator(".holds [data-until]").first).to_contain_text(":")
    await camera.take("guide-holds")


async def record_a_result(browser: Browser, url: str, lane: FakeLane, camera: Camera) -> None:
    page = await at_place(browser, url, camera.language, "")
    await page.goto(f"{url}/sign-in")
    await sign_in(page, camera.language, "sara")
    await page.keyboard.press("l")
    await page.locator(".referrals tr", has_text=lane.lane).get_by_role("link").click()
    await expect(page.locator(".record")).to_have_count(2)
    await replace(camera, page=page).take("guide-referral")
    await page.select_option("[name=result]", "no_finding")
    await page.click(".record button.main")
    await expect(page.locator(".kept")).to_have_count(1)


async def see_to_an_alarm(page: Page, url: str, lane: FakeLane, camera: Camera) -> None:
    await page.keyboard.press("a")
    row = page.locator("table.alarms tr.high")
    await expect(row).to_be_visible()
    await camera.take("guide-alarms")
    await row.locator("button").click()
    await expect(page.locator("table.alarms tr.seen.high")).to_contain_text("dana")
    await look_at_the_figures(page, url, camera)


async def look_at_the_figures(page: Page, url: str, camera: Camera) -> None:
    """The shift leader's page, in a window of her own."""
    browser = page.context.browser
    assert browser is not None
    context = await browser.new_context(
        viewport={"width": 1366, "height": 1100}, locale=camera.language, color_scheme="light"
    )
    leaders = await context.new_page()
    leaders.set_default_timeout(60_000)
    await leaders.goto(f"{url}/sign-in")
    await sign_in(leaders, camera.language, "lena")
    await leaders.goto(f"{url}/alarms/figures")
    await expect(leaders.locator(".judged li")).not_to_have_count(0)
    await expect(leaders.locator("svg.chart")).to_have_count(2)
    await Camera(leaders, camera.language, camera.folder).take("guide-alarm-figures")
    await context.close()


async def search(page: Page, url: str, camera: Camera) -> None:
    await page.keyboard.press("p")
    await expect(page.locator("[name=plate]")).to_be_focused()
    await page.keyboard.type("0?kg31*")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**plate=*")
    await expect(page.locator("tbody tr")).to_have_count(6)
    await camera.take("guide-search")
    await page.click(".tabs a:nth-child(2)")
    await expect(page.locator("table.hours")).to_be_visible()
    if not await page.locator("table.hours td a").count():
        await page.click(".acting [data-key=y]")  # in the first hour of a day
    await expect(page.locator("table.hours td a").first).to_be_visible()
    await camera.take("guide-hours")
    await page.click(".tabs a:nth-child(1)")
    await page.click("tbody tr:first-child .number a")
    await expect(page.locator(".timeline li").first).to_be_visible()
    await camera.take("guide-passage")


async def read_the_reasons(page: Page, url: str, camera: Camera) -> None:
    await page.goto(f"{url}/sign-in")
    await sign_in(page, camera.language, "lena")
    await page.keyboard.press("s")
    await page.click("a[href='/given-reasons']")
    await expect(page.locator("tbody tr").first).to_be_visible()
    await replace(camera, page=page).take("guide-reasons")


async def lose_a_lane(page: Page, url: str, dashboard: Running, camera: Camera) -> None:
    await page.goto(f"{url}/")
    tile = page.locator('[data-lane="walk-1"]')
    await expect(tile).to_have_attribute("data-live", "true")
    live = dashboard.service.live
    await dashboard.service.subscriber.publish(
        f"borderlane/v1/{SITE}/walk-1/status", b'{"status": "offline"}'
    )
    await expect(tile).to_have_attribute("data-live", "false")
    assert not live.is_live("walk-1")
    await camera.take("guide-lost", '[data-lane="walk-1"]')


# What the guides say.


def pictures_in(guide: Path) -> set[str]:
    return set(re.findall(r"\(images/([\w.-]+\.png)\)", guide.read_text("utf-8")))


@pytest.mark.parametrize("language", GUIDES)
def test_the_guide_calls_things_by_the_names_on_the_screen(language: str) -> None:
    """Bold is what stands on the screen, word for word."""
    known = {str(text) for text in catalogue(language)._catalog.values()}  # pyright: ignore
    if language == "en":
        ru = catalogue("ru")._catalog  # pyright: ignore
        known |= {str(key) for key in ru if "\x04" not in str(key)}
    text = re.sub(r"\s+", " ", GUIDES[language].read_text("utf-8"))
    told = set(re.findall(r"\*\*([^*]+)\*\*", text))
    assert len(told) > 20
    assert told <= known, f"not on any page: {sorted(told - known)}"


@pytest.mark.parametrize("language", GUIDES)
def test_the_guide_names_the_keys_that_work(language: str) -> None:
    pages = ROOT / "dashboard" / "pages"
    offered = set(re.findall(r"<kbd>([^<]+)</kbd>", (pages / "templates" / "keys.html").read_text("utf-8")))
    told = set(re.findall(r"`(\w|\?|Esc|Enter|Tab)`", GUIDES[language].read_text("utf-8")))
    assert {"w", "a", "p", "s", "r", "h", "f"} <= told
    assert told <= offered | {"Enter", "Tab"}


def test_every_picture_is_shown_somewhere_and_both_guides_show_the_same() -> None:
    shown = {
        name
        for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
        for name in re.findall(r"images/([\w.-]+\.png)", page.read_text("utf-8"))
    }
    assert {path.name for path in IMAGES.iterdir()} == shown
    russian = {name.replace(".ru.png", ".png") for name in pictures_in(GUIDES["ru"])}
    assert russian == pictures_in(GUIDES["en"])
