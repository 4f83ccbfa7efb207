"""A command that needs two, on real wires: from two sessions at two enrolled work places to the arm."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.api.security import WORKPLACE_COOKIE
from simulators.kit import LaneKit
from simulators.site import Site
from tests.dashboard.test_ingest import until

pytestmark = [pytest.mark.xdist_group("site"), pytest.mark.long]
LANE = "walk-1"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path, {LANE: LaneKit(profile="pedestrian", two_person_kinds=("raise",))})
    await site.start()
    yield site
    await site.stop()


async def signed_in(site: Site, name: str, workplace: str = "") -> httpx.AsyncClient:
    assert site.dashboard is not None
    cookies = {WORKPLACE_COOKIE: workplace} if workplace else {}
    client = httpx.AsyncClient(base_url=site.dashboard.url, timeout=20, cookies=cookies)
    form = {"name": name, "password": site.dashboard.password}
    token = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/sign-in")).text)
    assert token is not None
    page = await client.post("/sign-in", data={**form, "csrf": token[1]}, follow_redirects=True)
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token is not None
    client.headers["X-CSRF-Token"] = token[1]
    return client


async def enrolled(site: Site, place: str) -> str:
    """The cookie of a browser that the administrator enrolled as a work place."""
    admin = await signed_in(site, "admin")
    return (await admin.post("/workplaces", data={"name": place})).cookies[WORKPLACE_COOKIE]


async def test_the_arm_goes_up_for_two_and_not_for_one(site: Site) -> None:
    border = await signed_in(site, "border", await enrolled(site, "booth-1"))
    customs = await signed_in(site, "customs", await enrolled(site, "booth-2"))
    arm = site.benches[LANE].wiring.arm

    async def shown() -> dict[str, Any]:
        return (await border.get(f"/api/v1/lanes/{LANE}")).json()

    async def offered() -> bool:
        answer = await border.get(f"/api/v1/lanes/{LANE}")
        kinds = answer.json()["offers"] if answer.status_code == 200 else []
        return any(one["kind"]["code"] == "raise" and one["offered"] for one in kinds)

    await until(offered, seconds=60)
    wish = {"kind": "raise", "seen": (await shown())["seen"], "reason": "exercise"}
    asked = await border.post(f"/api/v1/lanes/{LANE}/commands", json=wish)
    assert (asked.status_code, asked.json()["asks_second"]) == (202, True), asked.text
    request = f"/api/v1/requests/{asked.json()['id']}/confirm"
    alone = await border.post(request)
    assert (alone.status_code, alone.json()["reasons"][0]["code"]) == (409, "second_person_is_the_same")
    assert (await (await signed_in(site, "auditor")).post(request)).status_code == 404
    assert arm.open == 0
    both = await customs.post(request)
    assert both.status_code == 202, both.text
    await until(lambda: arm.open > 0, seconds=30)

    async def done() -> bool:
        last = (await shown())["commands"][0]
        return (last["second"], last["answer"]["code"]) == ("customs", "done")

    await until(done, seconds=30)
    events = site.recorder.lanes[LANE].of_type("command.answered")
    seconds = {(one["data"]["second"]["operator"], one["data"]["second"]["workplace"]) for one in events}
    assert seconds == {("customs", "booth-2")}
