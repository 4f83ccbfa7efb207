"""The uplink against a real broker that dies, freezes and forgets: nothing is lost, nothing doubled."""

import asyncio
import contextlib
import hashlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from lane_controller.daemon import uplink as uplink_module
from lane_controller.daemon.configuration.tables import BrokerTable
from lane_controller.daemon.journal import Journal, reading
from lane_controller.daemon.outbox import Outbox, batches
from lane_controller.daemon.uplink import Uplink
from lane_controller.lane.facts import PlateRead
from lane_controller.messages import topics
from lane_controller.messages.command import Ack, Reply
from lane_controller.messages.parts import Reason
from lane_controller.messages.state import Status
from lane_controller.messages.words import Answer, Audience
from tests.daemon.facts import beginning, loop_on, stamp, traveller
from tests.daemon.rig import until
from tests.daemon.site import Mosquitto, Store, site


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uplink_module, "PUBLISH_S", 1.0)
    monkeypatch.setattr(uplink_module, "KEEP_ALIVE_S", 1)
    monkeypatch.setattr(uplink_module, "backoff_s", lambda *_: 0.05)
    monkeypatch.setattr("lane_controller.daemon.outbox.ACK_S", 0.5)


class Lane:
    """A journal that grows and its uplink; `restart` is a daemon's restart."""

    def __init__(self, path: Path, port: int) -> None:
        self.path, self.port = path, port
        self.commands: list[bytes] = []
        self.ahead: list[Ack] = []
        self._second = 0.0
        self._task: asyncio.Task[None] | None = None
        self.journal = Journal.create(path, "test", "lane-1")
        self._open(self.journal)
        for fact in beginning(self.journal.id):
            self.loop.take([(fact, ())])

    def _open(self, journal: Journal) -> None:
        self.journal = journal
        self.loop = loop_on(journal)
        self.outboxes = {journal.id: Outbox(journal)}
        self.uplink = Uplink(
            BrokerTable(host="127.0.0.1", port=self.port), "test", "lane-1", self.outboxes, self
        )

    def start(self) -> None:
        self._task = asyncio.create_task(self.uplink.run())

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self.journal.close()

    async def restart(self) -> None:
        await self.stop()
        self._open(Journal.open(self.path))
        self.start()

    def happen(self, travellers: int = 1, picture: bytes = b"") -> None:
        """Travellers come and go."""
        for _ in range(travellers):
            self._second += 60
            facts = [(fact, ()) for fact in traveller(self._second)]
            if picture:
                sha256 = hashlib.sha256(picture).hexdigest()
                plate = PlateRead(stamp(self._second + 1), "camera", "front", None, sha256)
                facts[1] = (plate, ((sha256, Audience.LANE, picture),))
            for fact in facts:
                self.loop.take([fact])
                self.uplink.publish()

    # What the uplink asks of a daemon.

    def state_message(self, audience: Audience) -> bytes:
        return b"{}"

    def status_message(self) -> Status:
        return Status(status="online")

    def command_arrived(self, payload: bytes) -> Reply | None:
        self.commands.append(payload)
        return Reply(id="x", answer=Answer.REFUSED, reasons=(Reason(code="test"),), sequence=1)

    def live_asked(self, payload: bytes) -> Reply | None:
        return None

    def store_ahead(self, ack: Ack) -> None:
        self.ahead.append(ack)


@contextlib.asynccontextmanager
async def lane_at(folder: Path, **options: bool) -> AsyncIterator[tuple[Lane, Mosquitto, Store]]:
    async with site(folder, **options) as (broker, store):
        lane = Lane(folder / "journal", broker.port)
        lane.start()
        try:
            yield lane, broker, store
        finally:
            await lane.stop()


async def all_there(lane: Lane, store: Store) -> None:
    """Every event of the journal is in the store and acknowledged, and none is another one's."""
    journal = lane.journal
    await until(
        lambda: store.contiguous(journal.id) == journal.last_sequence == journal.acknowledged,
        f"{journal.last_sequence} events stored and acknowledged",
        30,
    )
    hashes = {event.sequence: event.rowhash.hex() for event in journal.events_after(0, 100_000)}
    assert store.events[journal.id] == hashes
    assert store.forks == 0
    assert reading.verify(journal._connection).bad_row is None


async def test_events_reach_the_store_and_the_cursor_follows_its_acknowledgement(tmp_path):
    async with lane_at(tmp_path) as (lane, _, store):
        lane.happen(3)
        await all_there(lane, store)
        assert lane.outboxes[lane.journal.id].backlog == 0


async def test_without_a_store_the_brokers_own_acknowledgement_moves_nothing(tmp_path):
    async with lane_at(tmp_path) as (lane, _, store):
        store.acknowledges = False
        lane.happen(2)
        await until(lambda: store.contiguous(lane.journal.id) == lane.journal.last_sequence, "sent")
        assert lane.journal.acknowledged == 0
        await until(lambda: store.repeats > 0, "what nobody acknowledged is sent again")
        store.acknowledges = True
        lane.happen()
        await all_there(lane, store)


@pytest.mark.parametrize("persistent", [False, True])
async def test_a_killed_broker_loses_and_doubles_nothing(tmp_path, persistent):
    async with lane_at(tmp_path, persistent=persistent) as (lane, broker, store):
        for _ in range(3):
            lane.happen(5)
            broker.kill()
            lane.happen(5)
            await broker.start()
        await all_there(lane, store)


async def test_a_frozen_broker_does_not_stop_the_lane_and_nothing_is_lost(tmp_path):
    async with lane_at(tmp_path) as (lane, broker, store):
        await all_there(lane, store)
        broker.freeze()
        try:
            lane.happen(5)
            await until(lambda: not lane.uplink.connected, "the lane notices", 15)
            lane.happen(5)
        finally:
            broker.thaw()
        await all_there(lane, store)


