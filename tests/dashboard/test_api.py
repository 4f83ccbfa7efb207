"""What the pages and the interface promise: sessions, tokens, audiences, commands, streams."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from dashboard.commands.signing import Signer
from dashboard.store.tables import SITE_LANE
from dashboard.users import accounts
from dashboard.views.seen import BadToken
from lane_controller.messages.command import Command, Expiry, SignedCommand
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.words import Audience, CommandKind
from tests.dashboard.fake_lane import FakeLane, overloaded, reason, referred
from tests.dashboard.running import HASHED, PASSWORD, SITE, USERS, Running, signed_in
from tests.dashboard.test_ingest import until

PAGES = (
    "/",
    "/lanes/cargo-1",
    "/alarms",
    "/alarms?past=true",
    "/passages",
    "/passages?hours=true",
    "/shifts",
    "/account",
    "/keys",
)
TWINS = (
    "/api/v1/lanes",
    "/api/v1/lanes/cargo-1",
    "/api/v1/alarms",
    "/api/v1/passages",
    "/api/v1/passages/hours",
    "/api/v1/shifts",
    "/api/v1/hand-overs",
)


@asynccontextmanager
async def lanes_of(dashboard: Running, *names: str) -> AsyncGenerator[list[FakeLane]]:
    lanes = [FakeLane(SITE, name, key=dashboard.public_key) for name in names]
    async with asyncio.TaskGroup() as group:
        done = asyncio.Event()

        async def hold(lane: FakeLane, ready: asyncio.Event) -> None:
            async with lane.connected("127.0.0.1", dashboard.broker_port):
                ready.set()
                talking = asyncio.create_task(lane.talk())
                await done.wait()
                talking.cancel()

        readies = [asyncio.Event() for _ in lanes]
        for lane, ready in zip(lanes, readies, strict=True):
            group.create_task(hold(lane, ready))
        for ready in readies:
            await ready.wait()
        try:
            yield lanes
        finally:
            done.set()


async def published(*lanes: FakeLane) -> None:
    for lane in lanes:
        await lane.publish_new()
    for lane in lanes:
        await lane.acknowledged()


# Doors.


async def test_a_static_file_is_sent_small_and_once(dashboard: Running) -> None:
    async with httpx.AsyncClient(base_url=dashboard.url, timeout=30) as anyone:
        for path in ("/static/htmx.js", "/static/dashboard.css", "/static/wall.js"):
            first = await anyone.get(path)
            assert first.headers["content-encoding"] == "gzip", path
            again = await anyone.get(path, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b""), path
        # A page holds its session's token: nothing that an outsider can put beside it may shorten it.
        assert "content-encoding" not in (await anyone.get("/sign-in")).headers


async def test_nothing_but_the_sign_in_page_is_given_without_a_session(dashboard: Running) -> None:
    async with httpx.AsyncClient(base_url=dashboard.url, timeout=30) as nobody:
        for path in (*PAGES, "/users", "/audit", "/lanes/cargo-1/view", "/lanes/cargo-1/commands/release"):
            answer = await nobody.get(path, headers={"Accept": "text/html"})
            assert (answer.status_code, answer.headers.get("location")) == (303, "/sign-in"), path
        others = (
            "/api/v1/users",
            "/api/v1/audit",
            "/api/v1/service",
            "/api/v1/stream",
            "/api/v1/openapi.json",
        )
        for path in (*TWINS, *others, "/media/cargo-1/" + "0" * 64):
            assert (await nobody.get(path)).status_code == 401, path
        for path in ("/api/v1/lanes/cargo-1/commands", "/shifts/cargo-1", "/users", "/account/password"):
            assert (await nobody.post(path)).status_code in (401, 422), path
        assert (await nobody.get("/sign-in")).status_code == 200
        assert (await nobody.get("/static/dashboard.css")).status_code == 200


async def test_a_wrong_password_and_a_wrong_name_are_told_the_same(dashboard: Running) -> None:
    async def attempt(name: str, password: str) -> tuple[int, str]:
        async with httpx.AsyncClient(base_url=dashboard.url, timeout=30) as client:
            page = await client.get("/sign-in")
            csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
            answer = await client.post("/sign-in", data={"name": name, "password": password, "csrf": csrf})
            return answer.status_code, re.findall(r'role="alert">([^<]+)', answer.text)[0]

    assert await attempt("dana", "wrong wrong wrong") == await attempt("nobody.here", PASSWORD)


async def test_guessing_is_slowed_down_and_goes_on_the_record(dashboard: Running) -> None:
    async with httpx.AsyncClient(base_url=dashboard.url, timeout=30) as client:
        statuses: list[int] = []
        for _ in range(7):
            page = await client.get("/sign-in")
            csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
            form = {"name": "dana", "password": "guess guess guess", "csrf": csrf}
            answer = await client.post("/sign-in", data=form)
            statuses.append(answer.status_code)
        assert statuses == [401] * 5 + [429] * 2
        assert int(answer.headers["retry-after"]) >= 1
    auditor = await signed_in(dashboard.url, "igor")
    told = (await auditor.get("/api/v1/audit")).json()["events"]
    assert sum(event["type"]["code"] == "site.sign_in_failed" for event in told) == 5


async def test_demo_users_are_refused_at_a_real_site(dashboard: Running) -> None:
    async def job(stage: Any) -> None:
        role, agency = USERS["dana"]
        await accounts.save_user(
            stage, name="demo", role=role, agency=agency, password=HASHED, language="en", demo=True, by="test"
        )

    await dashboard.service.writer.do(job)
    with pytest.raises(AssertionError, match="Demonstration users"):
        await signed_in(dashboard.url, "demo")


async def test_the_session_cookie_is_for_this_site_and_no_script(dashboard: Running) -> None:
    async with httpx.AsyncClient(base_url=dashboard.url, timeout=30) as client:
        page = await client.get("/sign-in")
        csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
        form = {"name": "dana", "password": PASSWORD, "csrf": csrf}
        answer = await client.post("/sign-in", data=form)
        cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("borderlane_session"))
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()


async def test_a_session_ends_with_sign_out_and_with_the_account(dashboard: Running) -> None:
    dana, bolat = await signed_in(dashboard.url, "dana"), await signed_in(dashboard.url, "bolat")
    assert (await dana.post("/sign-out")).status_code == 303
    assert (await dana.get("/api/v1/lanes")).status_code == 401
    root = await signed_in(dashboard.url, "root")
    assert (await root.post("/users/bolat/disable")).status_code == 303
    assert (await bolat.get("/api/v1/lanes")).status_code == 401


async def test_nothing_changes_without_the_csrf_token(dashboard: Running) -> None:
    dana = await signed_in(dashboard.url, "dana")
    del dana.headers["X-CSRF-Token"]
    posts = (
        "/sign-out",
        "/account/preferences",
        "/account/password",
        "/shifts/cargo-1",
        "/hand-over",
        "/passages/export",
        "/alarms/cargo-1/acknowledge",
    )
    for path in (*posts, "/lanes/cargo-1/commands/release", "/api/v1/lanes/cargo-1/commands"):
        assert (await dana.post(path)).status_code == 403, path
        assert (await dana.post(path, headers={"X-CSRF-Token": "guess"})).status_code == 403, path
    assert (await dana.get("/api/v1/lanes")).status_code == 200
    from_elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert (await dana.post("/sign-out", headers=from_elsewhere)).status_code == 403


async def test_every_answer_carries_the_strict_policy(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        overloaded(lane)
        await published(lane)
        dana = await signed_in(dashboard.url, "dana")
        for path in (*PAGES, *TWINS, "/static/page.js", "/nothing/here", "/sign-in"):
            answer = await dana.get(path)
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'self'; "), path
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            if "text/html" in answer.headers.get("content-type", ""):
                assert not re.search(
                    r"<script(?![^>]*src=)|\son\w+=|\sstyle=|javascript:|<style", answer.text
                ), path


async def test_a_body_that_is_too_large_is_refused(dashboard: Running) -> None:
    dana = await signed_in(dashboard.url, "dana")
    big = b"x" * 100_000
    assert (await dana.post("/api/v1/lanes/cargo-1/commands", content=big)).status_code == 413

    async def dribble() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    assert (await dana.post("/api/v1/lanes/cargo-1/commands", content=dribble())).status_code == 413


# Twins.


async def test_each_page_shows_what_its_twin_says(dashboard_on_each: Running) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        overloaded(lane)
        lane.alarm("tailgating", "high", reason("tailgating"))
        await published(lane)
        dana = await signed_in(dashboard.url, "dana")
        twin = (await dana.get("/api/v1/lanes/cargo-1")).json()
        page = (await dana.get("/lanes/cargo-1")).text
        passage = twin["passage"]
        assert passage["weight"]["over"] is True
        told = [
            passage["plates"][0]["display"],
            passage["documents"][0]["number"],
            passage["weight"]["gross"],
        ]
        told += [check["reason"]["text"] for check in passage["checks"]]
        told += [event["text"] for event in twin["timeline"]]
        for text in told:
            assert text.replace("’", "’") in page.replace("&#39;", "'").replace("&amp;", "&"), text
        for path, inside in (
            ("/", twin["tile"]["situation"]["text"]),
            ("/alarms", "Tailgating"),
            ("/passages", "01 KG 204 ACD"),
            ("/shifts", "cargo-1"),
        ):
            assert inside in (await dana.get(path)).text
        found = (await dana.get("/api/v1/passages", params={"plate": "01KG*"})).json()["passages"]
        assert [one["passage"] for one in found] == [1]
        one = found[0]
        detail = f"/passages/{one['lane']}/{one['journal']}/{one['passage']}"
        assert (await dana.get(f"/api/v1{detail}")).json()["decision"]["code"] == "hold"
        assert "01 KG 204 ACD" in (await dana.get(detail)).text
        picture = passage["pictures"][0]["url"]
        assert (await dana.get(picture)).headers["content-type"] == "image/jpeg"


async def test_a_passage_is_found_by_what_was_seen_of_it(dashboard_on_each: Running) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "cargo-1", "car-1") as (cargo, car):
        overloaded(cargo)
        referred(car)
        for n in range(60):
            car.arrive()
            car.read_plate(f"777A{n:02}BC", f"777 A{n:02} BC", "KZ", with_picture=False)
            car.decide("release")
            car.leave()
        await published(cargo, car)
        dana = await signed_in(dashboard.url, "dana")

        async def found(**fields: str) -> list[tuple[str, int]]:
            answer = await dana.get("/api/v1/passages", params=fields)
            assert answer.status_code == 200, answer.text
            return [(one["lane"], one["passage"]) for one in answer.json()["passages"]]

        assert await found(plate="01kg204acd") == [("cargo-1", 1)]
        assert await found(plate="01 KG 204 ACD") == [("cargo-1", 1)]
        assert await found(plate="?1KG2*") == [("cargo-1", 1)]
        assert await found(document="ac 0123456") == [("cargo-1", 1)]
        assert await found(decision="refer") == [("car-1", 1)]
        assert await found(decision="hold") == [("cargo-1", 1)]
        assert await found(lane="cargo-1") == [("cargo-1", 1)]
        assert await found(to="2001-01-01T00:00") == []
        assert len(await found(plate="777A*")) == 50
        first = (await dana.get("/api/v1/passages", params={"plate": "777A*"})).json()
        rest = await found(plate="777A*", after=first["more"])
        assert len(rest) == 10
        assert not {(one["lane"], one["passage"]) for one in first["passages"]} & set(rest)
        wide = await dana.get("/api/v1/passages", params={"plate": "7*"})
        assert (wide.status_code, wide.json()["reasons"][0]["code"]) == (409, "plate_too_wide")


async def test_pages_speak_the_users_language(dashboard: Running) -> None:
    dana = await signed_in(dashboard.url, "dana")
    saved = await dana.post("/account/preferences", data={"language": "ru", "theme": "dark"})
    assert saved.status_code == 303
    page = await dana.get("/alarms")
    assert '<html lang="ru" data-theme="dark">' in page.text
    assert "Тревог нет" in page.text


async def test_a_mistake_is_told_in_the_language_of_who_made_it(dashboard: Running) -> None:
    page = {"Accept": "text/html"}
    dana = await signed_in(dashboard.url, "dana")
    assert "Not Found" in (await dana.get("/nowhere", headers=page)).text
    await dana.post("/account/preferences", data={"language": "ru", "theme": "dark"})
    told = await dana.get("/nowhere", headers=page)
    assert told.status_code == 404
    assert '<html lang="ru" data-theme="dark">' in told.text
    assert "Не найдено" in told.text
    async with httpx.AsyncClient(base_url=dashboard.url, timeout=30) as nobody:
        asked = {**page, "Accept-Language": "ru-RU,ru;q=0.9"}
        assert "Не найдено" in (await nobody.get("/nowhere", headers=asked)).text


async def test_an_unknown_code_and_an_unknown_event_are_shown_plainly(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.arrive()
        lane.decide("hold", reason("sun_in_the_lens", lux=90000))
        lane.record("weather.changed", wind_m_s=12)
        await published(lane)
        dana = await signed_in(dashboard.url, "dana")
        twin = (await dana.get("/api/v1/lanes/cargo-1")).json()
        assert twin["passage"]["reasons"][0]["text"] == "sun_in_the_lens (lux 90,000)"
        assert twin["timeline"][0]["type"]["text"] == "weather.changed"
        assert twin["timeline"][0]["text"] == "wind_m_s 12"


# Audiences.


async def stream_of(client: httpx.AsyncClient, messages: int, **query: str) -> str:
    """The first so many messages of a stream."""
    text = ""
    async with client.stream("GET", "/api/v1/stream", params=query) as answer:
        assert answer.status_code == 200
        async with asyncio.timeout(10):
            async for part in answer.aiter_text():
                text += part
                if text.count("\n\n") >= messages:
                    break
    return text


async def test_an_open_stream_is_silent_about_a_hit(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        referred(lane)
        await published(lane)
        dana, sara = await signed_in(dashboard.url, "dana"), await signed_in(dashboard.url, "sara")

        async def follow(client: httpx.AsyncClient, until_text: str) -> str:
            text = ""
            async with client.stream("GET", "/api/v1/stream") as answer, asyncio.timeout(15):
                async for part in answer.aiter_text():
                    text += part
                    if until_text in text:
                        return text
            return text

        ordinary = asyncio.create_task(follow(dana, "attention-mark"))
        second = asyncio.create_task(follow(sara, "name_listed"))
        await until(lambda: dashboard.service.hub.streams == 2)
        hit = {"passage": 1, "decision": "refer", "reasons": [reason("name_listed")]}
        lane.record("passage.decided", Audience.SECOND_LINE, **hit)
        lane.record("lane.shift_changed", responsible="attention-mark", before=None)
        lane.shift = "attention-mark"
        await published(lane)
        assert "name_listed" not in await ordinary
        assert ordinary.result().count("event: lane") <= 3
        # Second line sees it when the store knows it; its state carries the same.
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)


async def test_pictures_and_alarms_of_another_audience_do_not_exist_for_an_operator(
    dashboard: Running,
) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.arrive()
        lane.read_plate("01KG204ACD", "01 KG 204 ACD")
        (sha256, (_, content)) = next(iter(lane.media.items()))
        lane.media[sha256] = (Audience.SECOND_LINE, content)
        more = {"kind": "watchlist", "priority": "high", "reason": reason("on_watchlist"), "passage": 1}
        lane.record("alarm.raised", Audience.SECOND_LINE, alarm="w-1", **more)
        await published(lane)
        dana, sara = await signed_in(dashboard.url, "dana"), await signed_in(dashboard.url, "sara")
        path = f"/media/cargo-1/{sha256}"
        await until(lambda: not dashboard.service.writer.memory.wanted_media.get("cargo-1"))
        assert [(await one.get(path)).status_code for one in (dana, sara)] == [404, 200]
        past = "/api/v1/alarms?standing=false"
        seen = [(await one.get(past)).json()["alarms"] for one in (dana, sara)]
        assert [len(one) for one in seen] == [0, 1]


async def test_only_auditors_see_what_the_site_itself_recorded(dashboard: Running) -> None:
    igor = await signed_in(dashboard.url, "igor")
    told = (await igor.get("/api/v1/audit")).json()["events"]
    assert told[0]["type"]["code"] == "site.signed_in"
    assert [event["sequence"] for event in told] == sorted((e["sequence"] for e in told), reverse=True)
    assert len({event["rowhash"] for event in told}) == len(told)


# Commands.


async def test_an_operators_release_is_signed_bound_to_what_was_seen_and_answered(
    dashboard_on_each: Running,
) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        overloaded(lane)
        await published(lane)
        dana = await signed_in(dashboard.url, "dana")
        twin = (await dana.get("/api/v1/lanes/cargo-1")).json()
        wish = {"kind": "release", "passage": 1, "seen": twin["seen"], "reason": "checked_by_hand"}
        sent = await dana.post("/api/v1/lanes/cargo-1/commands", json=wish)
        assert sent.status_code == 202, sent.text
        await until(lambda: bool(lane.commands))
        command = lane.commands[0]
        assert (command.id, command.kind, command.passage) == (sent.json()["id"], "release", 1)
        assert command.seen == 9
        assert (command.by.operator, command.by.role, command.by.agency) == ("dana", "operator", "transport")
        assert command.expires.boot == lane.boot
        assert 0 < command.expires.mono_s - asyncio.get_running_loop().time() <= 21

        async def answered() -> bool:
            twin = (await dana.get("/api/v1/lanes/cargo-1")).json()
            return twin["commands"][0]["answer"]["code"] == "done" and twin["tile"]["arm"]["code"] == "raised"

        await until(answered)
        igor = await signed_in(dashboard.url, "igor")
        told = (await igor.get("/api/v1/audit")).json()["events"]
        assert told[1]["type"]["code"] == "site.command_sent"
        assert told[1]["text"] == "cargo-1: Release by dana (checked by hand)"


async def test_a_command_is_unknown_until_answered_and_repeats_keep_their_id(
    dashboard: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.answers = False
        overloaded(lane)
        await published(lane)
        dana = await signed_in(dashboard.url, "dana")
        twin = (await dana.get("/api/v1/lanes/cargo-1")).json()
        wish = {"kind": "hold", "passage": 1, "seen": twin["seen"], "reason": "doubt"}
        sent = (await dana.post("/api/v1/lanes/cargo-1/commands", json=wish)).json()["id"]
        await until(lambda: len(lane.commands) == 1)
        twin = (await dana.get("/api/v1/lanes/cargo-1")).json()
        assert twin["commands"][0]["answer"]["code"] == "unknown"
        assert (await dana.post(f"/api/v1/commands/{sent}/repeat")).status_code == 202
        await until(lambda: len(lane.commands) >= 2)
        assert {command.id for command in lane.commands} == {sent}
        assert len({command.model_dump_json() for command in lane.commands}) == 1


@pytest.mark.parametrize(
    ("name", "wish", "code"),
    [
        ("igor", {"kind": "hold", "passage": 1, "reason": "doubt"}, "role_may_not"),
        ("root", {"kind": "release", "passage": 1, "reason": "evidence_sufficient"}, "role_may_not"),
        ("dana", {"kind": "raise", "passage": 1, "reason": "vehicle_released"}, "not_released"),
        ("dana", {"kind": "lower", "passage": 1, "reason": "seen_clear"}, "arm_lowered"),
        ("dana", {"kind": "hold", "passage": 1, "reason": "no_such_reason"}, "reason_missing"),
        ("dana", {"kind": "hold", "passage": 1, "reason": "other"}, "reason_missing"),
        ("dana", {"kind": "hold", "passage": 1, "reason": "doubt", "seen": "forged"}, "superseded"),
    ],
)
async def test_what_makes_no_sense_is_not_sent(
    dashboard: Running, name: str, wish: dict[str, Any], code: str
) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        overloaded(lane)
        await published(lane)
        client = await signed_in(dashboard.url, name)
        seen = (await client.get("/api/v1/lanes/cargo-1")).json()["seen"]
        answer = await client.post("/api/v1/lanes/cargo-1/commands", json={"seen": seen, **wish})
        assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (409, code)
        assert not lane.commands


async def test_a_lane_that_is_not_heard_gets_no_commands(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        overloaded(lane)
        await published(lane)
        status = f"borderlane/v1/{SITE}/cargo-1/status"
        assert lane.client is not None
        await lane.client.publish(status, b'{"status": "offline"}', qos=1, retain=True)
        await until(lambda: not dashboard.service.live.is_live("cargo-1"))
        dana = await signed_in(dashboard.url, "dana")
        twin = (await dana.get("/api/v1/lanes/cargo-1")).json()
        assert twin["tile"]["situation"]["code"] == "offline"
        assert {offer["reasons"][0]["code"] for offer in twin["offers"]} == {"lane_offline"}


async def test_the_token_of_what_was_seen_cannot_be_made_up_or_moved(dashboard: Running) -> None:
    seal = dashboard.service.sender.seal
    token = seal.seal("cargo-1", "j1", 41)
    assert seal.open(token, "cargo-1", "j1") == 41

    for lane, journal, forged in (
        ("car-1", "j1", token),
        ("cargo-1", "j2", token),
        ("cargo-1", "j1", token[:-2]),
    ):
        with pytest.raises(BadToken):
            seal.open(forged, lane, journal)


async def test_alarms_are_acknowledged_by_the_lane_and_the_sites_own_by_the_site(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        lane.start()
        lane.alarm("arm_stuck", "medium", reason("arm_stuck"))
        await published(lane)
        assert lane.client is not None
        forged = json.dumps([{**lane.events[0], "rowhash": "another-history"}]).encode()
        await lane.client.publish(f"borderlane/v1/{SITE}/cargo-1/event/lane", forged, qos=1)
        lena = await signed_in(dashboard.url, "lena")

        async def both() -> bool:
            found = (await lena.get("/api/v1/alarms")).json()["alarms"]
            return {one["kind"]["code"] for one in found} == {"arm_stuck", "store.fork"}

        await until(both)
        found = (await lena.get("/api/v1/alarms")).json()["alarms"]
        assert next(one for one in found if one["lane"] == SITE_LANE)["may_acknowledge"] is True
        for one in found:
            answer = await lena.post(f"/alarms/{one['lane']}/acknowledge", data={"alarm": one["alarm"]})
            assert answer.status_code == 303
        await until(lambda: bool(lane.commands))
        assert lane.commands[0].alarm == lane.alarms[0]["alarm"]

        async def seen() -> bool:
            left = (await lena.get("/api/v1/alarms")).json()["alarms"]
            return [one["acknowledged_by"] for one in left] == ["lena"]

        await until(seen)


# Streams.


async def test_a_stream_goes_on_where_it_was_and_says_when_it_cannot(dashboard: Running) -> None:
    async with lanes_of(dashboard, "cargo-1", "car-1") as (cargo, car):
        cargo.start()
        car.start()
        await published(cargo, car)
        dana = await signed_in(dashboard.url, "dana")
        first = await stream_of(dana, 5)
        position = re.findall(r"id: (\S+)", first)[-1]
        assert {json.loads(data)["lane"] for data in re.findall(r"event: lane\ndata: (.*)", first)} == {
            "cargo-1",
            "car-1",
            SITE_LANE,
        }
        overloaded(cargo)
        await published(cargo)
        again = await stream_of(dana, 3, position=position)
        assert '"resumed": true' in again
        # Whoever goes away after the first word, before the lane was told, comes back to the same place.
        assert re.match(r"retry: \d+\nid: (\S+)\nevent: hello", again)[1] == position  # pyright: ignore[reportOptionalSubscript]
        assert re.findall(r"id: (\S+)\nevent: lane", again)[-1] != position
        async with dana.stream("GET", "/api/v1/stream", headers={"Last-Event-ID": "999999"}) as answer:
            hello = await anext(answer.aiter_text())
        assert '"resumed": false' in hello


async def test_a_stream_ends_when_its_session_does(dashboard: Running) -> None:
    dana = await signed_in(dashboard.url, "dana")
    text = ""
    async with dana.stream("GET", "/api/v1/stream") as answer, asyncio.timeout(20):
        signed_out = False
        async for part in answer.aiter_text():
            text += part
            if not signed_out:
                signed_out = True
                await dana.post("/sign-out")
                dashboard.service.hub.changed(None)
    assert "event: signed_out" in text


async def test_a_slow_browser_holds_up_nobody(dashboard: Running) -> None:
    """A stream that is never read: the lanes' events go on, and what waits for it is one entry a lane."""
    async with lanes_of(dashboard, "cargo-1") as (lane,):
        slow, quick = await signed_in(dashboard.url, "dana"), await signed_in(dashboard.url, "bolat")
        async with slow.stream("GET", "/api/v1/stream"):
            await until(lambda: dashboard.service.hub.streams == 1)
            for n in range(300):
                lane.record("lane.lamp_changed", lamp="red" if n % 2 else "green")
            await published(lane)
            for _ in range(5000):
                dashboard.service.hub.changed("cargo-1")
            assert (await quick.get("/api/v1/lanes")).status_code == 200
        await until(lambda: dashboard.service.hub.streams == 0)


async def test_the_payload_is_signed_as_sent(dashboard: Running) -> None:
    by = Person(operator="dana", role="operator", agency=None)
    command = Command(
        id="0" * 32,
        site=SITE,
        lane="cargo-1",
        journal="j1",
        kind=CommandKind.HOLD,
        passage=1,
        seen=1,
        by=by,
        second=None,
        reason=Reason(code="doubt"),
        expires=Expiry(boot="b", mono_s=1.0),
        mode=None,
        persons=None,
        alarm=None,
        shift=None,
        seen_clear=False,
    )
    signing = dashboard.site.signing
    signed: SignedCommand = Signer.load(signing.key, signing.key_id).sign(command)
    payload = base64.b64decode(signed.payload)
    dashboard.public_key.verify(base64.b64decode(signed.signature), payload)
    assert Command.model_validate_json(payload) == command
