"""What the store promises about events: once, in any order, nothing lost, nothing overwritten."""

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, func, insert, select, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from dashboard.store import read, stage
from dashboard.store.bulk import look_up
from dashboard.store.engine import Database, StoreError, database_url, open_database
from dashboard.store.eraser import empty_log, erase_waiting
from dashboard.store.fold import VIEWS_VERSION, Registers, entries, merge
from dashboard.store.grams import GRAMS
from dashboard.store.incoming import CONTRACT, parse
from dashboard.store.losses import accept_losses, unfillable
from dashboard.store.received import Received
from dashboard.store.reread import after_upgrade
from dashboard.store.stage import Committed, Stage
from dashboard.store.standing import lane_standing
from dashboard.store.tables import (
    ALARMS,
    EVENTS,
    LANES,
    METADATA,
    PASSAGES,
    PLATES,
    QUARANTINE,
    SITE_LANE,
    STORE,
    TERMS,
)
from dashboard.store.writer import Writer
from lane_controller.messages.words import Audience
from tests.dashboard.envelopes import SITE, batch, envelope, story

ALL = frozenset(Audience)


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncGenerator[tuple[Database, Writer]]:
    async with open_database(database_url(url, folder)) as database:
        await after_upgrade(database, SITE)
        writer = Writer(database)
        await writer.start()
        task = asyncio.create_task(writer.run())
        try:
            yield database, writer
        finally:
            await writer.stop()
            await task


async def rows_of(database: Database, table: Any) -> list[dict[str, Any]]:
    async with database.reads.connect() as connection:
        return [dict(row) for row in (await connection.execute(select(table))).mappings()]


async def count(database: Database, table: Any, *where: Any) -> int:
    async with database.reads.connect() as connection:
        statement = select(func.count()).select_from(table).where(*where)
        return await connection.scalar(statement) or 0


async def personal_terms(database: Database) -> list[dict[str, Any]]:
    """Of plates and documents; who decided and what is nothing of the traveller's."""
    return [row for row in await rows_of(database, TERMS) if row["kind"] in ("plate", "document")]


async def readings_of(database: Database) -> dict[int, str]:
    rows = await rows_of(database, EVENTS)
    return {row["sequence"]: row["reading"] for row in rows if row["lane"] != SITE_LANE}


async def alarm_kinds(database: Database) -> list[str]:
    async with database.reads.connect() as connection:
        found = await read.alarms(connection, ALL, lane=SITE_LANE)
    return [view.registers["raised"][1]["kind"] for view in found]


async def test_an_event_that_comes_again_is_stored_once(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        events = [envelope(n) for n in range(1, 31)]
        await writer.take(batch(*events))
        await writer.take(batch(*events[10:], *events[:5]))
        assert await count(database, EVENTS, EVENTS.c.lane == "cargo-1") == 30
        assert await writer.contiguous("cargo-1", "j1") == 30
        assert await count(database, QUARANTINE) == 0


async def test_what_stands_of_a_lane_is_of_its_newest_journal_and_for_those_who_may_see_it(
    store_url: str, tmp_path: Path
) -> None:
    def alarm(sequence: int, journal: str, **more: Any) -> dict[str, Any]:
        given = {"alarm": f"a{sequence}", "kind": "tailgating", "priority": "high", "reason": {"code": "x"}}
        return envelope(sequence, "alarm.raised", journal=journal, **given, **more)

    def arrival(sequence: int, passage: int, journal: str) -> dict[str, Any]:
        return envelope(sequence, "passage.arrived", passage=passage, journal=journal)

    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(arrival(1, 1, "old"), alarm(2, "old")))
        await writer.take(batch(*story(1, 1, journal="new")))
        last = len(story(1, 1))
        await writer.take(batch(arrival(last + 1, 3, "new"), arrival(last + 2, 2, "new")))
        await writer.take(batch(alarm(last + 3, "new", audience="second_line"), audience="second_line"))

        async def seen_by(*audiences: Audience) -> tuple[str, int, list[int], list[str]]:
            async with database.reads.connect() as connection:
                found = await lane_standing(connection, "cargo-1", audiences)
            assert found is not None
            assert found.registers
            passages = [key.passage for key, registers in found.passages if "arrived" in registers]
            return found.journal, found.sequence, passages, [one.alarm for one in found.alarms]

        assert await seen_by(Audience.LANE) == ("new", last + 2, [2, 3], ["a2"])
        hit = f"a{last + 3}"
        assert await seen_by(*Audience) == ("new", last + 3, [2, 3], [hit, "a2"])
        async with database.reads.connect() as connection:
            assert await lane_standing(connection, "cargo-2", ALL) is None


