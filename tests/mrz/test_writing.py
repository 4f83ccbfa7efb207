"""Whatever is written reads back as it was; what can't be printed is refused by name."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mrz
from mrz.check_digits import ALPHABET
from simulators import mrz_lines

REFERENCE = date(2026, 6, 1)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

word = st.text(LETTERS, min_size=1, max_size=14)
name = st.lists(word, min_size=1, max_size=4).map(" ".join)
number = st.text(ALPHABET, min_size=1, max_size=9)
birth = st.dates(date(1926, 6, 2), REFERENCE)
expiry = st.dates(date(1977, 1, 1), date(2075, 12, 31))
state = st.sampled_from(["KAZ", "KGZ", "UZB", "TJK", "TKM", "RUS", "CHN", "D", "GBN", "XXB"])
CODES = {"TD1": "I", "TD2": "AR", "TD3": "P", "MRV-A": "V", "MRV-B": "V"}
OPTIONAL_ROOM = {"TD1": 15, "TD2": 7, "TD3": 14, "MRV-A": 16, "MRV-B": 8}


@st.composite
def fields(draw: st.DrawFn) -> mrz.Fields:
    kind = draw(st.sampled_from(sorted(CODES)))
    # KAZ and UZB would be right too; personal numbers have their own tests.
    return mrz.Fields(
        mrz.Format(kind),
        CODES[kind],
        draw(state),
        draw(number),
        draw(state),
        draw(name),
        draw(name | st.just("")),
        draw(birth),
        draw(st.sampled_from(["M", "F", ""])),
        draw(expiry),
        draw(st.text(ALPHABET, max_size=OPTIONAL_ROOM[kind])),
        draw(st.text(ALPHABET, max_size=11)) if kind == "TD1" else "",
    )


def is_short_form(read: str, whole: str) -> bool:
    """Whether each word that was read is a beginning of the word that stands in its place."""
    words = whole.split()
    return all(full.startswith(part) for part, full in zip(read.split(), words, strict=False))


@given(fields())
def test_a_written_zone_reads_back_as_it_was(wanted: mrz.Fields):
    document = mrz.parse(mrz.format(wanted), reference=REFERENCE)
    assert document.status is mrz.Status.VERIFIED
    assert document.format is wanted.format
    assert document.number.value == wanted.number
    assert document.birth.earliest() == wanted.birth
    assert document.expiry
    assert document.expiry.latest() == wanted.expiry
    assert document.sex.value == wanted.sex
    assert (document.issuer.value, document.nationality.value) == (wanted.issuer, wanted.nationality)
    assert document.optional[0].value == wanted.optional_1
    names = document.names
    if not names.truncated:
        assert (names.primary, names.secondary) == (wanted.surname, wanted.given_names)
    else:
        assert is_short_form(names.primary, wanted.surname)
        assert is_short_form(names.secondary, wanted.given_names)
        assert bool(names.secondary) == bool(wanted.given_names)


@given(fields())
def test_a_parsed_document_is_written_again_letter_for_letter(wanted: mrz.Fields):
    lines = mrz.format(wanted)
    assert mrz.format(mrz.parse(lines)) == lines


def written_by_the_simulators(wanted: mrz.Fields) -> tuple[str, ...]:
    assert isinstance(wanted.birth, date)
    assert isinstance(wanted.expiry, date)
    plain = mrz_lines.Fields(
        wanted.code,
        wanted.issuer,
        wanted.number,
        wanted.nationality,
        wanted.surname,
        wanted.given_names,
        mrz_lines_date(wanted.birth),
        wanted.sex or "<",
        mrz_lines_date(wanted.expiry),
        wanted.optional_1,
    )
    match wanted.format:
        case mrz.Format.TD1:
            return mrz_lines.td1(plain, wanted.optional_2)
        case mrz.Format.TD2:
            return mrz_lines.td2(plain)
        case mrz.Format.TD3:
            return mrz_lines.td3(plain)
        case _:
            return mrz_lines.visa(plain, wanted.format)


def mrz_lines_date(day: date) -> str:
    return f"{day.year % 100:02}{day.month:02}{day.day:02}"


@given(fields())
def test_two_independent_writers_agree(wanted: mrz.Fields):
    # The simulators write zones too, from the standard by themselves.
    ours, theirs = list(mrz.format(wanted)), list(written_by_the_simulators(wanted))
    if wanted.format is mrz.Format.TD3 and not wanted.optional_1:
        # Over empty optional data 0 and < are both right.
        assert theirs[1][42] == "<"
        theirs[1] = theirs[1][:42] + "0" + theirs[1][43:]
    if mrz.parse(ours).names.truncated:
        # How a long name is shortened is the issuer's choice; everything else is the standard's.
        names = 2 if wanted.format is mrz.Format.TD1 else 0
        del ours[names], theirs[names]
    assert ours == theirs


@pytest.mark.parametrize(
    ("surname", "given", "field"),
    [
        # Doc 9303-4, 4.2.3: something of the given names shows, and the last position is a letter.
        ("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG KRASUANG", "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"),
        ("PAPANDROPOULOUS", "JONATHON ALEC", "PAPANDROPOULOUS<<JONATHON<ALEC<<<<<<<<<"),
        (
            "BENNELONG WOOLOOMOOLOO WARRANDYTE WARNAMBOOL",
            "DINGO POTOROO",
            "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WA<<D",
        ),
        ("O'CONNOR-SMITH", "ENYA", "OCONNOR<SMITH<<ENYA<<<<<<<<<<<<<<<<<<<<"),
    ],
)
def test_long_names_are_shortened_so_that_it_shows(surname: str, given: str, field: str):
    lines = mrz.format(
        mrz.Fields(mrz.Format.TD3, "P", "UTO", "A1", "UTO", surname, given, "800101", "F", "300101")
    )
    assert lines[0][5:] == field


def test_a_russian_name_too_long_is_cut_as_the_order_says():
    # The name is cut at column 42, a filler and the patronymic's initial follow (order MVD 851/2017).
    lines = mrz.format(
        mrz.Fields(
            mrz.Format.TD3, "PN", "RUS", "4509123456", "RUS",
            "Константинопольская", "Александрина-Виктория Игоревна",
            "850317", "F", issued="050412", issuing_unit="770001",
        )
    )  # fmt: skip
    assert len(lines[0]) == 44
    assert lines[0][42] == "<"
    assert lines[0][43] in "IV"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": "1234567890"}, "number: 10 characters, room for 9"),
        ({"number": "Ю1"}, "number: 'Ю' can't be printed"),
        ({"surname": "Иванов"}, "surname: 'И' can't be printed"),
        ({"birth": "8001"}, "birth: a date has six characters"),
        ({"optional_1": "X" * 15}, "optional_1: 15 characters"),
        ({"optional_2": "X"}, "optional_2: TD3 has one field"),
        ({"issuer": "KAZA"}, "issuer: 4 characters"),
        ({"sex": "MF"}, "sex: 2 characters"),
    ],
)
def test_what_cannot_be_printed_is_refused_by_name(change: dict[str, str], message: str):
    from dataclasses import replace

    good = mrz.Fields(
        mrz.Format.TD3, "P", "KAZ", "N1234567", "KAZ", "OSPANOV", "MARAT", "800101", "M", "300101"
    )
    with pytest.raises(mrz.MrzError, match=message):
        mrz.format(replace(good, **change))
