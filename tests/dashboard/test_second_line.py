"""Second line's own pages: referred passages with all evidence, what came of them, the questions to an
officer, and the card for the traveller."""

import json
import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from dashboard.cards import cards
from dashboard.store.eraser import erase_waiting
from dashboard.store.tables import EVENTS, SECOND_LINE
from dashboard.views.language import Speaker
from dashboard.views.notes import notes, years
from lane_controller.messages.parts import Document
from lane_controller.messages.words import Audience
from tests.dashboard.fake_lane import FakeLane, check, document, reason, referred
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_browser import signed_in_page
from tests.dashboard.test_ingest import until

SAID = "says that her brother keeps her passport"


def hit(lane: FakeLane) -> None:
    """What the lane tells second line of a name on the watchlist."""
    found = {"reference": "W-17", "names": "EXAMPLEVA DINARA", "birth_date": "1990-01-01"}
    lane.conclude(
        check("person_watchlist", "border", "failed", "name_listed", "watchlist", confidential=True)
    )
    told: dict[str, Any] = {"register_kind": "watchlist_person", "hits": [found], "as_of": "2026-03-01"}
    lane.record("passage.hit", Audience.SECOND_LINE, passage=lane.number, **told)
    refer: dict[str, Any] = {"passage": lane.number, "decision": "refer", "reasons": [reason("name_listed")]}
    lane.record("passage.decided", Audience.SECOND_LINE, **refer)


async def waiting(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/api/v1/second-line")).json()["waiting"]


async def test_a_referral_waits_with_all_evidence_until_its_result_is_recorded(
    dashboard_on_each: Running,
) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "car-1", "cargo-1") as (lane, other):
        referred(lane)
        hit(lane)
        other.arrive()
        other.decide("hold", reason("doubt"))
        await published(lane, other)
        sara = await signed_in(dashboard.url, "sara")
        one = (await waiting(sara))[0]
        place = f"{one['lane']}/{one['journal']}/{one['passage']}"
        assert [row["lane"] for row in await waiting(sara)] == ["car-1"]
        shown = (await sara.get(f"/api/v1/second-line/{place}")).json()
        assert shown["hits"][0]["hits"][0][0] == ["Reference", "W-17"]
        page = (await sara.get(f"/second-line/{place}")).text
        for text in ("EXAMPLEVA DINARA", "A hit is a candidate, not a finding", "Questions to you"):
            assert text in page
        records = f"/api/v1/second-line/{place}/records"
        assert (await sara.post(records, json={"result": "other"})).status_code == 409
        assert (await sara.post(records, json={"answers": {"spoken_alone": "not_asked"}})).status_code == 409
        assert (await sara.post(records, json={"result": "guilty"})).status_code == 422
        answers = {"answers": {"spoken_alone": "yes", "keeps_own_documents": "no"}}
        assert (await sara.post(records, json=answers)).status_code == 204
        assert len(await waiting(sara)) == 1
        form = {"result": "passed_to_protection", "text": SAID}
        assert (await sara.post(f"/second-line/{place}", data=form)).status_code == 303
        assert await waiting(sara) == []
        done = (await sara.get("/api/v1/second-line")).json()["done"][0]["result"]
        assert (done["result"]["code"], done["officer"], done["text"]) == (
            "passed_to_protection",
            "sara",
            SAID,
        )
        igor = await signed_in(dashboard.url, "igor")
        told = (await igor.get("/api/v1/audit")).text
        assert "passed to the protection service" in told
        assert SAID not in told
        assert "spoken_alone" not in told
        async with dashboard.service.database.reads.connect() as connection:
            rows = await connection.execute(select(EVENTS.c.audience, EVENTS.c.data, EVENTS.c.type))
            kept = [row for row in rows if row.type == "site.second_line_result"]
        assert {row.audience for row in kept} == {"second_line", "audit"}
        assert not any(SAID in row.data for row in kept)


async def test_what_an_officer_wrote_goes_with_the_passage_when_it_is_erased(dashboard: Running) -> None:
    async with lanes_of(dashboard, "car-1") as (lane,):
        referred(lane)
        lane.leave("handed_over")
        referred(lane)
        await published(lane)
        sara = await signed_in(dashboard.url, "sara")
        for number in (1, 2):
            path = f"/api/v1/second-line/car-1/{lane.journal}/{number}/records"
            body = {"result": "no_finding", "text": SAID, "answers": {"spoken_alone": "yes"}}
            assert (await sara.post(path, json=body)).status_code == 204
        last = next(one["sequence"] for one in lane.events if one["passage"] == 2) - 1
        lane.record("journal.erased", sequences_to=last, passages=[], reason=reason("retention"))
        await published(lane)
        await erase_waiting(dashboard.service.writer, dashboard.service.database)
        async with dashboard.service.database.reads.connect() as connection:
            rows = await connection.execute(select(SECOND_LINE).order_by(SECOND_LINE.c.passage))
            kept = [(row.passage, row.text, row.answers, row.result) for row in rows]
        answers = json.dumps({"spoken_alone": "yes"}, separators=(",", ":"))
        assert kept[0] == (1, None, None, "no_finding")
        assert kept[1][:2] == (2, SAID)
        assert json.loads(kept[1][2] or "") == json.loads(answers)


