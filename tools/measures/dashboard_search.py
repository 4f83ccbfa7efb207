"""How soon a search shows its first 50 passages in a store of years.

A fixed mix of questions, printed with their figures, is asked through what page and JSON use: the statements,
the registers of what was found, and the rows as they are shown.  Each question is asked `ASKED` times with
other values; the first of a kind is not counted.  Beside each figure stands the bare indexed lookup of the
same run: the passages of one plate by its index, the rows of 50 of them, no words made; and the processor's
time of this process at the median, which other work on the machine does not lengthen.

10 million passages in PostgreSQL and 1 million in SQLite with FULL=1, else a tenth.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.engine import Database, database_url, open_database
from dashboard.store.hours import DAY_US, count_hours
from dashboard.store.plate_spelling import searched
from dashboard.store.question import Question
from dashboard.store.search import find
from dashboard.store.tables import PASSAGES, TERMS
from dashboard.users.roles import AUDIENCES
from dashboard.views.found import found_passage
from dashboard.views.language import Speaker
from lane_controller.messages.words import UserRole
from measures import Figure, Measurement, at_most, percentile, shown
from measures.rigs.many_passages import (
    BEGAN_US,
    CHECKS,
    LANES,
    OFFICERS,
    YEARS_US,
    document,
    fill_postgres,
    fill_sqlite,
    plate,
)
from measures.rigs.scratch import scratch
from tests.dashboard.postgres import Postgres, why_missing

SIZES = {"postgresql": {False: 1_000_000, True: 10_000_000}, "sqlite": {False: 100_000, True: 1_000_000}}
LIMITS_MS = {"postgresql": 300.0, "sqlite": 500.0}
ASKED = 40
SPEAKER = Speaker("en", ZoneInfo("Asia/Almaty"))
AUDIENCE = AUDIENCES[UserRole.OPERATOR]

Ask = Callable[[random.Random, int], Question]


def _in(days: int, chance: random.Random, question: Question) -> Question:
    """Narrowed to so many days."""
    begin = BEGAN_US + chance.randrange(YEARS_US - days * DAY_US)
    return replace(question, from_us=begin, to_us=begin + days * DAY_US)


def _seen(chance: random.Random, count: int) -> str:
    return plate(chance.randrange(count // 4))


def _with(text: str, *places: int) -> str:
    return "".join("?" if place in places else one for place, one in enumerate(text))


MIX: dict[str, tuple[str, Ask]] = {
    "plate": ("a whole plate", lambda c, n: Question(plate=_seen(c, n))),
    "beginning": ("its first five, *", lambda c, n: Question(plate=_seen(c, n)[:5] + "*")),
    "common": ("its first three, *", lambda c, n: Question(plate=_seen(c, n)[:3] + "*")),
    "end": ("*, its last four", lambda c, n: Question(plate="*" + _seen(c, n)[-4:])),
    "middle": ("*, four of its middle, *", lambda c, n: Question(plate=f"*{_seen(c, n)[2:6]}*")),
    "doubtful": ("a plate with two ?", lambda c, n: Question(plate=_with(_seen(c, n), 0, 4))),
    "rare": ("*, three letters of few plates, *", lambda c, _: Question(plate=f"*QQ{c.choice('QZWV')}*")),
    "document": ("a document's number", lambda c, n: Question(document=document(c.randrange(n)))),
    "day": ("a lane on a day", lambda c, _: _in(1, c, Question(lane=c.choice(LANES)))),
    "narrowed": ("?, two fixed, * at a lane in a week", lambda c, n: _in(7, c, Question(
        plate=f"?{_seen(c, n)[1:3]}*", lane=c.choice(LANES)))),
    "decision": ("referred at a lane", lambda c, _: Question(decision="refer", lane=c.choice(LANES))),
    "check": ("a check that failed", lambda c, _: Question(check=c.choice(CHECKS), outcome="failed")),
    "officer": ("an officer in a month", lambda c, _: _in(30, c, Question(officer=c.choice(OFFICERS)))),
    "mixed": ("a beginning, held, an officer", lambda c, n: Question(
        plate=_seen(c, n)[:2] + "*A*", decision="hold", officer=c.choice(OFFICERS))),
    "older": ("referred, a later page", lambda c, _: Question(
        decision="refer", after=(BEGAN_US + c.randrange(YEARS_US), LANES[0], "", 0))),
    "hours": ("lanes x hours of a day", lambda c, _: _in(1, c, Question())),
}  # fmt: skip
"""By kind: what is asked for, in words, and how."""


async def _answer(connection: AsyncConnection, kind: str, question: Question) -> int:
    if kind == "hours":
        return (await count_hours(connection, question, AUDIENCE, SPEAKER.zone)).total()
    found, _ = await find(connection, question, AUDIENCE)
    return len([found_passage(one, question.plate, SPEAKER) for one in found])


async def _bare(connection: AsyncConnection, seen: str) -> int:
    terms, passages = TERMS.c, PASSAGES.c
    by_index = select(terms.lane, terms.journal, terms.passage).where(
        terms.kind == "plate", terms.term == searched(seen)
    )
    rows = (await connection.execute(by_index.order_by(terms.arrived_us.desc()).limit(50))).all()
    for row in rows:
        key = (passages.lane == row.lane, passages.journal == row.journal, passages.passage == row.passage)
        await connection.execute(select(passages.registers).where(*key))
    return len(rows)


async def _times(
    database: Database, ask: Callable[[AsyncConnection], Awaitable[int]]
) -> tuple[float, float, int]:
    """Milliseconds by the clock and of this process's processor time, and how many were found."""
    async with database.reads.connect() as connection:
        began, began_cpu = time.perf_counter(), time.process_time()
        count = await ask(connection)
        return (time.perf_counter() - began) * 1000, (time.process_time() - began_cpu) * 1000, count


