"""A plate is shown with the frames that voted, what else it may be, each text's weight, and the decision."""

import hashlib
from typing import Any

import httpx
from playwright.async_api import Browser, expect

from dashboard.views.facts import passage_of_registers
from lane_controller.messages.words import Audience
from tests.dashboard.fake_lane import picture, plate, reason
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_browser import signed_in_page
from tests.dashboard.test_ingest import until

VOTE: dict[str, Any] = {
    "side": "front",
    "frames": 4,
    "texts": [
        {"text": "01123ABC", "probability": 0.913, "frames": 3},
        {"text": "01128ABC", "probability": 0.05, "frames": 1},
    ],
    "others": [{"text": "777XYZ05", "probability": 0.6, "frames": 1}],
    "parked": [{"text": "888PQR11", "probability": 0.9, "frames": 4}],
    "each": [
        {"after_s": 0, "text": "01123ABC", "probability": 0.8},
        {"after_s": 0.41, "text": "01128ABC", "probability": 0.525},
    ],
    "when": "sure",
    "why": "frames_agree",
}


async def told(client: httpx.AsyncClient, address: str) -> list[dict[str, Any]]:
    votes: list[dict[str, Any]] = (await client.get(address)).json()["votes"]
    return votes


async def test_the_lanes_page_shows_the_vote_and_an_erasure_takes_it(dashboard: Running) -> None:
    client = await signed_in(dashboard.url, "dana")
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        lane.arrive()
        lane.read_plate("01123ABC", "01 123 ABC", vote=VOTE)
        await published(lane)
        page = (await client.get("/lanes/cargo-1")).text
        for words in ("told as soon as it was sure, enough frames agree", "frames that voted: 4", "91.3 %"):
            assert words in page
        for text in ("01128ABC", "777XYZ05", "888PQR11 <small>a parked vehicle&#39;s</small>"):
            assert text in page
        live = (await client.get("/api/v1/lanes/cargo-1")).json()["passage"]["votes"]
        assert [one["text"] for one in live[0]["texts"]] == ["01123ABC", "01128ABC"]
        assert "<small>+0.4 s</small> 01128ABC <small>52.5 %</small>" in page
        lane.leave()
        await published(lane)
        address = f"/api/v1/passages/cargo-1/{lane.journal}/{lane.number}"
        assert await told(client, address) == live, "from the store as from the lane itself"
        lane.record(
            "journal.erased",
            Audience.AUDIT,
            sequences_to=len(lane.events),
            passages=[lane.number],
            reason=reason("retention"),
        )
        await published(lane)

        async def gone() -> bool:
            return await told(client, address) == []

        await until(gone)
    await client.aclose()


async def test_a_vote_comes_onto_an_open_page(dashboard: Running, browser: Browser) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        lane.arrive()
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "dana", complaints)
        await page.goto(f"{dashboard.url}/lanes/cargo-1")
        crop = picture("01123ABC")
        name = hashlib.sha256(crop).hexdigest()
        lane.media[name] = Audience.LANE, crop
        first, second = VOTE["each"]
        each = [first | {"crop": name}, second | {"crop": "0" * 64}]  # one is still on its way
        lane.read_plate("01123ABC", "01 123 ABC", vote=VOTE | {"each": each})
        await published(lane)
        await page.get_by_text("What each frame read").click()
        await expect(page.locator(".vote li").last).to_have_text("+0.4 s 01128ABC 52.5 %")
        weight = page.locator(".vote tbody tr").first.locator("td").nth(1)
        await expect(weight).to_have_text("91.3 %")
        shown = page.locator(".vote li img")
        await expect(shown).to_have_count(1)
        assert await shown.evaluate("one => one.naturalWidth") > 0
        for width in (1366, 420):
            await page.set_viewport_size({"width": width, "height": 800})
            lines = await weight.evaluate("cell => cell.getBoundingClientRect().height")
            assert lines < 45, "the number and its sign stand on one line"
    assert complaints == []


async def test_a_picture_is_shown_on_an_open_page_as_soon_as_it_came(
    dashboard: Running, browser: Browser
) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        lane.arrive()
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "dana", complaints)
        await page.goto(f"{dashboard.url}/lanes/cargo-1")
        lane.read_plate("01123ABC", "01 123 ABC", vote=VOTE)
        on_its_way, lane.media = lane.media, {}
        await published(lane)
        await expect(page.locator(".vote")).to_have_count(1)
        await expect(page.locator("img.picture")).to_have_count(0)
        lane.media = on_its_way
        await lane.publish(len(lane.events) + 1)
        shown = page.locator("img.picture")
        await expect(shown).to_have_count(1)
        await expect(shown).to_have_js_property("complete", True)
        assert await shown.evaluate("image => image.naturalWidth") > 0
    assert complaints == []


def test_plates_of_an_older_lane_and_votes_of_a_newer_one_are_shown_as_before() -> None:
    value = {"time_us": 1, "side": "front", "plate": plate("01123ABC", "01 123 ABC")}
    newer = {**value, "side": "rear", "vote": {"texts": "many"}}
    facts = passage_of_registers(1, {"plate.front": (1, value), "plate.rear": (2, newer)})
    assert len(facts.plates) == 2
    assert facts.votes == ()
