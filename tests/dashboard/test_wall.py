"""The wall of one to two hundred lanes: read from three metres, worked by keys, living for months."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import delete

from dashboard.site import LANGUAGES
from dashboard.store.stage import Stage
from dashboard.store.tables import PASSAGES
from dashboard.users.accounts import User, set_preferences
from dashboard.views.facts import AlarmFacts, DeviceFacts, LaneFacts, PassageFacts
from dashboard.views.language import Speaker
from dashboard.views.site import in_order
from dashboard.views.tile import tile
from dashboard.views.usual import UsualTime, UsualTimes
from lane_controller.messages.parts import Plate, Reason, Weight
from lane_controller.messages.words import Agency, UserRole
from tests.campaigns.wall_soak import soaked
from tests.dashboard import fake_lane
from tests.dashboard.conftest import WHERE_THERE_IS_TIME
from tests.dashboard.fake_lane import overloaded, reason
from tests.dashboard.looking import clipped
from tests.dashboard.running import Running, running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_browser import signed_in_page
from tests.dashboard.test_ingest import until

ARC_MINUTES = 16
AWAY_MM = 3000
CAPITAL_MM = 6.283 * AWAY_MM * ARC_MINUTES / 21600
"""How high a capital must be (docs/sources.md 118)."""
PX_MM = {24: 24 * 25.4 / (1920**2 + 1080**2) ** 0.5, 43: 43 * 25.4 / (1920**2 + 1080**2) ** 0.5}
"""One pixel of a screen of so many inches with 1920 x 1080."""
TARGET_PX = 24
DANA = User(
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

HELD = re.compile(r"^cargo-1 held\b(?!.*\d:\d\d:\d\d)")
"""What a held lane's link is called: no clock in it, which would be read out each second."""
CAPITALS = """selector => [...document.querySelectorAll(selector)]
    .filter(one => one.checkVisibility() && one.textContent)
    .map(one => {
        const style = getComputedStyle(one), pen = document.createElement("canvas").getContext("2d");
        pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        return pen.measureText("H").actualBoundingBoxAscent;
    })"""
"""Heights of the capitals in px, as this browser draws them."""


LEFT_OUT = """wanted => [...document.querySelectorAll(".tile .open")].flatMap(tile => {
    const all = tile.getBoundingClientRect();
    return [...tile.querySelectorAll(wanted)].filter(one => one.checkVisibility()).filter(one => {
        const box = one.getBoundingClientRect();
        return box.right > all.right + 1 || box.bottom > all.bottom + 1;
    }).map(one => `${tile.parentElement.className}: ${one.outerHTML}`);
})"""
"""What of a tile is not within it."""


def facts(number: int, **more: Any) -> LaneFacts:
    given: dict[str, Any] = {"mode": "open", "arm": "lowered", "lamp": "red", "live": True, **more}
    return LaneFacts(lane=f"cargo-{number}", profile="cargo", direction="entry", **given)


def held(now_us: int) -> PassageFacts:
    return PassageFacts(1, "held", now_us - 125_000_000, reasons=(Reason(code="overweight"),))


class Feed:
    """Stands in for the stream: ends after each telling, and the browser asks again."""

    def __init__(
        self, lanes: list[LaneFacts], now: str = "2026-11-29T00:00:00.000Z", language: str = "en"
    ) -> None:
        self.lanes, self.now, self.language = lanes, now, language
        self._told = 0

    async def serve(self, page: Page, dashboard: Running) -> None:
        speaker = dashboard.service.speaker(self.language)

        async def tell(route: Route) -> None:
            tiles = in_order([tile(one, speaker, DANA) for one in self.lanes])
            said = ["retry: 100", f'event: hello\ndata: {{"resumed": true, "now": "{self.now}"}}\n']
            said += [f"event: lane\ndata: {one.model_dump_json()}\n" for one in tiles]
            await route.fulfill(body="\n".join(said) + "\n", content_type="text/event-stream")
            self._told += 1

        await page.unroute_all()
        await page.route("**/api/v1/stream*", tell)

    async def heard(self) -> None:
        """Until two more tellings have begun: the first of them with what is said now is over."""
        before = self._told
        await until(lambda: self._told >= before + 2)


