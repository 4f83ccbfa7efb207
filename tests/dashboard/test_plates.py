"""What the store promises about the plates that patterns are looked for among: each that a passage has stands
there once, none that no passage has, and the searches find by them what they found before."""

import random
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from dashboard.store import search as search_module
from dashboard.store.engine import Database, database_url
from dashboard.store.eraser import erase_waiting
from dashboard.store.fold import VIEWS_VERSION
from dashboard.store.incoming import CONTRACT
from dashboard.store.question import Question
from dashboard.store.search import find
from dashboard.store.tables import PLATES, TERMS
from dashboard.users.roles import AUDIENCES
from lane_controller.messages.words import UserRole
from tests.dashboard.envelopes import batch, envelope
from tests.dashboard.test_search import crowd
from tests.dashboard.test_store import holds, opened, rows_of

OPERATOR = AUDIENCES[UserRole.OPERATOR]


def seen(sequence: int, passage: int, plate: str, **more: Any) -> dict[str, Any]:
    told = {"text": plate, "display": plate, "country": "KG", "confidence": 0.9, "frames": 3, "doubtful": []}
    return envelope(sequence, "passage.plate", passage=passage, side="front", plate=told, **more)


def erased(sequence: int, *passages: int) -> dict[str, Any]:
    order = {"sequences_to": sequence - 1, "passages": list(passages), "reason": {"code": "retention"}}
    return envelope(sequence, "journal.erased", audience="audit", **order)


async def plates(database: Database) -> list[str]:
    rows = await rows_of(database, PLATES)
    assert all(row["reversed"] == row["term"][::-1] for row in rows)
    return sorted(row["term"] for row in rows)


async def test_a_plate_stands_there_as_long_as_a_passage_has_it(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(seen(1, 1, "777ACE02"), seen(2, 2, "777ACE02"), seen(3, 3, "123KXT01")))
        await writer.take(batch(seen(4, 2, "777ACE02")))
        assert await plates(database) == ["123KXT01", "777ACE02"]
        await writer.take(batch(erased(5, 1), audience="audit"))
        await erase_waiting(writer, database)
        assert await plates(database) == ["123KXT01", "777ACE02"]
        await writer.take(batch(erased(6, 2), audience="audit"))
        await erase_waiting(writer, database)
        assert await plates(database) == ["123KXT01"]
    if store_url.startswith("sqlite"):
        for name, content in (
            (n, c) for n in ("store.db", "store.db-wal") for c in (b"777ACE02", b"20ECA777")
        ):
            assert not holds(tmp_path / name, content), f"{name} still holds what was erased"


async def test_a_plate_that_was_corrected_is_no_longer_there(store_url: str, tmp_path: Path) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(seen(1, 1, "777ACE02")))
        writer.memory.views.forget()
        await writer.take(batch(seen(2, 1, "777ACF02")))
        assert await plates(database) == ["777ACF02"]
        await writer.take(batch(seen(3, 1, "777ACG02", audience="second_line"), audience="second_line"))
        assert await plates(database) == ["777ACF02", "777ACG02"]


@pytest.mark.parametrize("seed", range(3))
async def test_they_are_those_of_the_terms_whatever_the_order(
    store_url: str, tmp_path: Path, seed: int
) -> None:
    """Corrections, erase orders and what comes after them, mixed."""
    chance = random.Random(seed)
    events = [seen(number, chance.randint(1, 5), f"777ACE0{chance.randint(1, 6)}") for number in range(1, 40)]
    events += [erased(20, 1, 2), erased(40, 3)]
    events = list({event["sequence"]: event for event in events}.values())
    chance.shuffle(events)
    async with opened(store_url, tmp_path) as (database, writer):
        while events:
            some, events = events[:7], events[7:]
            for audience in ("lane", "audit"):
                await writer.take(
                    batch(*(one for one in some if one["audience"] == audience), audience=audience)
                )
            await erase_waiting(writer, database)
            terms = {row["term"] for row in await rows_of(database, TERMS) if row["kind"] == "plate"}
            assert await plates(database) == sorted(terms)
        assert await plates(database)


@pytest.mark.parametrize("few", [500, 3, 0])
async def test_a_pattern_finds_the_same_whether_few_or_many_plates_fit(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(search_module, "FEW", few)
    monkeypatch.setattr(search_module, "NEWEST", 3)
    async with opened(store_url, tmp_path) as (database, writer):
        events = [one for one in crowd(2) if one["type"].endswith("plate") or one["type"].endswith("arrived")]
        for lane in ("cargo-1", "cargo-2", "car-1"):
            mine = [
                one for one in events if one["source"] == f"/khorgos/{lane}" and one["audience"] == "lane"
            ]
            await writer.take(batch(*mine, lane=lane))
        terms = await rows_of(database, TERMS)
        async with database.reads.connect() as connection:
            for pattern, part in (("*G11*", "G11"), ("*?KG1*", "KG1"), ("*8CD", "8CD"), ("*QQQ*", "QQQ")):
                expected = {(row["lane"], row["passage"]) for row in terms if part in row["term"]}
                found, _ = await find(connection, Question(plate=pattern, limit=100), OPERATOR)
                assert {(one.key.lane, one.key.passage) for one in found} == expected, pattern


async def test_a_store_of_before_has_its_plates_from_its_terms(store_url: str, tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", "dashboard.store:migrations")

    def before(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")

    engine = create_async_engine(database_url(store_url, tmp_path))
    kept: list[tuple[Any, ...]] = [
        ("cargo-1", "j1", number, "plate", "front", "lane", term, term[::-1], 1_000_000 + number, 2)
        for number, term in enumerate(("01KG001A8C", "777ACE02", "777ACE02"), 1)
    ]
    kept.append(("cargo-1", "j1", 1, "document", "001", "lane", "AC0000001", None, 1_000_001, 3))
    async with engine.begin() as connection:
        await connection.run_sync(before)
        store = f"INSERT INTO store VALUES ('s', 0, {VIEWS_VERSION}, '{CONTRACT}')"
        await connection.execute(text(store))
        names = (
            "lane",
            "journal",
            "passage",
            "kind",
            "slot",
            "audience",
            "term",
            "reversed",
            "at",
            "sequence",
        )
        marks = ", ".join(f":{name}" for name in names)
        rows: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in kept]
        await connection.execute(text(f"INSERT INTO terms VALUES ({marks})"), rows)
        passage = "INSERT INTO passages VALUES ('cargo-1', 'j1', :n, 'lane', '{}', :at, NULL, NULL)"
        await connection.execute(text(passage), [{"n": n, "at": 1_000_000 + n} for n in (1, 2, 3)])
    await engine.dispose()
    async with opened(store_url, tmp_path) as (database, _), database.reads.connect() as connection:
        assert await plates(database) == ["01KG001A8C", "777ACE02"]
        columns = [column.name for column in TERMS.c]
        after = [tuple(row[name] for name in columns) for row in await rows_of(database, TERMS)]
        assert sorted(after) == sorted((*row[:7], *row[8:]) for row in kept)
        found, _ = await find(connection, Question(plate="*7ACE*"), OPERATOR)
        assert [one.key.passage for one in found] == [3, 2]
