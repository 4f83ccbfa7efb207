"""What a search promises: everything that was seen is found, whatever leads to it, and nothing that was not
shown to the user; counted by hours and taken out as files it is the same."""

import asyncio
import csv
import io
import json
import random
import re
import tempfile
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event as events_of
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from structlog.testing import capture_logs

from anpr.alphabet import ALPHABET
from anpr.canonical import canonical as read_canonical
from dashboard.sheets import Format, Sheet, harmless, sheet
from dashboard.store import search as search_module
from dashboard.store.engine import database_url
from dashboard.store.hours import count_at_most, count_hours
from dashboard.store.plate_spelling import canonical, searched
from dashboard.store.question import After, Question, SearchRefused, answers, wanted_of
from dashboard.store.read import Audiences
from dashboard.store.search import find
from dashboard.store.tables import EVENTS, SITE_LANE, TERMS
from dashboard.store.terms import terms_of
from dashboard.users.roles import AUDIENCES
from lane_controller.messages.words import Audience, UserRole
from tests.dashboard.envelopes import batch, envelope, story
from tests.dashboard.fake_lane import FakeLane, check, overloaded, referred
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published
from tests.dashboard.test_store import opened, rows_of

OPERATOR = AUDIENCES[UserRole.OPERATOR]
SECOND = AUDIENCES[UserRole.SECOND_LINE]
ALMATY = ZoneInfo("Asia/Almaty")


# How plates are spelled.


def test_a_plate_is_searched_as_the_reader_spells_it() -> None:
    samples = ["01 KG 204 ACD", "а123вс 77", "ÄÖ-Ü 12", "۱۲ب۳۴۵", "京A·12345", "ｋ１", "1234 УНГ", *ALPHABET]
    for sample in samples:
        assert canonical(sample) == read_canonical(sample)


def test_what_the_eye_confuses_is_one_character() -> None:
    assert searched("O1B 8I0") == searched("01881O") == searched("О1В8І0")


DAYS = {"from_us": 1_772_300_000_000_000, "to_us": 1_772_900_000_000_000}
"""All that the crowd below comes in."""


# The statements against the plain answer.


def crowd(seed: int) -> list[dict[str, Any]]:
    """Passages of three lanes, with what two audiences were told of them, in any order."""
    chance = random.Random(seed)
    events: list[dict[str, Any]] = []
    sequences: Counter[str] = Counter()

    def told(lane: str, kind: str, audience: str = "lane", **data: Any) -> None:
        sequences[lane] += 1
        one = envelope(sequences[lane], kind, lane=lane, journal=f"j-{lane}", audience=audience, **data)
        at = datetime(2026, 3, 1, tzinfo=ALMATY) + timedelta(minutes=17 * sequences[lane])
        events.append({**one, "time": at.isoformat()})

    for number in range(1, 61):
        lane = chance.choice(("cargo-1", "cargo-2", "car-1"))
        passage = number
        by = {"operator": chance.choice(("dana", "bolat")), "role": "operator", "agency": "border"}
        seen = f"0{chance.randint(1, 9)}KG{chance.randint(100, 130)}{chance.choice('ABO')}CD"
        plate = {
            "text": seen,
            "display": seen,
            "country": "KG",
            "confidence": 0.9,
            "frames": 3,
            "doubtful": [],
        }
        told(lane, "passage.arrived", passage=passage)
        for side in ("front", "rear")[: chance.randint(1, 2)]:
            told(lane, "passage.plate", passage=passage, side=side, plate=plate)
        outcome = chance.choice(("passed", "failed", "not_performed"))
        about = {"check": "weight_limit", "agency": "transport", "outcome": outcome, "source": "law"}
        told(lane, "passage.check", passage=passage, result={**about, "reason": {"code": "overweight"}})
        told(
            lane,
            "passage.decided",
            passage=passage,
            decision=chance.choice(("hold", "release")),
            reasons=[],
            by=by,
        )
        if chance.random() < 0.3:
            told(lane, "passage.decided", "second_line", passage=passage, decision="refer", reasons=[])
        if chance.random() < 0.3:
            again = {**about, "outcome": chance.choice(("passed", "failed")), "reason": {"code": "weighed"}}
            told(lane, "passage.check", "second_line", passage=passage, result=again)
    chance.shuffle(events)
    return events