async def test_a_row_that_was_there_already_unknown_to_the_writer_harms_nobody(
    store_url: str, tmp_path: Path
) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(envelope(1)))
        async with database.writes.begin() as connection:
            other = {**(await connection.execute(select(EVENTS))).mappings().one(), "sequence": 3}
            await connection.execute(insert(EVENTS).values({**other, "position": 1_000}))
        await asyncio.gather(
            writer.take(batch(envelope(2), envelope(3), envelope(4))),
            writer.take(batch(envelope(1, lane="car-1"), lane="car-1")),
        )
        assert await writer.contiguous("cargo-1", "j1") == 4
        assert await writer.contiguous("car-1", "j1") == 1
        assert await count(database, EVENTS, EVENTS.c.lane == "cargo-1") == 4


async def test_only_what_has_no_gap_before_it_is_acknowledged(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (_, writer):
        await writer.take(batch(envelope(1), envelope(2), envelope(5)))
        assert await writer.contiguous("cargo-1", "j1") == 2
        await writer.take(batch(envelope(4)))
        assert await writer.contiguous("cargo-1", "j1") == 2
        await writer.take(batch(envelope(3)))
        assert await writer.contiguous("cargo-1", "j1") == 5


async def accepted(writer: Writer, kept: dict[str, int]) -> None:
    assert unfillable(writer.memory, "cargo-1", kept)
    await writer.do(lambda stage: accept_losses(stage, "cargo-1", kept))
    assert not unfillable(writer.memory, "cargo-1", kept)


async def lost(database: Database) -> list[tuple[int, int]]:
    rows = await rows_of(database, EVENTS)
    told = [json.loads(row["data"]) for row in rows if row["type"] == "site.events_lost"]
    return [(one["first"], one["last"]) for one in told]


async def test_what_a_lane_no_longer_has_is_told_as_lost_and_the_acknowledgement_goes_on(
    store_url: str, tmp_path: Path
) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(envelope(1), envelope(4), envelope(8)))
        assert not unfillable(writer.memory, "cargo-1", {"j1": 2})
        await accepted(writer, {"j1": 7})
        assert await writer.contiguous("cargo-1", "j1") == 6
        assert await lost(database) == [(2, 3), (5, 6)]
        assert await alarm_kinds(database) == ["store.lost"]
        await writer.take(batch(envelope(7)))
        assert await writer.contiguous("cargo-1", "j1") == 8
    async with opened(store_url, tmp_path) as (_, writer):
        assert await writer.contiguous("cargo-1", "j1") == 8


async def test_holes_of_a_journal_that_its_lane_has_no_longer_are_lost_the_others_stay(
    store_url: str, tmp_path: Path
) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(envelope(1), envelope(3)))
        await writer.take(batch(envelope(1, journal="j2"), envelope(3, journal="j2")))
        await writer.take(batch(envelope(3, lane="car-1"), lane="car-1"))
    async with opened(store_url, tmp_path) as (database, writer):
        await accepted(writer, {"j2": 1})
        assert await lost(database) == [(2, 2)]
        assert await writer.contiguous("cargo-1", "j1") == 3
        assert await writer.contiguous("cargo-1", "j2") == 1
        assert await writer.contiguous("car-1", "j1") == 0


async def test_a_store_that_never_saw_a_pruned_journal_takes_what_is_left_of_it(
    store_url: str, tmp_path: Path
) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        assert await writer.contiguous("cargo-1", "j1") == 0
        await accepted(writer, {"j1": 5})
        await writer.take(batch(envelope(5), envelope(6)))
        assert await writer.contiguous("cargo-1", "j1") == 6
        assert await lost(database) == [(1, 4)]


