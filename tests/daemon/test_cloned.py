"""A lane's disk is cloned into another machine and both run: each event stands under one key of one journal,
none is lost, no two of them are a fork, and no lane takes the other's events for a lost tail of its own."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lane_controller.daemon import uplink as uplink_module
from lane_controller.daemon.configuration.tables import BrokerTable
from lane_controller.daemon.journal import Journal, reading
from lane_controller.daemon.journal.opening import journals_set_aside, open_or_begin
from lane_controller.daemon.outbox import Outbox
from lane_controller.daemon.uplink import Uplink
from tests.daemon.facts import beginning, loop_on, traveller
from tests.daemon.rig import until
from tests.daemon.site import site
from tests.daemon.test_hostile_acks import Owner
from tests.daemon.test_journal import machine


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uplink_module, "backoff_s", lambda *_: 0.05)
    monkeypatch.setattr("lane_controller.daemon.outbox.ACK_S", 0.5)


class Machine:
    """One machine with its disk: its journal, those that it set aside, and its line to the broker."""

    def __init__(self, folder: Path, serial: str, port: int) -> None:
        self.folder = folder
        root = machine(folder / "root", **{"etc/machine-id": serial})
        opened = open_or_begin(folder / "journal.sqlite", "test", "lane-1", root)
        self.journal, self.replaced = opened.journal, opened.replaced
        self.loop = loop_on(self.journal)
        if self.loop.lane is None:
            self.happen(*beginning(self.journal.id))
        aside = [Journal.open(path) for path in journals_set_aside(self.journal.path)]
        self.journals = [self.journal, *aside]
        boxes = {one.id: Outbox(one, set_aside=one is not self.journal) for one in self.journals}
        table = BrokerTable(host="127.0.0.1", port=port)
        self.owner = Owner()
        self.uplink = Uplink(table, "test", "lane-1", boxes, self.owner)

    def happen(self, *told) -> None:
        for fact in told:
            self.loop.take([(fact, ())])

    @contextlib.asynccontextmanager
    async def online(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.uplink.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    def close(self) -> None:
        for journal in self.journals:
            assert reading.verify(journal._connection).bad_row is None
            journal.close()


def last_events(machine: Machine) -> dict[str, int]:
    return {journal.id: journal.last_sequence for journal in machine.journals}


async def test_a_cloned_disk_and_its_original_write_no_two_events_under_one_key(tmp_path: Path):
    async with site(tmp_path) as (broker, store):
        original = Machine(tmp_path / "one", "machine-one", broker.port)
        original.happen(*traveller(100))
        original.close()
        # Cloned as it lay there, with events that no store has; then both lanes run.
        (tmp_path / "two").mkdir()
        shutil.copy(tmp_path / "one" / "journal.sqlite", tmp_path / "two" / "journal.sqlite")
        original = Machine(tmp_path / "one", "machine-one", broker.port)
        clone = Machine(tmp_path / "two", "machine-two", broker.port)
        assert original.replaced == ()
        assert "machine_id" in clone.replaced
        assert clone.journal.id != original.journal.id
        assert [journal.id for journal in clone.journals[1:]] == [original.journal.id]
        original.happen(*traveller(200))
        clone.happen(*traveller(200, "N00000099"))
        async with original.online(), clone.online():
            original.happen(*traveller(300))
            clone.happen(*traveller(300))
            original.uplink.publish()
            clone.uplink.publish()
            wanted = {**last_events(clone), **last_events(original)}
            await until(
                lambda: all(store.contiguous(journal) == last for journal, last in wanted.items()),
                f"the store has {wanted}",
                30,
            )
            boxes = clone.uplink._outboxes.values()
            await until(lambda: not any(box.backlog for box in boxes), "the clone has nothing left to send")
        assert clone.owner.ahead == original.owner.ahead == []
        assert store.forks == 0
        assert set(store.events) == {original.journal.id, clone.journal.id}
        original.close()
        clone.close()