QUESTIONS = [
    Question(),
    Question(lane="cargo-1"),
    Question(plate="01KG1*"),
    Question(plate="*1?CD"),
    Question(plate="*G11*"),
    Question(plate="0?KG*ACD"),
    Question(plate="*A*", lane="car-1"),
    Question(plate="O1KG10?*"),
    Question(plate="*QQQ*"),
    Question(decision="refer"),
    Question(decision="hold", officer="dana"),
    Question(check="weight_limit"),
    Question(check="weight_limit", outcome="failed", plate="*BCD"),
    Question(outcome="not_performed", lane="cargo-2"),
    Question(officer="bolat", plate="0*KG*"),
    Question(plate="*KG1*", decision="release"),
]


COMMON = {"NARROW": 0, "NEWEST": 7, "FEW": 500, "AT_LANE": 0, "AT_ONCE": 0, "WHOLE": 0}
WAYS = [
    {"NARROW": 20_000, "NEWEST": 20_000, "FEW": 500, "AT_LANE": 20_000, "AT_ONCE": 5_000, "WHOLE": 200_000},
    COMMON,
    {**COMMON, "FEW": 0},
    {**COMMON, "FEW": 0, "NEWEST": 20_000},
    {**COMMON, "FEW": 0, "WHOLE": 200_000},
    {**COMMON, "FEW": 0, "AT_LANE": 20_000},
    {**COMMON, "AT_LANE": 20_000, "AT_ONCE": 5_000},
]
"""What counts as rare: as it is, so that all is with so few passages; and as if everything were common."""


async def places(connection: AsyncConnection, question: Question, audiences: Audiences) -> list[After]:
    """All that is found, page by page."""
    found, more = await find(connection, question, audiences)
    all_found = [one.place for one in found]
    while more:
        found, more = await find(connection, question.going_on(all_found[-1]), audiences)
        all_found += [one.place for one in found]
    return all_found