async def test_what_was_told_as_lost_and_comes_after_all_is_stored(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(envelope(1), envelope(4)))
        await accepted(writer, {"j1": 4})
        await writer.take(batch(envelope(3), envelope(3), envelope(3, rowhash="other"), envelope(1)))
        stored = [row["sequence"] for row in await rows_of(database, EVENTS) if row["lane"] == "cargo-1"]
        assert sorted(stored) == [1, 3, 4]
        assert await writer.contiguous("cargo-1", "j1") == 4
        assert sorted(await alarm_kinds(database)) == ["store.fork", "store.lost"]


async def test_what_was_received_survives_a_restart(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (first, writer):
        await writer.take(batch(envelope(1), envelope(3)))
        store_id = first.store_id
    async with opened(store_url, tmp_path) as (second, writer):
        assert second.store_id == store_id
        assert await writer.contiguous("cargo-1", "j1") == 1
        await writer.take(batch(envelope(2)))
        assert await writer.contiguous("cargo-1", "j1") == 3


async def test_another_event_under_a_taken_key_is_put_aside_with_one_alarm(
    store_url: str, tmp_path: Path
) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(envelope(1, lamp="red")))
        await writer.take(batch(envelope(1, lamp="green", rowhash="other"), envelope(2)))
        await writer.take(batch(envelope(1, lamp="green", rowhash="other")))
        stored = [row for row in await rows_of(database, EVENTS) if row["sequence"] == 1]
        assert [json.loads(row["data"])["lamp"] for row in stored if row["lane"] == "cargo-1"] == ["red"]
        assert [row["why"] for row in await rows_of(database, QUARANTINE)] == ["fork"]
        assert await alarm_kinds(database) == ["store.fork"]


async def test_two_events_under_one_key_in_one_batch_are_a_fork_too(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(envelope(1), envelope(1, rowhash="other")))
        assert await alarm_kinds(database) == ["store.fork"]


async def test_an_event_of_a_newer_lane_is_kept_and_counts_and_is_read_after_the_upgrade(
    store_url: str, tmp_path: Path
) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(envelope(1), envelope(2, "lane.lamp_changed", lamp="violet"), envelope(3)))
        await writer.take(batch(envelope(4, "weather.changed", wind_m_s=12)))
        assert await writer.contiguous("cargo-1", "j1") == 4
        readings = {
            row["sequence"]: row["reading"]
            for row in await rows_of(database, EVENTS)
            if row["lane"] != SITE_LANE
        }
        assert readings == {1: "read", 2: "unreadable", 3: "read", 4: "unknown"}
        async with database.writes.begin() as connection:
            # As if this version had learnt the colour: what it then reads, a newer contract would.
            await connection.execute(
                update(EVENTS)
                .where(EVENTS.c.sequence == 2)
                .values(data='{"type":"lane.lamp_changed","lamp":"red"}')
            )
            await connection.execute(update(STORE).values(contract="an older one"))
    async with opened(store_url, tmp_path) as (database, writer):
        readings = {
            row["sequence"]: row["reading"]
            for row in await rows_of(database, EVENTS)
            if row["lane"] != SITE_LANE
        }
        assert readings == {1: "read", 2: "read", 3: "read", 4: "unknown"}


async def test_an_envelope_that_cannot_be_read_counts_and_is_for_auditors_alone(
    store_url: str, tmp_path: Path
) -> None:
    broken = {**envelope(2), "audience": "everybody", "time": "yesterday"}
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(envelope(1), broken, envelope(3)))
        assert await writer.contiguous("cargo-1", "j1") == 3
        kept = next(
            row
            for row in await rows_of(database, EVENTS)
            if row["sequence"] == 2 and row["lane"] != SITE_LANE
        )
        assert (kept["audience"], kept["reading"]) == ("audit", "unreadable")
        assert json.loads(kept["data"])["audience"] == "everybody"


async def test_views_made_by_older_rules_are_made_again_at_the_start(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(*story(1, 1)))
        before = [await rows_of(database, table) for table in (LANES, PASSAGES, ALARMS, TERMS, PLATES)]
        async with database.writes.begin() as connection:
            await connection.execute(update(STORE).values(views_version=0))
            await connection.execute(update(PASSAGES).values(registers="{}"))
    async with opened(store_url, tmp_path) as (database, writer):
        assert [
            await rows_of(database, table) for table in (LANES, PASSAGES, ALARMS, TERMS, PLATES)
        ] == before