async def shown(page: Page, dashboard: Running, lanes: list[LaneFacts]) -> None:
    """These lanes on the open wall."""
    await Feed(lanes).serve(page, dashboard)
    await page.goto(dashboard.url)
    await expect(page.locator("#wall .tile")).to_have_count(len(lanes))


@pytest.mark.parametrize(
    ("lanes", "size", "inches", "small"),
    [
        (1, "one", 24, 0),
        pytest.param(12, "some", 24, 0, marks=pytest.mark.long),
        (40, "many", 43, 0),
        (200, "crowd", 43, 194),
    ],
)
async def test_a_wall_is_read_from_three_metres_and_hit_with_the_mouse(
    dashboard: Running, browser: Browser, lanes: int, size: str, inches: int, small: int
) -> None:
    page = await signed_in_page(browser, dashboard.url, "dana", [])
    await page.set_viewport_size({"width": 1920, "height": 1080})
    now_us = 1_795_000_000_000_000
    waiting = [facts(n, passage=held(now_us)) for n in range(1, min(lanes, 6) + 1)]
    await shown(page, dashboard, [*waiting, *(facts(n, arm_us=now_us) for n in range(7, lanes + 1))])
    await expect(page.locator("#wall")).to_have_attribute("data-size", size)
    full = ".tile:is(.attention, .alarm)" if small else ".tile"
    afar = await page.evaluate(CAPITALS, f"{full} :is(.number, .situation, .since), .tile .number")
    assert len(afar) >= lanes
    assert min(afar) * PX_MM[inches] >= CAPITAL_MM
    near = await page.evaluate(CAPITALS, ".tile *:not(:has(*))")
    assert min(near) >= 8, "what is read at the desk"
    boxes = await page.locator(".tile .open").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(one => [one.width, one.height, one.bottom])"
    )
    assert min(min(width, height) for width, height, _ in boxes) >= TARGET_PX
    assert max(bottom for _, _, bottom in boxes) <= 1080, "nothing of it must be scrolled to"
    words = await page.locator(".tile .now").evaluate_all(
        "all => all.map(one => getComputedStyle(one).clipPath).filter(clip => clip === 'none').length"
    )
    assert words == lanes - small
    await expect(page.locator('[data-lane="cargo-1"] .open')).to_have_accessible_name(HELD)
    if small:
        # What is not seen of it is heard, and called by name.
        last = page.locator('[data-lane="cargo-200"] .open')
        await expect(last).to_have_accessible_name("cargo 200 free")
        await last.focus()
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press("ArrowRight")
        await expect(last.locator(".situation")).to_be_visible()


def test_who_needs_a_person_stands_first_and_the_others_keep_their_places() -> None:
    speaker = Speaker("en", ZoneInfo("UTC"))
    broken = DeviceFacts("deck", "scale", "degraded", None, 1)
    calling = AlarmFacts(
        "cargo-9", "j", "a", "tailgating", "high", 1, Reason(code="tailgating"), None, None, None, None
    )
    lanes = [
        facts(10, passage=PassageFacts(1, "gathering", 5)),
        facts(2),
        facts(1, mode="closed"),
        facts(9, alarms=(calling,)),
        facts(30, passage=PassageFacts(1, "held", 900)),
        facts(31, passage=PassageFacts(1, "held", 100)),
        facts(4, passage=PassageFacts(1, "referred", 50)),
        facts(5, devices=(broken,)),
    ]
    tiles = in_order([tile(one, speaker, DANA) for one in lanes])
    assert [one.number for one in tiles] == ["9", "31", "30", "4", "5", "1", "2", "10"]
    assert [one.shape for one in tiles[:5]] == ["high", "held", "held", "referred", "degraded"]
    assert tiles[4].stale == ("weight",)


async def test_the_waiting_time_is_held_against_the_lanes_usual(dashboard: Running, browser: Browser) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start(90_000)
        for number in range(20):
            lane.arrive(80_000 - 1000 * number)
            lane.leave(ago_s=80_000 - 1000 * number - 60 - number)
        overloaded(lane)
        await published(lane)
        usual = await UsualTimes(dashboard.service.database).of("cargo-1")
        assert usual == UsualTime(70, 78)
        page = await signed_in_page(browser, dashboard.url, "dana", complaints)
        wait = page.locator('[data-lane="cargo-1"] .wait')
        await expect(wait.locator(".usual")).to_have_text("usually 1:10")
        await expect(wait.locator(".longer")).to_be_visible()
        await expect(wait.locator(".since")).to_have_class(re.compile("late"))
        # A handful of passages says nothing of what is usual.
        async with dashboard.service.database.writes.begin() as connection:
            await connection.execute(delete(PASSAGES).where(PASSAGES.c.passage > 9))
        assert await UsualTimes(dashboard.service.database).of("cargo-1") is None
    assert complaints == []


