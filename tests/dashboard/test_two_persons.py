"""A command that needs two: asked for in one session at one enrolled work place, confirmed in another session
at another one, within the time that the lane allows."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, func, select, text, update

from dashboard.api.security import WORKPLACE_COOKIE
from dashboard.commands import proposals
from dashboard.store.engine import StoreUnavailable, migrate
from dashboard.store.tables import PROPOSALS, WORKPLACES
from tests.dashboard.fake_lane import FakeLane, overloaded
from tests.dashboard.running import SITE, Running, enrolled, running, signed_in, signed_in_at
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_ingest import until


async def ask(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    seen = (await client.get("/api/v1/lanes/cargo-1")).json()["seen"]
    wish = {"kind": "release", "passage": 1, "seen": seen, "reason": "checked_by_hand", **more}
    return await client.post("/api/v1/lanes/cargo-1/commands", json=wish)


async def requests(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/api/v1/requests")).json()["requests"]


async def held(lane: FakeLane) -> None:
    lane.two_person_kinds = ("release", "hold")
    overloaded(lane)
    await published(lane)


async def codes(client: httpx.AsyncClient, request: str, answer: str = "confirm") -> list[str]:
    refused = await client.post(f"/api/v1/requests/{request}/{answer}")
    assert refused.status_code == 409, refused.text
    return [one["code"] for one in refused.json()["reasons"]]


async def test_the_first_asks_and_the_second_confirms_in_a_session_of_his_own(
    dashboard_on_each: Running,
) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        await held(lane)
        dana, bolat = await signed_in_at(dashboard.url, ("dana", "booth-1"), ("bolat", "booth-2"))
        asked = await ask(dana)
        assert (asked.status_code, asked.json()["asks_second"]) == (202, True)
        request = asked.json()["id"]
        shown = (await requests(bolat))[0]
        assert (shown["id"], shown["by"], shown["workplace"], shown["mine"]) == (
            request,
            "dana",
            "booth-1",
            False,
        )
        assert shown["reasons"] == []
        assert "dana at booth-1 asks for a second person" in (await bolat.get("/passages")).text
        assert not lane.commands
        assert (await bolat.post(f"/api/v1/requests/{request}/confirm")).json()["id"] == request
        await until(lambda: bool(lane.commands))
        command = lane.commands[0]
        assert command.second is not None
        assert command.second_after_s is not None
        assert (command.id, command.by.operator, command.by.workplace) == (request, "dana", "booth-1")
        assert (command.second.operator, command.second.workplace) == ("bolat", "booth-2")
        assert 0 <= command.second_after_s < proposals.SECOND_WITHIN_S

        async def answered() -> bool:
            shown = (await dana.get("/api/v1/lanes/cargo-1")).json()["commands"][0]
            return (shown["second"], shown["answer"]["code"]) == ("bolat", "done")

        await until(answered)
        assert (await requests(dana))[0]["state"]["code"] == "confirmed"
        assert await requests(bolat) == []
        igor = await signed_in(dashboard.url, "igor")
        told = {
            one["type"]["code"]: one["text"] for one in (await igor.get("/api/v1/audit")).json()["events"]
        }
        assert "dana with bolat" in told["site.command_sent"]
        assert "dana" in told["site.command_asked"]
        async with dashboard.service.database.reads.connect() as connection:
            count = select(func.count()).select_from(WORKPLACES)
            assert await connection.scalar(count) == 2


async def test_the_same_person_the_same_place_and_the_wrong_role_do_not_confirm(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        await held(lane)
        dana, again, beside, bolat, root = await signed_in_at(
            dashboard.url,
            ("dana", "booth-1"),
            ("dana", "booth-2"),
            ("bolat", "booth-1"),
            ("bolat", "booth-2"),
            ("root", "office"),
        )
        anywhere = await signed_in(dashboard.url, "bolat")
        alone = await ask(await signed_in(dashboard.url, "dana"))
        assert alone.json()["reasons"][0]["code"] == "workplace_not_enrolled"
        request = (await ask(dana)).json()["id"]
        assert await codes(again, request) == ["second_person_is_the_same"]
        assert await codes(beside, request) == ["second_person_same_workplace"]
        assert await codes(anywhere, request) == ["workplace_not_enrolled"]
        # His session's cookie in another browser is no session at his place.
        moved = httpx.AsyncClient(base_url=dashboard.url, headers=bolat.headers, timeout=30)
        moved.cookies.set("borderlane_session", bolat.cookies["borderlane_session"])
        assert await codes(moved, request) == ["workplace_not_enrolled"]
        assert await requests(root) == []
        assert (await root.post(f"/api/v1/requests/{request}/confirm")).status_code == 404
        assert (await ask(dana)).json()["reasons"][0]["code"] == "request_open"
        assert (await bolat.post(f"/api/v1/requests/{request}/decline")).status_code == 204
        assert [one["state"]["code"] for one in await requests(dana)] == ["declined"]
        # Who signs out asks for nothing more.
        request = (await ask(dana)).json()["id"]
        await dana.post("/sign-out")
        assert await codes(bolat, request) == ["request_over"]
        assert not lane.commands


async def test_nobody_confirms_late(dashboard: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "SECOND_WITHIN_S", 0.0)
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        await held(lane)
        dana, bolat = await signed_in_at(dashboard.url, ("dana", "booth-1"), ("bolat", "booth-2"))
        request = (await ask(dana)).json()["id"]
        late = await bolat.post(f"/api/v1/requests/{request}/confirm")
        assert late.status_code in (404, 409)

        async def over() -> bool:
            return [one["state"]["code"] for one in await requests(dana)] == ["expired"]

        await until(over)
        assert not lane.commands
        igor = await signed_in(dashboard.url, "igor")
        told = [one["type"]["code"] for one in (await igor.get("/api/v1/audit")).json()["events"]]
        assert "site.command_expired" in told


@asynccontextmanager
async def begun_again(folder: Path, lane: FakeLane, broker: int, before: Running) -> AsyncGenerator[Running]:
    """The same dashboard once more; the lane has spoken to it."""
    port, store = int(before.url.rpartition(":")[2]), before.site.store.url
    async with running(folder, broker, store, again=port) as again:
        lane.key = again.public_key

        async def heard() -> bool:
            await lane.publish(events=False)
            return again.service.live.is_live(lane.lane)

        await until(heard)
        yield again


async def told(dashboard: Running) -> list[str]:
    igor = await signed_in(dashboard.url, "igor")
    return [one["type"]["code"] for one in (await igor.get("/api/v1/audit")).json()["events"]]


async def test_a_restart_neither_loses_a_request_nor_sends_it_twice(
    tmp_path: Path, broker: int, store_url: str
) -> None:
    lane = FakeLane(SITE, "cargo-1")
    async with lane.connected("127.0.0.1", broker):
        async with running(tmp_path, broker, store_url) as dashboard:
            await held(lane)
            dana, bolat = await signed_in_at(dashboard.url, ("dana", "booth-1"), ("bolat", "booth-2"))
            request = (await ask(dana)).json()["id"]
            before = await requests(bolat)
        async with begun_again(tmp_path, lane, broker, dashboard):
            assert await requests(bolat) == before, "it goes on with what it was, until its own end"
            assert (await ask(dana)).json()["reasons"][0]["code"] == "request_open"
            assert (await bolat.post(f"/api/v1/requests/{request}/confirm")).json()["id"] == request
            await until(lambda: bool(lane.commands))
        async with begun_again(tmp_path, lane, broker, dashboard) as last:
            assert [one["state"]["code"] for one in await requests(dana)] == ["confirmed"]
            assert await codes(dana, request, "decline") == ["request_over"]
            assert await requests(bolat) == []
            steps = [one for one in await told(last) if one.startswith("site.command_")]
            assert sorted(steps) == ["site.command_asked", "site.command_sent"]
    assert [(one.id, one.by.operator, one.second and one.second.operator) for one in lane.asked] == [
        (request, "dana", "bolat")
    ]


async def test_what_ended_while_the_dashboard_was_away_is_told_and_can_not_be_confirmed(
    tmp_path: Path, broker: int
) -> None:
    lane = FakeLane(SITE, "cargo-1")
    async with lane.connected("127.0.0.1", broker):
        async with running(tmp_path, broker) as dashboard:
            await held(lane)
            dana, bolat = await signed_in_at(dashboard.url, ("dana", "booth-1"), ("bolat", "booth-2"))
            too_old, gone = (await ask(dana)).json()["id"], (await ask(bolat)).json()["id"]
            await bolat.post("/sign-out")
            asked_us = PROPOSALS.c.asked_us - round((proposals.SECOND_WITHIN_S + 1) * 1e6)
            aged = update(PROPOSALS).where(PROPOSALS.c.id == too_old).values(asked_us=asked_us)
            await dashboard.service.writer.do(lambda stage: stage.connection.execute(aged))
        async with begun_again(tmp_path, lane, broker, dashboard) as again:

            async def over() -> bool:
                return (await told(again)).count("site.command_expired") == 2

            await until(over)
            assert [(one["id"], one["state"]["code"]) for one in await requests(dana)] == [
                (too_old, "expired")
            ]
            assert (await dana.post(f"/api/v1/requests/{gone}/confirm")).status_code == 404
    assert not lane.commands


async def test_a_request_comes_to_the_page_through_the_stream_and_to_nobody_else(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        await held(lane)
        dana, bolat = await signed_in_at(dashboard.url, ("dana", "booth-1"), ("bolat", "booth-2"))
        igor = await signed_in(dashboard.url, "igor")
        heard: dict[str, list[str]] = {"bolat": [], "igor": []}

        async def listen(name: str, client: httpx.AsyncClient) -> None:
            async with client.stream("GET", "/api/v1/stream", params={"lane": "_site"}) as answer:
                async for line in answer.aiter_lines():
                    if line.startswith("data:"):
                        heard[name].append(line)

        tasks = [asyncio.create_task(listen(name, one)) for name, one in (("bolat", bolat), ("igor", igor))]
        await until(lambda: dashboard.service.hub.streams == 2)
        request = (await ask(dana)).json()["id"]
        await until(lambda: any(f"{request}:open" in line for line in heard["bolat"]))
        await bolat.post(f"/api/v1/requests/{request}/decline")
        await until(lambda: json.loads(heard["bolat"][-1][5:]) == {"requests": []})
        assert not any(request in line for line in heard["igor"])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_work_place_is_enrolled_and_withdrawn_by_the_administrator(dashboard: Running) -> None:
    cookies = {WORKPLACE_COOKIE: (await enrolled(dashboard.url, "booth-1"))["booth-1"]}
    dana = await signed_in(dashboard.url, "dana", cookies=cookies)
    assert (await dana.get("/account")).status_code == 200
    assert (await dana.post("/workplaces", data={"name": "booth-9"})).status_code == 403
    root = await signed_in(dashboard.url, "root")
    assert (await root.post("/workplaces", data={"name": "Booth 9!"})).status_code == 409
    assert [one["name"] for one in (await root.get("/api/v1/workplaces")).json()["workplaces"]] == ["booth-1"]
    assert "booth-1" in (await root.get("/workplaces")).text
    assert (await root.post("/workplaces/booth-1/withdraw")).status_code == 303
    assert (await root.post("/workplaces/booth-1/withdraw")).status_code == 404
    assert (await dana.get("/account")).status_code in (303, 401)
    await signed_in(dashboard.url, "dana", cookies=cookies)
    igor = await signed_in(dashboard.url, "igor")
    told = [one["text"] for one in (await igor.get("/api/v1/audit")).json()["events"]]
    assert told[1].startswith("dana from 127.0.0.1")
    assert "booth-1" not in told[1]


def test_a_store_of_before_has_nobody_at_an_enrolled_place(tmp_path: Path) -> None:
    """What stood there was the browser's address."""
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "dashboard.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        old = 'INSERT INTO sessions (token, "user", csrf, workplace, created_us, seen_us)'
        connection.execute(text(f"{old} VALUES ('t', 'dana', 'c', '10.0.0.7', 1, 1)"))
        migrate(connection)
        kept = connection.execute(text("SELECT workplace, address FROM sessions")).all()
    assert [tuple(row) for row in kept] == [("", "10.0.0.7")]


async def test_what_the_audit_can_not_take_is_not_asked_and_a_store_that_fails_keeps_nothing_open(
    dashboard: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        await held(lane)
        dana, bolat = await signed_in_at(dashboard.url, ("dana", "booth-1"), ("bolat", "booth-2"))
        writer = dashboard.service.writer
        working = writer.do

        async def failing(*_: object) -> None:
            raise StoreUnavailable("the disk is full")

        monkeypatch.setattr(writer, "do", failing)
        assert (await ask(dana)).status_code == 503
        monkeypatch.setattr(writer, "do", working)
        assert await requests(bolat) == []
        assert (await ask(dana)).status_code == 202
        monkeypatch.setattr(writer, "do", failing)
        monkeypatch.setattr(proposals, "SECOND_WITHIN_S", 0.0)

        async def nothing_open() -> bool:
            return await requests(bolat) == []

        await until(nothing_open)
        monkeypatch.setattr(writer, "do", working)
        monkeypatch.undo()
        assert (await ask(dana)).status_code == 202
        monkeypatch.setattr(proposals, "SECOND_WITHIN_S", 0.0)
        await until(nothing_open)