async def test_every_way_to_a_passage_gives_what_reading_all_of_them_gives(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(store_url, tmp_path) as (database, writer):
        events = crowd(1)
        for start in range(0, len(events), 120):
            for audience in ("lane", "second_line"):
                for lane in ("cargo-1", "cargo-2", "car-1"):
                    about = (audience, f"/khorgos/{lane}")
                    some = events[start : start + 120]
                    mine = [one for one in some if (one["audience"], one["source"]) == about]
                    await writer.take(batch(*mine, lane=lane, audience=audience))
        async with database.reads.connect() as connection:
            for audiences in (OPERATOR, SECOND):
                everything, _ = await find(connection, Question(limit=1000), audiences)
                assert len(everything) == 60
                for question, way in product(QUESTIONS, WAYS):
                    for name, value in way.items():
                        monkeypatch.setattr(search_module, name, value)
                    wanted = wanted_of(question)
                    expected = [
                        one.place
                        for one in everything
                        if answers(wanted, terms_of(one.registers)) and question.lane in ("", one.key.lane)
                    ]
                    assert await places(connection, replace(question, limit=25), audiences) == expected
                    counts = await count_hours(connection, replace(question, **DAYS), audiences, ALMATY)
                    assert counts.total() == len(expected), question
                    count = await count_at_most(connection, question, audiences, 1000)
                    assert count == len(expected), question


READS_TOO_MUCH = re.compile(
    r"SCAN terms(?! USING (?:COVERING )?INDEX ix_terms_newest$)"  # all kinds
    r"|SEARCH terms USING .*\(kind=\?\)$"  # all of a kind, and all plates once a passage
    r"|terms_\d+ USING (?!INDEX sqlite_autoindex_terms_1 \(lane=\? AND journal=\? AND passage=\?"
    r"|COVERING INDEX ix_terms_term \(kind=\? AND term=\?)"
)


PLANNED = [
    Question(plate="*G11*"),
    Question(plate="01KG1*", lane="cargo-1"),
    Question(check="weight_limit", plate="*BCD"),
    Question(decision="hold", officer="dana"),
]


@pytest.mark.parametrize(
    "way", [*WAYS[:2], {**WAYS[5], "FEW": -1}, {**WAYS[3], "FEW": -1}, {**WAYS[4], "FEW": -1}]
)
async def test_sqlite_reads_no_more_than_is_asked_for_in_a_store_that_nobody_analysed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: dict[str, int]
) -> None:
    """No ANALYZE counts the terms of a real store, so the plan is the same with none as with millions."""
    for name, value in way.items():
        monkeypatch.setattr(search_module, name, value)
    asked: dict[str, Any] = {}
    async with (
        opened("sqlite:///store.db", tmp_path) as (database, _),
        database.reads.connect() as connection,
    ):

        def ask(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            asked[statement] = parameters

        async def steps() -> list[str]:
            """Of all that was asked."""
            some = {one: given for one, given in asked.items() if not one.startswith("EXPLAIN")}
            asked.clear()
            plans = [
                await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given)
                for one, given in some.items()
            ]
            return [row.detail for plan in plans for row in plan]

        events_of.listen(database.reads.sync_engine, "before_cursor_execute", ask)
        for question, audiences in product(PLANNED, (OPERATOR, SECOND)):
            await find(connection, question, audiences)
            found = await steps()
            assert any("terms" in one for one in found), question
            assert not [one for one in found if READS_TOO_MUCH.search(one)], question
            await find(connection, replace(question, **DAYS), audiences)
            await count_hours(connection, replace(question, **DAYS), audiences, ALMATY)
            await count_at_most(connection, question, audiences, 100)
            found = await steps()
            assert not [one for one in found if READS_TOO_MUCH.search(one) or "SCAN terms" in one], question
        # What is common everywhere is not read everywhere for a lane that has little of anything.
        await find(connection, Question(decision="hold", lane="cargo-1"), OPERATOR)
        at_lane = any("ORDER BY passages.arrived_us" in one for one in asked)
        assert at_lane == (way["NARROW"] == 0 != way["AT_LANE"])
        assert not at_lane or any("ix_passages_lane (lane=?)" in one for one in await steps())
        # Nor are all plates looked through for a pattern at a lane that has little of anything.
        asked.clear()
        await find(connection, Question(plate="?1K*", lane="cargo-1"), OPERATOR)
        assert any("FROM plates" in one for one in asked) == (way["AT_ONCE"] == 0)


async def test_wildcards_that_say_little_ask_for_a_lane_or_a_time() -> None:
    with pytest.raises(SearchRefused, match="plate_too_wide"):
        wanted_of(Question(plate="*7?1*"))
    assert wanted_of(Question(plate="*7?1*", lane="cargo-1"))
    assert wanted_of(Question(plate="*7?1*", from_us=0))
    assert wanted_of(Question(plate="*7?18*"))
    with pytest.raises(SearchRefused, match="plate_not_readable"):
        wanted_of(Question(plate="--"))


async def test_what_is_told_before_the_arrival_is_found_once_it_is_known(
    store_url: str, tmp_path: Path
) -> None:
    arrived, plate, *_ = story(1, 1)
    hidden = envelope(3, "passage.decided", audience="second_line", passage=1, decision="refer", reasons=[])
    async with opened(store_url, tmp_path) as (database, writer):
        await writer.take(batch(plate))
        await writer.take(batch(hidden, audience="second_line"))
        writer.memory.views.forget()
        await writer.take(batch(arrived))
        async with database.reads.connect() as connection:
            for audiences, question in (
                (OPERATOR, Question(plate="01KG001*")),
                (SECOND, Question(decision="refer")),
            ):
                found, more = await find(connection, question, audiences)
                assert ([one.key.passage for one in found], more) == ([1], False)
            assert await find(connection, Question(decision="refer"), OPERATOR) == ([], False)
        assert {row["arrived_us"] for row in await rows_of(database, TERMS)} == {found[0].arrived_us}


