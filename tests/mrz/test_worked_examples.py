"""Zones whose check digits were computed by hand or published by ICAO: they must read as they say."""

from datetime import date

import pytest

import mrz

REFERENCE = date(2026, 6, 1)

# zone, format, number, the check digits in order of the layout
EXAMPLES = [
    (
        ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
        "TD3",
        "L898902C3",
        {"number": "6", "birth": "2", "expiry": "9", "optional_1": "1", "composite": "0"},
    ),
    (
        ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"),
        "TD2",
        "D23145890",
        {"number": "7", "birth": "2", "expiry": "9", "composite": "6"},
    ),
    (
        (
            "I<UTOD231458907<<<<<<<<<<<<<<<",
            "7408122F1204159UTO<<<<<<<<<<<6",
            "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        ),
        "TD1",
        "D23145890",
        {"number": "7", "birth": "2", "expiry": "9", "composite": "6"},
    ),
    (
        (
            "I<UTOD23145890<7349<<<<<<<<<<<",
            "3407127M9507122UTO<<<<<<<<<<<2",
            "STEVENSON<<PETER<JOHN<<<<<<<<<",
        ),
        "TD1",
        "D23145890734",
        {"number": "9", "birth": "7", "expiry": "2", "composite": "2"},
    ),
    (
        ("I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<", "D23145890<UTO3407127M95071227349<<<8"),
        "TD2",
        "D23145890734",
        {"number": "9", "birth": "7", "expiry": "2", "composite": "8"},
    ),
    (
        ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"),
        "MRV-A",
        "L8988901C",
        {"number": "4", "birth": "8", "expiry": "9"},
    ),
    (
        ("P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"),
        "TD3",
        "C01X00T47",
        {"number": "8", "birth": "5", "expiry": "3", "optional_1": "<", "composite": "4"},
    ),
    (
        ("IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "8806923102858CORINNE<<<<<<<6512068F6"),
        "FR-ID",
        "880692310285",
        {"number": "8", "birth": "8", "composite": "6"},
    ),
]


@pytest.mark.parametrize(("lines", "kind", "number", "digits"), EXAMPLES)
def test_a_published_zone_reads_as_it_says(
    lines: tuple[str, ...], kind: str, number: str, digits: dict[str, str]
):
    document = mrz.parse(lines, reference=REFERENCE)
    assert document.format == kind
    assert document.number.value == number
    assert {check.field: check.found for check in document.check_digits} == digits
    assert document.wrong_check_digits == ()
    assert document.status is mrz.Status.VERIFIED


@pytest.mark.parametrize(("lines", "kind", "number", "digits"), EXAMPLES)
def test_a_published_zone_is_written_again_letter_for_letter(
    lines: tuple[str, ...], kind: str, number: str, digits: dict[str, str]
):
    written = mrz.format(mrz.parse(lines))
    # Over empty optional data both 0 and < are right (Doc 9303-4); we write 0.
    if digits.get("optional_1") == "<":
        lines = (lines[0], lines[1][:42] + "0" + lines[1][43:])
    assert written == lines


def test_every_field_of_the_specimen_passport_is_understood():
    document = mrz.parse("\n".join(EXAMPLES[0][0]) + "\n", reference=REFERENCE)
    assert document.fields == {
        "code": "P",
        "issuer": "UTO",
        "number": "L898902C3",
        "nationality": "UTO",
        "surname": "ERIKSSON",
        "given_names": "ANNA MARIA",
        "birth": "1974-08-12",
        "sex": "F",
        "expiry": "2012-04-15",
        "optional_1": "ZE184226B",
    }
    assert document.names.printed == "ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
    assert document.optional[0].printed == "ZE184226B<<<<<"
    assert not document.names.truncated


def test_germany_prints_one_letter_and_is_known():
    document = mrz.parse(EXAMPLES[6][0])
    assert document.issuer.value == document.nationality.value == "D"
    assert document.remarks == ()


@pytest.mark.parametrize(("field", "digit"), [("520727", "3"), ("AB2134<<<", "5"), ("HA672242<", "6")])
def test_bare_fields_have_the_published_check_digit(field: str, digit: str):
    from mrz.check_digits import check_digit

    assert check_digit(field) == digit


def test_the_blind_classes_are_the_ones_that_no_weight_can_tell_apart():
    from mrz.check_digits import BLIND_CLASSES, check_digit, sees

    assert BLIND_CLASSES == (
        "0AKU<", "1BLV", "2CMW", "3DNX", "4EOY", "5FPZ", "6GQ", "7HR", "8IS", "9JT",
    )  # fmt: skip
    for one, other in ("6G", "8S", "1L", "<K", "7R", "4Y", "1B"):
        assert not sees(one, other)
        assert check_digit(f"12{one}45") == check_digit(f"12{other}45")
    for one, other in ("0O", "1I", "2Z", "5S", "8B", "0D", "0Q"):
        assert sees(one, other)
        assert check_digit(f"12{one}45") != check_digit(f"12{other}45")