async def test_the_cursor_follows_a_restored_store_down(tmp_path):
    async with lane_at(tmp_path) as (lane, _, store):
        lane.happen(6)
        await all_there(lane, store)
        kept = store.events[lane.journal.id]
        store.events[lane.journal.id] = {n: kept[n] for n in list(kept)[:10]}
        assert store.client is not None
        await store.acknowledge(store.client, "lane-1", lane.journal.id)
        await until(lambda: store.contiguous(lane.journal.id) > 10, "sent again from there")
        await all_there(lane, store)


async def test_a_long_backlog_goes_in_full_batches_and_a_single_event_alone(tmp_path):
    async with site(tmp_path) as (broker, store):
        lane = Lane(tmp_path / "journal", broker.port)
        lane.happen(150)
        lane.start()
        try:
            await all_there(lane, store)
            assert max(store.batches) == 100
            assert len(store.batches) < lane.journal.last_sequence / 20
            store.batches.clear()
            before = lane.journal.last_sequence
            lane.loop.take([(traveller(20_000)[0], ())])
            lane.uplink.publish()
            await all_there(lane, store)
            assert sum(store.batches) == lane.journal.last_sequence - before
        finally:
            await lane.stop()


async def test_pictures_follow_their_events_and_are_sent_again_when_the_store_misses_them(tmp_path):
    picture = b"\xff\xd8 somebody" * 100
    sha256 = hashlib.sha256(picture).hexdigest()
    async with lane_at(tmp_path) as (lane, _, store):
        lane.happen(1, picture)
        await until(lambda: store.media.get(sha256) == picture, "the picture")
        store.media.clear()
        store.wanted_media.add(sha256)
        lane.happen(1)
        await until(lambda: store.media.get(sha256) == picture, "the picture again")


async def test_retained_commands_and_acknowledgements_are_dropped_and_counted(tmp_path):
    async with site(tmp_path) as (broker, store), aiomqtt.Client("127.0.0.1", broker.port) as forger:
        ack = Ack(store="forged", journal="x", contiguous=5).model_dump_json()
        await forger.publish(topics.command("test", "lane-1"), b"old", qos=1, retain=True)
        await forger.publish(topics.ack("test", "lane-1"), ack, qos=1, retain=True)
        lane = Lane(tmp_path / "journal", broker.port)
        lane.start()
        try:
            await until(lambda: lane.uplink.dropped["retained"] == 2, "both dropped")
            assert lane.commands == []
            await forger.publish(topics.command("test", "lane-1"), b"new", qos=1)
            await until(lambda: store.replies, "an answer to the live one")
            assert lane.commands == [b"new"]
        finally:
            await lane.stop()


async def test_a_store_that_knows_more_than_the_journal_is_told_and_moves_nothing(tmp_path):
    async with lane_at(tmp_path) as (lane, _, store):
        await all_there(lane, store)
        cursor = lane.journal.acknowledged
        assert store.client is not None
        await store.acknowledge(store.client, "lane-1", lane.journal.id, contiguous=10_000)
        await until(lambda: lane.ahead, "told")
        assert lane.journal.acknowledged == cursor
        for junk in (b"", b"{}", b"\xff", b'{"store":1}', b"x" * 100_000):
            await store.client.publish(topics.ack("test", "lane-1"), junk, qos=1)
        await until(lambda: lane.uplink.dropped["acknowledgement not readable"] == 5, "junk counted")


async def test_an_older_journal_is_still_delivered(tmp_path):
    async with lane_at(tmp_path) as (lane, _, store):
        older = Journal.create(tmp_path / "older", "test", "lane-1")
        other = loop_on(older)
        for fact in [*beginning(older.id), *traveller(10)]:
            other.take([(fact, ())])
        lane.outboxes[older.id] = Outbox(older)
        lane.happen()
        await until(lambda: older.acknowledged == older.last_sequence, "the older one too")
        await all_there(lane, store)
        older.close()


async def test_many_reconnects_leave_rows_and_chain_as_they_were(tmp_path):
    async with lane_at(tmp_path) as (lane, _, store):
        lane.happen(4)
        await all_there(lane, store)
        before = [row.hash for row in lane.journal.rows()]
        for _ in range(15):
            await lane.restart()
            await until(lambda: lane.uplink.connected, "connected")
        await all_there(lane, store)
        assert [row.hash for row in lane.journal.rows()] == before


@pytest.mark.parametrize("order", list(itertools.permutations(("broker", "store", "lane"))), ids="-".join)
async def test_broker_store_and_lane_restarted_in_any_order_lose_and_double_nothing(tmp_path, order):
    async with lane_at(tmp_path) as (lane, broker, store):
        lane.happen(2)
        for part in order:
            if part == "broker":
                broker.kill()
                lane.happen()
                await broker.start()
            elif part == "store":
                await store.stop()
                lane.happen()
                await store.start()
            else:
                await lane.restart()
                lane.happen()
        lane.happen()
        await all_there(lane, store)


def test_batches_stay_under_their_bounds_and_in_order(tmp_path):
    journal = Journal.create(tmp_path / "j", "test", "lane-1")
    loop = loop_on(journal)
    for fact in beginning(journal.id):
        loop.take([(fact, ())])
    for second in range(0, 6000, 60):
        loop.take([(fact, ()) for fact in traveller(100 + second)])
    found = list(batches(journal.events_after(0, 10_000), journal))
    assert all(len(batch.payload) < 64 * 1024 for batch in found)
    for batch in found:
        sequences = [event.sequence for event in batch.events]
        assert sequences == sorted(sequences)
        assert {event.audience for event in batch.events} == {batch.audience}
    journal.close()
