"""A store with many passages, as years of a crossing leave it: made at once, row by row as the writer would.

20 lanes, plates of five countries' patterns of which lorries come back, one document each, one decision, one
check in seven not passed, an officer for one in nine; arrivals evenly over three years, the same for the same
seed.
"""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg

from dashboard.store.incoming import dump
from dashboard.store.plate_spelling import searched
from dashboard.store.tables import PASSAGES, TERMS
from dashboard.store.term_rows import term_row
from dashboard.store.terms import Slot, Term, check_term

LANES = tuple(f"lane-{number:02}" for number in range(1, 21))
JOURNAL = "0123456789abcdef0123456789abcdef"
BEGAN_US = 1_700_000_000_000_000
YEARS_US = 3 * 365 * 24 * 3600 * 1_000_000
OFFICERS = tuple(f"officer-{number:02}" for number in range(40))
CHECKS = ("weight_limit", "queue_booking", "document_validity", "vehicle_permit")
OUTCOMES = ("failed", "inconclusive", "not_performed")
LETTERS = "ABCEHKMOPTXYDFGIJLNQRSUVWZ"
BATCH = 20_000
PLATES_OF_TERMS = "INSERT INTO plates SELECT DISTINCT term, reverse(term) FROM terms WHERE kind = 'plate'"

Row = tuple[Any, ...]


def plate(number: int) -> str:
    """Of lorry `number`."""
    chance = random.Random(number)
    a, b, c = (chance.choice(LETTERS) for _ in range(3))
    digits = chance.randrange(1000)
    return (
        f"{chance.randint(1, 9):02}KG{digits:03}{a}{b}{c}",
        f"{digits:03}{a}{b}{c}{chance.randint(1, 17):02}",
        f"{a}{digits:03}{b}{c}{chance.choice((77, 54, 55, 174)):02}",
        f"{chance.randint(10, 95)}{a}{digits:03}{b}{c}",
        f"{digits:03}{chance.randrange(10)}{a}{b}0{chance.randint(1, 4)}",
    )[number % 5]


def document(number: int) -> str:
    return f"N{number:08}"


def passages(count: int) -> Iterator[tuple[Row, list[Row]]]:
    """Each passage's row and those of its terms, in the order of the tables' columns."""
    chance = random.Random(7)
    lorries = [plate(number) for number in range(max(1, count // 4))]
    step = YEARS_US // count
    for number in range(count):
        lane, arrived_us = LANES[number % len(LANES)], BEGAN_US + number * step
        key = (lane, JOURNAL, number)
        seen = lorries[chance.randrange(len(lorries))]
        decision = "release" if (draw := chance.random()) < 0.93 else "hold" if draw < 0.98 else "refer"
        terms = {
            Slot("plate", "front"): searched(seen),
            Slot("document", "001"): document(number % (count * 9 // 10 + 1)),
            Slot("decision", ""): decision,
        }
        if chance.random() < 1 / 7:
            check, outcome = chance.choice(CHECKS), chance.choice(OUTCOMES)
            terms |= {Slot("check", check): check_term(check, outcome), Slot("outcome", check): outcome}
        if chance.random() < 1 / 9:
            officer = chance.choice(OFFICERS)
            terms[Slot("officer", officer)] = officer
        shown = {"text": seen, "display": seen, "country": "KZ", "confidence": 0.97, "frames": 5}
        stamp = {"time_us": arrived_us, "boot": "b", "mono_s": 1.0}
        registers = {
            "arrived": (1, {"passage": number, **stamp}),
            "plate.front": (2, {"plate": shown, "side": "front", **stamp}),
            "decision": (3, {"decision": decision, "reasons": [], "by": None, **stamp}),
            "ended": (4, {"end": "departed", **stamp, "time_us": arrived_us + 90_000_000}),
        }
        row = (*key, "lane", dump(registers), arrived_us, arrived_us + 90_000_000, "departed")
        yield row, [term_row(key, slot, "lane", Term(term, 3), arrived_us) for slot, term in terms.items()]


def _batches(count: int) -> Iterator[tuple[list[Row], list[Row]]]:
    rows: list[Row] = []
    terms: list[Row] = []
    for row, found in passages(count):
        rows.append(row)
        terms += found
        if len(rows) == BATCH:
            yield rows, terms
            rows, terms = [], []
    yield rows, terms


def fill_sqlite(path: Path, count: int) -> None:
    """Into an opened and closed store; its indexes are made afterwards, which is quicker.  Without ANALYZE,
    as a real one is."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.create_function("reverse", 1, _reverse)
    dropped = _drop_indexes(connection)
    connection.execute("BEGIN")
    for rows, terms in _batches(count):
        for table, values in ((PASSAGES, rows), (TERMS, terms)):
            marks = ", ".join("?" * len(table.c))
            connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", values)
    connection.execute("COMMIT")
    for statement in (PLATES_OF_TERMS, *dropped):
        connection.execute(statement)
    connection.close()


def _reverse(term: str) -> str:
    """PostgreSQL has it built in."""
    return term[::-1]


def _drop_indexes(connection: sqlite3.Connection) -> list[str]:
    """The statements that make them again."""
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND tbl_name IN ('passages', 'terms', 'plates')"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [sql for _, sql in found]


async def fill_postgres(url: str, count: int) -> None:
    """The same with COPY, and what autovacuum does in its time done at the end."""
    connection = await asyncpg.connect(url, command_timeout=3600)
    try:
        # Primary keys too: made at once they are sorted, not looked up row by row.
        keys = await connection.fetch(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'p' AND conrelid IN ('passages'::regclass, 'terms'::regclass)"
        )
        for table, name, _ in keys:
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        found = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('passages', 'terms', 'plates')"
            " AND indexname NOT LIKE 'pk_%'"
        )
        for name, _ in found:
            await connection.execute(f"DROP INDEX {name}")
        for rows, terms in _batches(count):
            await connection.copy_records_to_table("passages", records=rows)
            await connection.copy_records_to_table("terms", records=terms)
        await connection.execute("SET maintenance_work_mem = '1GB'")
        again = [f"ALTER TABLE {table} ADD CONSTRAINT {name} {made}" for table, name, made in keys]
        for statement in (PLATES_OF_TERMS, *again, *(made for _, made in found)):
            await connection.execute(statement)
        for table in ("passages", "terms", "plates"):
            await connection.execute(f"VACUUM ANALYZE {table}")
    finally:
        await connection.close()
