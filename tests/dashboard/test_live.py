"""A live picture: for who may, while he asks for it, told to the auditors, and kept nowhere."""

import asyncio
import hashlib
import re
from contextlib import aclosing
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from dashboard.ingest import stills
from dashboard.store.tables import METADATA
from tests.dashboard.fake_lane import FakeLane, arriving
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_browser import signed_in_page
from tests.dashboard.test_ingest import until


def still_of(seed: int) -> bytes:
    """A JPEG that is like no other."""
    noise = np.random.default_rng(seed).integers(0, 255, (60, 80, 3), np.uint8)
    return bytes(cv2.imencode(".jpg", noise)[1])


STILLS = [still_of(seed) for seed in range(3)]


async def asked(client: httpx.AsyncClient, lane: FakeLane, camera: str = "camera-front") -> httpx.Response:
    return await client.post(f"/api/v1/lanes/{lane.lane}/live", json={"camera": camera})


async def everything_stored(dashboard: Running) -> dict[str, list[str]]:
    """Every row of every table as text."""
    async with dashboard.service.database.reads.connect() as connection:
        return {
            table.name: [repr(tuple(row)) for row in await connection.execute(select(table))]
            for table in METADATA.sorted_tables
        }


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_stills_reach_who_asked_and_no_table(
    dashboard_on_each: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "cargo-1", "cargo-2") as (lane, other):
        for one in (lane, other):
            one.start()
            arriving(one)
        await published(lane, other)
        dana, lena = await signed_in(dashboard.url, "dana"), await signed_in(dashboard.url, "lena")
        before = await everything_stored(dashboard)
        look = (await asked(dana, lane)).json()
        assert (look["state"], look["camera"]) == ("going_on", "camera-front")
        for number, still in enumerate(STILLS):
            waiting = asyncio.create_task(dana.get(look["still"]))
            await until(lambda: bool(lane.looks))
            await lane.send_still(still)
            answer = await waiting
            assert answer.content == still, number
            assert answer.headers["cache-control"] == "no-store"
        # It is his alone, and of this lane and camera alone.
        assert (await lena.get(look["still"])).status_code == 404
        assert (await dana.get(look["still"].replace("cargo-1", "cargo-2"))).status_code == 404
        await other.send_still(STILLS[0])
        await lane.send_still(STILLS[0], "camera-rear")
        await lane.send_still(b"\xff\xd8\xff" + bytes(60_000))
        await lane.send_still(b"no picture")
        counts = dashboard.service.receiver.counts
        await until(lambda: counts["dropped_still_no_picture"] == 1)
        assert counts["dropped_still_not_asked_for"] == 2
        assert counts["dropped_still_too_large"] == 1
        # The end, without anybody's doing.
        monkeypatch.setattr(stills, "LIVE_S", 0.0)
        assert (await dana.get(look["still"])).status_code == 204
        assert (await dana.get(f"/api/v1/lanes/cargo-1/live/{look['id']}")).json()["state"] == "over"

        after = await everything_stored(dashboard)
        grown = {name: len(rows) - len(before[name]) for name, rows in after.items()}
        # Only the audit's own event, beside what sessions note of their use.
        assert {name for name, more in grown.items() if more} == {"events"}
        (told,) = set(after["events"]) - set(before["events"])
        assert "site.live_asked" in told
        assert '"operator":"dana"' in told.replace(" ", "")
        for still in STILLS:
            assert hashlib.sha256(still).hexdigest() not in str(after)
            assert repr(still[1000:1040])[2:-1] not in str(after)
            assert [file for file in files_of(tmp_path) if still[1000:1100] in file.read_bytes()] == []
        await dana.aclose()
        await lena.aclose()


async def test_who_may_not_look_and_what_the_lane_refuses_is_said(
    dashboard: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        await published(lane)
        for name in ("igor", "root"):
            async with aclosing(await signed_in(dashboard.url, name)) as client:
                answer = await asked(client, lane)
                assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (409, "role_may_not")
                assert (await client.get("/api/v1/lanes/cargo-1")).json()["live"] == []
        async with aclosing(await signed_in(dashboard.url, "sara")) as client:
            assert (await asked(client, lane, "deck-1")).json()["reasons"][0]["code"] == "no_such_camera"
            assert lane.looks == []
            lane.refuses_looks = "camera_lost"
            look = (await asked(client, lane)).json()
            assert (await client.get(look["still"])).status_code == 204
            told = (await client.get(f"/api/v1/lanes/cargo-1/live/{look['id']}")).json()
            assert (told["state"], told["reasons"][0]["text"]) == ("refused", "the camera is not working")
            # One that accepts and sends nothing is given up before the minute is over.
            lane.refuses_looks = ""
            monkeypatch.setattr(stills, "FIRST_S", 0.2)
            look = (await asked(client, lane)).json()
            assert (await client.get(look["still"])).status_code == 204
            told = (await client.get(f"/api/v1/lanes/cargo-1/live/{look['id']}")).json()
            assert told["reasons"][0]["code"] == "no_picture_comes"
            # A camera that is lost says so before anybody presses.
            lane.lose("camera-front")
            await published(lane)
            shown = (await client.get("/api/v1/lanes/cargo-1")).json()["live"]
            assert [(one["offered"], one["reasons"][0]["code"]) for one in shown] == [(False, "camera_lost")]
            assert (await asked(client, lane)).status_code == 409


async def test_a_live_picture_stays_while_the_page_around_it_changes(
    dashboard: Running, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[str] = []
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        await published(lane)
        page = await signed_in_page(browser, dashboard.url, "dana", complaints)
        await page.goto(f"{dashboard.url}/lanes/cargo-1")
        await page.keyboard.press("v")
        still = page.locator("#live-view img.still")
        await until(lambda: bool(lane.looks))
        await lane.send_still(STILLS[0])
        await expect(still).to_have_attribute("src", re.compile("n=1$"))
        arriving(lane)
        await published(lane)
        await expect(page.locator(".plate").first).to_have_text("AA 7001 YB UZ")
        await lane.send_still(STILLS[1])
        await expect(still).to_have_attribute("src", re.compile("n=2$"))
        await expect(page.locator("#live-view figcaption")).to_contain_text("kept nowhere · ends in")
        await expect(still).to_have_js_property("naturalWidth", 80)
        # It ends by itself, is not shown as if it went on, and comes back when it is asked for again.
        monkeypatch.setattr(stills, "LIVE_S", 0.0)
        dashboard.service.live_asker.stills.close()
        await expect(page.locator("#live-view")).to_have_text(
            "The live picture has ended; press again to go on looking"
        )
        monkeypatch.undo()
        await page.click("text=Look through camera-front")
        await until(lambda: len(lane.looks) == 2)
        await lane.send_still(STILLS[2])
        await expect(still).to_have_js_property("naturalWidth", 80)
    assert complaints == []
