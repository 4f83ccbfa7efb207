"""Alarms as ISA-18.2 wants them: shelved for a time and a reason, floods told as one, lists and figures; who
may do and see what; the sound."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import update

from dashboard.shelving import expire_shelves
from dashboard.store.incoming import now_us
from dashboard.store.tables import SHELVES
from dashboard.views.alarm_load import busiest, chatters, flood_at, floods, union
from tests.dashboard.fake_lane import FakeLane, reason
from tests.dashboard.running import SITE, USERS, Running, running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_browser import signed_in_page
from tests.dashboard.test_ingest import until

SHELVE = {"minutes": 30, "reason": "being_repaired"}


def lost(lane: FakeLane, device: str, ago_s: float = 0.0, priority: str = "low") -> str:
    return lane.alarm("device_lost", priority, reason("no_answer"), ago_s, act_within_s=1800, device=device)


@asynccontextmanager
async def client(dashboard: Running, name: str) -> AsyncGenerator[httpx.AsyncClient]:
    session = await signed_in(dashboard.url, name)
    try:
        yield session
    finally:
        await session.aclose()


async def alarms(session: httpx.AsyncClient) -> dict[str, Any]:
    return (await session.get("/api/v1/alarms")).json()


async def sounding(session: httpx.AsyncClient) -> list[str]:
    """Names of what sounds, without lane and journal."""
    said = (await session.get("/api/v1/alarms/sounding")).json()
    return [one["id"].rsplit("/", 1)[-1] for one in said["sounding"]]


async def shelve(
    session: httpx.AsyncClient, alarm: str, lane: str = "cargo-1", **body: Any
) -> httpx.Response:
    return await session.post(f"/api/v1/alarms/{lane}/{alarm}/shelve", json={**SHELVE, **body})


async def audited(dashboard: Running, kind: str) -> list[str]:
    async with client(dashboard, "igor") as auditor:
        events = (await auditor.get("/api/v1/audit")).json()["events"]
    return [one["text"] for one in events if one["type"]["code"] == kind]


# Shelving.


async def test_a_shelved_alarm_makes_no_sound_stands_apart_and_is_never_hidden(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,), client(dashboard, "dana") as dana:
        lane.start()
        name = lost(lane, "camera-front")
        await published(lane)
        assert await sounding(dana) == [name]
        answer = await shelve(dana, name, text="the fitter comes at noon")
        assert answer.status_code == 201, answer.text
        (shown,) = (await alarms(dana))["alarms"]
        assert (shown["announced"], shown["acknowledged_by"]) == (False, None)
        assert shown["shelved"]["by"] == "dana"
        assert shown["shelved"]["reason"]["text"] == "being repaired: the fitter comes at noon"
        assert await sounding(dana) == []
        # Another occurrence of the same alarm stays shelved, another device's does not.
        lane.clear(name)
        again, other = lost(lane, "camera-front"), lost(lane, "reader")
        await published(lane)
        assert await sounding(dana) == [other]
        assert {one["alarm"] for one in (await alarms(dana))["alarms"]} == {again, other}
        (told,) = await audited(dashboard, "site.alarm_shelved")
        assert told.startswith(
            "cargo-1: Device lost camera-front for 30 min, dana (being repaired the fitter"
        )


async def test_a_shelf_ends_by_itself_or_is_taken_back_and_both_are_on_the_record(
    dashboard: Running,
) -> None:
    service = dashboard.service
    async with lanes_of(dashboard, "cargo-1") as (lane,), client(dashboard, "lena") as lena:
        lane.start()
        first, second = lost(lane, "camera-front"), lost(lane, "reader")
        await published(lane)
        kept = (await shelve(lena, first)).json()["id"]
        back = (await shelve(lena, second)).json()["id"]
        assert (await shelve(lena, first)).json()["reasons"][0]["code"] == "shelved_already"
        assert (await lena.delete(f"/api/v1/shelves/{back}")).status_code == 204
        assert (await lena.delete(f"/api/v1/shelves/{back}")).status_code == 409
        assert await sounding(lena) == [second]
        # Its time comes: the alarm calls again at that moment, whoever tells it later.
        shelf = service.writer.memory.shelves[kept]
        service.writer.memory.shelves[kept] = replace(shelf, until_us=now_us() - 1)
        assert set(await sounding(lena)) == {first, second}
        await expire_shelves(service.writer)
        assert (await alarms(lena))["shelves"] == []
        ended = await audited(dashboard, "site.alarm_unshelved")
        assert ended == [
            "cargo-1: Device lost camera-front, its time was over",
            "cargo-1: Device lost reader, taken back lena",
        ]


async def test_an_alarm_of_high_priority_is_shelved_for_minutes_and_one_occurrence_alone(
    dashboard: Running,
) -> None:
    async with (
        lanes_of(dashboard, "cargo-1") as (lane,),
        client(dashboard, "dana") as dana,
        client(dashboard, "lena") as lena,
    ):
        lane.start()
        name = lane.alarm("tailgating", "high", reason("tailgating"))
        await published(lane)
        assert (await shelve(dana, name, minutes=10)).json()["reasons"][0]["code"] == "shift_leader_shelves"
        refused = (await shelve(lena, name, minutes=30)).json()
        assert refused["detail"] == "this alarm can be shelved for 10 min at most"
        assert (await shelve(lena, name, minutes=10)).status_code == 201
        assert await sounding(dana) == []
        second = lane.alarm("tailgating", "high", reason("tailgating"))
        await published(lane)
        assert await sounding(dana) == [second]


async def test_shelving_survives_a_restart_of_the_dashboard(tmp_path: Path, broker: int) -> None:
    lane = FakeLane(SITE, "cargo-1")
    async with lane.connected("127.0.0.1", broker):
        lane.start()
        name = lost(lane, "camera-front")
        async with running(tmp_path, broker) as before:
            await published(lane)
            async with client(before, "dana") as dana:
                assert (await shelve(dana, name)).status_code == 201
        (tmp_path / "signing.pem").unlink()
        async with running(tmp_path, broker) as after:
            await lane.publish(events=False)
            async with client(after, "dana") as dana:
                (shown,) = (await alarms(dana))["alarms"]
                assert shown["shelved"]["by"] == "dana"
                assert await sounding(dana) == []


@pytest.mark.long
async def test_shelving_needs_a_time_and_a_reason_from_the_list(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,), client(dashboard, "dana") as dana:
        lane.start()
        name = lost(lane, "reader")
        await published(lane)
        wrong: tuple[tuple[dict[str, Any], str], ...] = (
            ({"minutes": 31}, "shelved_too_long"),
            ({"reason": "because"}, "reason_missing"),
            ({"reason": "other", "text": "  "}, "reason_missing"),
        )
        for body, code in wrong:
            answer = await shelve(dana, name, **body)
            assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (409, code)
        assert await sounding(dana) == [name]
        assert (await shelve(dana, "no-such-1")).json()["reasons"][0]["code"] == "no_such_alarm"


# Roles.

MAY = {
    "shelve": {"dana", "bolat", "lena"},
    "figures": {"lena", "igor"},
    "sound": {"dana", "bolat", "lena", "sara"},
}


async def test_why_an_alarm_was_not_acknowledged_or_taken_back_is_said_without_scripts_too(
    dashboard: Running,
) -> None:
    async with client(dashboard, "lena") as lena:
        for path in ("/alarms/_site/acknowledge", f"/alarms/shelves/{'0' * 16}/take-back"):
            answer = await lena.post(path, data={"alarm": "gone"})
            assert answer.status_code == 409
            assert "<!doctype html>" in answer.text
            assert '<p class="refused" role="alert">' in answer.text


async def test_each_role_has_its_own_of_the_alarms(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,), client(dashboard, "dana") as dana:
        lane.start()
        names = {who: lost(lane, f"reader-{who}") for who in USERS}
        spare = lost(lane, "spare")
        await published(lane)
        shelf = (await shelve(dana, spare)).json()["id"]
        for who, alarm in names.items():
            async with client(dashboard, who) as session:
                for path in ("/alarms", "/alarms/stale", "/alarms/chattering"):
                    assert (await session.get(path)).status_code == 200
                    assert (await session.get(f"/api/v1{path}")).status_code == 200
                wanted = 200 if who in MAY["figures"] else 403
                for path in ("/alarms/figures?hours=24", "/api/v1/alarms/figures"):
                    assert (await session.get(path)).status_code == wanted, (who, path)
                assert (alarm in await sounding(session)) is (who in MAY["sound"]), who
                shown = {one["alarm"]: one for one in (await alarms(session))["alarms"]}
                assert shown[alarm]["may_shelve"] is (who in MAY["shelve"]), who
                assert shown[alarm]["may_acknowledge"] is (who in MAY["sound"]), who
                answer = await shelve(session, alarm)
                assert answer.status_code == (201 if who in MAY["shelve"] else 409), answer.text
                if who not in MAY["shelve"]:
                    assert answer.json()["reasons"][0]["code"] == "role_may_not"
                    answer = await session.delete(f"/api/v1/shelves/{shelf}")
                    assert answer.json()["reasons"][0]["code"] == "role_may_not"
                    form = {"alarm": alarm, "minutes": "30", "reason": "exercise"}
                    page = await session.post("/alarms/cargo-1/shelve", data=form)
                    assert "role may not" in page.text or 'role="alert"' in page.text
        assert await sounding(dana) == [names[who] for who in names if who not in MAY["shelve"]]


@pytest.mark.long
async def test_a_site_alarm_is_shelved_by_those_who_see_it(dashboard: Running) -> None:
    async def job(stage: Any) -> None:
        stage.site.raise_alarm("gap", "cargo-1", "supervisor", "medium", {"lane": "cargo-1"})

    await dashboard.service.writer.do(job)
    (name,) = dashboard.service.writer.memory.site_alarms.values()
    async with client(dashboard, "dana") as dana, client(dashboard, "lena") as lena:
        assert (await shelve(dana, name, "_site")).json()["reasons"][0]["code"] == "no_such_alarm"
        assert (await shelve(lena, name, "_site")).status_code == 201
        assert await sounding(lena) == []
        assert (await alarms(dana))["shelves"] == []
        shelf = (await alarms(lena))["shelves"][0]["id"]
        assert (await dana.delete(f"/api/v1/shelves/{shelf}")).json()["reasons"][0]["code"] == "no_such_shelf"


# Floods.


def test_a_flood_begins_with_the_eleventh_and_ends_below_five() -> None:
    minute = 60_000_000
    assert floods(range(0, 10 * minute, minute)) == []
    times = [30_000_000 * number for number in range(12)]
    assert floods(times) == [(times[10], times[7] + 10 * minute)]
    assert flood_at(times, times[11]) is not None
    assert flood_at(times, times[7] + 10 * minute) is None
    assert busiest(times) == 12
    assert chatters([0, 20_000_000, 59_000_000])
    assert not chatters([0, 30_000_000, 61_000_000])
    assert union([(0, 5), (4, 9), (12, 14)], 2) == [(0, 9), (12, 14)]


async def test_a_flood_is_said_grouped_and_told_as_one_sound_and_high_ones_stand_alone(
    dashboard: Running,
) -> None:
    async with lanes_of(dashboard, "cargo-1", "cargo-2") as lanes, client(dashboard, "dana") as dana:
        for lane in lanes:
            lane.start()
        first = lost(lanes[0], "camera-front", 100)
        for lane in lanes:
            for number in range(5):
                lost(lane, f"device-{number}", 60)
        lanes[1].alarm("barrier_fault", "medium", reason("fault_input"), 50, device="barrier")
        lanes[1].alarm("trouble", "medium", reason("disk_budget"), 49)
        high = lanes[1].alarm("tailgating", "high", reason("tailgating"), 40)
        await published(*lanes)

        async def told() -> bool:
            return (await alarms(dana))["flood"] is not None

        await until(told)
        shown = await alarms(dana)
        assert shown["flood"]["count"] == 14
        assert {one["id"]: one["count"] for one in shown["groups"]} == {
            "kind-device_lost": 10,
            "lane-cargo-2": 2,
        }
        marked = [one for one in shown["alarms"] if one["marks"]]
        assert [(one["alarm"], one["marks"][0]["code"]) for one in marked] == [(first, "first_out")]
        assert [one["group"] for one in shown["alarms"] if one["priority"]["code"] == "high"] == [None]
        names = await sounding(dana)
        assert names[:2] == [high, first]
        assert len(names) == 3
        page = (await dana.get("/alarms")).text
        assert "14 in the last ten minutes" in page
        assert page.count('class="alarm-group') == 2


@pytest.mark.long
async def test_an_operator_hears_the_lanes_he_holds_those_of_nobody_and_whatever_is_high(
    dashboard: Running,
) -> None:
    async with (
        lanes_of(dashboard, "cargo-1", "cargo-2", "cargo-3") as lanes,
        client(dashboard, "dana") as dana,
    ):
        for lane, holder in zip(lanes, ("dana", "bolat", None), strict=True):
            lane.start()
            lane.shift = holder
        mine, his, nobodys = (lost(lane, f"of-{lane.lane}") for lane in lanes)
        high = lanes[1].alarm("tailgating", "high", reason("tailgating"))
        await published(*lanes)
        assert set(await sounding(dana)) == {mine, nobodys, high}
        assert {one["alarm"] for one in (await alarms(dana))["alarms"]} == {mine, his, nobodys, high}


# Lists and figures.


async def test_what_stands_for_a_day_and_what_comes_and_goes_have_their_lists(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,), client(dashboard, "lena") as lena:
        lane.start(200_000)
        old = lost(lane, "reader", 90_000)
        lost(lane, "camera-front", 3_600)
        for number in range(3):
            lane.clear(lost(lane, "deck-1", 50 - 10 * number))
        await published(lane)
        stale = (await lena.get("/api/v1/alarms/stale")).json()["alarms"]
        assert [one["alarm"] for one in stale] == [old]
        (found,) = (await lena.get("/api/v1/alarms/chattering")).json()["alarms"]
        assert (found["device"], found["times"], found["most_in_a_minute"]) == ("deck-1", 3, 3)
        assert "deck-1" in (await lena.get("/alarms/chattering")).text


async def test_a_bar_of_the_chart_over_a_week_says_its_day(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,), client(dashboard, "lena") as lena:
        lane.start(400_000)
        for day in (1, 2):
            lane.clear(lost(lane, "reader", day * 86_400))
        await published(lane)
        titles: list[str] = []
        for hours in (24, 168):
            shown = (await lena.get("/api/v1/alarms/figures", params={"hours": hours})).json()
            titles += [bar["title"] for bar in shown["rate_chart"]["bars"]]
        days = {found.group(1) for one in titles if (found := re.match(r"(\d\d\.\d\d) \d\d:00 ", one))}
        assert len(days) == 2


async def test_the_figures_are_by_person_and_shift_beside_what_is_good(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1", "cargo-2") as lanes, client(dashboard, "lena") as lena:
        for lane in lanes:
            lane.start(40_000)
        hour = 3600
        for at_s, who, before in ((10 * hour, "dana", None), (2 * hour, "bolat", "dana")):
            lanes[0].record("lane.shift_changed", ago_s=at_s, responsible=who, before=before, open_holds=[])
        lanes[0].shift = "bolat"
        for number in range(6):
            lanes[0].clear(lost(lanes[0], "reader", 9 * hour - 600 * number))
        lost(lanes[0], "camera-front", hour)
        lost(lanes[1], "camera-front", hour, "medium")
        await published(*lanes)
        shown = (await lena.get("/api/v1/alarms/figures", params={"hours": 24})).json()
        by_person = {one["operator"]: one for one in shown["shifts"]}
        assert {who: one["announced"] for who, one in by_person.items()} == {"dana": 6, "bolat": 1, None: 1}
        assert (by_person["dana"]["hours"], by_person["dana"]["per_ten_minutes"]) == ("8", "0.12")
        judged = {one["figure"]["code"]: one for one in shown["judged"]}
        assert (judged["rate"]["value"], judged["rate"]["target"], judged["rate"]["met"]) == (
            "0.12",
            "≤ 1",
            True,
        )
        assert [judged[code]["met"] for code in ("flood", "chattering", "stale")] == [True, True, True]
        assert (shown["top"][0]["device"], shown["top"][0]["times"]) == ("reader", 6)
        assert len(shown["rate_chart"]["bars"]) == 8
        page = (await lena.get("/alarms/figures")).text
        assert page.count("<rect class=") >= 9
        assert "style=" not in page


@pytest.mark.long
async def test_what_was_raised_while_shelved_counts_as_not_announced(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,), client(dashboard, "lena") as lena:
        lane.start()
        name = lost(lane, "reader")
        await published(lane)
        assert (await shelve(lena, name)).status_code == 201
        lane.clear(name)
        lost(lane, "reader")
        await published(lane)

        async def job(stage: Any) -> None:
            await stage.connection.execute(update(SHELVES).values(from_us=SHELVES.c.from_us - 1_000_000))

        await dashboard.service.writer.do(job)
        shown = (await lena.get("/api/v1/alarms/figures")).json()
        assert shown["announced"] + shown["shelved"] == 2
        assert shown["shelved"] >= 1


# In the browser.


async def test_an_alarm_sounds_until_it_is_seen_and_the_page_says_when_it_may_not(
    dashboard: Running, browser: Browser
) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "lena", complaints)
        await page.goto(f"{dashboard.url}/alarms")
        name = lane.alarm("tailgating", "high", reason("tailgating"))
        await published(lane)
        row = page.locator("table.alarms tr.high")
        await expect(row).to_be_visible()
        await page.keyboard.press("Shift")  # a touch of the page, where the browser wants one
        await expect(page.locator("body")).to_have_attribute("data-sounded", re.compile("[1-9]"))
        await expect(page.locator("[data-sound=silence]")).to_be_visible()
        await page.keyboard.press("x")
        await expect(page.locator("#sound")).to_be_hidden()
        # Silence was for that one: the next one sounds.
        lane.alarm("tailgating", "high", reason("tailgating"))
        await published(lane)
        await expect(page.locator("[data-sound=silence]")).to_be_visible()
        for button in range(2):
            await page.locator("table.alarms tr.high:not(.seen) button").first.click()
            await expect(page.locator("table.alarms tr.seen")).to_have_count(button + 1)
        await expect(page.locator("#sound")).to_be_hidden()
        assert {one.alarm for one in lane.commands} >= {name}
    assert complaints == []


async def test_an_alarm_is_shelved_and_taken_back_on_its_page(dashboard: Running, browser: Browser) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        name = lost(lane, "camera-front")
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "dana", complaints)
        await page.goto(f"{dashboard.url}/alarms")
        await page.click(f"#shelve-cargo-1-{name}")
        await page.select_option("dialog [name=minutes]", "30")
        await page.select_option("dialog [name=reason]", "other")
        await page.click("dialog button.main")
        await expect(page.locator("dialog .refused")).to_contain_text("Not shelved")
        await page.fill("dialog [name=text]", "waits for a part")
        await page.click("dialog button.main")
        await expect(page.locator("dialog")).not_to_be_visible()
        put = page.locator(".shelf tr.shelved")
        await expect(put).to_contain_text("other: waits for a part")
        await put.get_by_role("button", name="Take back").click()
        await expect(page.locator(".shelf")).to_have_count(0)
        await expect(page.locator("table.alarms tr.low")).to_have_count(1)
    assert complaints == []
