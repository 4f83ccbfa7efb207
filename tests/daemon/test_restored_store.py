"""A store that was restored, or is new, and a lane that has pruned: the loss is told and the lane goes on."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from dashboard.service import Service, service_of
from dashboard.site import load_site
from dashboard.store import read
from dashboard.store.tables import EVENTS, SITE_LANE
from lane_controller.daemon.journal import Journal, retention
from lane_controller.messages.words import Audience
from simulators.kit import LaneKit
from tests.daemon.facts import told
from tests.daemon.rig import Rig, until
from tests.dashboard.running import mosquitto, site_file


@contextlib.asynccontextmanager
async def dashboard(folder: Path, broker_port: int) -> AsyncIterator[Service]:
    """The site's dashboard with an empty store."""
    async with service_of(load_site(_site_of_the_lane(folder, broker_port))) as service:
        yield service


def _site_of_the_lane(folder: Path, broker_port: int) -> Path:
    folder.mkdir()
    file = site_file(folder, broker_port)
    file.write_text(file.read_text().replace('site = "khorgos"', 'site = "test"'))
    return file


def all_acknowledged(journal: Journal, service: Service) -> bool:
    return journal.store == service.database.store_id and journal.acknowledged == journal.last_sequence


async def stored(service: Service, journal: Journal) -> list[int]:
    async with service.database.reads.connect() as connection:
        mine = select(EVENTS.c.sequence).where(EVENTS.c.journal == journal.id).order_by(EVENTS.c.sequence)
        return list(await connection.scalars(mine))


async def site_events(service: Service, kind: str) -> list[dict[str, object]]:
    async with service.database.reads.connect() as connection:
        found = await read.events(connection, frozenset(Audience), lane=SITE_LANE)
    return [event.data for event in found if event.type == kind]


async def test_what_was_pruned_is_lost_to_a_new_store_aloud_and_all_else_is_delivered(tmp_path):
    draft = told(tmp_path / "draft")
    older_file = tmp_path / f"journal.sqlite.{draft.id[:8]}"
    draft.close()
    (tmp_path / "draft").rename(older_file)
    rig = Rig(tmp_path, LaneKit(profile="pedestrian"), pace=3)
    with mosquitto(tmp_path / "mosquitto") as rig.broker_port:
        async with rig.on_wires(), rig.running() as daemon:
            journal = daemon.journal
            await until(lambda: daemon.loop.lane.mode == "open", "the lane opens by itself")
            older = next(box.journal for box in daemon._outboxes.values() if box.journal is not journal)
            async with dashboard(tmp_path / "first", rig.broker_port) as first:
                for one in (journal, older):
                    await until(lambda one=one: all_acknowledged(one, first), "the first store has all")
            daemon.loop.snapshot()
            assert retention.prune(journal, datetime.now(UTC) + timedelta(days=1), segment_rows=1) > 0
            lost_to = journal.anchor_sequence
            assert lost_to > 0
            await rig.send("walker")
            await until(lambda: rig.lane.departed == 1, "the traveller has gone")
            async with dashboard(tmp_path / "second", rig.broker_port) as second:
                last = journal.last_sequence
                for one in (journal, older):
                    await until(lambda one=one: all_acknowledged(one, second), "the second store has all")
                # The lane lives on: more may be there by now.
                had = [number for number in await stored(second, journal) if number <= last]
                assert had == list(range(lost_to + 1, last + 1))
                assert await stored(second, older) == list(range(1, older.last_sequence + 1))
                lost = {"lane": "lane-1", "journal": journal.id, "first": 1, "last": lost_to}
                assert await site_events(second, "site.events_lost") == [{"type": "site.events_lost", **lost}]
                raised = await site_events(second, "alarm.raised")
                assert [one["kind"] for one in raised] == ["store.lost"]