async def test_the_list_follows_what_comes_and_what_is_settled_elsewhere(
    dashboard: Running, browser: Browser
) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "car-1") as (lane,):
        referred(lane)
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "sara", complaints)
        fetched: list[str] = []
        page.on("requestfinished", lambda one: fetched.append(f"{one.resource_type} {one.url}"))
        await page.keyboard.press("l")
        await page.wait_for_url("**/second-line")
        # For its first tiles, and for what it may have missed.
        await until(lambda: fetched.count(f"xhr {dashboard.url}/second-line") >= 2)
        waiting, settled = (
            page.locator(".referrals tbody tr"),
            page.locator(".referrals th:text-is('Result')"),
        )
        await expect(waiting).to_have_count(1)
        lane.leave("handed_over")
        referred(lane)  # all that the wall says of the lane is as before but the passage's number
        await published(lane)
        await expect(waiting).to_have_count(2)
        other = await signed_in(dashboard.url, "sara")
        path = f"/api/v1/second-line/car-1/{lane.journal}/1/records"
        assert (await other.post(path, json={"result": "no_finding"})).status_code == 204
        await expect(settled).to_be_visible()
    assert complaints == []


# What a document says of its holder.


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"nationality": "XXB", "kind": "PR"}, ["convention_refugee"]),
        ({"nationality": "XXA"}, ["convention_stateless"]),
        ({"nationality": "XXC"}, ["refugee_other"]),
        ({"nationality": "XXX", "kind": "PT"}, ["nationality_unspecified", "alien_document"]),
        ({"issuer": "UNO"}, ["issuer_no_state"]),
        ({"birth": "2008-11-30"}, ["minor", "minor_alone"]),
        ({"birth": "2008-11-29"}, []),
        ({"birth": "1987"}, ["age_unknown"]),
        ({"birth": ""}, ["age_unknown"]),
    ],
)
def test_convention_documents_and_minors_are_told_as_facts(changes: dict[str, str], codes: list[str]) -> None:
    read = Document.model_validate(document(**changes))
    told = notes(Speaker("en", ZoneInfo("UTC")), (read,), date(2026, 11, 29))
    assert [one.code for one in told] == codes
    assert all(one.text != one.code for one in told)


def test_a_child_beside_an_adult_is_not_alone() -> None:
    both = tuple(Document.model_validate(document(birth=birth)) for birth in ("2015-01-01", "1985-01-01"))
    told = notes(Speaker("en", ZoneInfo("UTC")), both, date(2026, 11, 29))
    assert [one.code for one in told] == ["minor"]
    assert years("2008-02-29", date(2026, 2, 28)) == 17


# The card.

ACCUSING = re.compile(r"suspect|crime|guilty|illegal|watchlist|подозр|преступ|незакон|розыск", re.IGNORECASE)


def test_the_cards_say_the_same_in_every_language_and_accuse_nobody() -> None:
    wanted = {"kk", "ky", "ru", "uz", "tg", "tk", "en", "zh", "fa"}
    assert set(cards()) == wanted
    for code, card in cards().items():
        words = json.dumps(card.model_dump(), ensure_ascii=False)
        assert not ACCUSING.search(words), code
        assert all(text.strip() for text in (*card.now, *card.next, *card.rights, card.protection))
        letters = {"zh": "一-鿿", "fa": "آ-ی"}.get(code)
        assert letters is None or re.search(f"[{letters}]", card.title)
    assert cards()["fa"].direction == "rtl"


async def test_the_card_is_for_the_line_and_tells_nothing_of_why(dashboard: Running) -> None:
    async with lanes_of(dashboard, "car-1") as (lane,):
        referred(lane)
        await published(lane)
        dana, sara = await signed_in(dashboard.url, "dana"), await signed_in(dashboard.url, "sara")
        path = f"/passages/car-1/{lane.journal}/1/card"
        before = (await dana.get(path)).text
        assert 'lang="kk"' in before
        assert "EXAMPLEVA" not in before
        hit(lane)
        await published(lane)

        async def known() -> bool:
            return "name_listed" in (await sara.get("/api/v1/lanes/car-1")).text

        await until(known)
        assert (await dana.get(path)).text == before
        assert (await sara.get(path)).text.replace("second-line/", "passages/") == before
        assert 'dir="rtl"' in (await dana.get(path, params={"language": "fa"})).text
        assert (await dana.get(path.replace("/1/card", "/9/card"))).status_code == 404


@pytest.mark.long
async def test_the_printed_card_fits_its_page_and_hides_what_is_for_staff(
    dashboard: Running, browser: Browser
) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "car-1") as (lane,):
        referred(lane)
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "sara", complaints)
        for code in cards():
            await page.goto(f"{dashboard.url}/passages/car-1/{lane.journal}/1/card?language={code}")
            await page.emulate_media(media="screen")
            await expect(page.locator(".staff .unreviewed")).to_be_visible()
            await page.emulate_media(media="print")
            await expect(page.locator(".staff")).not_to_be_visible()
            printed = await page.pdf(format="A4", prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, code
    assert complaints == []