# A store of before.


async def test_a_store_of_the_first_version_is_upgraded_when_it_is_opened(
    store_url: str, tmp_path: Path
) -> None:
    engine = create_async_engine(database_url(store_url, tmp_path))
    config = Config()
    config.set_main_option("script_location", "dashboard.store:migrations")

    def first(connection: Any) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    by = {"operator": "dana", "role": "operator", "agency": "border", "workplace": ""}
    answered = envelope(
        13, "command.answered", command="c", kind="hold", answer="refused", reasons=[],
        by={**by, "operator": "lena"},
        given={"code": "other", "parameters": {}}, passage=1,
    )  # fmt: skip
    events = batch(*story(1, 1), answered).events
    async with engine.begin() as connection:
        await connection.run_sync(first)
        await connection.execute(
            text("INSERT INTO store (id, created_us, views_version, contract) VALUES ('s', 0, 1, 'old')")
        )
        for audience in Audience:
            await connection.execute(
                text("INSERT INTO positions (audience, position) VALUES (:a, 100)"), {"a": audience.value}
            )
        await connection.execute(
            text("INSERT INTO terms (kind, term, lane, journal, passage, audience)"
                 " VALUES ('plate', '01KG001ABC', 'cargo-1', 'j1', 1, 'lane')")
        )  # fmt: skip
        for at, event in enumerate(events, 1):
            row = {
                "lane": event.lane,
                "journal": event.journal,
                "sequence": event.sequence,
                "position": at,
                "audience": event.audience.value,
                "rowhash": event.rowhash,
                "type": event.type,
                "reading": "read",
                "time_us": event.time_us,
                "received_us": event.time_us,
                "passage": event.passage,
                "boot": "b",
                "mono_s": 1.0,
                "clock": "free",
                "maintenance": False,
                "data": json.dumps(event.data),
            }
            await connection.execute(insert(EVENTS).values(row))
        await connection.execute(
            text("INSERT INTO journals (lane, journal, contiguous, highest, first_us, last_us)"
                 " VALUES ('cargo-1', 'j1', 13, 13, 1, 1)")
        )  # fmt: skip
    await engine.dispose()
    async with opened(store_url, tmp_path) as (database, writer):
        assert await writer.contiguous("cargo-1", "j1") == 13
        async with database.reads.connect() as connection:
            for question in (
                *(Question(plate="*G001A*"), Question(document="AC0000001"), Question(decision="release")),
                *(Question(officer="dana"), Question(officer="lena"), Question(plate="O1KGOO1ABC")),
            ):
                found, _ = await find(connection, question, OPERATOR)
                assert [one.key.passage for one in found] == [1], question


# Through the door.


async def seen_lanes(cargo: FakeLane, car: FakeLane) -> None:
    overloaded(cargo)
    referred(car)
    for n in range(12):
        car.arrive()
        car.read_plate(f"777AB{n:02}B", f"777 AB {n:02}B", "KZ", with_picture=False)
        car.decide("release", by={"operator": "bolat", "role": "operator", "agency": "border"})
        car.leave()
    await published(cargo, car)