def full_of_words(number: int, now_us: int) -> LaneFacts:
    """In turn: lanes with a lost device of which there is everything to say, then quiet ones."""
    lost = (
        DeviceFacts("deck-1", "scale", "degraded", Reason(code="no_answer"), now_us),
        DeviceFacts("camera-front", "plate_camera", "degraded", Reason(code="camera_lost"), now_us),
    )
    over = Reason(code="over_limit", parameters={"limit_kg": 44000, "excess_kg": 2320})
    waits = PassageFacts(
        1,
        "held",
        now_us - 2400_000_000,
        plates=(Plate.model_validate(fake_lane.plate("01KG204ACD", "01 KG 204 ACD")),),
        plates_us=now_us,
        weight=Weight.model_validate(fake_lane.weight(46320)),
        weight_us=now_us,
        reasons=(over, Reason(code="no_document")),
    )
    calls = AlarmFacts(
        f"cargo-{number}", "j", "a", "tailgating", "high", 1, Reason(code="tailgating"), 1, None, None, None
    )
    given: dict[str, Any] = {"arm_us": now_us, "usual": UsualTime(70, 78), "devices": lost[:1]}
    kinds: list[dict[str, Any]] = [
        {"passage": waits, "waiting": True, "backlog": 10**6},
        {"passage": waits, "alarms": (calls,), "waiting": True, "backlog": 10**6},
        {"passage": replace(waits, phase="referred", reasons=(Reason(code="random_recheck"),))},
        {"mode": "maintenance", "mode_us": now_us, "devices": lost},
        {"passage": replace(waits, phase="gathering"), "alarms": (replace(calls, priority="low"),)},
        {"live": False},
        {"passage": replace(waits, phase="gathering"), "devices": ()},
    ]
    return facts(number, **given | kinds[(number - 1) % len(kinds)])


@pytest.mark.parametrize(
    "language", ["ru", *(pytest.param(one, marks=pytest.mark.long) for one in LANGUAGES if one != "ru")]
)
async def test_what_a_tile_says_is_whole_or_left_out(
    dashboard: Running, browser: Browser, language: str
) -> None:
    async def prefer(stage: Stage) -> None:
        await set_preferences(stage, "dana", language, "light")

    await dashboard.service.writer.do(prefer)
    page = await signed_in_page(browser, dashboard.url, "dana", [])
    await page.set_viewport_size({"width": 1366, "height": 768})
    now_us = 1_795_950_000_000_000
    for count in (1, 6, 12, 40):
        lanes = [full_of_words(number, now_us) for number in range(1, count + 1)]
        await Feed(lanes, "2026-11-29T11:00:00.000Z", language).serve(page, dashboard)
        await page.goto(dashboard.url)
        await expect(page.locator("#wall .tile")).to_have_count(count)
        await expect(page.locator(".since.late").first).to_be_visible()
        assert await clipped(page) == [], count
        # What must never be left out: who, what, since when, the arm, and where there is room what is lost.
        wanted = ".name, .situation, .calls, .since, .arm" + (", .bad" if count <= 12 else "")
        assert await page.evaluate(LEFT_OUT, wanted) == [], count


async def test_one_number_leads_to_any_lane(dashboard: Running, browser: Browser) -> None:
    page = await signed_in_page(browser, dashboard.url, "dana", [])
    lanes = [facts(number) for number in range(1, 200)]
    walk = LaneFacts(lane="walk-07", live=True, mode="open")
    for keys, lane in (("150", "cargo-150"), ("23", "cargo-23"), ("/wal", "walk-07")):
        await shown(page, dashboard, [*lanes, walk])
        for key in keys:
            await page.keyboard.press(key)
        await page.wait_for_url(f"**/lanes/{lane}", wait_until="commit")
    await shown(page, dashboard, [*lanes, walk])
    await page.keyboard.press("7")
    await expect(page.locator("#jump")).to_contain_text("cargo-7")
    await expect(page.locator("#jump")).to_contain_text("walk-07")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/lanes/cargo-7", wait_until="commit")


