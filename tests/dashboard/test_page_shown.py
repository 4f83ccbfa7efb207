"""A page that was read is shown with its cells, and each doubtful character beside the print."""

from dataclasses import replace
from datetime import date
from typing import Any

from playwright.async_api import Browser, expect

import mrz
from dashboard.views.facts import passage_of_registers
from lane_controller.daemon.vision.evidence import page_reading, reduced, zone_picture
from lane_controller.messages.words import Audience
from mrz.picture import load
from mrz.reading import Correction, Doubt
from tests.dashboard.fake_lane import document, reason
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_browser import signed_in_page
from tests.dashboard.test_ingest import until
from tests.mrz.test_reading import TD3, needs_engine, page, png

WIDTH = "async (url) => { const one = new Image(); one.src = url; await one.decode(); return one.width; }"


def doubted() -> tuple[bytes, bytes, dict[str, Any]]:
    """A page, turned a little: a doubtful name, a corrected state, a check digit that does not hold."""
    picture = load(png(page().rotate(4, expand=True, fillcolor=230)))
    reading = replace(
        mrz.read(picture, reference=date(2026, 6, 1), engine="grid"),
        status=mrz.Status.INCONSISTENT,
        doubtful=(Doubt("names", 1, 9, ("K", "X")), Doubt("sex")),
        corrections=(Correction(1, 4, "0", "O", "letter_place"),),
        inconsistent=(mrz.CheckDigit("number", 2, 10, "7", "6", holds=False),),
    )
    shown, scale = reduced(picture)
    told = page_reading(picture, reading, scale)
    return shown, zone_picture(picture, reading), told.model_dump(mode="json")


@needs_engine
async def test_a_doubtful_character_is_seen_beside_its_print(dashboard: Running, browser: Browser) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        lane.arrive()
        lane.read_document(doubted(), lines=list(TD3), status="inconsistent", doubtful=["names"])
        await published(lane)
        view = await signed_in_page(browser, dashboard.url, "dana", complaints)
        await view.goto(f"{dashboard.url}/lanes/cargo-1")
        await expect(view.locator(".sheet polygon")).to_have_count(2)
        await expect(view.locator(".zone text").nth(0)).to_have_text(TD3[0])
        await expect(view.locator(".zone rect")).to_have_count(3)
        for picture in await view.locator(".sheet image, .zone image").all():
            address = await picture.get_attribute("href")
            assert await view.evaluate(WIDTH, address) > 500
        mark = view.locator(".mrz mark.doubtful")
        await expect(mark).to_have_text("K")
        await expect(mark).to_have_attribute("title", "Line 1, character 9, names: read K, may be X")
        await expect(view.locator(".marks li span")).to_have_text(
            [
                "Line 2, character 10: the check digit of number is 6, expected 7",
                "Line 1, character 9, names: read K, may be X",
                "sex: not sure",
                "Line 1, character 4: O put in place of 0: only a letter or a filler can stand here",
            ]
        )
        # Each mark lies on its own character.
        text = await view.locator(".zone text").nth(0).bounding_box()
        box = await view.locator(".zone rect.doubtful").bounding_box()
        assert text is not None
        assert box is not None
        cell = text["width"] / (44 - 0.4)
        assert abs((box["x"] + box["width"] / 2 - text["x"]) / cell - 8.3) < 0.5
    assert complaints == []


async def test_the_page_is_told_from_the_store_too_and_goes_with_the_passage(dashboard: Running) -> None:
    pictures = (b"\xff\xd8\xff a page", b"\xff\xd8\xff a zone")
    reading = {"width": 10, "height": 10, "doubtful": [{"field": "sex", "line": 2, "column": 21}]}
    client = await signed_in(dashboard.url, "dana")
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        lane.arrive()
        lane.read_document((*pictures, reading))
        lane.leave()
        await published(lane)
        address = f"/api/v1/passages/cargo-1/{lane.journal}/{lane.number}"

        async def told_of() -> dict[str, Any]:
            (document,) = (await client.get(address)).json()["documents"]
            return document

        async def pictures_are_there() -> bool:  # they follow the events
            page = (await told_of())["page"]
            return None not in (page["picture"], page["crop"])

        await until(pictures_are_there)
        told = await told_of()
        assert told["page"]["marks"][0]["text"] == "Line 2, character 21, sex: read M, not sure"
        for name, content in zip(("picture", "crop"), pictures, strict=True):
            assert (await client.get(told["page"][name])).content == content
        lane.record(
            "journal.erased",
            Audience.AUDIT,
            sequences_to=len(lane.events),
            passages=[lane.number],
            reason=reason("retention"),
        )
        await published(lane)

        async def gone() -> bool:
            answers = [await client.get(told["page"][name]) for name in ("picture", "crop")]
            left = (await client.get(address)).json()["documents"]
            return left == [] and all(one.status_code == 404 for one in answers)

        await until(gone)
    await client.aclose()


def test_a_document_without_a_page_and_one_whose_page_is_of_a_newer_version_are_shown_as_before() -> None:
    value = {"time_us": 1, "document": document()}
    newer = {**value, "picture": "ab", "page": {"width": "broad"}}
    facts = passage_of_registers(1, {"document.001": (1, value), "document.002": (2, newer)})
    assert len(facts.documents) == 2
    assert facts.pages == (None, None)
