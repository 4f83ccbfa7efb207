"""From cells with probabilities to a reading: special prints, ties, forgeries, and what is no zone at all."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import mrz
from mrz.cells.types import CHARACTERS, CellGrid
from mrz.check_digits import BLIND_CLASSES, check_digit
from mrz.decoding import decode
from mrz.document import Status
from tests.mrz import simulated_recogniser as simulated

REFERENCE = date(2026, 6, 1)
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")


def reading(
    lines: tuple[str, ...], ties: dict[tuple[int, int], dict[str, float]] | None = None, seed: int = 0
) -> mrz.Reading:
    grid = simulated.read(lines, simulated.CLEAR, seed)
    return decode([simulated.with_ties(grid, ties or {})], REFERENCE)


def td3(**changes: str) -> tuple[str, ...]:
    fields = mrz.Fields(
        mrz.Format.TD3, "P", "KAZ", "N12345678", "KAZ", "OSPANOV", "MARAT", "800101", "M", "300101"
    )
    return mrz.format(replace(fields, **changes))


LAWFUL = {
    "ICAO's passport": TD3,
    "ICAO's card": TD1,
    "ICAO's official document": TD2,
    "a long number on a card": (
        "I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<",
    ),
    "a Belgian number of 12 digits": mrz.format(
        mrz.Fields(
            mrz.Format.TD1, "I", "BEL", "592123456787", "BEL", "PEETERS", "JAN", "850314", "M", "310101",
            optional_2="85031412345",
        )
    ),
    "a long number on two lines": (
        "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<", "D23145890<UTO3407127M95071227349<<<8",
    ),
    "Germany's one letter, a filler as optional data's check digit": (
        "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4",
    ),
    "a Russian internal passport, digits in names, no expiry": mrz.format(
        mrz.Fields(
            mrz.Format.TD3, "PN", "RUS", "4509123456", "RUS", "Щёголев-Чайкин", "Юрий Ильич", "850317", "M",
            issued="120405", issuing_unit="770001",
        )
    ),
    "a Chinese second line without any filler": mrz.format(
        mrz.Fields(
            mrz.Format.TD3, "PO", "CHN", "E12345678", "CHN", "ZHANG", "WEI", "850101", "F", "300101",
            "LFPKMJKKLOMLA9",
        )
    ),
    "one name only": td3(surname="MOHAMMAD", given_names=""),
    "a surname that is empty": ("P<IND<<MUKESH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", td3(nationality="IND")[1]),
    "one filler between the names": (
        "IDMLT9999999M<0<<<<<<<<<<<<<<<", "7309258F0810245MLT<<<<<<<<<<<X", "SPITERI<MANDY<<<<<<<<<<<<<<<<<",
    ),
    "names cut at the end of their field": td3(
        surname="NILAVADHANANANDA", given_names="CHAYAPA DEJTHAMRONG KRASUANG"
    ),
    "a single letter as a last name": td3(surname="SMITH", given_names="JOHN K"),
    "a year of birth alone": td3(birth="74<<<<"),
    "no sex": td3(sex=""),
    "a state that no list has": td3(issuer="QQZ", nationality="QQZ"),
    "a refugee": td3(code="PR", nationality="XXB"),
    "a visa": (
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
    ),
    "an old French card": ("IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "8806923102858CORINNE<<<<<<<6512068F6"),
    "an old card of the United States": (
        "C1USA0000000392SRC0000000039<<", "2001010F8001022SLV<<<<<<<<<<<0", "VOID<<VOID<<<<<<<<<<<<<<<<<<<<",
    ),
}  # fmt: skip


def sealed(lines: tuple[str, ...]) -> tuple[str, ...]:
    """With check digits that hold, whatever the specimen printed."""
    if lines[0].startswith(("IDMLT", "C1USA")):
        first, second, third = lines
        first = first[:14] + check_digit(first[5:14]) + first[15:]
        second = second[:6] + check_digit(second[:6]) + second[7:14] + check_digit(second[8:14]) + second[15:]
        whole = first[5:30] + second[0:7] + second[8:15] + second[18:29]
        return first, second[:29] + check_digit(whole), third
    return lines


@pytest.mark.parametrize("name", LAWFUL)
@pytest.mark.parametrize("seed", range(3))
def test_every_lawful_print_is_read_as_it_stands(name: str, seed: int):
    lines = sealed(LAWFUL[name])
    read = reading(lines, seed=seed)
    assert read.lines == lines
    assert read.inconsistent == ()
    assert read.corrections == ()
    # What no list knows and what ends in a lone letter may be doubted, nothing else.
    if name not in ("a state that no list has", "a single letter as a last name"):
        assert read.status is Status.VERIFIED, read.doubtful


def test_a_read_zone_has_cells_and_corners_in_the_picture():
    read = reading(TD1)
    assert [len(row) for row in read.cells] == [30, 30, 30]
    assert read.cells[1][2] == ((40, 50), (60, 50), (60, 78), (40, 78))
    assert read.zone == ((0, 0), (600, 0), (600, 128), (0, 128))
    assert set(read.confidence) == {
        "code", "issuer", "number", "nationality", "birth", "sex", "expiry", "names", "optional_1",
        "optional_2",
    }  # fmt: skip
    assert all(0.98 <= chance <= 1 for chance in read.confidence.values())


@pytest.mark.parametrize(
    ("place", "shares", "reason"),
    [
        ((2, 14), {"T": 0.97, "7": 0.02}, "digit_place"),
        ((2, 25), {"I": 0.9999, "2": 1e-6}, ""),  # nothing like it: never forced
        ((1, 3), {"0": 0.6, "U": 0.399}, "letter_place"),
        ((2, 4), {"3": 0.55, "8": 0.449}, "check_digit"),
        ((1, 40), {"K": 0.95, "<": 0.04}, "filler_read_as_letter"),
        ((1, 5), {"Q": 0.7, "O": 0.3}, "listed_code"),
    ],
)
def test_a_correction_is_named_with_its_place_and_reason(
    place: tuple[int, int], shares: dict[str, float], reason: str
):
    read = reading(TD3, {place: shares})
    if not reason:
        assert read.status is not Status.VERIFIED
        assert read.status is not Status.CORRECTED
        return
    assert read.lines == TD3
    assert read.status is Status.CORRECTED
    taken = TD3[place[0] - 1][place[1] - 1]
    assert read.corrections == (
        mrz.Correction(*place, max(shares, key=lambda each: shares[each]), taken, reason),
    )


def test_an_o_in_a_date_is_a_zero_even_where_the_recogniser_is_sure():
    lines = td3(birth="800101")
    read = reading(lines, {(2, 15): {"O": 0.999999}})
    assert read.lines == lines
    assert read.status is Status.CORRECTED


def test_check_digits_choose_among_near_ties_alone():
    # The digit would hold with 8 in place of the 9 that was read, and the recogniser all but rules it out.
    lines = td3(number="N12345678")
    near = reading(lines, {(2, 9): {"9": 0.6, "8": 0.39}})
    assert near.lines == lines
    assert near.status is Status.CORRECTED
    rare = reading(lines, {(2, 9): {"9": 0.99, "8": 0.005}})
    assert rare.lines is not None
    assert rare.lines[1][8] == "9"
    assert rare.status is Status.DOUBTFUL
    assert "number" in {doubt.field for doubt in rare.doubtful}


def test_a_tie_is_not_broken_where_the_composite_disagrees():
    """A tie that mends the number's own digit over a print whose composite then fails stays a doubt."""
    lines = list(td3(number="N12345678"))
    lines[1] = lines[1][:43] + str((int(lines[1][43]) + 5) % 10)
    read = reading(tuple(lines), {(2, 9): {"9": 0.6, "8": 0.39}})
    assert read.status in (Status.DOUBTFUL, Status.INCONSISTENT)
    assert read.lines is not None
    assert read.lines[1][8] == "9"