async def test_an_alarm_stands_on_every_page_and_leads_to_its_lane(
    dashboard: Running, browser: Browser
) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1", "cargo-2") as lanes:
        for lane in lanes:
            lane.start()
        await published(*lanes)
        page = await signed_in_page(browser, dashboard.url, "dana", complaints)
        strip = page.locator("#alarm-strip")
        for path in ("/", "/keys", "/lanes/cargo-1"):
            await page.goto(f"{dashboard.url}{path}")
            await expect(strip).to_be_hidden()
            name = lanes[1].alarm("tailgating", "high", reason("tailgating"))
            await published(lanes[1])
            await expect(strip).to_be_visible()
            await expect(strip.locator(".unseen")).to_have_text("1")
            await expect(page.locator("#unseen")).to_have_text("1")
            await page.evaluate("scrollTo(0, 99999)")
            await expect(strip.locator(".alarm")).to_be_in_viewport()
            await expect(strip.locator(".lane")).to_have_attribute("href", "/lanes/cargo-2")
            lanes[1].clear(name)
            await published(lanes[1])
            await expect(strip).to_be_hidden()
        name = lanes[1].alarm("tailgating", "high", reason("tailgating"))
        await published(lanes[1])
        await strip.locator(".alarm").click()
        await expect(page.locator(f"#alarm-cargo-2-{name}")).to_be_in_viewport()
    assert complaints == []


@pytest.mark.parametrize("store_url", WHERE_THERE_IS_TIME, indirect=True)
async def test_a_restart_of_the_server_loses_no_view(
    tmp_path: Path, broker: int, browser: Browser, store_url: str
) -> None:
    async with running(tmp_path, broker, store_url) as dashboard:
        port = int(dashboard.url.rpartition(":")[2])
        async with lanes_of(dashboard, "cargo-1") as (lane,):
            lane.start()
            await published(lane)
            page = await signed_in_page(browser, dashboard.url, "dana", [])
            await expect(page.locator("#wall .tile")).to_have_count(1)
    await page.evaluate("window.theSamePage = true")
    async with (
        running(tmp_path, broker, store_url, again=port) as dashboard,
        lanes_of(dashboard, "cargo-1") as (again,),
    ):
        again.events, again._published = lane.events, lane._published  # pyright: ignore
        overloaded(again)
        await published(again)
        await expect(page.locator('[data-lane="cargo-1"] .situation')).to_have_text("held", timeout=60_000)
        await expect(page.locator("#connection")).to_be_hidden(timeout=60_000)
        assert await page.evaluate("window.theSamePage")


async def test_a_refused_stream_is_tried_again_and_a_gap_asks_for_a_snapshot(
    dashboard: Running, browser: Browser
) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        overloaded(lane)
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "dana", [])
        answer = await (await signed_in(dashboard.url, "dana")).get("/")
        # As the page was before the store was put back to an older copy.
        older = re.sub(r'data-position="[^"]*"', 'data-position="999999"', answer.text)
        older = older.replace('data-lane="cargo-1"', 'data-lane="gone-1"', 1)
        await page.route(
            dashboard.url + "/", lambda route: route.fulfill(body=older, content_type="text/html")
        )
        refusals = 0

        async def refuse(route: Any) -> None:
            nonlocal refusals
            refusals += 1
            await (route.fulfill(status=502) if refusals == 1 else route.continue_())

        await page.route("**/api/v1/stream*", refuse)
        async with page.expect_response("**/api/v1/lanes"):
            await page.goto(dashboard.url)
        await expect(page.locator('#wall [data-lane="cargo-1"] .situation')).to_have_text("held")
        await expect(page.locator('#wall [data-lane="gone-1"]')).to_have_count(0)
        assert refusals >= 2


