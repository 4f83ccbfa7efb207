"""Whoever works by keyboard, by ear, at 400 per cent or in the dark gets through every page: WCAG 2.2 AA."""

from collections.abc import Awaitable, Callable, Sequence

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from dashboard.site import LANGUAGES
from tests.dashboard.looking import (
    at_each,
    axe,
    badly_focused,
    clipped,
    small_targets,
    too_wide,
)
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_guide import wrongly_checked
from tests.dashboard.walking import WALKERS, Stop, Walker, a_full_site, discover

NARROW: ViewportSize = {"width": 320, "height": 600}
"""1280 pixels at 400 % (WCAG 1.4.10)."""
WIDE: ViewportSize = {"width": 1366, "height": 768}
BAR_PX = 52
"""The bar at the top where it is one line; a second one would push the wall's foot out of the window."""


async def take_light(page: Page, theme: str) -> None:
    await page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


async def for_everybody(page: Page) -> list[str]:
    """In both lights: contrast in each, focus once."""
    said = [*await axe(page), *await small_targets(page)]
    await take_light(page, "dark")
    said += await axe(page, ["color-contrast"])
    said += await badly_focused(page)
    await page.set_viewport_size(NARROW)
    said += await too_wide(page)
    await page.set_viewport_size(WIDE)
    return said


async def test_the_pages_of_every_minute_are_for_everybody(dashboard: Running, browser: Browser) -> None:
    """English; the other pages and languages are long."""
    async with a_full_site(dashboard, browser) as (walker, _):
        paths = ("/", "/lanes/cargo-1", "/alarms", "/holds")
        stops = [Stop("dana", path) for path in paths]
        assert not (said := await at_each(walker, stops, for_everybody)), "\n".join(said)


UNFOLDED_AND_CHANGED = """place => {
    const lane = document.getElementById("lane");
    lane.querySelector("details").open = true;
    lane.querySelector(place).focus();
    lane.querySelector(".points").dataset.before = "";
    htmx.trigger(lane, "changed");
}"""


async def test_whoever_reads_a_lane_s_page_is_not_thrown_back_when_it_changes(
    dashboard: Running, browser: Browser
) -> None:
    async with a_full_site(dashboard, browser) as (walker, _):
        page = await walker.page("dana")
        await page.goto(f"{dashboard.url}/lanes/cargo-1")
        for place in ("details summary", "a[href^='/media/']"):
            # In one turn of the page: what is fetched between two steps would undo the first of them.
            await page.evaluate(UNFOLDED_AND_CHANGED, place)
            await page.wait_for_selector("[data-before]", state="detached")
            await expect(page.locator(f"#lane {place}").first).to_be_focused()
            await expect(page.locator("#lane details")).to_have_attribute("open", "")


async def test_who_was_chosen_stays_chosen_when_the_list_is_fetched_anew(
    dashboard: Running, browser: Browser
) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,), Walker(dashboard, browser) as walker:
        lane.shift = "dana"
        await published(lane)
        page = await walker.go(Stop("dana", "/shifts"))
        await page.select_option("#to", "lena")
        await page.locator("#hand-over").focus()
        await page.evaluate("document.querySelector('#to').dataset.before = ''")
        await page.evaluate("htmx.trigger('#follow', 'changed')")
        await page.wait_for_selector("[data-before]", state="detached")
        await expect(page.locator("#to")).to_have_value("lena")
        await expect(page.locator("#hand-over")).to_be_focused()


@pytest.mark.long
async def test_every_page_and_dialog_is_for_everybody(dashboard: Running, browser: Browser) -> None:
    """English, with the focus; the other languages have the rest."""
    async with a_full_site(dashboard, browser) as (walker, _):
        stops = await discover(walker, dashboard)
        assert not (said := await at_each(walker, stops, for_everybody)), "\n".join(said)


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_in_any_language_and_light_is_for_everybody_up_to_400_per_cent(
    dashboard: Running, browser: Browser, language: str
) -> None:
    async def look(page: Page) -> list[str]:
        said = await axe(page)
        await take_light(page, "dark")
        said += await axe(page, ["color-contrast"])
        await page.set_viewport_size(NARROW)
        said += [*await too_wide(page), *await clipped(page)]
        await page.set_viewport_size(WIDE)
        return said

    async with a_full_site(dashboard, browser) as (walker, lanes):
        wrongly_checked(lanes["walk-1"])
        await published(lanes["walk-1"])
        await walker.prefer(language, "light")
        stops = await discover(walker, dashboard, each=2)
        assert not (said := await at_each(walker, stops, look)), "\n".join(said)