@pytest.mark.parametrize(
    ("field", "column", "replaced"),
    [("birth", 15, "5"), ("number", 4, "9"), ("expiry", 23, "7"), ("optional_1", 30, "F")],
)
def test_a_forged_character_surely_read_stays_inconsistent(field: str, column: int, replaced: str):
    forged = (TD3[0], TD3[1][: column - 1] + replaced + TD3[1][column:])
    read = reading(forged)
    assert read.lines == forged
    assert read.status is Status.INCONSISTENT
    assert {check.field for check in read.inconsistent} == {field, "composite"}
    failing = next(check for check in read.inconsistent if check.field == field)
    assert failing.expected != failing.found
    assert read.corrections == ()


def test_the_line_between_inconsistent_and_doubtful_is_whether_another_reading_would_mend_it():
    forged = (TD3[0], TD3[1][:14] + "5" + TD3[1][15:])  # 74 made 75
    for other, status in ((1e-6, Status.INCONSISTENT), (5e-3, Status.DOUBTFUL), (0.35, Status.CORRECTED)):
        assert reading(forged, {(2, 15): {"5": 1 - other, "4": other}}).status is status, other


def test_what_no_check_digit_sees_is_doubtful_at_a_margin_at_which_the_rest_is_not():
    # 0 and O in a number: the digit tells them apart.  8 and S: it does not.
    seen = td3(number="N10345678")
    assert reading(seen, {(2, 3): {"0": 0.9, "O": 0.099}}).status is Status.VERIFIED
    unseen = td3(number="N18345678")
    read = reading(unseen, {(2, 3): {"8": 0.9, "S": 0.099}})
    assert read.lines == unseen
    assert read.doubtful == (mrz.Doubt("number", 2, 3, ("8", "S")),)
    assert read.status is Status.DOUBTFUL


