"""What a zone may hold beyond the plain case, and what it may never do to us."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mrz
from mrz.check_digits import ALPHABET, check_digit

REFERENCE = date(2026, 6, 1)
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
RUSSIAN = mrz.format(
    mrz.Fields(
        mrz.Format.TD3, "PN", "RUS", "4509123456", "RUS", "Чехов", "Андрей Юрьевич",
        "850317", "M", issued="050412", issuing_unit="770001",
    )
)  # fmt: skip


def remarks(document: mrz.Document) -> set[tuple[str, str]]:
    return {(remark.code, remark.field) for remark in document.remarks}


def passport(names: str = "ERIKSSON<<ANNA", **changes: str) -> tuple[str, ...]:
    fields = {
        "number": "L898902C3",
        "birth": "740812",
        "expiry": "320415",
        "sex": "F",
        "state": "KAZ",
    } | changes
    body = fields["number"].ljust(9, "<")
    first = f"P<{fields['state']:<<3}{names}".ljust(44, "<")
    optional = fields.get("optional", "").ljust(14, "<")
    line = f"{body}{check_digit(body)}{fields['state']:<<3}"
    line += fields["birth"] + check_digit(fields["birth"]) + fields["sex"]
    line += fields["expiry"] + check_digit(fields["expiry"]) + optional + check_digit(optional)
    return first, line + check_digit(line[:10] + line[13:20] + line[21:43])


def test_a_changed_digit_is_reported_with_field_place_expected_and_found():
    forged = PASSPORT[1][:21] + "2" + PASSPORT[1][22:]
    document = mrz.parse((PASSPORT[0], forged), reference=REFERENCE)
    assert document.status is mrz.Status.INCONSISTENT
    assert [(c.field, c.line, c.column, c.expected, c.found) for c in document.wrong_check_digits] == [
        ("expiry", 2, 28, check_digit("220415"), "9"),
        ("composite", 2, 44, check_digit(forged[:10] + forged[13:20] + forged[21:43]), "0"),
    ]


@pytest.mark.parametrize("digit", ["0", "<"])
def test_over_empty_optional_data_zero_and_filler_are_both_right(digit: str):
    first, second = passport()
    assert mrz.parse((first, second[:42] + digit + second[43:])).status is mrz.Status.VERIFIED


@pytest.mark.parametrize(
    ("birth", "iso"),
    [("74<<<<", "1974-XX-XX"), ("7408<<", "1974-08-XX"), ("<<<<<<", "XXXX-XX-XX"), ("<<0812", "XXXX-08-12")],
)
def test_unknown_parts_of_a_date_stay_unknown(birth: str, iso: str):
    document = mrz.parse(passport(birth=birth), reference=REFERENCE)
    assert document.birth.iso == iso
    assert document.status is mrz.Status.VERIFIED


def test_an_all_filler_date_may_have_a_filler_for_its_check_digit_and_it_is_remarked():
    first, second = passport(expiry="<<<<<<")
    document = mrz.parse((first, second[:27] + "<" + second[28:]), reference=REFERENCE)
    assert document.wrong_check_digits == ()
    assert ("filler_check_digit", "expiry") in remarks(document)
    assert document.expiry
    assert not document.expiry.stated


@pytest.mark.parametrize("birth", ["741301", "740230", "7408O2", "7<0812", "000000"])
def test_what_is_no_date_is_doubtful_and_never_a_value(birth: str):
    document = mrz.parse(passport(birth=birth), reference=REFERENCE)
    assert document.birth.iso == "XXXX-XX-XX"
    assert document.birth.earliest() is None
    assert document.doubtful == ("birth",)


@pytest.mark.parametrize(
    ("printed", "field", "year"),
    [
        ("260601", "birth", 2026),
        ("260602", "birth", 1926),
        ("000229", "birth", 2000),
        ("760101", "expiry", 1976),
        ("750101", "expiry", 2075),
        ("160101", "expiry", 2016),
        ("990101", "issued", 1999),
    ],
)
def test_the_century_follows_the_stated_rule(printed: str, field: str, year: int):
    from mrz.dates import parse_date

    assert parse_date(printed, field, REFERENCE).year == year


def test_without_a_reference_date_no_century_is_guessed():
    document = mrz.parse(PASSPORT)
    assert document.birth.iso == "XX74-08-12"
    assert document.birth.earliest() is None


@pytest.mark.parametrize(
    ("names", "primary", "secondary", "remark"),
    [
        ("AHMADI", "AHMADI", "", None),
        ("<<NAME", "", "NAME", "no_primary_name"),
        ("BORG<MARIA", "BORG MARIA", "", "names_without_separator"),
        ("VAN<DER<MEER<<JAN<PIET", "VAN DER MEER", "JAN PIET", None),
        ("OCONNOR<<ENYA<SIOBHAN", "OCONNOR", "ENYA SIOBHAN", None),
        ("ERIKSSON<<ANNA<<MARIA", "ERIKSSON", "ANNA MARIA", "names_split_again"),
        ("ER1KSSON<<ANNA", "ER1KSSON", "ANNA", "digit_in_name"),
        ("", "", "", "empty_names"),
    ],
)
def test_names_of_every_shape_are_read(names: str, primary: str, secondary: str, remark: str | None):
    document = mrz.parse(passport(names))
    assert (document.names.primary, document.names.secondary) == (primary, secondary)
    assert {code for code, field in remarks(document) if field == "names"} == ({remark} if remark else set())


def test_names_that_fill_their_field_may_be_truncated():
    assert mrz.parse(passport("PAPANDROPOULOUS<<JONATHON<WARRINGTON<TR")).names.truncated
    assert not mrz.parse(passport("PAPANDROPOULOUS<<JONATHON<WARRINGTON<T")).names.truncated


def test_a_chinese_line_without_any_filler_is_read():
    document = mrz.parse(passport(state="CHN", number="E12345678", optional="LAKBMMKFMJKCMA"))
    assert "<" not in document.lines[1]
    assert document.status is mrz.Status.VERIFIED


@pytest.mark.parametrize("length", range(10, 23))
def test_a_long_number_of_any_length_is_read_whole(length: int):
    number = ("D23145890" + "7341256890123")[:length]
    fields = mrz.Fields(mrz.Format.TD1, "I", "BEL", number, "BEL", "PEETERS", "AN", "800101", "F", "300101")
    document = mrz.parse(mrz.format(fields))
    assert document.number.value == number
    assert document.status is mrz.Status.VERIFIED


def test_a_filler_for_a_check_digit_without_a_tail_is_no_long_number():
    lines = list(
        mrz.format(
            mrz.parse(
                (
                    "I<UTOD231458907<<<<<<<<<<<<<<<",
                    "7408122F1204159UTO<<<<<<<<<<<6",
                    "E<<A<<<<<<<<<<<<<<<<<<<<<<<<<<",
                )
            )
        )
    )
    lines[0] = lines[0][:14] + "<" + lines[0][15:]
    document = mrz.parse(lines)
    assert document.number.value == "D23145890"
    assert "number" in {check.field for check in document.wrong_check_digits}


def test_the_russian_internal_passport_turns_back_into_cyrillic():
    document = mrz.parse(RUSSIAN, reference=REFERENCE)
    assert RUSSIAN[0].startswith("PNRUS3EHOV<<ANDREQ<7R9EVI3")
    assert (document.names.national_primary, document.names.national_secondary) == ("ЧЕХОВ", "АНДРЕЙ ЮРЬЕВИЧ")
    assert document.number.value == "4509123456"
    assert document.issued
    assert document.issued.iso == "2005-04-12"
    assert document.issuing_unit == "770001"
    assert document.expiry is None
    assert document.status is mrz.Status.VERIFIED
    assert not any(code == "digit_in_name" for code, _ in remarks(document))


@given(st.text("АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", min_size=1, max_size=33))
def test_the_russian_letter_code_loses_nothing(name: str):
    from mrz import russian

    assert russian.decode(russian.encode(name)) == name


def test_digits_that_the_russian_code_does_not_use_stay_doubtful():
    document = mrz.parse((RUSSIAN[0].replace("3EHOV", "1EHOV"), RUSSIAN[1]))
    assert ("digit_in_name", "names") in remarks(document)
    assert document.names.national_primary == ""


@pytest.mark.parametrize(
    "state", ["XXA", "XXB", "XXC", "XXX", "UNO", "UNA", "XPO", "EUE", "XOM", "RKS", "GBN", "SUN"]
)
def test_special_codes_are_known_and_never_an_error(state: str):
    document = mrz.parse(passport(state=state))
    assert document.status is mrz.Status.VERIFIED
    assert ("unknown_state", "issuer") not in remarks(document)


def test_an_unknown_state_is_a_remark_and_no_error():
    document = mrz.parse(passport(state="COU"))
    assert document.status is mrz.Status.VERIFIED
    assert ("unknown_state", "issuer") in remarks(document)


@pytest.mark.parametrize(
    ("state", "optional", "kind", "contradicts"),
    [
        ("KAZ", "740812400123", "KZ-IIN", None),
        ("UZB", "41208740010011", "UZ-PINFL", False),
        ("UZB", "31208740010011", "UZ-PINFL", True),
        ("KGZ", "11208197400123", "KG-PIN", False),
        ("KGZ", "11308197400123", "KG-PIN", True),
    ],
)
def test_national_numbers_are_compared_with_birth_and_sex(
    state: str, optional: str, kind: str, contradicts: bool | None
):
    if kind == "KZ-IIN":
        from mrz.national import kz_iin_control

        optional = optional[:11] + str(kz_iin_control(optional[:11]))
        contradicts = False
    document = mrz.parse(passport(state=state, optional=optional))
    assert [(number.kind, number.contradicts) for number in document.personal_numbers] == [
        (kind, contradicts)
    ]
    assert (("personal_number_differs", "optional_1") in remarks(document)) == contradicts
    assert document.status is mrz.Status.VERIFIED, "a national number is a remark, never a refusal"


@pytest.mark.parametrize(
    ("lines", "line", "column"),
    [
        ((PASSPORT[0].lower(), PASSPORT[1]), 1, 1),
        ((PASSPORT[0], PASSPORT[1][:5] + "-" + PASSPORT[1][6:]), 2, 6),
    ],
)
def test_a_character_outside_the_alphabet_is_named_by_line_and_column(
    lines: tuple[str, ...], line: int, column: int
):
    with pytest.raises(mrz.MrzError, match=f"line {line}, column {column}") as raised:
        mrz.parse(lines)
    assert (raised.value.line, raised.value.column) == (line, column)


@pytest.mark.parametrize(
    "lines", [(), "", ("A",), PASSPORT[:1], (*PASSPORT, PASSPORT[0]), (PASSPORT[0][:-1], PASSPORT[1])]
)
def test_lines_of_no_format_are_refused_with_the_shapes_that_exist(lines: tuple[str, ...] | str):
    with pytest.raises(mrz.MrzError, match="3 lines of 30, 2 lines of 36, 2 lines of 44"):
        mrz.parse(lines)


def test_an_error_message_holds_nothing_of_the_lines_but_one_character():
    with pytest.raises(mrz.MrzError) as raised:
        mrz.parse((PASSPORT[0].replace("<MARIA", "?MARIA"), PASSPORT[1]))
    assert "ERIKSSON" not in str(raised.value)


zone_like = st.sampled_from([(3, 30), (2, 36), (2, 44)]).flatmap(
    lambda shape: st.lists(
        st.text(ALPHABET + "<<<<<<<<", min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)
prefixes = st.sampled_from(["", "P<RUS", "PNRUS", "V<KAZ", "IDFRA", "IDKAZ", "I<UZB", "IDKGZ", "AC"])


@given(zone_like, prefixes, st.none() | st.dates())
def test_any_lines_of_the_right_shape_give_a_document(lines: list[str], prefix: str, reference: date | None):
    lines[0] = (prefix + lines[0])[: len(lines[0])]
    document = mrz.parse(lines, reference=reference)
    assert document.lines == tuple(lines)
    assert document.status in mrz.Status
    assert all(isinstance(value, str) for value in document.fields.values())
    for day in (document.birth, document.expiry, document.issued):
        if day is not None and day.year is not None:
            assert day.possible
            first, last = day.earliest(), day.latest()
            assert first
            assert last
            assert first <= last


@given(st.text() | st.lists(st.text(), max_size=5))
def test_any_text_is_a_document_or_our_own_error(text: str | list[str]):
    with contextlib.suppress(mrz.MrzError):
        mrz.parse(text)


def test_importing_mrz_loads_no_imaging_library(tmp_path):
    import subprocess
    import sys

    heavy = {"numpy", "cv2", "PIL", "skimage", "passporteye", "pydantic", "tomllib", "asyncio"}
    code = f"import sys, mrz; print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_each_field_has_its_printed_and_its_understood_form():
    document = mrz.parse(
        ("IDKAZ0123456784850317300013<<<", "8503172M3001019KAZ<<<<<<<<<<<2", "OSPANOV<<ALI<<<<<<<<<<<<<<<<<<")
    )
    assert document.printed["birth"] == "850317"
    assert document.fields["birth"] == "XX85-03-17", "no reference, no century"
    assert document.printed["names"] == "OSPANOV<<ALI" + "<" * 18
    assert document.fields["personal_number"] == "850317300013"
    assert document.fields["personal_number_kind"] == "KZ-IIN, national"
    assert set(document.printed) - {"names"} <= set(document.fields)
