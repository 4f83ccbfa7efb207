"""Registers as files: dated, checked to the line, and never worse for a bad new copy."""

import asyncio
import contextlib
import json
import os
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from drivers.errors import DeviceFault, DeviceRefused, DeviceUnavailable
from drivers.registers.file import Driver, FileOptions
from drivers.registers.names import NameIndex, words

BOOKINGS = """#as_of,{as_of}
plate,valid_from,valid_to,class
123 ABC 02,2026-01-30,2026-02-01,in turn
А 777 АА 77,2026-01-30,2026-02-01,accelerated
"""
PERSONS: list[dict[str, Any]] = [
    {
        "reference": "W-1",
        "number": "N1234567",
        "issuer": "KAZ",
        "names": ["AKHMETOV DAULET"],
        "birth_date": "1980-05-17",
        "handling": "refer",
    },
    {
        "reference": "W-2",
        "number": "",
        "issuer": "",
        "names": ["Шевченко Юрий Андреевич", "SHEVCHENKO YURIY"],
        "birth_date": "1975",
        "handling": "refer",
    },
]


def iso(days_ago: float = 0.0) -> str:
    return (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(timespec="seconds")


def person(**parts: str) -> dict[str, str]:
    return {"number": "", "issuer": "", "surname": "", "given_names": "", "birth_date": ""} | parts


def put(path: Path, text: str) -> Path:
    """As a careful office does: beside it, then renamed."""
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
    return path


def take_away(path: Path) -> None:
    path.unlink()


def register(max_age_s: float = 30 * 86400.0, **files: Path) -> Driver:
    return Driver("authority", FileOptions(files=files, max_age_s=max_age_s))


@pytest.fixture
def bookings(tmp_path: Path) -> Path:
    return put(tmp_path / "bookings.csv", BOOKINGS.format(as_of=iso()))


@pytest.fixture
def persons(tmp_path: Path) -> Path:
    return put(tmp_path / "persons.json", json.dumps({"as_of": iso(), "rows": PERSONS}))


@pytest.mark.parametrize(
    ("plate", "service"),
    [("123ABC02", "in turn"), ("A777AA77", "accelerated"), ("а777аа77", "accelerated"), ("999ZZZ01", None)],
)
async def test_a_plate_is_found_however_it_is_written(bookings: Path, plate: str, service: str | None):
    it = register(booking=bookings)
    await it.open()
    answer = await it.ask("booking", {"plate": plate})
    assert [hit["class"] for hit in answer.hits] == ([service] if service else [])
    assert datetime.fromisoformat(answer.as_of) <= datetime.now(UTC)


async def test_a_plate_of_nothing_or_of_too_much_is_never_found(bookings: Path):
    it = register(booking=bookings)
    await it.open()
    for plate in ("", " - ", "A" * 10_000):
        assert (await it.ask("booking", {"plate": plate})).hits == ()


async def test_a_semicolon_file_with_a_byte_order_mark_is_read_too(tmp_path: Path):
    path = tmp_path / "lost.csv"
    path.write_bytes("﻿reference;number;issuer;type\r\nL-1;N 765-4321;KAZ;P\r\n".encode())
    it = register(lost_documents=path)
    await it.open()
    answer = await it.ask("lost_documents", {"number": "N7654321", "issuer": "KAZ", "type": "PN"})
    assert [hit["reference"] for hit in answer.hits] == ["L-1"]
    for other in ({"issuer": "KGZ"}, {"type": "ID"}, {"number": "N7654322"}, {"number": ""}):
        question = {"number": "N7654321", "issuer": "KAZ", "type": "P"} | other
        assert (await it.ask("lost_documents", question)).hits == ()


async def test_a_file_without_a_date_is_as_old_as_the_file(tmp_path: Path):
    path = put(tmp_path / "bookings.csv", "plate,valid_from,valid_to,class\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    it = register(max_age_s=1e9, booking=path)
    await it.open()
    assert (await it.ask("booking", {"plate": "1"})).as_of == "2023-11-14T22:13:20Z"


async def test_data_past_their_age_are_no_answer_and_a_newer_file_is(bookings: Path):
    put(bookings, BOOKINGS.format(as_of=iso(days_ago=3)))
    it = register(max_age_s=86400, booking=bookings)
    await it.open()
    with pytest.raises(DeviceUnavailable, match="max_age_s"):
        await it.ask("booking", {"plate": "123ABC02"})
    put(bookings, BOOKINGS.format(as_of=iso(days_ago=0.5)))
    assert len((await it.ask("booking", {"plate": "123ABC02"})).hits) == 1


async def test_data_from_the_future_are_no_answer(bookings: Path):
    put(bookings, BOOKINGS.format(as_of=iso(days_ago=-3)))
    it = register(booking=bookings)
    await it.open()
    with pytest.raises(DeviceFault, match="in the future"):
        await it.ask("booking", {"plate": "123ABC02"})


async def test_a_bad_new_file_keeps_the_last_good_copy_under_its_own_date(bookings: Path):
    it = register(booking=bookings)
    await it.open()
    before = await it.ask("booking", {"plate": "123ABC02"})
    put(bookings, BOOKINGS.format(as_of=iso()).replace("2026-02-01,in turn", "soon,in turn"))
    with capture_logs() as logs:
        assert await it.ask("booking", {"plate": "123ABC02"}) == before
        assert await it.ask("booking", {"plate": "123ABC02"}) == before
    assert len(logs) == 1, "told once, not at each question"
    assert f"{bookings}:3: valid_to:" in logs[0]["error"]
    assert "last good copy of booking kept" in await it.identify()
    take_away(bookings)
    assert await it.ask("booking", {"plate": "123ABC02"}) == before
    put(bookings, BOOKINGS.format(as_of=iso()) + "1AB,2026-01-01,2026-01-02,in turn\n")
    assert len((await it.ask("booking", {"plate": "1AB"})).hits) == 1
    assert "kept" not in await it.identify()


BOOKING = b"plate,valid_from,valid_to,class\n"
DECLARATION = b"reference,plate,gross_kg,axles,vehicle\n"
PERSON = b"reference,number,issuer,names,birth_date,handling\n"
TEXT_FOR_NUMBER = (
    b'{"rows": [\n{"reference": "R", "plate": "1", "gross_kg": "4", "axles": 5, "vehicle": ""}]}'
)


@pytest.mark.parametrize(
    ("kind", "name", "text", "says"),
    [
        ("booking", "b.csv", b"", ":1: empty"),
        ("booking", "b.csv", b"plate,valid_from,valid_to\n1,2026-01-01,2026-01-02\n", ":2: class: "),
        ("booking", "b.csv", BOOKING + b"1,2026-01-01\n", ":2: 2 fields, the header has 4"),
        ("booking", "b.csv", BOOKING + b"1,2026-01-01,2026-01-0", ":2: the last line has no end"),
        ("booking", "b.csv", BOOKING + b'"1,2026,2026,x\n', ":2: unexpected end"),
        ("booking", "b.csv", b"plate\n\xff\xfe\n", ":2: not UTF-8"),
        ("booking", "b.csv", b"#as_of,yesterday\n" + BOOKING, ":1: as_of"),
        ("booking", "b.csv", b"#as_of,2026-01-01T00:00:00\n" + BOOKING, "with its zone"),
        ("booking", "b.csv", b"#as_of,2026-01-01T00:00:00Z\n" + BOOKING + b"1,never,1,x\n", ":3: valid_from"),
        ("declaration", "d.csv", DECLARATION + b"R,1,forty,5,A2\n", ":2: gross_kg"),
        ("declaration", "d.csv", DECLARATION + b"R,1,nan,5,A2\n", ":2: gross_kg"),
        ("declaration", "d.csv", DECLARATION + b"R,1,1e9,5,A2\n", ":2: gross_kg"),
        ("declaration", "d.json", TEXT_FOR_NUMBER, ":2: gross_kg"),
        ("declaration", "d.json", b'{"rows": [\n\n\n 5]}', ":4: row: expected an object"),
        ("declaration", "d.json", b'{"rows": \n[', ":2: "),
        ("declaration", "d.json", b'{"a": "\\"rows\\"", "rows": [5]}', ":1: row: expected an object"),
        ("declaration", "d.json", b"[]", ":1: expected an object"),
        ("declaration", "d.json", b"[" * 100_000, ":1: nested too deep"),
        ("declaration", "d.json", b'{"rows": [' + b"9" * 5000 + b"]}", "or a number too long"),
        ("watchlist_person", "p.csv", PERSON + b"W,,,,1980,x\n", "nobody could be found"),
        ("watchlist_person", "p.csv", PERSON + b"W,,,A|B,17.05.1980,x\n", ":2: birth_date"),
    ],
)
async def test_a_bad_file_is_named_with_its_line(
    tmp_path: Path, kind: str, name: str, text: bytes, says: str
):
    path = tmp_path / name
    path.write_bytes(text)
    with pytest.raises(DeviceFault) as fault:
        await register(**{kind: path}).open()
    assert f"{path}" in str(fault.value)
    assert says in str(fault.value)


async def test_an_error_about_a_traveller_does_not_name_him(tmp_path: Path):
    path = put(
        tmp_path / "p.csv", "reference,number,issuer,names,birth_date,handling\nW,,,SECRETOV IVAN,never,x\n"
    )
    with pytest.raises(DeviceFault) as fault:
        await register(watchlist_person=path).open()
    assert "SECRETOV" not in str(fault.value)
    assert "never" not in str(fault.value)


async def test_a_missing_file_is_a_fault_and_the_draw_is_not_for_files(tmp_path: Path, bookings: Path):
    with pytest.raises(DeviceFault, match="No such file"):
        await register(booking=tmp_path / "none.csv").open()
    with pytest.raises(ValueError, match="draw"):
        FileOptions.model_validate({"files": {"draw": bookings}, "max_age_s": 1})
    it = register(booking=bookings)
    with pytest.raises(DeviceUnavailable, match="not open"):
        await it.ask("booking", {"plate": "1"})
    await it.open()
    for kind in ("draw", "declaration", "anything"):
        with pytest.raises(DeviceRefused, match=kind):
            await it.ask(kind, {})


@given(
    st.binary(max_size=400),
    st.sampled_from([".csv", ".json"]),
    st.sampled_from(["booking", "watchlist_person"]),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_are_a_fault_or_an_empty_register(tmp_path: Path, data: bytes, suffix: str, kind: str):
    path = tmp_path / f"register{suffix}"
    path.write_bytes(data)
    it = register(**{kind: path})
    with contextlib.suppress(DeviceFault):
        asyncio.run(it.open())


# --- names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "references"),
    [
        (person(number="N1234567", issuer="KAZ", surname="SOMEBODY", given_names="ELSE"), ["W-1"]),
        (person(number="N1234567", issuer="KGZ", surname="SOMEBODY", given_names="ELSE"), []),
        (person(surname="AHMETOV", given_names="DAULET"), ["W-1"]),
        (person(surname="DAULET", given_names="AKHMETOV"), ["W-1"]),
        (person(surname="AKHMETOVA", given_names="DAULET"), ["W-1"]),
        (person(surname="SHEVCHENKO", given_names="IURII"), ["W-2"]),
        (person(surname="SEVCENKO", given_names="JURIJ"), ["W-2"]),
        (person(surname="ШЕВЧЕНКО", given_names="ЮРИЙ"), ["W-2"]),
        (person(surname="SMITH", given_names="JOHN"), []),
        (person(), []),
    ],
)  # fmt: skip
async def test_a_person_is_found_by_number_first_and_by_any_of_his_spellings(
    persons: Path, question: dict[str, str], references: list[str]
):
    it = register(watchlist_person=persons)
    await it.open()
    answer = await it.ask("watchlist_person", question)
    assert [hit["reference"] for hit in answer.hits] == references


async def test_the_exact_number_comes_before_similar_names(tmp_path: Path):
    rows = [
        PERSONS[0] | {"reference": "similar", "number": "X"},
        PERSONS[0] | {"reference": "exact", "names": ["ANOTHER NAME"]},
    ]
    it = register(watchlist_person=put(tmp_path / "p.json", json.dumps({"rows": rows})))
    await it.open()
    answer = await it.ask(
        "watchlist_person",
        person(number="N1234567", issuer="KAZ", surname="AKHMETOV", given_names="DAULET"),
    )
    assert [hit["reference"] for hit in answer.hits] == ["exact", "similar"]


PAIRS = [
    ("Ахметов Дәулет", "AKHMETOV DAULET"),
    ("Қасымова Гүлнар", "KASSYMOVA GULNAR"),
    ("Oʻrinov Gʻayrat", "URINOV GAYRAT"),
    ("Ҳакимов Ҷамшед", "KHAKIMOV DZHAMSHED"),
    ("Çaryýew Myrat", "CHARYEV MURAT"),
    ("Щербаков Пётр", "SHCHERBAKOV PETR"),
    ("Tsoy Aleksandr", "TCOI ALEXANDR"),
    ("Токтогул уулу Бакыт", "TOKTOGUL UULU BAKYT"),
    ("RAHMONOV EMOMALI", "RAKHMON EMOMALI"),
    ("Юсупов Ёдгор", "IUSUPOV EDGOR"),
]


@pytest.mark.parametrize(("listed", "shown"), PAIRS)
def test_a_name_is_a_candidate_across_alphabets_and_tables(listed: str, shown: str):
    assert NameIndex([[listed]]).candidates(shown) == [0]
    assert NameIndex([[shown]]).candidates(listed) == [0]


def test_a_name_without_any_letter_finds_nobody():
    assert words("12345 --- <<<") == ()
    assert NameIndex([["AKHMETOV"], ["123"], []]).candidates("<<<") == []


@given(
    st.lists(st.text(string.ascii_uppercase, min_size=3, max_size=9), min_size=2, max_size=3), st.randoms()
)
@settings(max_examples=60)
def test_swapped_and_left_out_words_never_lose_a_candidate(name: list[str], random: Any):
    index = NameIndex([["QWERTZ UIOP"], [" ".join(name)]])
    shown = list(name)
    random.shuffle(shown)
    assert 1 in index.candidates(" ".join(shown))
    assert 1 in index.candidates(" ".join(shown[:-1]))


@given(st.text(max_size=60))
def test_any_text_can_be_asked(text: str):
    NameIndex([["AKHMETOV DAULET"]]).candidates(text)


def test_what_the_lane_would_match_is_always_among_the_candidates():
    from lane_controller.lane.checks.person_watchlist import MATCH_MIN
    from mrz.names import match

    listed = [b for _, b in PAIRS] + ["IVANOV IVAN", "IVANOVA IVANNA", "SMIRNOV IGOR", "SMYRNOV IHOR"]
    for asked in [*listed, "PETROV PETR", "IVANOV IVANN", "AKHMETOF DAVLET", "AXMETOV DAULED"]:
        for at, name in enumerate(listed):
            if match(asked, name).score >= MATCH_MIN:
                assert at in NameIndex([[each] for each in listed]).candidates(asked), (asked, name)