async def test_a_failing_job_harms_only_itself(store_url: str, tmp_path: Path) -> None:
    async def breaks(stage: Stage) -> None:
        stage.site.add("site.signed_in", Audience.AUDIT, {"user": "x"})
        await stage.connection.execute(text("UPDATE positions SET position = position + 1000"))
        raise ValueError("changed my mind")

    async with opened(store_url, tmp_path) as (database, writer):
        outcomes = await asyncio.gather(
            writer.take(batch(envelope(1))),
            writer.do(breaks),
            writer.take(batch(envelope(2))),
            return_exceptions=True,
        )
        assert [type(one) for one in outcomes] == [type(None), ValueError, type(None)]
        assert sorted(row["position"] for row in await rows_of(database, EVENTS)) == [1, 2]


async def test_positions_are_dense_within_each_audience(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        for n in range(1, 20):
            audience = "second_line" if n % 3 == 0 else "lane"
            await writer.take(batch(envelope(n, audience=audience), audience=audience))
        positions: dict[str, list[int]] = {}
        for row in await rows_of(database, EVENTS):
            positions.setdefault(row["audience"], []).append(row["position"])
        for found in positions.values():
            assert sorted(found) == list(range(1, len(found) + 1))


async def test_a_hit_marked_for_everybody_by_mistake_stays_with_second_line(tmp_path: Path) -> None:
    hit = envelope(1, "passage.hit", passage=1, register_kind="watchlist", hits=[], as_of="2026-03-01")
    async with opened("sqlite:///store.db", tmp_path) as (database, writer):
        await writer.take(batch(hit))
        assert [row["audience"] for row in await rows_of(database, EVENTS)] == ["second_line"]


async def test_followers_hear_of_a_commit_only_after_it(tmp_path: Path) -> None:
    heard: list[Committed] = []
    async with opened("sqlite:///store.db", tmp_path) as (_, writer):
        writer.follow(heard.append)
        await writer.take(batch(envelope(1)))
        assert heard[-1].lanes == {"cargo-1"}
        assert heard[-1].contiguous == {("cargo-1", "j1"): 1}


async def test_a_second_dashboard_on_one_store_is_refused(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path):
        with pytest.raises(StoreError, match="another dashboard"):
            async with opened(store_url, tmp_path):
                pass


async def test_a_store_of_a_newer_version_is_left_alone(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (database, _), database.writes.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer Borderlane"):
        async with opened(store_url, tmp_path):
            pass


def _not_grams(name: str | None, *_: Any) -> bool:
    """An index that only some PostgreSQL can make."""
    return name != GRAMS


async def test_the_migrations_make_exactly_the_tables_that_the_code_uses(
    store_url: str, tmp_path: Path
) -> None:

    async with opened(store_url, tmp_path) as (database, _), database.reads.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"include_name": _not_grams}), METADATA
            )
        )
        assert differences == []


