"""A command that needs two, on real wires: from two accounts' passwords to the arm."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

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


async def officer(site: Site) -> httpx.AsyncClient:
    assert site.dashboard is not None
    client = httpx.AsyncClient(base_url=site.dashboard.url, timeout=20)
    form = {"name": "border", "password": site.dashboard.password}
    token = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/sign-in")).text)
    assert token is not None
    page = await client.post("/sign-in", data={**form, "csrf": token[1]}, follow_redirects=True)
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token is not None
    client.headers["X-CSRF-Token"] = token[1]
    return client


async def test_the_arm_goes_up_for_two_and_not_for_one(site: Site) -> None:
    assert site.dashboard is not None
    client = await officer(site)
    arm = site.benches[LANE].wiring.arm

    async def shown() -> dict[str, Any]:
        return (await client.get(f"/api/v1/lanes/{LANE}")).json()

    async def offered() -> bool:
        answer = await client.get(f"/api/v1/lanes/{LANE}")
        kinds = answer.json()["offers"] if answer.status_code == 200 else []
        return any(one["kind"]["code"] == "raise" and one["offered"] for one in kinds)

    await until(offered, seconds=60)

    async def ask(**more: Any) -> httpx.Response:
        seen = (await shown())["seen"]
        wish = {"kind": "raise", "seen": seen, "reason": "exercise", **more}
        return await client.post(f"/api/v1/lanes/{LANE}/commands", json=wish)

    alone = await ask()
    assert (alone.status_code, alone.json()["reasons"][0]["code"]) == (409, "needs_second_person")
    auditor = await ask(second={"name": "auditor", "password": site.dashboard.password})
    assert (auditor.status_code, auditor.json()["reasons"][0]["code"]) == (409, "second_person_may_not")
    assert arm.open == 0
    both = await ask(second={"name": "customs", "password": site.dashboard.password})
    assert both.status_code == 202, both.text
    await until(lambda: arm.open > 0, seconds=30)

    async def done() -> bool:
        last = (await shown())["commands"][0]
        return (last["second"], last["answer"]["code"]) == ("customs", "done")

    await until(done, seconds=30)
    events = site.recorder.lanes[LANE].of_type("command.answered")
    assert {event["data"]["second"]["operator"] for event in events} == {"customs"}