@settings(max_examples=30)
@given(st.sampled_from(BLIND_CLASSES), st.data())
def test_two_characters_of_one_value_are_never_settled_by_a_check_digit(values: str, data: st.DataObject):
    one, other = data.draw(st.permutations(sorted(values)))[:2]
    assume("<" not in (one, other))  # a filler inside a number is improbable by the format itself
    lines = td3(number=f"N12{one}45678")
    read = reading(lines, {(2, 4): {one: 0.5, other: 0.5}})
    assert "number" in {doubt.field for doubt in read.doubtful}
    assert any({one, other} <= set(doubt.candidates) for doubt in read.doubtful)


def test_a_name_that_could_be_two_is_doubtful_with_both_letters():
    read = reading(TD3, {(1, 9): {"K": 0.7, "X": 0.29}})
    assert read.status is Status.DOUBTFUL
    assert mrz.Doubt("names", 1, 9, ("K", "X")) in read.doubtful


def test_letters_among_the_fillers_behind_the_names_are_fillers():
    misread = {(1, column): {letter: 0.9, "<": 0.09} for column, letter in ((28, "K"), (33, "C"), (44, "E"))}
    read = reading(TD3, misread)
    assert read.lines == TD3
    assert {correction.reason for correction in read.corrections} == {"filler_read_as_letter"}


def test_a_letter_among_them_is_a_filler_however_sure_the_recogniser_is():
    read = reading(TD3, {(1, 33): {"K": 0.99999, "<": 1e-7}})
    assert read.lines == TD3
    assert read.corrections == (mrz.Correction(1, 33, "K", "<", "filler_read_as_letter"),)
    assert read.status is Status.CORRECTED


def test_a_state_surely_read_stands_though_a_listed_one_is_a_letter_away():
    lines = td3(nationality="KAX")
    read = reading(lines)
    assert read.lines == lines
    assert "nationality" in {doubt.field for doubt in read.doubtful}
    unsure = reading(lines, {(2, 13): {"X": 0.6, "Z": 0.39}})
    assert unsure.lines == td3()
    assert unsure.corrections[0].reason == "listed_code"


