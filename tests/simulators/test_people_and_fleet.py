"""Synthetic people and vehicles carry documents and plates of the right form, and repeat under a seed."""

import random
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.fleet import MODELS, PLATES, plate, vehicle
from simulators.mrz_lines import Fields, check_digit, clear, td1, td2, td3, visa
from simulators.people import PAPERS, STATES, kazakh_iin, traveller

TODAY = date(2026, 3, 1)

ANNA = Fields("P", "UTO", "L898902C3", "UTO", "ERIKSSON", "ANNA MARIA", "740812", "F", "120415", "ZE184226B")
PETER = Fields("I", "UTO", "D23145890734", "UTO", "STEVENSON", "PETER JOHN", "340712", "M", "950712")
VISA = Fields("V", "UTO", "L8988901C", "XXX", "ERIKSSON", "ANNA MARIA", "400907", "F", "961210", "6ZE184226B")


def test_the_published_examples_of_doc_9303_come_out_letter_by_letter():
    assert td3(ANNA) == (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    )
    assert td1(PETER) == (
        "I<UTOD23145890<7349<<<<<<<<<<<",
        "3407127M9507122UTO<<<<<<<<<<<2",
        "STEVENSON<<PETER<JOHN<<<<<<<<<",
    )
    assert td2(PETER) == ("I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<", "D23145890<UTO3407127M95071227349<<<8")
    assert visa(VISA) == (
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
    )
    assert [check_digit(field) for field in ("520727", "AB2134<<<", "HA672242<")] == ["3", "5", "6"]


def test_a_field_too_long_for_its_place_is_an_error_and_not_cut():
    with pytest.raises(ValueError, match="does not fit"):
        td3(Fields("P", "UTO", "L898902C34", "UTO", "A", "B", "740812", "F", "120415"))
    with pytest.raises(ValueError, match="no place in an MRZ"):
        check_digit("é")


def test_russian_internal_passports_write_digits_into_names():
    assert clear("Чайкин") == "3AQKIN"
    person = traveller(random.Random(4), TODAY, papers="russian-internal")
    assert person.document.expiry is None
    assert person.document.lines[0].startswith("PNRUS")
    assert person.document.lines[1][21:28] == "<<<<<<<"
    assert any(character.isdigit() for character in person.document.lines[0][5:])


@given(seed=st.integers(0, 10**9), papers=st.sampled_from(PAPERS), state=st.sampled_from((None, *STATES)))
def test_every_document_has_its_shape_and_check_digits_unless_it_is_meant_to_fail(seed, papers, state):
    if papers == "russian-internal":
        state = None
    if papers == "identity-card" and state not in ("KAZ", "KGZ", "UZB"):
        state = None
    person = traveller(random.Random(seed), TODAY, state=state, papers=papers)
    document = person.document
    widths = {len(line) for line in document.lines}
    assert widths == ({30} if len(document.lines) == 3 else {44})
    assert re.fullmatch(r"[A-Z0-9<]+", "".join(document.lines))
    if len(document.lines) == 2:
        line = document.lines[1]
        holds = check_digit(line[:9]) == line[9]
        assert holds == (papers != "wrong-check-digit")
        assert check_digit(line[13:19]) == line[19]
        if holds:
            assert check_digit(line[:10] + line[13:20] + line[21:43]) == line[43]
    if document.expiry is not None:
        assert (document.expiry < TODAY) == (papers == "expired")


@given(seed=st.integers(0, 10**9))
def test_a_kazakh_number_agrees_with_birth_and_sex_and_its_own_control_digit(seed):
    iin = kazakh_iin(date(1987, 6, 5), "F", random.Random(seed))
    assert iin.startswith("8706054")
    total = sum(int(d) * w for d, w in zip(iin[:11], range(1, 12), strict=True)) % 11
    assert total == 10 or total == int(iin[11])


def test_unknown_papers_states_vehicles_and_masses_are_refused_with_what_is_known():
    draw = random.Random(0)
    with pytest.raises(ValueError, match="passport"):
        traveller(draw, TODAY, papers="library card")
    with pytest.raises(ValueError, match="KAZ"):
        traveller(draw, TODAY, state="UTO")
    with pytest.raises(ValueError, match="KAZ, KGZ, UZB"):
        traveller(draw, TODAY, state="CHN", papers="identity-card")
    with pytest.raises(ValueError, match="rigid-2"):
        vehicle(draw, "rocket")
    with pytest.raises(ValueError, match="kg when empty"):
        vehicle(draw, "rigid-2", gross_kg=100)
    with pytest.raises(ValueError, match="KZ"):
        plate(draw, "XX")


@given(seed=st.integers(0, 10**9), commercial=st.booleans(), trailer=st.booleans())
def test_plates_have_the_present_form_of_their_country(seed, commercial, trailer):
    forms = {
        "KZ": r"\d{3}[A-Z]{2,3}(0[1-9]|1\d|20)|\d{2}[A-Z]{3}(0[1-9]|1\d|20)",
        "KG": r"0[1-9]\d{3}[A-Z]{2,3}",
        "UZ": r"\d{2}[A-Z]\d{3}[A-Z]{2}|\d{5}[A-Z]{3}|\d{6}[A-Z]{2}",
        "TJ": r"\d{3,4}[A-Z]{2}0[1-8]",
        "TM": r"[A-Z]{2}\d{4}(AG|AH|AK|BN|DZ|LB|MR)",
        "RU": r"[ABEKMHOPCTYX]\d{3}[ABEKMHOPCTYX]{2}\d{2,3}|[ABEKMHOPCTYX]{2}\d{4}\d{2,3}",
        "AZ": r"\d{2}[A-Z]{2}\d{3}",
        "GE": r"[A-Z]{2}\d{3}[A-Z]{1,2}",
        "TR": r"\d{2}[A-Z]{2}\d{4}",
    }
    assert forms.keys() == PLATES.keys()
    for country, form in forms.items():
        drawn = plate(random.Random(seed), country, commercial=commercial, trailer=trailer)
        assert re.fullmatch(form, drawn.text), drawn
        assert drawn.text == re.sub("[ -]", "", drawn.display)


@given(seed=st.integers(0, 10**9), model=st.sampled_from(list(MODELS)))
def test_a_seed_repeats_people_and_vehicles(seed, model):
    def drawn() -> object:
        draw = random.Random(seed)
        return traveller(draw, TODAY), vehicle(draw, model)

    assert drawn() == drawn()
