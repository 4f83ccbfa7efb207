"""The reasons given for commands by hand are counted, "other" above all, for who leads and who audits."""

from contextlib import aclosing
from typing import Any

import httpx
import pytest

from dashboard.views import given
from tests.dashboard.fake_lane import FakeLane, arriving
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published


async def hold(client: httpx.AsyncClient, lane: FakeLane, reason: str, text: str = "") -> None:
    seen = (await client.get(f"/api/v1/lanes/{lane.lane}")).json()["seen"]
    wish: dict[str, Any] = {
        "kind": "hold",
        "passage": lane.number,
        "seen": seen,
        "reason": reason,
        "text": text,
    }
    answer = await client.post(f"/api/v1/lanes/{lane.lane}/commands", json=wish)
    assert answer.status_code == 202, answer.text


async def test_other_is_counted_by_officer_and_its_words_are_read(
    dashboard: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "FINDING_FROM", 4)
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        arriving(lane)
        await published(lane)
        async with aclosing(await signed_in(dashboard.url, "dana")) as dana:
            for _ in range(2):
                await hold(dana, lane, "doubt")
            await hold(dana, lane, "other", "a colleague waved")
            await hold(dana, lane, "other", "<b>no time</b>")
            assert (await dana.get("/api/v1/given-reasons")).status_code == 403
            assert (await dana.get("/given-reasons")).status_code == 403
            form = (await dana.get("/lanes/cargo-1/commands/hold")).text
            assert "“other” is counted, and the shift leader reads it" in form
        async with aclosing(await signed_in(dashboard.url, "sara")) as sara:
            await hold(sara, lane, "other", "what second line knows")
            assert (await sara.get("/api/v1/given-reasons")).status_code == 403
        async with aclosing(await signed_in(dashboard.url, "lena")) as lena:
            told = (await lena.get("/api/v1/given-reasons")).json()
            assert (told["count"], told["other"], told["share"], told["finding"]) == (4, 2, "50 %", True)
            assert [(one["reason"]["code"], one["count"]) for one in told["reasons"]] == [
                ("doubt", 2),
                ("other", 2),
            ]
            assert [(one["operator"], one["other"], one["finding"]) for one in told["officers"]] == [
                ("dana", 2, True)
            ]
            assert [one["text"] for one in told["others"]] == ["<b>no time</b>", "a colleague waved"]
            page = (await lena.get("/given-reasons?days=1")).text
            assert "&lt;b&gt;no time" in page
            assert "More than a few per cent" in page
            assert "second line knows" not in page
            assert 'href="/given-reasons"' in (await lena.get("/shifts")).text
        async with aclosing(await signed_in(dashboard.url, "igor")) as igor:
            told = (await igor.get("/api/v1/given-reasons")).json()
            assert (told["count"], told["other"]) == (5, 3)
