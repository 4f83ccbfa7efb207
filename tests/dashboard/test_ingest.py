"""From the broker into the store and back: what is acknowledged is committed, and nothing stops it."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from dashboard.service import service_of
from dashboard.site import load_site
from dashboard.store.tables import EVENTS, MEDIA, SITE_LANE
from lane_controller.messages import topics
from lane_controller.messages.words import Audience
from simulators.broker import Broker, access_list
from simulators.pki import Authority
from tests.dashboard.envelopes import envelope
from tests.dashboard.fake_lane import FakeLane, overloaded
from tests.dashboard.running import SITE, Running, site_file


async def until(true: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            outcome = true()
            if outcome if isinstance(outcome, bool) else await outcome:
                return
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture(loop_scope="session")
async def lane(dashboard: Running) -> AsyncGenerator[FakeLane]:
    fake = FakeLane(SITE, "cargo-1", key=dashboard.public_key)
    async with fake.connected("127.0.0.1", dashboard.broker_port):
        yield fake


async def stored(dashboard: Running, table: Any = EVENTS, *where: Any) -> int:
    async with dashboard.service.database.reads.connect() as connection:
        found = select(func.count()).select_from(table)
        if table is EVENTS:
            found = found.where(EVENTS.c.lane != SITE_LANE)
        return await connection.scalar(found.where(*where)) or 0


async def test_what_is_acknowledged_is_stored(dashboard: Running, lane: FakeLane) -> None:
    overloaded(lane)
    await lane.publish_new()
    ack = await lane.acknowledged()
    assert ack.store == dashboard.service.database.store_id
    assert ack.journal == lane.journal
    assert await stored(dashboard) == len(lane.events)


async def test_every_batch_is_acknowledged_again_even_when_nothing_is_new(
    dashboard: Running, lane: FakeLane
) -> None:
    lane.start()
    await lane.publish()
    await lane.acknowledged()
    before = len(lane.acks)
    await lane.publish()
    await until(lambda: len(lane.acks) > before)
    assert lane.acks[-1].contiguous == len(lane.events)
    assert await stored(dashboard) == len(lane.events)


async def test_an_acknowledgement_is_never_retained(dashboard: Running, lane: FakeLane) -> None:
    lane.start()
    await lane.publish()
    await lane.acknowledged()
    async with aiomqtt.Client("127.0.0.1", dashboard.broker_port) as late:
        await late.subscribe(topics.ack(SITE, "cargo-1"), qos=1)
        await late.publish("borderlane/mark", b"", qos=1)
        lane.record("lane.clock_jumped", by_s=1.0)
        await lane.publish(len(lane.events))
        async for message in late.messages:
            assert not message.retain
            if json.loads(bytes(message.payload))["contiguous"] == len(lane.events):
                break


async def test_a_lane_that_the_store_has_never_seen_learns_so_from_its_state(
    dashboard: Running, lane: FakeLane
) -> None:
    lane.start()
    await lane.publish(events=False)
    await until(lambda: bool(lane.acks))
    assert lane.acks[-1].contiguous == 0


async def test_retained_events_and_replies_are_dropped_and_counted(dashboard: Running, broker: int) -> None:
    receiver = dashboard.service.receiver
    topic = topics.event(SITE, "old-1", Audience.LANE)
    payload = json.dumps([envelope(1, lane="old-1")]).encode()
    async with aiomqtt.Client("127.0.0.1", broker) as client:
        try:
            await client.publish(topic, payload, qos=1, retain=True)
            # Live subscribers see it unretained; a dashboard that connects later sees it as retained.
            await dashboard.service.subscriber.publish("borderlane/nowhere", b"")
            site = load_site(dashboard.site.folder / "site.toml")
            other = dashboard.site.folder / "other"
            other.mkdir()
            second = load_site(site_file(other, broker))
            assert site.site == second.site
            async with service_of(second) as late:
                await until(lambda: late.receiver.counts["dropped_retained"] == 1)
                async with late.database.reads.connect() as connection:
                    found = select(func.count()).select_from(EVENTS).where(EVENTS.c.lane == "old-1")
                    assert await connection.scalar(found) == 0
        finally:
            await client.publish(topic, b"", qos=1, retain=True)
    assert receiver.counts["dropped_retained"] == 0


async def test_a_picture_that_an_event_names_is_asked_for_until_it_comes(
    dashboard: Running, lane: FakeLane
) -> None:
    lane.arrive()
    lane.read_plate("01KG204ACD", "01 KG 204 ACD")
    pictures, lane.media = lane.media, {}
    await lane.publish_new()
    await lane.acknowledged()
    assert lane.acks[-1].missing_media == tuple(pictures)
    lane.media = pictures
    lane.record("lane.clock_jumped", by_s=1.0)
    await lane.publish(len(lane.events))
    await until(lambda: lane.acks[-1].contiguous == len(lane.events) and not lane.acks[-1].missing_media)
    assert await stored(dashboard, MEDIA) == 1


@pytest.mark.parametrize(
    ("topic", "payload", "count"),
    [
        ("media/lane/" + "0" * 64, b"\xff\xd8\xff not its hash", "dropped_media_wrong_hash"),
        ("media/lane/" + hashlib.sha256(b"<svg/>").hexdigest(), b"<svg/>", "dropped_media_no_picture"),
        ("media/everybody/" + "0" * 64, b"x", "dropped_unreadable_media"),
        ("state/lane", b"{}", "dropped_unreadable_state"),
        ("state/lane", b"\xff\xfe", "dropped_unreadable_state"),
        ("status", b"[]", "dropped_unreadable_status"),
        ("reply", b'{"id": 7}', "dropped_unreadable_reply"),
        pytest.param("state/lane", b"x" * 299_000, "dropped_unreadable_state", id="state/lane-a long one"),
    ],
)
async def test_what_cannot_be_used_is_dropped_and_counted(
    dashboard: Running, lane: FakeLane, topic: str, payload: bytes, count: str
) -> None:
    assert lane.client is not None
    base = topics.base(SITE, "cargo-1")
    await lane.client.publish(f"{base}/{topic}", payload, qos=1)
    await until(lambda: dashboard.service.receiver.counts[count] == 1)
    lane.start()
    await lane.publish_new()
    await lane.acknowledged()


async def test_a_state_in_another_lanes_name_is_not_believed(dashboard: Running, lane: FakeLane) -> None:
    assert lane.client is not None
    state = json.dumps(lane.state()).encode()
    await lane.client.publish(topics.state(SITE, "car-9", Audience.LANE), state, qos=1)
    await until(lambda: dashboard.service.receiver.counts["dropped_wrong_lane"] == 1)
    assert not dashboard.service.live.lanes["car-9"].states


async def test_batches_in_any_order_and_from_many_lanes_are_all_there(dashboard: Running) -> None:
    lanes = [FakeLane(SITE, f"car-{n}", "car") for n in range(6)]
    for fake in lanes:
        for n in range(120):
            fake.record("lane.lamp_changed", lamp="red" if n % 2 else "green")
    async with aiomqtt.Client("127.0.0.1", dashboard.broker_port) as client:
        for fake in lanes:
            fake.client = client
        starts = [(fake, start) for start in (100, 40, 0, 80, 20, 60) for fake in lanes]
        for fake, start in starts:
            payload = json.dumps(fake.events[start : start + 20]).encode()
            await client.publish(topics.event(SITE, fake.lane, Audience.LANE), payload, qos=1)
        for fake in lanes:
            name, journal = fake.lane, fake.journal

            async def complete(name: str = name, journal: str = journal) -> bool:
                return await dashboard.service.writer.contiguous(name, journal) == 120

            await until(complete)
    assert await stored(dashboard) == 720


async def test_under_mutual_tls_each_lane_speaks_in_its_own_name_and_the_broker_may_restart(
    tmp_path: Path,
) -> None:
    authority = Authority(tmp_path / "pki")
    server, ours = authority.issue("localhost", server=True), authority.issue("dashboard")
    mine = authority.issue(f"{SITE}/cargo-1")
    access = access_list([f"{SITE}/cargo-1"], ["dashboard"])
    broker = Broker(tmp_path / "broker", server, access)
    path = site_file(tmp_path, broker.port)
    tls = f'ca = "{ours.ca}"\ncertificate = "{ours.certificate}"\nkey = "{ours.key}"\n'
    path.write_text(path.read_text().replace("[broker]\n", "[broker]\n" + tls))
    await broker.start()
    try:
        async with service_of(load_site(path)) as service:
            await until(lambda: service.live.connected)
            options: dict[str, Any] = {
                "tls_params": aiomqtt.TLSParameters(str(mine.ca), str(mine.certificate), str(mine.key))
            }
            lane = FakeLane(SITE, "cargo-1")
            async with lane.connected("127.0.0.1", broker.port, **options):
                lane.start()
                await lane.publish_new()
                await lane.acknowledged()
            await broker.stop()
            await until(lambda: not service.live.connected)
            await broker.start()
            await until(lambda: service.live.connected)
            async with lane.connected("127.0.0.1", broker.port, **options):
                lane.record("lane.clock_jumped", by_s=2.0)
                await lane.publish_new()
                await lane.acknowledged()
    finally:
        await broker.stop()


async def test_a_lane_that_falls_silent_or_offline_is_not_live(
    dashboard: Running, lane: FakeLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = dashboard.service.live
    await lane.publish()
    await until(lambda: live.is_live("cargo-1"))
    monkeypatch.setattr("dashboard.ingest.live.SILENT_AFTER_S", 0.0)
    assert not live.is_live("cargo-1")
    monkeypatch.undo()
    assert live.is_live("cargo-1")
    assert lane.client is not None
    await lane.client.publish(topics.status(SITE, "cargo-1"), b'{"status": "offline"}', qos=1, retain=True)
    await until(lambda: not live.is_live("cargo-1"))


@pytest.mark.parametrize("call", ["publish", "subscribe"])
async def test_a_stop_that_comes_together_with_the_brokers_answer_is_a_stop(
    tmp_path: Path, broker: int, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    inside = asyncio.Event()
    real = getattr(aiomqtt.Client, call)

    async def loses_its_cancellation(client: aiomqtt.Client, *given: Any, **options: Any) -> Any:
        """As Python 3.11's wait_for does when answer and cancellation come in one turn of the loop."""
        answer = await real(client, *given, **options)
        if client.identifier.startswith(f"{SITE}-dashboard"):
            inside.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        return answer

    monkeypatch.setattr(aiomqtt.Client, call, loses_its_cancellation)
    before = asyncio.all_tasks()
    async with asyncio.timeout(20), service_of(load_site(site_file(tmp_path, broker))) as service:
        if call == "publish":
            await until(lambda: service.live.connected)
            async with aiomqtt.Client("127.0.0.1", broker) as lane:
                payload = json.dumps([envelope(1)]).encode()
                await lane.publish(topics.event(SITE, "cargo-1", Audience.LANE), payload, qos=1)
        await inside.wait()
    assert asyncio.all_tasks() == before
