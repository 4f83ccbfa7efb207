"""Erasing a person through a whole site by one order: the lane's journal, the one that was set aside with the
old card, the pictures, the dashboard's store, status and logs; and the chains still verify."""

import asyncio
import contextlib
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from lane_controller.daemon.journal import reading
from lane_controller.daemon.journal.opening import journals_set_aside
from lane_controller.daemon.status import ask
from simulators.children import Child, run
from simulators.kit import LaneKit
from simulators.scenario import Arrival, Traveller
from simulators.site import BORDERLANE, Site
from tests.daemon.rig import until

pytestmark = [pytest.mark.xdist_group("site"), pytest.mark.long]
LANE = "cargo-1"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path, {LANE: LaneKit(profile="cargo")}, pace=2.0)
    await site.start()
    yield site
    await site.stop()


def journal_of(site: Site) -> Path:
    return site.lanes[LANE].file.journal


async def visited(site: Site) -> set[bytes]:
    """A lorry comes, is read, and reverses out; what of it and its driver is personal."""
    record = site.recorder.lanes[LANE]
    ended = len(record.of_type("passage.ended"))
    come = Arrival(
        lane=LANE,
        at_s=site.world.time_s,
        vehicle="rigid-2",
        backs_out="deck",
        travellers=(Traveller(papers="expired"),),
    )
    visit = await site.send(come)
    await site.recorder.until(lambda: len(record.of_type("passage.ended")) > ended, 90)
    (traveller,) = visit.travellers
    front = visit.vehicle.front
    assert front is not None
    return {traveller.document.number.encode(), traveller.surname.encode(), front.text.encode()}


def pictures(journal: Path) -> list[bytes]:
    with contextlib.closing(reading.open_for_reading(journal)) as connection:
        return [data for (data,) in connection.execute("SELECT data FROM media")]


def kept(site: Site) -> dict[str, bytes]:
    """The content of every file that a lane and a dashboard write."""
    assert site.dashboard is not None
    folders = (journal_of(site).parent, site.dashboard.folder)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    ours = [path for path in files if "register" not in path.name and path.suffix not in (".csv", ".toml")]
    return {str(path.relative_to(site.folder)): path.read_bytes() for path in ours}


def holding(site: Site, needles: set[bytes]) -> list[str]:
    return sorted(
        name for name, content in kept(site).items() if any(needle in content for needle in needles)
    )


async def retained(site: Site) -> bytes:
    """All that the broker keeps of the lane for those who come later."""
    identity = site._dashboard_identity
    said: list[bytes] = []
    tls = aiomqtt.TLSParameters(str(identity.ca), str(identity.certificate), str(identity.key))
    async with aiomqtt.Client("localhost", site.broker.port, tls_params=tls) as client:
        await client.subscribe(f"borderlane/v1/{site.name}/#", qos=1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                async for message in client.messages:
                    if message.retain:
                        said.append(bytes(message.payload))
    return b"\n".join(said)


def store(site: Site) -> sqlite3.Connection:
    assert site.dashboard is not None
    return sqlite3.connect(f"{site.dashboard.store.as_uri()}?mode=ro", uri=True)


def stored_up_to(site: Site, journal: str) -> int:
    with contextlib.closing(store(site)) as connection:
        found = connection.execute("SELECT contiguous FROM journals WHERE journal = ?", (journal,)).fetchone()
        return found[0] if found else 0


def head(path: Path) -> tuple[str, int]:
    """Id and last sequence of a journal that verifies."""
    with contextlib.closing(reading.open_for_reading(path)) as connection:
        verdict = reading.verify(connection)
        assert verdict.bad_row is None, verdict
        return verdict.journal, verdict.last_sequence


async def delivered(site: Site, *journals: Path) -> None:
    await until(
        lambda: all(stored_up_to(site, journal) == last for journal, last in map(head, journals)),
        "the store has every event",
        30,
    )


async def test_one_order_takes_a_person_out_of_everything_and_the_chains_verify(site: Site) -> None:
    path = journal_of(site)
    needles = await visited(site)
    first_pictures = pictures(path)
    assert first_pictures, "the lane took pictures"
    # The card is replaced: the same content on another disk.
    await site.stop_lanes()
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").rename(path)
    await site.lanes[LANE].child.start()
    await until(lambda: journals_set_aside(path), "the old journal is set aside")
    (aside,) = journals_set_aside(path)
    await site.until_open(LANE)
    needles |= await visited(site)
    await delivered(site, path, aside)
    before = holding(site, needles)
    assert any(name.startswith(f"{LANE}/journal.sqlite") for name in before), before
    assert any(aside.name in name for name in before), before
    assert any(name.startswith("site/store.db") for name in before), before
    assert not [name for name in before if name.endswith(".log")], "a log names a person"
    heads = {journal: head(journal) for journal in (path, aside)}
    everything = set(pictures(path)) | set(first_pictures)

    erase = (str(BORDERLANE), "journal", "erase", str(path), "--before", "2999-01-01", "--yes")
    child = Child("erase", erase, site.folder / "erase.out")
    await run(child, 60)
    assert "erased by the running lane" in child.tail()

    assert pictures(path) == pictures(aside) == []
    await delivered(site, path, aside)
    assert head(aside) == heads[aside], "an older journal gets no row"
    assert head(path)[1] > heads[path][1], "the order is an event"
    pieces = {picture[200:264] for picture in everything}
    await until(
        lambda: not holding(site, needles | pieces), f"nothing left: {holding(site, needles | pieces)}", 30
    )
    said = await retained(site)
    assert b'"lane":"cargo-1"' in said.replace(b'": ', b'":')
    assert not [needle for needle in needles if needle in said]
    status = await ask(path.with_name("status.sock"), {"ask": "status"})
    assert status["journal"]["id"] == head(path)[0]
    assert not [needle for needle in needles if needle.decode() in json.dumps(status)]
