"""A lane newer than its dashboard, over a real broker: everything it says is kept under its key, counts as
received and is read after the upgrade; what can't even have a key is not acknowledged.  And a store that was
restored from a backup is filled again by its lanes."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from sqlalchemy import select

from dashboard.service import Service, service_of
from dashboard.site import Site, load_site
from dashboard.store.tables import EVENTS, QUARANTINE, SITE_LANE, STORE
from lane_controller.messages import topics
from lane_controller.messages.words import Audience
from tests.dashboard.fake_lane import FakeLane, overloaded
from tests.dashboard.running import SITE, Running, site_file

NAME = "cargo-1"


@asynccontextmanager
async def listening(site: Site) -> AsyncGenerator[Service]:
    """A dashboard that hears its broker."""
    async with service_of(site) as service:
        async with asyncio.timeout(10):
            while not service.live.connected:
                await asyncio.sleep(0.01)
        yield service


async def rows(service: Service) -> dict[int, Any]:
    async with service.database.reads.connect() as connection:
        found = await connection.execute(select(EVENTS).where(EVENTS.c.lane != SITE_LANE))
        return {row.sequence: row for row in found}


async def test_whatever_a_newer_lane_says_is_kept_and_acknowledged_and_the_rest_goes_on(
    dashboard: Running,
) -> None:
    lane = FakeLane(SITE, NAME, key=dashboard.public_key)
    async with lane.connected("127.0.0.1", dashboard.broker_port):
        lane.start()
        known = len(lane.events)
        new = [
            lane.record("radiation.measured", usv_h=0.1, document={"number": "N0"}),
            lane.record("lane.lamp_changed", lamp="violet"),
            lane.record("lane.lamp_changed", lamp="red", flashing=True),
            lane.record("lane.lamp_changed", lamp="green") | {"traceparent": "00-1"},
            lane.record("lane.lamp_changed", lamp="green") | {"specversion": "1.1"},
            lane.record("lane.lamp_changed", lamp="green") | {"clock": "disciplined"},
            lane.record("lane.lamp_changed", lamp="green") | {"audience": "everybody"},
            lane.record("lane.lamp_changed", lamp="green"),
        ]
        lane.events[known:] = new
        await lane.publish()
        theirs = json.dumps([event for event in new if event["audience"] == "everybody"]).encode()
        assert lane.client is not None
        await lane.client.publish(f"{topics.base(SITE, NAME)}/event/everybody", theirs, qos=1)
        ack = await lane.acknowledged(len(lane.events))
        assert ack.contiguous == len(lane.events)
    stored = await rows(dashboard.service)
    readings = [stored[known + number].reading for number in range(1, len(new) + 1)]
    assert readings == [
        "unknown",
        "unreadable",
        "read",
        "read",
        "unreadable",
        "unreadable",
        "unreadable",
        "read",
    ]
    for number, event in enumerate(new, known + 1):
        kept = json.loads(stored[number].data)
        assert kept == event["data"] or kept == event, "nothing of it is lost"
    assert {stored[known + number].audience for number in (5, 6, 7)} == {Audience.AUDIT}, (
        "whose audience can't be told from a sound envelope is for auditors alone"
    )


async def test_a_message_that_is_not_even_a_list_of_events_moves_no_cursor(dashboard: Running) -> None:
    lane = FakeLane(SITE, NAME, key=dashboard.public_key)
    async with lane.connected("127.0.0.1", dashboard.broker_port):
        lane.start()
        await lane.publish()
        await lane.acknowledged(len(lane.events))
        known = len(lane.events)
        event = lane.record("lane.lamp_changed", lamp="red")
        assert lane.client is not None
        topic = topics.event(SITE, NAME, Audience.LANE)
        newer = {"events": [event], "compressed": False}
        for payload in (json.dumps(newer).encode(), b"\x28\xb5\x2f\xfd of zstd"):
            await lane.client.publish(topic, payload, qos=1)
        before = len(lane.acks)
        await lane.publish(known)
        async with asyncio.timeout(10):
            while len(lane.acks) == before or lane.acks[-1].contiguous != known + 1:
                await asyncio.sleep(0.01)
        assert {ack.contiguous for ack in lane.acks[before:]} <= {known, known + 1}
    async with dashboard.service.database.reads.connect() as connection:
        why = {row.why for row in await connection.execute(select(QUARANTINE))}
    assert why == {"no_key", "not_json"}


@pytest.mark.parametrize("upgraded", [False, True], ids=["the same version", "and upgraded"])
async def test_a_store_restored_from_a_backup_is_filled_again_and_nothing_is_a_fork(
    tmp_path: Path, broker: int, upgraded: bool
) -> None:
    site = load_site(site_file(tmp_path, broker))
    lane = FakeLane(SITE, NAME)
    async with aiomqtt.Client("127.0.0.1", broker):
        async with listening(site), lane.connected("127.0.0.1", broker):
            lane.start()
            lane.record("radiation.measured", usv_h=0.1)
            await lane.publish()
            await lane.acknowledged(len(lane.events))
        backup = tmp_path / "backup.db"
        shutil.copy(tmp_path / "store.db", backup)
        early = len(lane.events)
        async with listening(site), lane.connected("127.0.0.1", broker):
            overloaded(lane)
            await lane.publish(early + 1)
            await lane.acknowledged(len(lane.events))
        for leftover in ("store.db-wal", "store.db-shm"):
            (tmp_path / leftover).unlink(missing_ok=True)
        shutil.copy(backup, tmp_path / "store.db")
        if upgraded:
            forget_the_contract(tmp_path / "store.db")
        lane.acks.clear()
        async with listening(site) as service, lane.connected("127.0.0.1", broker):
            await lane.publish(events=False)
            ack = await lane.acknowledged(early)
            assert ack.contiguous == early, "the lane learns how far the store is: down"
            await lane.publish()
            await lane.acknowledged(len(lane.events))
            stored = await rows(service)
            assert {number: row.rowhash for number, row in stored.items()} == {
                event["sequence"]: event["rowhash"] for event in lane.events
            }
            assert service.writer.memory.site_alarms == {}


def forget_the_contract(store: Path) -> None:
    """As if another version had written it: all that it could not read is tried again."""
    import sqlite3

    connection = sqlite3.connect(store)
    connection.execute(f"UPDATE {STORE.name} SET contract = 'older', views_version = 0")
    connection.commit()
    connection.close()
