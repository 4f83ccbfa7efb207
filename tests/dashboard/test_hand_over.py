"""Shifts change hands with everything that is open, from one named person to another, and it is kept how it
was."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from dashboard.store.tables import EVENTS, SITE_LANE
from lane_controller.messages.words import Audience
from tests.dashboard.fake_lane import overloaded, reason
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_ingest import until


async def begun(client: httpx.AsyncClient, *lanes: str) -> None:
    for lane in lanes:
        assert (await client.post(f"/shifts/{lane}", data={"do": "begin"})).status_code == 303

    async def mine() -> bool:
        return set((await client.get("/api/v1/shifts")).json()["mine"]) == set(lanes)

    await until(mine)


async def site_events(dashboard: Running, kind: str) -> list[tuple[str, dict[str, Any]]]:
    async with dashboard.service.database.reads.connect() as connection:
        wanted = select(EVENTS.c.audience, EVENTS.c.data).where(
            EVENTS.c.lane == SITE_LANE, EVENTS.c.type == kind
        )
        return [(row.audience, json.loads(row.data)) for row in await connection.execute(wanted)]


async def test_a_shift_is_handed_over_with_its_open_matters_to_a_named_person(
    dashboard_on_each: Running,
) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "cargo-1", "car-1") as (cargo, car):
        overloaded(cargo)
        cargo.backlog = 7
        await published(cargo, car)
        dana, bolat = await signed_in(dashboard.url, "dana"), await signed_in(dashboard.url, "bolat")
        lena = await signed_in(dashboard.url, "lena")
        nothing = await bolat.post("/api/v1/hand-overs", json={"to": "lena"})
        assert nothing.json()["reasons"][0]["code"] == "not_responsible"
        await begun(dana, "cargo-1", "car-1")
        for nobody in ("dana", "igor", "nobody"):
            refused = await dana.post("/api/v1/hand-overs", json={"to": nobody})
            assert refused.json()["reasons"][0]["code"] == "no_such_colleague"

        form = await dana.get("/hand-over", params={"to": "bolat"})
        assert "01 KG 204 ACD" in form.text
        given = {"to": "bolat", "notes": "<b>the driver</b> is ill", "lanes": ["cargo-1", "car-1"]}
        made = await dana.post("/hand-over", data=given)
        assert made.status_code == 303
        address = made.headers["location"]
        twin = (await bolat.get(f"/api/v1{address}")).json()
        page = twin["page"]
        (hold,) = page["holds"]
        assert (hold["lane"], hold["plates"], hold["phase"]["code"]) == ("cargo-1", ["01 KG 204 ACD"], "held")
        assert hold["waited"]
        assert hold["since"]["at"]
        assert {one["kind"]["code"] for one in page["alarms"]} == {one["kind"] for one in cargo.alarms}
        assert {one["lane"]: one["unsent"] for one in page["lanes"]} == {"cargo-1": 7, "car-1": 0}
        assert (twin["hand_over"]["taken"], page["notes"]) == (None, "<b>the driver</b> is ill")
        assert "<b>the driver</b>" not in (await bolat.get(address)).text

        # It stays the giver's until the named person takes it over; nobody else can, nor read it.
        assert (await dana.get("/api/v1/shifts")).json()["mine"] == ["car-1", "cargo-1"]
        assert "hands over to you" in (await bolat.get("/shifts/offered")).text
        assert "hands over to you" not in (await lena.get("/shifts/offered")).text
        other = await lena.post(f"/api/v1{address}/take-over")
        assert other.status_code in (404, 409)
        root = await signed_in(dashboard.url, "root")
        assert (await root.get(address)).status_code == 404
        assert (await lena.get(address)).status_code == 200

        cargo.decide("release")
        await published(cargo)
        assert (await bolat.post(f"{address}/take-over")).status_code == 303
        await until(lambda: (cargo.shift, car.shift) == ("bolat", "bolat"))
        again = await bolat.post(f"/api/v1{address}/take-over")
        assert again.json()["reasons"][0]["code"] == "taken_over_already"
        after = (await bolat.get(f"/api/v1{address}")).json()
        assert after["hand_over"]["taken"]["at"] >= after["hand_over"]["offered"]["at"]
        assert after["page"] == page, "the page is kept as it was"
        (offered,) = await site_events(dashboard, "shift.offered")
        (taken,) = await site_events(dashboard, "shift.taken_over")
        assert offered[1]["page"] == page
        assert taken[1]["lanes"] == ["car-1", "cargo-1"]
        assert taken[1]["offered_us"] <= taken[1]["taken_us"]
        last = (await lena.get("/api/v1/hand-overs")).json()["hand_overs"]
        assert [(one["by"], one["to"]) for one in last] == [("dana", "bolat")]


@pytest.mark.parametrize(
    ("giver", "taker", "audience"), [("lena", "dana", Audience.LANE), ("dana", "lena", Audience.LANE)]
)
async def test_a_page_of_open_matters_tells_nobody_more_than_he_may_know(
    dashboard: Running, giver: str, taker: str, audience: Audience
) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        overloaded(lane)
        lane.record(
            "passage.decided",
            Audience.SUPERVISOR,
            passage=1,
            decision="hold",
            reasons=[reason("for_leaders")],
        )
        lane.record(
            "passage.decided",
            Audience.SECOND_LINE,
            passage=1,
            decision="refer",
            reasons=[reason("name_listed")],
        )
        await published(lane)
        by = await signed_in(dashboard.url, giver)
        await begun(by, "cargo-1")
        made = (await by.post("/api/v1/hand-overs", json={"to": taker})).json()
        to = await signed_in(dashboard.url, taker)
        for client in (by, to):
            text = (await client.get(f"/api/v1/hand-overs/{made['id']}")).text
            assert "name_listed" not in text
            assert "for_leaders" not in text
        ((told, _),) = await site_events(dashboard, "shift.offered")
        assert told == audience
