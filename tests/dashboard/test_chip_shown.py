"""The chip stands beside the printed page: what differs is marked, and each test says why in words."""

import asyncio
import io
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Route, expect

from dashboard.views.chip import chip_shown
from dashboard.views.language import Speaker
from lane_controller.messages.parts import Document, DocumentChip, Reason
from lane_controller.messages.words import Audience
from tests.dashboard.fake_lane import check, document, reason
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_browser import signed_in_page
from tests.dashboard.test_ingest import until

LINES = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
OTHER = [LINES[0].replace("ANNA", "ANNE"), LINES[1]]


def face() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), (200, 170, 150)).save(out, "JPEG")
    return out.getvalue()


def clone() -> dict[str, Any]:
    def test(name: str, outcome: str, code: str, **parameters: Any) -> dict[str, Any]:
        return {"name": name, "outcome": outcome, "reason": reason(code, **parameters)}

    return {
        "data": "verified",
        "chip": "failed",
        "checks": [
            test("access", "passed", "pace_im", protocol="pace_im"),
            test("hash_dg1", "passed", "hash_matches"),
            test("printed_mrz", "failed", "zones_differ", fields="names"),
            test("chip_authentication", "failed", "chip_refuses", status="6988"),
            test("of_a_newer_lane", "inconclusive", "never_heard_of", lux=3),
        ],
        "differs": ["names"],
        "trust": "a" * 64,
        "duration_ms": 1234.0,
        "apdus": 98,
    }


async def test_a_picture_that_comes_late_moves_nothing(dashboard: Running, browser: Browser) -> None:
    """Whoever is about to press a button must not find another thing under the mouse."""
    boxes = """() => [...document.querySelectorAll("#lane img, #lane .card")].map(one => {
        const { x, y, width, height } = one.getBoundingClientRect();
        return [one.className, x, y, width, height];
    })"""
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        lane.arrive()
        lane.read_plate("01KG204ACD", "01 KG 204 ACD")
        lane.read_document(lines=LINES, given_names="ANNA MARIA")
        lane.read_chip(face(), clone(), lines=OTHER, given_names="ANNE MARIA")
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "dana", [])
        on_their_way = asyncio.Event()

        async def late(route: Route) -> None:
            await on_their_way.wait()
            await route.continue_()

        await page.route("**/media/**", late)
        await page.goto(f"{dashboard.url}/lanes/cargo-1", wait_until="domcontentloaded")
        pictures = page.locator("#lane img")
        await expect(page.locator("#clock")).not_to_be_empty()
        assert await pictures.evaluate_all("all => all.map(one => one.complete)") == [False, False]
        before = await page.evaluate(boxes)
        on_their_way.set()
        for picture in await pictures.all():
            await expect(picture).to_have_js_property("complete", True)
            assert await picture.evaluate("one => one.naturalWidth") > 0
        assert await page.evaluate(boxes) == before


async def test_an_operator_sees_why_a_clone_was_referred(dashboard: Running, browser: Browser) -> None:
    complaints: list[str] = []
    client = await signed_in(dashboard.url, "dana")
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        lane.arrive()
        lane.read_document(lines=LINES, given_names="ANNA MARIA")
        lane.read_chip(face(), clone(), lines=OTHER, given_names="ANNE MARIA")
        why = {"chip_check": "chip_authentication", "chip_reason": "chip_refuses"}
        failed = check("chip_genuine", "border", "failed", "chip_not_genuine", "ICAO", subject="person-1")
        failed["reason"]["parameters"] = why
        lane.conclude(failed)
        lane.decide("refer", reason("chip_not_genuine", check="chip_genuine", **why))
        await published(lane)
        view = await signed_in_page(browser, dashboard.url, "dana", complaints)
        await view.goto(f"{dashboard.url}/lanes/cargo-1")
        said = "NOT the chip that the state made, a copy perhaps: Chip authentication: the chip refuses"
        await expect(view.locator(".decision li")).to_have_text(f"Chip is genuine: {said}")
        chip = view.locator(".chip")
        await expect(chip.locator("h3")).to_have_text("Chip: data verified, chip NOT genuine")
        await expect(chip.locator(".beside tr.differs td")).to_have_text(
            ["given names", "ANNA MARIA", "ANNE MARIA"]
        )
        await expect(chip.locator(".mrz mark")).to_have_text("E")
        await expect(chip.locator(".checks tbody tr.failed td:nth-child(2)")).to_have_text(
            ["DG1 and the page", "Chip authentication"]
        )
        portrait = await chip.locator("img.portrait").get_attribute("src")
        assert portrait is not None
        assert (await client.get(portrait)).content == face()
        # Ended and told from the store alone it is the same, until it is erased.
        lane.leave()
        await published(lane)
        address = f"/api/v1/passages/cargo-1/{lane.journal}/{lane.number}"
        (told,) = (await client.get(address)).json()["documents"]
        assert [one["text"] for one in (told["chip"]["data"], told["chip"]["chip"])] == [
            "data verified",
            "chip NOT genuine",
        ]
        assert told["chip"]["portrait"] == portrait
        lane.record(
            "journal.erased",
            Audience.AUDIT,
            sequences_to=len(lane.events),
            passages=[lane.number],
            reason=reason("retention"),
        )
        await published(lane)

        async def gone() -> bool:
            left = (await client.get(address)).json()["documents"]
            return left == [] and (await client.get(portrait)).status_code == 404

        await until(gone)
    await client.aclose()
    assert complaints == []


def test_a_chip_that_was_not_read_and_one_without_a_zone_are_told_in_both_languages() -> None:
    from zoneinfo import ZoneInfo

    printed = Document.model_validate(document())
    unread = DocumentChip(reason=Reason(code="two_cards"))
    for language, words in (("en", "two chips on the reader"), ("ru", "на считывателе два чипа")):
        shown = chip_shown(Speaker(language, ZoneInfo("UTC")), "l", printed, unread)
        assert shown.reason is not None
        assert words in shown.reason.text
        assert (shown.data, shown.portrait, shown.fields, shown.lines, shown.checks) == (
            None,
            None,
            (),
            (),
            (),
        )
    read = DocumentChip.model_validate({"reading": clone()})
    shown = chip_shown(Speaker("ru", ZoneInfo("UTC")), "l", printed, read)
    assert shown.data is not None
    assert (shown.data.text, shown.fields) == ("данные подтверждены", ())
    assert [one.check.text for one in shown.checks][1] == "Без изменений DG1"
    assert shown.checks[-1].reason.text == "never_heard_of"
    # What stands beside a reason is named in the user's language too.
    assert [one.details for one in shown.checks][2:] == ["поля имена", "код ответа 6988", "lux 3"]
