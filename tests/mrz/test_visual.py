"""The visual zone beside the machine-readable one: what agrees, what differs, and what says nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mrz
from mrz.reading import Reading
from mrz.visual import Outcome, Word, compare
from mrz.visual.comparing import compare_words
from mrz.visual.recognising import languages_of, upright
from tests.mrz.test_reading import needs_engine, png
from tests.mrz.visual_pages import DAY, PEOPLE, Person, drawn, with_time_for_tesseract, zone

AGREES, DIFFERS, NOT_READ = Outcome.AGREES, Outcome.DIFFERS, Outcome.NOT_READ
FIELDS = ("number", "surname", "given_names", "birth", "expiry")


def outcomes(person: Person, *lines: str, sure: float = 95) -> dict[str, Outcome]:
    """Of a page that says `lines`."""
    words = [Word(text, number, sure) for number, line in enumerate(lines) for text in line.split()]
    document = mrz.parse(zone(person), reference=DAY)
    return {each.field: each.outcome for each in compare_words(words, document)}


KASYMOV = PEOPLE[0]


@pytest.mark.parametrize(
    "lines",
    [
        ("N 12345678", "KASYMOV ALIKHAN", "17.03.1985", "11.04.2031"),
        ("No. N12345678", "Қасымов Әлихан", "17 MAR / НАУ 85", "11 04 2031"),
        ("NI2345678", "Kassymov / Касымов", "Алихан", "1985-03-17", "11 APR 2031"),
    ],
)
def test_the_same_print_in_any_order_script_and_form_agrees(lines: tuple[str, ...]) -> None:
    assert set(outcomes(KASYMOV, *lines).values()) == {AGREES}


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("N12345679", "number"),
        ("KASIMAV", "surname"),
        ("АЛИХАЙ", "given_names"),
        ("17.03.1986", "birth"),
        ("17 MAR 1975", "birth"),
        ("12.04.2031", "expiry"),
        ("11 SEP 2031", "expiry"),
    ],
)
def test_print_that_is_nearly_the_same_and_surely_read_differs(line: str, field: str) -> None:
    assert outcomes(KASYMOV, line)[field] is DIFFERS
    assert outcomes(KASYMOV, line, sure=60)[field] is NOT_READ, "it may be the recogniser's error"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "PASSPORT",
        "N1234",
        "99999999",
        "REPUBLIC OF KAZAKHSTAN",
        "01.01.2020",
        "11.04.2021",
        "30.02.1985",
        "1 APR 2031",
    ],
)
def test_other_print_says_nothing(line: str) -> None:
    """The day of issue among it, which is the expiry's but for the year."""
    assert set(outcomes(KASYMOV, line).values()) == {NOT_READ}


def test_a_name_that_the_zone_cut_agrees_with_the_whole_one() -> None:
    long = replace(KASYMOV, surname="PAPANDROPOULOUS NURMAGAMBETOV", given_names="JONATHON WARRINGTON")
    found = outcomes(long, "PAPANDROPOULOUS-NURMAGAMBETOV", "JONATHON WARRINGTON")
    assert (found["surname"], found["given_names"]) == (AGREES, AGREES)


def test_without_a_document_there_is_nothing_to_compare() -> None:
    assert compare(png(Image.linear_gradient("L")), Reading("test")) is None


def test_a_page_is_turned_cut_and_freed_of_its_zone() -> None:
    picture, reading = drawn(KASYMOV)
    plain = np.asarray(upright(np.asarray(picture), reading))
    half = replace(
        reading,
        cells=tuple(
            tuple(tuple((picture.width - x, picture.height - y) for x, y in quad) for quad in row)  # pyright: ignore
            for row in reading.cells
        ),
    )
    turned = np.asarray(upright(np.asarray(picture.rotate(180)), half))
    assert turned.shape == plain.shape
    assert np.abs(turned.astype(int) - plain).mean() < 8
    below = plain[round(plain.shape[0] * 70 / 82) :, :]
    assert below.min() > 150, "nothing of the zone is left"


@pytest.fixture(autouse=True)
def _time_for_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    with_time_for_tesseract(monkeypatch)


def languages(issuer: str) -> bool:
    """Whether all data for this issuer are installed."""
    return not languages_of(issuer)[1]


def read(person: Person, printed: Person | None = None, seed: int = 0) -> dict[str, str]:
    picture, reading = drawn(person, printed, seed=seed)
    comparison = compare(png(picture), reading)
    assert comparison is not None
    return comparison.outcomes


@needs_engine
def test_a_drawn_page_agrees_and_a_forged_one_differs_where_it_was_forged() -> None:
    person = PEOPLE[2]
    assert read(person, seed=1) == dict.fromkeys(FIELDS, AGREES)
    forged = read(person, replace(person, number="FA1357984", birth=date(1988, 7, 30)), seed=1)
    assert forged["number"] == DIFFERS
    assert forged["birth"] == DIFFERS
    assert DIFFERS not in {forged[field] for field in ("surname", "given_names", "expiry")}


@pytest.mark.long
@needs_engine
def test_over_all_states_nothing_differs_that_is_the_same(record_property: Any) -> None:
    """36 drawn pages and as many with a forged number and birth; the counts are its known accuracy."""
    counts: dict[str, int] = {}
    for person in PEOPLE:
        if not languages(person.issuer):
            pytest.skip(f"tesseract's data for {person.issuer} are not installed (docs/installation.md)")
        for seed in range(6):
            same = read(person, seed=seed)
            number = person.number[:-2] + str((int(person.number[-2]) + 5) % 10) + person.number[-1]
            other = replace(person, number=number, birth=person.birth.replace(year=person.birth.year + 3))
            forged = read(person, other, seed=seed)
            for key, found in (("same", same), ("forged", forged)):
                for field, outcome in found.items():
                    name = f"{key} {field} {outcome}"
                    counts[name] = counts.get(name, 0) + 1
    for name, count in sorted(counts.items()):
        record_property(name, count)
        print(name, count)  # noqa: T201
    assert not [name for name in counts if name.startswith("same") and name.endswith(DIFFERS)], counts
    assert sum(counts.get(f"same {field} agrees", 0) for field in FIELDS) >= 0.8 * 180, counts
    for field in ("number", "birth"):
        assert counts.get(f"forged {field} agrees", 0) == 0, counts
        assert counts.get(f"forged {field} differs", 0) >= 0.7 * 36, counts
