"""The table of weight limits is dated data with sources, and names mean persons only with a reason."""

from datetime import date

import pytest

from lane_controller.lane.checks.person_watchlist import MATCH_MIN
from lane_controller.lane.limits import Configuration, configuration, extremes, limit_for, table
from mrz.names import match


def test_every_limit_has_a_source_and_a_first_day() -> None:
    for line in table():
        assert len(line.source) > 10
        assert line.first <= line.last
        assert 10_000 <= line.gross_kg <= 60_000


@pytest.mark.parametrize("state", ["KZ", "KG", "TJ", "TM", "UZ", "RU", "CN", "EU"])
def test_every_state_has_a_limit_for_the_typical_train(state: str) -> None:
    assert limit_for(state, Configuration(2, "semi", 3), date(2026, 6, 1)) is not None


def test_a_limit_counts_only_from_its_first_day() -> None:
    assert limit_for("KZ", Configuration(2, "semi", 3), date(2015, 3, 25)) is None
    assert extremes("KZ", date(2015, 3, 25)) is None


@pytest.mark.parametrize(
    ("sketch", "vehicle"),
    [
        ("A2", Configuration(2, "none", 0)),
        ("a3 t2", Configuration(3, "trailer", 2)),
        ("A2C3", Configuration(2, "semi", 3)),
        ("A0", None),
        ("A2 X3", None),
        ("", None),
    ],
)
def test_a_sketch_code_names_axles_and_coupling(sketch: str, vehicle: Configuration | None) -> None:
    assert configuration(sketch) == vehicle


@pytest.mark.parametrize(
    ("document", "listed"),
    [
        ("KHUSAINOVA GULNARA", "Husainov Gulnora"),
        ("ZHUMABAEV ERLAN", "JUMABAYEV YERLAN"),
        ("SADYKOV ALI", "Ali Sadikov"),
        ("TSOI VIKTOR", "TCOY VIKTOR"),
        ("YUSUPOV SHUKHRAT", "IUSUPOV SHUHRAT"),
    ],
)
def test_spellings_of_one_name_match(document: str, listed: str) -> None:
    assert match(document, listed).score >= MATCH_MIN


@pytest.mark.parametrize(
    ("document", "listed"),
    [
        ("IVANOV PETR", "SIDOROV IVAN"),
        ("AHMEDOV RUSTAM", "RUSTAM"),
        ("KARIMOV OLIM", "KARIMOVA DILNOZA"),
        ("", "KARIMOV"),
        ("", ""),
    ],
)
def test_a_shared_part_of_a_name_is_no_match(document: str, listed: str) -> None:
    assert match(document, listed).score < MATCH_MIN
