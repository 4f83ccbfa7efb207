"""How a plate reader's answers are held against the truth."""

from pathlib import Path

from measures.rigs.plate_pictures import Picture, Plate
from measures.rigs.plate_scoring import (
    Answer,
    Bin,
    Outcome,
    Reading,
    calibration_error,
    error_by_chance,
    same,
    score,
)

BOX = (100.0, 100.0, 300.0, 150.0)
FAR = (600.0, 400.0, 700.0, 430.0)


def judged(text: str | None, *readings: Reading) -> Outcome:
    plates = (Plate(text, "KZ", BOX, 0.5, 1),)
    return score(Picture("one.jpg", Path("one.jpg"), "frame", plates), Answer(readings, 0.1, 50.0))


def test_a_reading_on_the_plate_counts_and_one_elsewhere_is_false() -> None:
    right, elsewhere = Reading("581FNA01", "KZ", 0.8, BOX), Reading("TOYOTA77", None, 0.95, FAR)
    outcome = judged("581FNA01", elsewhere, right)
    assert outcome.plates[0].exact
    assert outcome.plates[0].found
    assert outcome.false == (elsewhere,)
    assert outcome.sure_and_wrong == 1


def test_a_wrong_text_on_the_plate_is_sure_and_wrong_only_when_it_was_sure() -> None:
    assert judged("581FNA01", Reading("581FNA07", "KZ", 0.89, BOX)).sure_and_wrong == 0
    outcome = judged("581FNA01", Reading("581FNA07", "KZ", 0.9, BOX))
    assert outcome.sure_and_wrong == 1
    assert outcome.plates[0].distance == 1
    assert not outcome.false


def test_a_second_reading_of_one_plate_is_false() -> None:
    twice = [Reading("581FNA01", "KZ", 0.8, BOX), Reading("581FNA0", None, 0.7, BOX)]
    assert [one.text for one in judged("581FNA01", *twice).false] == ["581FNA0"]


def test_a_plate_that_nobody_could_read_is_neither_right_nor_wrong() -> None:
    outcome = judged(None, Reading("581FNA01", "KZ", 0.99, BOX))
    assert not outcome.plates
    assert not outcome.false


def test_a_character_that_nobody_knows_may_be_any_or_none() -> None:
    assert same("*A12345", "新A12345")
    assert same("*A12345", "A12345")
    assert not same("*A12345", "新A12346")


def test_confidence_that_says_what_is_right_has_no_calibration_error() -> None:
    right = [judged("581FNA01", Reading("581FNA01", "KZ", 0.8, BOX)) for _ in range(4)]
    wrong = [judged("581FNA01", Reading("581FNA07", "KZ", 0.8, BOX))]
    assert calibration_error([*right, *wrong]) < 1e-9
    assert abs(calibration_error(wrong) - 0.8) < 1e-9


def test_few_readings_have_a_calibration_error_by_chance_alone() -> None:
    """Of four coins half are heads in 6 of 16 cases, one side more in 8, all alike in 2."""
    mean, most = error_by_chance([Bin(4, 0.5, 0.5)])
    assert abs(mean - 0.1875) < 0.01
    assert most == 0.5
    assert max(error_by_chance([Bin(40_000, 0.5, 0.5)])) < 0.01