@pytest.mark.parametrize(
    ("languages", "names"),
    [
        # The longest names of pages, and who has the most of them.
        (("ru", "kk", "ky"), ("sara", "root")),
        pytest.param(LANGUAGES, WALKERS, marks=pytest.mark.long),
    ],
)
async def test_the_bar_of_every_role_takes_one_line(
    dashboard: Running, browser: Browser, languages: Sequence[str], names: Sequence[str]
) -> None:
    wrapped: list[str] = []
    async with Walker(dashboard, browser) as walker:
        for language in languages:
            await walker.prefer(language, "light")
            for name in names:
                page = await walker.go(Stop(name, "/account"))
                await page.evaluate("document.querySelector('#unseen').textContent = '99'")
                high = await page.evaluate("document.querySelector('.bar').getBoundingClientRect().height")
                wrapped += [f"{language}, {name}: {high} px"] if high > 1.1 * BAR_PX else []
    assert not wrapped, wrapped


async def test_an_offered_shift_leaves_the_bar_one_line(dashboard: Running, browser: Browser) -> None:
    wrong: list[str] = []
    async with lanes_of(dashboard, "cargo-1", "cargo-2") as lanes, Walker(dashboard, browser) as walker:
        for lane in lanes:
            lane.shift = "bolat"
        await published(*lanes)
        bolat = await signed_in(dashboard.url, "bolat")
        for name, lane in zip(("lena", "dana"), lanes, strict=True):
            made = await bolat.post("/api/v1/hand-overs", json={"to": name, "lanes": [lane.lane]})
            assert made.is_success, made.text
        await bolat.aclose()
        for language in LANGUAGES:
            await walker.prefer(language, "light")
            for name in ("lena", "dana"):
                page = await walker.go(Stop(name, "/account"))
                await page.evaluate("document.querySelector('#unseen').textContent = '99'")
                await expect(page.locator("#offered a")).to_contain_text("bolat")
                high = await page.evaluate("document.querySelector('.bar').getBoundingClientRect().height")
                wrong += [f"{language}, {name}: {high} px"] if high > 1.1 * BAR_PX else []
                wrong += [f"{language}, {name}: {said}" for said in await clipped(page)]
                words = page.locator("#offered a span")
                cut = await words.evaluate("one => one.scrollHeight - one.clientHeight")
                wrong += [f"{language}, {name}: shortened"] if cut > 1 else []
    assert not wrong, wrong


# The judges themselves.

Judge = Callable[[Page], Awaitable[list[str]]]

BAD: dict[Judge, str] = {
    axe: "<main><h1>a</h1><img src='/static/icon.svg'></main>",
    clipped: "<p style='width:40px;overflow:hidden;white-space:nowrap'>much too long for its box</p>",
    small_targets: "<ul><li><a href='/' style='display:block;width:10px;height:10px'>a</a></li></ul>",
    too_wide: "<p style='width:2000px'>wide</p>",
    badly_focused: "<style>*:focus{outline:none!important}</style><button>b</button>",
}
WORSE: dict[Judge, str] = {
    axe: "<main><h1>a</h1><a href='/' aria-label='lane seven'>released with two persons</a></main>",
    clipped: "<div style='border:1px solid;width:40px;white-space:nowrap'>over the edge of its box</div>",
    too_wide: "<div style='overflow:auto;width:100px'><p style='width:900px'>scrolls, unnamed</p></div>",
    badly_focused: "<button tabindex='2'>b</button><button tabindex='1'>a</button><button>c</button>",
}
FINE = (
    "<main><h1>a</h1><p>a short text with <a href='/'>a link</a> in it</p>"
    "<button style='min-height:30px'>a button</button></main>"
)


@pytest.mark.parametrize("judge", BAD)
async def test_each_judge_finds_what_it_looks_for(browser: Browser, judge: Judge) -> None:
    page = await (await browser.new_context(viewport={"width": 1366, "height": 768})).new_page()
    for bad in (BAD[judge], WORSE.get(judge, BAD[judge])):
        await page.set_content(f"<!doctype html><html lang='en'><title>t</title><body>{bad}</body></html>")
        assert await judge(page) != [], bad
    await page.set_content(f"<!doctype html><html lang='en'><title>t</title><body>{FINE}</body></html>")
    assert await judge(page) == []


async def test_a_dialog_keeps_the_focus_and_gives_it_back(dashboard: Running, browser: Browser) -> None:
    async with a_full_site(dashboard, browser) as (walker, _):
        page = await walker.page("dana")
        await page.goto(f"{dashboard.url}/lanes/cargo-1")
        opener = page.locator("#command-hold")
        await opener.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("dialog [name=reason]")).to_be_focused()
        for _ in range(12):
            await page.keyboard.press("Tab")
            assert await page.evaluate("!document.activeElement.closest('main, .top')")
        # Meanwhile its opener is fetched anew, as it is whenever the lane looks different.
        await page.evaluate("document.querySelector('#command-hold').dataset.before = ''")
        await page.evaluate("htmx.trigger('#lane', 'changed')")
        await page.wait_for_selector("[data-before]", state="detached")
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog")).not_to_be_visible()
        await expect(opener).to_be_focused()
