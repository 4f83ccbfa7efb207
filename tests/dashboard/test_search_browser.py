"""Searching and handing over in a real browser, by keyboard."""

from playwright.async_api import Browser, expect

from tests.dashboard.fake_lane import overloaded
from tests.dashboard.running import Running
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_browser import signed_in_page

DAY_S = 24 * 3600.0


async def test_yesterdays_lorry_is_found_by_keyboard_alone(dashboard: Running, browser: Browser) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        for ago_s in (3 * DAY_S, DAY_S, 60.0):
            lane.arrive(ago_s=ago_s)
            lane.read_plate("08KG311ABC", "08 KG 311 ABC", with_picture=False)
            lane.decide("release")
            lane.leave(ago_s=ago_s)
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "dana", complaints)
        await page.keyboard.press("p")
        await page.wait_for_url("**/passages")
        await expect(page.locator("[name=plate]")).to_be_focused()
        await page.keyboard.type("O8KG*")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/passages?*")  # loaded: the keys are listened to
        await expect(page.locator("#found tbody tr")).to_have_count(3)
        await expect(page.locator("#found .alike")).to_have_count(3)
        await page.wait_for_load_state()  # keys are heard by its scripts
        await page.keyboard.press("y")
        await expect(page.locator("#found tbody tr")).to_have_count(1)
        assert "hours" not in page.url
        await expect(page.locator("#found .number a")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/passages/cargo-1/**")
        await expect(page.locator("h1")).to_contain_text("2")
        await page.keyboard.press("Escape")
        await expect(page.locator("#found tbody tr")).to_have_count(1)
    assert complaints == []


async def test_the_named_person_is_told_on_every_page_and_takes_over(
    dashboard: Running, browser: Browser
) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        overloaded(lane)
        await published(lane)
        dana = await signed_in_page(browser, dashboard.url, "dana", complaints)
        await dana.keyboard.press("s")
        await dana.click("#begin-cargo-1")
        await dana.select_option("#to", "bolat")
        await dana.click("#hand-over")
        await expect(dana.locator("main")).to_contain_text("01 KG 204 ACD")
        await expect(dana.locator("[name=notes]")).to_be_focused()
        await dana.keyboard.type("the driver is ill")
        await dana.click("#hand-over button.main")
        await expect(dana.locator("main")).to_contain_text("not yet")
        bolat = await signed_in_page(browser, dashboard.url, "bolat", complaints)
        await bolat.click("#offered a")
        await expect(bolat.locator(".notes")).to_have_text("the driver is ill")
        await bolat.click("#take-over")
        await expect(bolat.locator("#take-over")).to_have_count(0)
        await dana.goto(f"{dashboard.url}/shifts")
        await expect(dana.locator("main table").first).to_contain_text("bolat")
    assert lane.shift == "bolat"
    assert complaints == []