def test_a_visa_with_a_digit_where_a_card_has_its_composite_is_a_visa():
    first, second = mrz.format(
        mrz.Fields(
            mrz.Format.MRV_B, "VC", "POL", "PL0000000", "POL", "KOWALSKA", "BEATA", "600208", "F", "050501"
        )
    )
    lines = first, second[:35] + "0"
    read = reading(lines)
    assert read.format is mrz.Format.MRV_B
    assert read.lines == lines
    assert read.confidence["code"] > 0.99


def test_a_filler_or_zero_over_empty_optional_data_are_both_right():
    zero = td3()
    assert zero[1][42] == "0"
    filler = (zero[0], zero[1][:42] + "<" + zero[1][43:])
    assert reading(zero).status is reading(filler).status is Status.VERIFIED


def test_a_filler_as_check_digit_over_data_is_inconsistent():
    forged = (TD3[0], TD3[1][:9] + "<" + TD3[1][10:])
    read = reading(forged)
    assert read.status is Status.INCONSISTENT
    assert "number" in {check.field for check in read.inconsistent}


def test_a_day_that_no_calendar_has_is_told_as_printed():
    line = TD3[1]
    birth = "741399"
    line = line[:13] + birth + check_digit(birth) + line[20:]
    line = line[:43] + check_digit(line[0:10] + line[13:20] + line[21:43])
    read = reading((TD3[0], line))
    assert read.lines == (TD3[0], line)
    assert "birth" in {doubt.field for doubt in read.doubtful}


def test_a_thirteenth_month_whose_check_digits_hold_is_doubtful_and_never_mended():
    line = TD3[1]
    birth = "741312"
    line = line[:13] + birth + check_digit(birth) + line[20:]
    line = line[:43] + check_digit(line[0:10] + line[13:20] + line[21:43])
    read = reading((TD3[0], line))
    assert read.lines == (TD3[0], line)
    assert read.status is Status.DOUBTFUL
    assert {doubt.field for doubt in read.doubtful} == {"birth"}
    assert read.corrections == ()


@pytest.mark.parametrize("column", [10, 20, 28, 43, 44])
@pytest.mark.parametrize("seed", range(3))
def test_a_check_digit_of_which_nothing_is_read_verifies_nothing(column: int, seed: int):
    """What stands there is computed from the rest, or was guessed right: neither proves anything."""
    rng = np.random.default_rng(seed)
    blank = np.exp(rng.normal(0, 0.05, 37))
    shares = dict(zip(CHARACTERS[:-1], (0.9 * blank[:-1] / blank.sum()).tolist(), strict=True))
    for favoured in (TD3[1][column - 1], "0"):
        read = reading(TD3, {(2, column): shares | {favoured: shares[favoured] * 1.5}})
        assert read.status is Status.DOUBTFUL
        assert any((doubt.line, doubt.column) == (2, column) for doubt in read.doubtful)


def test_an_o_among_digits_needs_more_from_the_recogniser_than_one_among_letters():
    numbers = td3(optional_1="12034567890123")
    assert reading(numbers, {(2, 31): {"0": 0.6, "O": 0.39}}).lines == numbers
    tie = {"0": 0.3, "O": 0.699}
    visa = mrz.format(
        mrz.Fields(
            mrz.Format.MRV_A, "V", "KAZ", "N12345678", "KAZ", "OSPANOV", "MARAT", "800101", "M", "300101",
            optional_1="123405678901",
        )
    )  # fmt: skip
    assert reading(visa, {(2, 33): tie}).lines == visa
    mixed = (visa[0], visa[1][:28] + "XK4PB0QTW7AZ<<<<")
    doubted = reading(mixed, {(2, 34): tie})
    assert doubted.lines is not None
    assert doubted.lines[1][33] == "O"
    assert [(doubt.field, doubt.column) for doubt in doubted.doubtful] == [("optional_1", 34)]