async def test_list_hours_and_files_say_the_same(dashboard_on_each: Running) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "cargo-1", "car-1") as (cargo, car):
        await seen_lanes(cargo, car)
        dana = await signed_in(dashboard.url, "dana")

        async def found(**fields: str) -> list[tuple[str, int]]:
            answer = await dana.get("/api/v1/passages", params=fields)
            assert answer.status_code == 200, answer.text
            return [(one["lane"], one["passage"]) for one in answer.json()["passages"]]

        assert await found(plate="O1KG2O4ACD") == [("cargo-1", 1)]
        assert await found(check="weight_limit", outcome="failed") == [("cargo-1", 1)]
        assert len(await found(officer="Bolat")) == 12
        alike = (await dana.get("/api/v1/passages", params={"plate": "777A80*"})).json()["passages"]
        assert {plate["alike"] for one in alike for plate in one["plates"]} == {True}
        wide = await dana.get("/api/v1/passages", params={"plate": "7*"})
        assert "narrow" in wide.json()["detail"]

        asked = {"officer": "bolat"}
        hours = (await dana.get("/api/v1/passages/hours", params=asked)).json()
        assert hours["total"] == 12
        assert {row["lane"]: row["total"] for row in hours["lanes"]} == {"car-1": 12, "cargo-1": 0}
        (cell,) = (cell for row in hours["lanes"] for cell in row["hours"] if cell["count"])
        behind = await dana.get(f"/api/v1/passages?{cell['search']}")
        assert len(behind.json()["passages"]) == 12
        assert (await dana.get("/passages", params={"hours": "true", **asked})).status_code == 200
        long = {"from": "2026-01-01T00:00", "to": "2026-06-01T00:00"}
        refused = await dana.get("/api/v1/passages/hours", params=long)
        assert refused.json()["reasons"][0]["code"] == "hours_too_many"

        made = await dana.post("/passages/export", data={"format": "csv", **asked})
        assert made.headers["content-disposition"].startswith('attachment; filename="passages-khorgos-')
        rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"))))
        assert len(rows) == 13
        assert {row[8] for row in rows[1:]} == {"bolat"}
        book = await dana.post("/api/v1/passages/export", params={"format": "xlsx", **asked})
        assert cells_of(book.content)[1:] == rows[1:]

        igor = await signed_in(dashboard.url, "igor")
        events = (await igor.get("/api/v1/audit")).json()["events"]
        exported = [one for one in events if one["type"]["code"] == "site.exported"]
        assert [one["text"] for one in exported] == [
            "dana, rows: 12, xlsx: officer bolat",
            "dana, rows: 12, csv: officer bolat",
        ]


def cells_of(book: bytes) -> list[list[str]]:
    """The first sheet's rows, as a program that knows nothing of formulas reads them."""
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
        assert sheet.find(f".//{name}f") is None
    return [
        [next((one.text or "" for one in cell.iter(f"{name}t")), "") for cell in row.iter(f"{name}c")]
        for row in sheet.iter(f"{name}row")
    ]