async def test_passages_lose_the_columns_that_nothing_read_and_nothing_else(
    store_url: str, tmp_path: Path
) -> None:
    config = Config()
    config.set_main_option("script_location", "dashboard.store:migrations")

    def before(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")

    kept = ("cargo-1", "j1", 7, "lane", "{}", 11, 12, "departed")
    engine = create_async_engine(database_url(store_url, tmp_path))
    async with engine.begin() as connection:
        await connection.run_sync(before)
        store = ("s", 0, VIEWS_VERSION, CONTRACT)
        for table, row in (("passages", (*kept, "release", 5)), ("store", store)):
            await connection.execute(text(f"INSERT INTO {table} VALUES {row}"))
    await engine.dispose()
    async with opened(store_url, tmp_path) as (database, _), database.reads.connect() as connection:
        assert (await connection.execute(text("SELECT * FROM passages"))).all() == [kept]


@pytest.mark.parametrize(
    ("table", "key"),
    [
        (EVENTS, ("lane", "journal", "sequence")),
        (PASSAGES, ("lane", "journal", "passage", "audience")),
        (ALARMS, ("lane", "journal", "audience", "alarm")),
        (LANES, ("lane", "journal", "audience")),
    ],
)
async def test_rows_are_looked_up_without_reading_the_others(
    tmp_path: Path, table: Table, key: tuple[str, ...]
) -> None:
    """A store of years has millions of them, and each passage that is new is looked up."""
    async with opened("sqlite:///store.db", tmp_path) as (database, _), database.reads.connect() as asking:
        statement = f"EXPLAIN QUERY PLAN {look_up('sqlite', table, key, 2)}"
        plan = (await asking.exec_driver_sql(statement, tuple("1" * 2 * len(key)))).all()
    assert [row.detail for row in plan if table.name in row.detail] == [
        f"SEARCH found USING INDEX sqlite_autoindex_{table.name}_1 ("
        + " AND ".join(f"{column.name}=?" for column in table.primary_key)
        + ")"
    ]


async def test_sqlite_commits_are_durable_and_the_file_is_its_owners(tmp_path: Path) -> None:
    async with opened("sqlite:///store.db", tmp_path) as (database, _):
        async with database.writes.connect() as connection:
            assert await connection.scalar(text("PRAGMA synchronous")) == 2
            assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
            assert await connection.scalar(text("PRAGMA secure_delete")) == 1
        assert (tmp_path / "store.db").stat().st_mode & 0o777 == 0o600


# Order makes no difference.


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 3))
def test_views_are_the_same_whatever_the_order_and_the_repeats(
    shuffler: random.Random, passages: int
) -> None:
    events = [event for n in range(passages) for event in batch(*story(n + 1, 1 + 12 * n)).events]

    def folded(order: list[Any]) -> dict[tuple[str, str], Registers]:
        views: dict[tuple[str, str], Registers] = {}
        for event in order:
            for entry in entries(event):
                merge(views.setdefault((entry.of, entry.key), {}), entry.name, event.sequence, entry.value)
        return views

    mixed = [*events, *shuffler.sample(events, shuffler.randint(0, len(events)))]
    shuffler.shuffle(mixed)
    assert folded(mixed) == folded(events)


@pytest.mark.parametrize("seed", range(4))
async def test_tables_are_the_same_whatever_the_order(store_url: str, tmp_path: Path, seed: int) -> None:
    events = [
        *story(1, 1),
        *story(2, 13),
        envelope(
            25,
            "journal.erased",
            audience="audit",
            sequences_to=12,
            passages=[1],
            reason={"code": "retention"},
        ),
    ]
    shuffler = random.Random(seed)
    if seed:
        shuffler.shuffle(events)
    async with opened(store_url, tmp_path) as (database, writer):
        while events:
            size = shuffler.randint(1, 7)
            some, events = events[:size], events[size:]
            for audience in ("lane", "audit"):
                mine = [event for event in some if event["audience"] == audience]
                if mine:
                    await writer.take(batch(*mine, audience=audience))
        await erase_waiting(writer, database)
        passages = [
            {**row, "registers": json.loads(row["registers"])} for row in await rows_of(database, PASSAGES)
        ]
        terms = {(row["kind"], row["term"]) for row in await personal_terms(database)}
    passages.sort(key=lambda row: row["passage"])
    assert terms == {("plate", "01KG002A8C"), ("document", "AC0000002")}
    assert [row["registers"]["decision"][1]["decision"] for row in passages] == ["release", "release"]
    assert passages[0]["registers"]["plate.front"][1]["plate"] is None
    assert passages[0]["registers"]["document.001"][1]["document"] is None
    assert passages[1]["registers"]["document.001"][1]["document"]["number"] == "AC0000002"
    assert all(row["ending"] == "departed" for row in passages)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 40), max_size=80))
def test_received_is_a_set_that_knows_its_first_gap(numbers: list[int]) -> None:
    received, model = Received(), set[int]()
    for number in numbers:
        assert received.add(number) == (number not in model)
        model.add(number)
        contiguous = next(n for n in range(len(model) + 1) if n + 1 not in model)
        assert received.contiguous == contiguous
        assert received.highest == max(model)
        above = sorted(n for n in model if n > contiguous)
        assert received.gap == ((contiguous + 1, above[0] - 1) if above else None)
    assert all((number in received) == (number in model) for number in range(1, 42))


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(1, 40)), st.integers(1, 45))
def test_an_accepted_loss_names_exactly_what_was_missing(numbers: set[int], kept_from: int) -> None:
    received = Received()
    for number in numbers:
        received.add(number)
    lost = [n for first, last in received.accept_loss(kept_from) for n in range(first, last + 1)]
    assert lost == [n for n in range(1, kept_from) if n not in numbers]
    known = numbers | set(lost)
    assert all((number in received) == (number in known) for number in range(1, 47))
    assert received.contiguous == next(n for n in range(len(known) + 1) if n + 1 not in known)


