"""What the dashboard looks after by itself: sessions, holes, certificates, pictures, guesses."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from playwright.async_api import Browser, expect
from sqlalchemy import select, update

from dashboard.housekeeping import GAP_AFTER_S, Housekeeping
from dashboard.store.incoming import now_us
from dashboard.store.media import UNREFERENCED_KEPT_US, Picture, drop_unreferenced, save_picture
from dashboard.store.stage import Stage
from dashboard.store.tables import MEDIA, SESSIONS
from dashboard.users.sessions import IDLE_US, drop_idle
from dashboard.users.throttle import FORGET_AFTER_S, FREE_FAILURES, KEYS_MAX, WAIT_MAX_S, Throttle
from lane_controller.messages.words import Audience
from tests.dashboard.fake_lane import FakeLane
from tests.dashboard.running import SITE, Running, signed_in
from tests.dashboard.test_browser import signed_in_page
from tests.dashboard.test_ingest import until


def housekeeping(dashboard: Running) -> Housekeeping:
    service = dashboard.service
    return Housekeeping(service.site, service.database, service.writer, service.live, service.hub)


async def site_alarms(dashboard: Running) -> list[tuple[str, str]]:
    lena = await signed_in(dashboard.url, "lena")
    found = (await lena.get("/api/v1/alarms")).json()["alarms"]
    assert all(one["act_within_s"] for one in found)
    return [(one["kind"]["code"], one["priority"]["code"]) for one in found]


async def test_a_session_that_nobody_used_for_half_a_day_is_over_and_forgotten(
    dashboard_on_each: Running,
) -> None:
    dashboard = dashboard_on_each
    writer = dashboard.service.writer
    idle, used = await signed_in(dashboard.url, "dana"), await signed_in(dashboard.url, "bolat")

    async def age(stage: Stage) -> None:
        old = stage.received_us - IDLE_US - 1
        await stage.connection.execute(update(SESSIONS).where(SESSIONS.c.user == "dana").values(seen_us=old))

    await writer.do(age)
    dashboard.service.sessions.forget("dana")
    await writer.do(drop_idle)
    async with dashboard.service.database.reads.connect() as connection:
        assert list(await connection.scalars(select(SESSIONS.c.user))) == ["bolat"]
    assert (await idle.get("/api/v1/lanes")).status_code == 401
    assert (await used.get("/api/v1/lanes")).status_code == 200
    igor = await signed_in(dashboard.url, "igor")
    told = (await igor.get("/api/v1/audit")).json()["events"]
    assert ("site.signed_out", "dana") in {(one["type"]["code"], one["text"]) for one in told}


async def age(dashboard: Running, name: str, by_us: int) -> None:
    """The sessions of a user were last used so long ago."""

    async def job(stage: Stage) -> None:
        seen = update(SESSIONS).where(SESSIONS.c.user == name).values(seen_us=stage.received_us - by_us)
        await stage.connection.execute(seen)

    await dashboard.service.writer.do(job)
    dashboard.service.sessions.forget(name)


async def unused_us(dashboard: Running, name: str) -> int:
    async with dashboard.service.database.reads.connect() as connection:
        seen_us = await connection.scalar(select(SESSIONS.c.seen_us).where(SESSIONS.c.user == name))
    assert seen_us is not None
    return now_us() - seen_us


HOUR_US = IDLE_US // 12


async def test_what_a_page_asks_for_by_itself_is_no_use_of_the_session(
    dashboard: Running, browser: Browser
) -> None:
    page = await signed_in_page(browser, dashboard.url, "dana", [])
    await page.clock.install()
    await page.goto(f"{dashboard.url}/shifts")
    assert await unused_us(dashboard, "dana") < HOUR_US
    await age(dashboard, "dana", 2 * HOUR_US)
    for asked in ("/shifts/offered", "/shifts", "/api/v1/alarms/sounding"):
        async with page.expect_response(lambda answer, asked=asked: answer.url.endswith(asked)) as answer:
            await page.clock.run_for(15_000)
        assert (await answer.value).ok
    dashboard.service.hub.requests_changed()
    await page.clock.run_for(1_000)
    assert await unused_us(dashboard, "dana") > HOUR_US
    await page.click("nav [data-key=a]")
    await page.wait_for_url("**/alarms")
    assert await unused_us(dashboard, "dana") < HOUR_US
    await age(dashboard, "dana", IDLE_US + 1)
    dashboard.service.hub.requests_changed()
    await page.wait_for_url("**/sign-in")


async def test_an_open_wall_is_use_of_the_session(dashboard: Running, browser: Browser) -> None:
    page = await signed_in_page(browser, dashboard.url, "dana", [])
    await expect(page.locator("#wall")).to_be_attached()
    await until(lambda: dashboard.service.hub.streams == 1)
    await age(dashboard, "dana", 2 * HOUR_US)
    dashboard.service.hub.requests_changed()
    async with asyncio.timeout(20):
        while await unused_us(dashboard, "dana") > HOUR_US:
            await asyncio.sleep(0.05)


async def test_a_hole_that_stays_is_an_alarm_until_it_is_filled(dashboard: Running) -> None:
    lane = FakeLane(SITE, "cargo-1")
    async with lane.connected("127.0.0.1", dashboard.broker_port):
        for _ in range(4):
            lane.move_arm("raised")
        held_back = lane.events.pop(1)
        await lane.publish()
        await lane.acknowledged(1)
        keeper = housekeeping(dashboard)
        await keeper.look_for_gaps(100.0)
        await keeper.look_for_gaps(100.0 + GAP_AFTER_S - 1)
        assert await site_alarms(dashboard) == []
        await keeper.look_for_gaps(100.0 + GAP_AFTER_S)
        await keeper.look_for_gaps(200.0 + GAP_AFTER_S)
        assert await site_alarms(dashboard) == [("store.gap", "medium")]
        lane.events.insert(1, held_back)
        await lane.publish()
        await lane.acknowledged()
        await keeper.look_for_gaps(300.0 + GAP_AFTER_S)
        assert await site_alarms(dashboard) == []


def certificate(path: Path, ends: datetime) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dashboard")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(ends - timedelta(days=365)).not_valid_after(ends)
    path.write_bytes(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("left", "alarms"),
    [
        (timedelta(days=31), []),
        (timedelta(days=29), [("store.certificate", "low")]),
        (timedelta(days=6), [("store.certificate", "medium")]),
        (timedelta(hours=20), [("store.certificate", "high")]),
        (timedelta(days=-3), [("store.certificate", "high")]),
    ],
)
async def test_a_certificate_that_ends_is_an_alarm_until_it_is_renewed(
    dashboard: Running, tmp_path: Path, left: timedelta, alarms: list[tuple[str, str]]
) -> None:
    now = datetime.now(UTC)
    file = certificate(tmp_path / "broker.pem", now + left)
    service = dashboard.service
    broker = service.site.broker.model_copy(update={"certificate": file})
    site = service.site.model_copy(update={"broker": broker})
    keeper = Housekeeping(site, service.database, service.writer, service.live, service.hub)
    await keeper.look_at_certificates(now)
    await keeper.look_at_certificates(now)
    assert await site_alarms(dashboard) == alarms
    certificate(file, now + timedelta(days=365))
    await keeper.look_at_certificates(now)
    assert await site_alarms(dashboard) == []


async def test_a_picture_that_no_event_names_is_dropped_after_a_while(dashboard_on_each: Running) -> None:
    dashboard = dashboard_on_each
    service = dashboard.service
    lane = FakeLane(SITE, "cargo-1")
    async with lane.connected("127.0.0.1", dashboard.broker_port):
        lane.arrive()
        lane.read_plate("01KG204ACD", "01 KG 204 ACD")
        named = next(iter(lane.media))
        await lane.publish()
        await lane.acknowledged()
        await until(lambda: not service.writer.memory.wanted_media.get("cargo-1"))
    names = {"old": "0" * 64, "fresh": "1" * 64}

    async def put(stage: Stage) -> None:
        for name in names.values():
            await save_picture(stage, "cargo-1", Audience.LANE, name, Picture("image/png", b"a stray one"))
        long_ago = stage.received_us - UNREFERENCED_KEPT_US - 1
        old = MEDIA.c.sha256.in_([names["old"], named])
        await stage.connection.execute(update(MEDIA).where(old).values(received_us=long_ago))

    await service.writer.do(put)
    await service.writer.do(drop_unreferenced)
    async with service.database.reads.connect() as connection:
        assert set(await connection.scalars(select(MEDIA.c.sha256))) == {named, names["fresh"]}


def test_a_wait_doubles_is_bounded_and_is_forgotten() -> None:
    throttle = Throttle()
    waits: list[float] = []
    now_s = 0.0
    for _ in range(FREE_FAILURES + 12):
        throttle.failed("dana", "10.0.0.7", now_s)
        waits.append(throttle.wait_s("dana", "10.0.0.7", now_s))
        now_s += waits[-1]
    assert waits[: FREE_FAILURES - 1] == [0.0] * (FREE_FAILURES - 1)
    assert waits[FREE_FAILURES - 1 : FREE_FAILURES + 3] == [5.0, 10.0, 20.0, 40.0]
    assert max(waits) == WAIT_MAX_S
    # At another work place the officer himself is not shut out.
    assert throttle.wait_s("dana", "10.0.0.8", now_s) == 0
    throttle.failed("dana", "10.0.0.7", now_s + FORGET_AFTER_S + 1)
    assert throttle.wait_s("dana", "10.0.0.7", now_s + FORGET_AFTER_S + 1) == 0


def test_guesses_from_a_million_addresses_keep_the_memory_small() -> None:
    throttle = Throttle()
    for number in range(KEYS_MAX * 2):
        throttle.failed("", f"2001:db8::{number:x}", float(number))
    assert len(throttle._failures) <= KEYS_MAX  # pyright: ignore[reportPrivateUsage]