async def test_no_export_is_larger_than_is_said_and_none_goes_without_its_event(
    dashboard: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.api.exporting.ROWS_MAX", 5)
    async with lanes_of(dashboard, "cargo-1", "car-1") as (cargo, car):
        await seen_lanes(cargo, car)
        dana = await signed_in(dashboard.url, "dana")
        refused = await dana.post("/api/v1/passages/export", params={"format": "csv"})
        assert refused.json()["reasons"][0]["code"] == "export_too_large"
        page = await dana.post("/passages/export", data={"format": "csv"})
        assert (page.status_code, "more than" in page.text) == (409, True)
        async with dashboard.service.database.reads.connect() as connection:
            types = await connection.scalars(select(EVENTS.c.type).where(EVENTS.c.lane == SITE_LANE))
            assert "site.exported" not in set(types)


async def test_an_export_by_a_pattern_looks_through_the_plates_no_more_often_for_more_pages(
    dashboard: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    def ask(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM plates" in statement:
            looks.append(statement)

    events_of.listen(dashboard.service.database.reads.sync_engine, "before_cursor_execute", ask)
    monkeypatch.setattr(search_module, "AT_ONCE", 0)
    async with lanes_of(dashboard, "cargo-1", "car-1") as (cargo, car):
        await seen_lanes(cargo, car)
        dana = await signed_in(dashboard.url, "dana")
        counts: list[int] = []
        for page in (100, 2):
            monkeypatch.setattr("dashboard.api.exporting.PAGE", page)
            asked = {"format": "csv", "plate": "777*", "lane": "car-1"}
            made = await dana.post("/api/v1/passages/export", params=asked)
            assert len(made.text.splitlines()) > 10
            counts.append(len(looks))
            looks.clear()
        assert counts[0] == counts[1] > 0


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_file_is_put_together_beside_everybody_elses_requests(
    dashboard: Running, monkeypatch: pytest.MonkeyPatch, form: Format
) -> None:
    beside: list[bool] = []

    class Watched:
        def __init__(self, *given: Any) -> None:
            self._sheet = sheet(*given)
            self.write = self._sheet.write

        def close(self) -> None:
            try:
                asyncio.get_running_loop()
                beside.append(False)
            except RuntimeError:
                beside.append(True)
            self._sheet.close()

    monkeypatch.setattr("dashboard.api.exporting.sheet", Watched)
    dana = await signed_in(dashboard.url, "dana")
    made = await dana.post("/api/v1/passages/export", params={"format": form})
    assert (made.status_code, beside) == (200, [True])


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # XlsxWriter leaves its ZIP open
@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_an_export_that_finds_no_room_says_so_and_what_to_do(
    dashboard: Running, form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *rest: Any) -> Sheet:
        path.symlink_to("/dev/full")  # every write is refused with ENOSPC
        return sheet(path, *rest)

    monkeypatch.setattr("dashboard.api.exporting.sheet", full)
    dana = await signed_in(dashboard.url, "dana")
    asked = {"format": form, "plate": "01KG204ACD"}
    with capture_logs() as logs:
        told = await dana.post("/api/v1/passages/export", params=asked)
        page = await dana.post("/passages/export", data=asked, headers={"accept": "text/html"})
    for answer, said in ((told, told.json()["detail"]), (page, page.text)):
        assert answer.status_code == 503
        assert "folder for temporary files takes no more; call the technician" in said
    kept = [one for one in logs if one["event"] == "dashboard.export_not_written"]
    assert [(one["folder"], one["error"]) for one in kept] == 2 * [(tempfile.gettempdir(), "ENOSPC")]
    assert "01KG" not in str(logs)
    async with dashboard.service.database.reads.connect() as connection:
        types = await connection.scalars(select(EVENTS.c.type).where(EVENTS.c.lane == SITE_LANE))
        assert "site.exported" not in set(types)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =cmd|'/C calc'!A0", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless(text).startswith("'")
    assert harmless("01 KG 204 ACD") == "01 KG 204 ACD"


@pytest.mark.parametrize("name", ["dana", pytest.param("lena", marks=pytest.mark.long)])
async def test_a_hit_changes_nothing_that_is_found_counted_or_exported(
    dashboard_on_each: Running, name: str
) -> None:
    dashboard = dashboard_on_each
    async with lanes_of(dashboard, "cargo-1", "car-1") as (lane, other):
        referred(lane)
        overloaded(other)
        await published(lane, other)
        client = await signed_in(dashboard.url, name)

        async def everything() -> list[bytes]:
            asked = [
                *({}, {"decision": "refer"}, {"decision": "release"}, {"officer": "sara"}),
                *({"check": "person_watchlist"}, {"outcome": "failed"}, {"plate": "*999*"}),
            ]
            answers: list[bytes] = []
            for fields in asked:
                for path in ("/api/v1/passages", "/api/v1/passages/hours"):
                    answers.append((await client.get(path, params=fields)).content)
                made = await client.post("/api/v1/passages/export", params={"format": "csv", **fields})
                answers.append(made.content)
            return answers

        before = await everything()
        lane.conclude(
            check("person_watchlist", "border", "failed", "name_listed", "watchlist", confidential=True)
        )
        by = {"operator": "sara", "role": "second_line", "agency": "border"}
        decided: dict[str, Any] = {"passage": 1, "decision": "release", "reasons": [], "by": by}
        lane.record("passage.decided", Audience.SECOND_LINE, **decided)
        plate = {
            "text": "X999X",
            "display": "X999X",
            "country": "KZ",
            "confidence": 1,
            "frames": 1,
            "doubtful": [],
        }
        lane.record("passage.plate", Audience.SECOND_LINE, passage=1, side="rear", plate=plate)
        await published(lane)
        assert await everything() == before
        sara = await signed_in(dashboard.url, "sara")
        for fields in ({"officer": "sara"}, {"check": "person_watchlist"}, {"plate": "*999*"}):
            assert len((await sara.get("/api/v1/passages", params=fields)).json()["passages"]) == 1, fields
