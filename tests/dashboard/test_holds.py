"""Held passages as one queue over all lanes: the first to expire first, each with its clock; what nobody
answered is counted for those who lead."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect

from dashboard.store import holds
from lane_controller.messages.words import Audience
from tests.dashboard import fake_lane
from tests.dashboard.fake_lane import FakeLane, overloaded, reason
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_browser import signed_in_page


async def queue(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/api/v1/holds")).json()["holds"]


def holds_for(lane: FakeLane, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_lane, "HOLD_S", seconds)
    overloaded(lane)


def expire(lane: FakeLane) -> None:
    """The lane does what lane_controller/lane/timers.py does with a hold that nobody answers."""
    lane.decide("refer", reason("hold_expired"))
    lane.alarm("hold_expired", "medium", reason("hold_expired"))


async def test_the_queue_is_sorted_by_who_expires_first_and_counts_what_did(
    dashboard_on_each: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "cargo-1", "cargo-2", "cargo-3") as lanes:
        for lane, seconds in zip(lanes, (300, 100, 200), strict=True):
            lane.record("lane.shift_changed", responsible="dana", before=None, open_holds=[])
            lane.shift = "dana"
            holds_for(lane, seconds, monkeypatch)
        await published(*lanes)
        dana, lena = await signed_in(dashboard.url, "dana"), await signed_in(dashboard.url, "lena")
        shown = await queue(dana)
        assert [one["lane"] for one in shown] == ["cargo-2", "cargo-3", "cargo-1"]
        untils = [datetime.fromisoformat(one["until"]["at"]) for one in shown]
        assert [round((b - a).total_seconds() / 100) for a, b in pairwise(untils)] == [1, 1]
        assert shown[0]["responsible"] == "dana"
        assert (await dana.get("/api/v1/holds")).json()["unanswered"] is None
        page = (await dana.get("/holds")).text
        assert page.index("cargo-2</b>") < page.index("cargo-3</b>") < page.index("cargo-1</b>")
        expire(lanes[1])
        await published(*lanes)
        assert [one["lane"] for one in await queue(dana)] == ["cargo-3", "cargo-1"]
        counted = (await lena.get("/api/v1/holds")).json()["unanswered"]
        assert [(one["lane"], one["in_shift"], one["in_day"]) for one in counted] == [("cargo-2", 1, 1)]
        assert "Holds that nobody answered" in (await lena.get("/holds")).text
        assert "Holds that nobody answered" not in (await dana.get("/holds")).text
        # The next shift begins with none.
        lanes[1].record("lane.shift_changed", responsible="bolat", before="dana", open_holds=[])
        lanes[1].shift = "bolat"
        await published(lanes[1])
        counted = (await lena.get("/api/v1/holds")).json()["unanswered"]
        assert [(one["in_shift"], one["in_day"]) for one in counted] == [(0, 1)]
        # What the last one left unanswered stays with it.
        past = (await lena.get("/api/v1/shifts")).json()["past"]
        assert [(one["lane"], one["responsible"], one["unanswered"]) for one in past] == [
            ("cargo-2", "dana", 1)
        ]
        assert past[0]["begun"]["at"] < past[0]["ended"]["at"]
        assert "Past shifts" in (await lena.get("/shifts")).text
        assert (await dana.get("/api/v1/shifts")).json()["past"] is None


async def test_another_audiences_alarms_are_not_counted(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        raised: dict[str, Any] = {"alarm": "hold_expired-9", "kind": "hold_expired", "priority": "low"}
        lane.record("alarm.raised", Audience.SECOND_LINE, **raised, reason=reason("hold_expired"))
        overloaded(lane)
        await published(lane)
        async with dashboard.service.database.reads.connect() as connection:
            lane_only = await holds.expired_holds(connection, 0, {Audience.LANE})
        assert lane_only == []


async def test_the_clock_runs_on_the_page_and_the_queue_follows_the_lanes(
    dashboard: Running, browser: Browser
) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1", "cargo-2") as (first, second):
        overloaded(first)
        await published(first, second)
        page = await signed_in_page(browser, dashboard.url, "dana", complaints)
        await page.keyboard.press("q")
        await page.wait_for_url("**/holds")
        await expect(page.locator(".holds li")).to_have_count(1)
        clock = page.locator(".holds [data-until]")
        before = await clock.text_content()
        await expect(clock).not_to_have_text(before or "")
        overloaded(second)
        await published(second)
        await expect(page.locator(".holds li")).to_have_count(2)
        second.read_plate("7015AB01", "7015 AB 01")
        await published(second)
        await expect(page.locator(".holds li .plate", has_text="7015 AB 01")).to_be_visible()
    assert complaints == []