async def _measured(database: Database, kind_of_store: str, count: int) -> list[Figure]:
    chance = random.Random(11)
    figures: list[Figure] = []
    bare: list[float] = []
    for _ in range(ASKED):
        seen = plate(chance.randrange(count // 4))

        async def ask_bare(connection: AsyncConnection, seen: str = seen) -> int:
            return await _bare(connection, seen)

        bare.append((await _times(database, ask_bare))[0])
    beside = f"{percentile(bare[1:], 0.95):.1f} ms p95 for a bare lookup by index"
    for kind, (words, make) in MIX.items():
        taken: list[float] = []
        computed: list[float] = []
        found: list[int] = []
        for _ in range(ASKED):
            question = make(chance, count)

            async def ask(
                connection: AsyncConnection, kind: str = kind, question: Question = question
            ) -> int:
                return await _answer(connection, kind, question)

            ms, cpu_ms, many = await _times(database, ask)
            taken.append(ms)
            computed.append(cpu_ms)
            found.append(many)
        told = (
            f"{words}: {sum(found) / ASKED:.0f} shown on average, "
            f"median {percentile(taken[1:], 0.5):.1f} ms, {percentile(computed[1:], 0.5):.1f} ms of processor"
        )
        name = f"dashboard-search-{kind_of_store}-{kind}"
        limit = LIMITS_MS[kind_of_store]
        figures.append(at_most(name, percentile(taken[1:], 0.95), "ms p95", limit, f"{told}; {beside}"))
    return figures


def _names(kind_of_store: str) -> tuple[str, ...]:
    return tuple(f"dashboard-search-{kind_of_store}-{kind}" for kind in MIX)


def _sqlite(full: bool) -> list[Figure]:
    count = SIZES["sqlite"][full]
    with scratch() as folder:
        url = database_url("sqlite:///store.db", folder)

        async def made() -> None:
            async with open_database(url):
                pass

        async def measured() -> list[Figure]:
            async with open_database(url) as database:
                return await _measured(database, "sqlite", count)

        asyncio.run(made())
        fill_sqlite(folder / "store.db", count)
        return asyncio.run(measured())


@contextmanager
def _server() -> Generator[Postgres]:
    server = Postgres()
    try:
        yield server
    finally:
        server.stop()


def _postgres(full: bool) -> list[Figure]:
    if reason := why_missing():
        return [shown(name, 0, "ms p95", f"not measured: {reason}") for name in _names("postgresql")]
    count = SIZES["postgresql"][full]
    with _server() as server:
        plain = server.new_database("search")
        url = database_url(plain, Path())

        async def run() -> list[Figure]:
            async with open_database(url):
                pass
            await fill_postgres(plain, count)
            async with open_database(url) as database:
                return await _measured(database, "postgresql", count)

        return asyncio.run(run())


MEASUREMENTS = [Measurement(_names("sqlite"), _sqlite), Measurement(_names("postgresql"), _postgres)]