# Erasing.


def holds(file: Path, content: bytes) -> bool:
    return file.exists() and content in file.read_bytes()


async def test_an_erase_order_takes_personal_data_out_of_events_views_and_search(
    store_url: str, tmp_path: Path
) -> None:
    erase = envelope(
        25, "journal.erased", audience="audit", sequences_to=24, passages=[1], reason={"code": "retention"}
    )
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(*story(1, 1), *story(2, 13)))
        await writer.take(batch(erase, audience="audit"))
        assert await erase_waiting(writer, database) == 1
        assert await erase_waiting(writer, database) == 0
        assert await empty_log(database)
        text_of_first = "".join(
            row["data"] for row in await rows_of(database, EVENTS) if row["passage"] == 1
        ) + "".join(row["registers"] for row in await rows_of(database, PASSAGES) if row["passage"] == 1)
        for personal in ("01KG001ABC", "01 KG 001", "AC0000001", "SAMPLEBEKOV"):
            assert personal not in text_of_first
        assert {row["passage"] for row in await personal_terms(database)} == {2}
        assert await writer.contiguous("cargo-1", "j1") == 25
    if store_url.startswith("sqlite"):
        for name in ("store.db", "store.db-wal"):
            assert not holds(tmp_path / name, b"AC0000001"), f"{name} still holds what was erased"


async def test_what_was_erased_leaves_sqlites_log_as_soon_as_nobody_reads_from_it(tmp_path: Path) -> None:
    erase = envelope(13, "journal.erased", audience="audit", sequences_to=12, reason={"code": "retention"})
    log = tmp_path / "store.db-wal"
    async with opened("sqlite:///store.db", tmp_path) as (database, writer):
        await writer.take(batch(*story(1, 1)))
        reader = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        await writer.take(batch(erase, audience="audit"))
        assert await erase_waiting(writer, database) == 1
        assert not await empty_log(database)
        assert holds(log, b"SAMPLEBEKOV")
        await writer.take(batch(*story(2, 14)))
        reader.close()
        assert await empty_log(database)
        assert not holds(log, b"SAMPLEBEKOV")


async def test_an_event_that_comes_after_its_erase_order_is_stored_erased(
    store_url: str, tmp_path: Path
) -> None:
    erase = envelope(13, "journal.erased", audience="audit", sequences_to=12, reason={"code": "retention"})
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(erase, audience="audit"))
        await writer.take(batch(*story(1, 1)))
        stored = "".join(row["data"] for row in await rows_of(database, EVENTS))
        assert "SAMPLEBEKOV" not in stored
        assert not await personal_terms(database)


async def test_an_erase_order_is_finished_after_a_restart(store_url: str, tmp_path: Path) -> None:
    erase = envelope(13, "journal.erased", audience="audit", sequences_to=12, reason={"code": "retention"})
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(*story(1, 1)))
        await writer.take(batch(erase, audience="audit"))
    async with opened(store_url, tmp_path) as (database, writer):
        assert await erase_waiting(writer, database) == 1
        assert "SAMPLEBEKOV" not in "".join(row["data"] for row in await rows_of(database, EVENTS))


