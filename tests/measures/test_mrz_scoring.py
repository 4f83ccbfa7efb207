"""What counts as read, and as read wrong, when readers of zones are measured."""

from pathlib import Path

import pytest
from measures.rigs import mrz_figures as of
from measures.rigs.mrz_pictures import Picture
from measures.rigs.mrz_readers import Answer, Reported
from measures.rigs.mrz_scoring import Outcome, reliability, score
from measures.rigs.mrz_text import zones_of_text

PASSPORT = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)


def outcome(lines: tuple[str, ...], status: str = "verified", doubtful: tuple[str, ...] = ()) -> Outcome:
    picture = Picture("one", Path("one.png"), "flat", "TD3", (PASSPORT,), 1000, "one")
    return score(picture, Answer((Reported(lines, status, frozenset(doubtful)),), 0.1, 100.0))


def changed(line: int, column: int, character: str) -> tuple[str, ...]:
    lines = list(PASSPORT)
    lines[line - 1] = lines[line - 1][: column - 1] + character + lines[line - 1][column:]
    return tuple(lines)


def test_a_doubt_that_the_print_itself_earns_is_no_needless_one() -> None:
    impossible = (PASSPORT[0], "L898902C36UTO7413122F1204159ZE184226B<<<<<10")  # a 13th month
    picture = Picture("one", Path("one.png"), "flat", "TD3", (impossible,), 1000, "one")
    due = score(picture, Answer((Reported(impossible, "doubtful"),), 0.1, 100.0))
    needless = outcome(PASSPORT, "doubtful")
    assert of.doubtful_share([due, needless]) == 0.5
    assert of.doubts_due([due, needless]) == 1


def test_every_character_of_every_line_makes_an_exact_read() -> None:
    assert outcome(PASSPORT).exact
    assert not outcome(changed(1, 44, "K")).exact


def test_a_wrong_name_that_is_verified_is_a_false_accept_no_check_digit_could_see() -> None:
    wrong = [outcome(changed(1, 6, "F"))]
    assert of.accepted_wrong(wrong, covered=False) == 1
    assert of.accepted_wrong(wrong, covered=True) == 0
    assert of.valid_but_wrong(wrong) == 1


def test_a_wrong_name_that_is_named_as_doubtful_is_none() -> None:
    for field in ("names", "surname"):
        assert of.accepted_wrong([outcome(changed(1, 6, "F"), "verified", (field,))], covered=False) == 0
    assert of.accepted_wrong([outcome(changed(1, 6, "F"), "doubtful")], covered=False) == 0


def test_a_swap_that_check_digits_miss_in_the_number_is_a_false_accept_in_a_covered_field() -> None:
    wrong = [outcome(changed(2, 1, "B"))]  # L and B weigh the same
    assert of.accepted_wrong(wrong, covered=True) == 1
    assert of.valid_but_wrong(wrong) == 1


def test_another_format_than_the_printed_one_makes_all_fields_wrong() -> None:
    visa = ("V" + PASSPORT[0][1:36], PASSPORT[1][:36])
    wrong = [outcome(visa)]
    assert of.accepted_wrong(wrong, covered=True) == 1
    assert of.accepted_wrong(wrong, covered=False) == 1


def test_a_document_that_is_not_there_counts_against_a_reader() -> None:
    picture = Picture("none", Path("none.png"), "none", "NONE", (), 1000, "none")
    invented = score(picture, Answer((Reported(PASSPORT, "verified"),), 0.1, 100.0))
    assert of.reported([invented]) == 1
    assert of.accepted_wrong([invented], covered=True) == 1


def test_what_was_not_read_costs_all_its_characters() -> None:
    picture = Picture("one", Path("one.png"), "flat", "TD3", (PASSPORT,), 1000, "one")
    assert of.character_error_rate([score(picture, Answer((), 0.1, 100.0))]) == 1
    assert of.character_error_rate([outcome(changed(1, 6, "F"))]) == pytest.approx(1 / 88)


def test_confidence_that_keeps_its_word_has_no_calibration_error() -> None:
    kept = reliability([(0.75, True)] * 3 + [(0.75, False)])
    broken = reliability([(0.95, False)] * 4)
    assert kept.error == pytest.approx(0)
    assert broken.error == pytest.approx(0.95)


def test_a_page_of_text_gives_its_zone_and_no_mended_character() -> None:
    page = f"PASSPORT\nSurname ERIKSSON\n{PASSPORT[0]}\n{PASSPORT[1].lower()}\n"
    assert zones_of_text(page) == [PASSPORT]
    lost = f"{PASSPORT[0][:-3]}\n{PASSPORT[1]}"
    assert zones_of_text(lost) == [(PASSPORT[0][:-3], PASSPORT[1])]
    assert zones_of_text("the carrier declares that goods listed below\nwere loaded in good order") == []