def test_no_hypothesis_and_no_format_give_nothing():
    assert decode([], REFERENCE).status is None
    odd = simulated.read(("ABC", "DEF"))
    assert decode([odd], REFERENCE).status is None


@pytest.mark.parametrize("widths", [(44, 44), (36, 36), (30, 30, 30)])
@pytest.mark.parametrize("sharpness", [0.0, 0.3, 1, 3, 10, 30])
def test_noise_is_no_zone_however_sure_the_cells_are(widths: tuple[int, ...], sharpness: float):
    rng = np.random.default_rng(1)
    for _ in range(4):
        points = rng.normal(size=(sum(widths), 37)) * 0.3
        grid = simulated.told(points, 1 / max(sharpness, 0.01), widths)
        assert decode([grid], REFERENCE) == mrz.Reading("grid")


@pytest.mark.parametrize("widths", [(44, 44), (36, 36), (30, 30, 30)])
@pytest.mark.parametrize("print_of", ["<", "0", "O", "1", "<K", "THE<QUICK<BROWN<FOX<", "0123456789", "P<"])
def test_other_print_is_no_zone(widths: tuple[int, ...], print_of: str):
    text = (print_of * 100)[: sum(widths)]
    lines = [text[sum(widths[:row]) : sum(widths[: row + 1])] for row in range(len(widths))]
    assert decode([simulated.read(lines)], REFERENCE).status is None


def test_a_zone_too_blurred_is_unreadable_and_gives_no_text():
    rng = np.random.default_rng(3)
    blur = np.where(rng.random(88) < 0.3, 3.0, 0.06)
    read = decode([simulated.read(TD3, blur, 3)], REFERENCE)
    assert read.status is Status.UNREADABLE
    assert read.lines is None
    assert len(read.zone) == 4


def test_the_grid_that_explains_the_print_is_chosen():
    right = simulated.read(TD3)
    # The same print cut into cells of another pitch: letters at random, and print outside the grid.
    rng = np.random.default_rng(0)
    wrong = simulated.read(["".join(rng.choice(list(CHARACTERS), 36)) for _ in range(2)])
    wrong = CellGrid(wrong.lines, -1.2)
    for grids in ([right, wrong], [wrong, right]):
        assert decode(grids, REFERENCE).lines == TD3


def test_two_grids_that_explain_it_alike_and_differ_make_it_unreadable():
    one = CellGrid(simulated.read(td3()).lines, -0.5)
    different = td3(
        surname="BERIKUL", given_names="SULTA", number="K87654321", birth="911212", expiry="330606"
    )
    other = CellGrid(simulated.read(different).lines, -0.5)
    assert decode([one, other], REFERENCE).status is Status.UNREADABLE
    # The same print placed twice is one print.
    assert (
        decode([one, CellGrid(simulated.read(td3(), seed=5).lines, -0.5)], REFERENCE).status
        is Status.VERIFIED
    )


@settings(max_examples=40)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0.02, 0.1, 0.3, 1.0]),
    st.sampled_from([(44, 44), (36, 36), (30,) * 3]),
)
def test_any_cells_give_a_reading_and_no_error(seed: int, noise: float, widths: tuple[int, ...]):
    rng = np.random.default_rng(seed)
    lines = ["".join(rng.choice(list(CHARACTERS), width)) for width in widths]
    read = decode([simulated.read(lines, noise, seed)], REFERENCE)
    if read.lines:
        assert [len(line) for line in read.lines] == list(widths)
        assert mrz.parse(read.lines, reference=REFERENCE) == read.document


@pytest.mark.parametrize("extreme", [-np.inf, -1e30, -50.0])
def test_cells_that_are_ruled_out_altogether_are_still_cells(extreme: float):
    grid = simulated.read(TD3)
    lines = [
        replace(
            line, log_probabilities=np.where(line.log_probabilities < -3, extreme, line.log_probabilities)
        )
        for line in grid.lines
    ]
    assert decode([CellGrid(tuple(lines), grid.score)], REFERENCE).lines == TD3