async def test_an_order_is_carried_out_in_the_lanes_older_journals_that_it_names(
    store_url: str, tmp_path: Path
) -> None:
    def order(sequence: int, *journals: str) -> dict[str, Any]:
        named = [{"journal": journal, "sequences_to": 12, "passages": []} for journal in journals]
        return envelope(
            sequence, "journal.erased", journal="j2", audience="audit", sequences_to=0, passages=[],
            reason={"code": "retention"}, set_aside=named,
        )  # fmt: skip

    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(*story(1, 1)))
        await writer.take(batch(order(1, "j1", "j0"), audience="audit"))
        await writer.take(batch(order(2, "j1"), audience="audit"))
        assert await erase_waiting(writer, database) == 5
        texts = [row["data"] for row in await rows_of(database, EVENTS)]
        texts += [row["registers"] for row in await rows_of(database, PASSAGES)]
        assert "SAMPLEBEKOV" not in "".join(texts)
        assert not await personal_terms(database)
        late = [{**event, "journal": "j0", "id": f"j0/{event['sequence']}"} for event in story(1, 1)]
        await writer.take(batch(*late))
    async with opened(store_url, tmp_path) as (database, writer):
        later = [{**event, "journal": "j0", "id": "j0/12"} for event in story(2, 12)][:1]
        await writer.take(batch(*later))
        assert await erase_waiting(writer, database) == 0
        assert "SAMPLEBEKOV" not in "".join(row["data"] for row in await rows_of(database, EVENTS))


# Whatever a peer sends.

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """A batch of good events of which some parts are replaced by anything."""
    events = [envelope(n) for n in range(1, draw(st.integers(1, 4)) + 1)]
    for event in events:
        for name in draw(st.lists(st.sampled_from(sorted(event)), max_size=3)):
            event[name] = draw(_json)
    payload = json.dumps(events).encode()
    cut = draw(st.integers(0, len(payload)))
    return draw(st.sampled_from([payload, payload[:cut], payload[:cut] + b"\xff" + payload[cut:]]))


async def test_nothing_that_a_peer_sends_stops_the_store(store_url: str, tmp_path: Path) -> None:
    long_named = {"alarm": "a" * 5000, "kind": "k", "priority": "high", "reason": {"code": "x"}}
    examples: list[bytes] = [
        b"",
        b"[]",
        b"null",
        b"[" * 500,
        b"[1]",
        b'[{"sequence": 1e400}]',
        json.dumps([envelope(2**60)]).encode(),
        json.dumps([{**envelope(7), "journal": "j\u0000"}]).encode(),
        json.dumps([envelope(8, "passage.arrived", passage=10**30)]).encode(),
        json.dumps([envelope(9, "lane.lamp_changed", lamp="x" * 40_000)]).encode(),
        json.dumps([envelope(10, "lane.faulted", error="\u0000 NUL")]).encode(),
        json.dumps([envelope(11, "lane.clock_jumped", by_s=0)]).replace('"by_s": 0', '"by_s": NaN').encode(),
        json.dumps([{**envelope(12), "time": "0001-01-01T00:00:00+14:00"}]).encode(),
        json.dumps([{**envelope(13), "time": "9999-12-31T23:59:59-14:00"}]).encode(),
        json.dumps([{**envelope(14), "source": "/elsewhere/cargo-1"}]).encode(),
        json.dumps([{**envelope(15), "monos": 1e300}]).encode(),
        json.dumps([envelope(16, "alarm.raised", **long_named)]).encode(),
        b"x" * 400_000,
    ]
    collected: list[bytes] = []

    @settings(max_examples=60, deadline=None, database=None)
    @given(hostile())
    def collect(payload: bytes) -> None:
        collected.append(payload)

    collect()
    async with opened(store_url, tmp_path) as (database, writer):
        parsed = [parse(payload, SITE, "cargo-1", Audience.LANE) for payload in [*examples, *collected]]
        await asyncio.gather(*(writer.take(incoming) for incoming in parsed))
        await writer.take(batch(envelope(1, lane="car-1"), lane="car-1"))
        assert await writer.contiguous("car-1", "j1") == 1
        assert 0 < await count(database, QUARANTINE) <= 1000
        for row in await rows_of(database, EVENTS):
            json.loads(row["data"], parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


async def test_a_flood_of_rubbish_fills_neither_quarantine_nor_alarms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "QUARANTINE_ROWS_MAX", 50)
    async with opened("sqlite:///store.db", tmp_path) as (database, writer):
        rubbish = [f"rubbish {n}".encode() for n in range(80)]
        await asyncio.gather(*(writer.take(parse(one, SITE, "cargo-1", Audience.LANE)) for one in rubbish))
        assert await count(database, QUARANTINE) == 50
        assert await alarm_kinds(database) == ["store.unreadable"]