async def look_at(page: Page, state: str) -> None:
    """Playwright's pages are all visible; what a page is told when its tab is left or shown again."""
    await page.evaluate(
        """state => {
            Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


async def test_a_tab_that_nobody_sees_gives_its_stream_back_and_goes_on_where_it_was(
    dashboard: Running, browser: Browser
) -> None:
    hub = dashboard.service.hub
    async with lanes_of(dashboard, "cargo-1", "cargo-2") as (lane, other):
        lane.start()
        other.start()
        await published(lane, other)
        page = await signed_in_page(browser, dashboard.url, "dana", [])
        # In a browser that lets it sound this page would be the one that follows on.
        await page.route("**/static/sound.js", lambda route: route.fulfill(content_type="text/javascript"))
        await page.reload()
        await expect(page.locator('[data-lane="cargo-1"]')).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await until(lambda: hub.streams == 1)
        await look_at(page, "hidden")
        await until(lambda: hub.streams == 0)
        overloaded(lane)
        await published(lane)
        await look_at(page, "visible")
        await expect(page.locator('[data-lane="cargo-1"] .situation')).to_have_text("held")
        (stream,) = [url for url in asked if "/stream" in url]
        assert re.search(r"position=\d+", stream), "it went on, and did not begin anew"
        # The one of a browser's tabs that sounds must hear of an alarm though nobody sees it.
        await page.evaluate("import('/static/stream.js').then(stream => stream.keepOpen())")
        await look_at(page, "hidden")
        overloaded(other)
        await published(other)
        await expect(page.locator('[data-lane="cargo-2"] .situation')).to_have_text("held")
        assert hub.streams == 1


async def test_a_wall_starts_afresh_at_a_quiet_hour_only(dashboard: Running, browser: Browser) -> None:
    page = await signed_in_page(browser, dashboard.url, "dana", [])
    loads: list[str] = []
    page.on("load", lambda _: loads.append("load"))
    await page.clock.install(time="2026-11-29T12:00:00Z")
    feed = Feed([facts(1, passage=held(1_795_000_000_000_000))], "2026-11-29T12:00:00.000Z")
    await feed.serve(page, dashboard)
    await page.goto(dashboard.url)
    await expect(page.locator(".tile.attention")).to_have_count(1)

    async def a_minute_passes() -> None:
        """The stream is heard of in it, as on a real wall."""
        await page.clock.fast_forward(50_000)
        await feed.heard()
        await page.clock.run_for(11_000)

    # 04:20 at the site, and somebody is waited for.
    feed.now = "2026-11-29T23:20:00.000Z"
    await page.clock.fast_forward("11:20:00")
    await feed.heard()
    loads.clear()
    await a_minute_passes()
    await a_minute_passes()
    assert loads == []
    feed.lanes = [facts(1)]
    await feed.heard()
    await expect(page.locator(".tile.calm")).to_have_count(1)
    async with page.expect_event("load"):
        await a_minute_passes()
        await a_minute_passes()


@pytest.mark.long
async def test_a_wall_that_is_fed_without_end_holds_on_to_nothing(
    dashboard: Running, browser: Browser
) -> None:
    page = await signed_in_page(browser, dashboard.url, "dana", [])
    before, after = await soaked(page, dashboard.url, dashboard.service.speaker("en"), DANA, 20_000)
    assert after.heap - before.heap < 5_000_000
    assert after.nodes <= before.nodes


async def test_a_page_whose_stream_is_refused_asks_again_once_however_often_it_is_shown(
    dashboard: Running, browser: Browser
) -> None:
    page = await signed_in_page(browser, dashboard.url, "dana", [])
    await page.route("**/api/v1/stream*", lambda route: route.fulfill(status=502))
    await page.route("**/api/v1/alarms", lambda route: route.fulfill(status=502))
    await page.add_init_script(
        """window.refused = 0;
        window.EventSource = class extends EventSource {
            constructor(...given) {
                super(...given);
                this.addEventListener("error", () => { refused += 1; });
            }
        }"""
    )
    await page.clock.install(time=0)
    await page.clock.pause_at(1_000)
    await page.goto(f"{dashboard.url}/")

    async def refused(times: int) -> bool:
        return await page.evaluate("refused") == times

    for times in (1, 2, 3):
        await until(lambda times=times: refused(times))
        await look_at(page, "visible")
    await until(lambda: refused(4))
    for _ in range(3):
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        async with page.expect_response("**/api/v1/alarms"):
            await page.clock.run_for(3_000)
        await page.evaluate("fetch('/static/icon.svg')")  # what was asked for before is told before
        assert len([url for url in asked if url.endswith("/api/v1/alarms")]) == 1
