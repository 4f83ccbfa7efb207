"""Measurements of plates give the figures they name."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from measures import Measurement, plate_real, plate_scenes
from measures.rigs import plate_figures, plate_pictures
from measures.rigs.plate_pictures import Picture, Plate
from measures.rigs.plate_scoring import Answer, Outcome, Reading, score

BOX = (100.0, 100.0, 300.0, 150.0)
CORNERS = ((100.0, 100.0), (300.0, 100.0), (300.0, 150.0), (100.0, 150.0))
COUNTRIES = (*plate_scenes.COUNTRIES, "EU-RO", "MK")
PICTURES = [
    Picture(
        f"{country}-{lines}", Path("x.jpg"), sort, (Plate("581FNA01", country, BOX, 0.5, lines, CORNERS),)
    )
    for country in COUNTRIES
    for lines in (1, 2)
    for sort in ("frame", "crop")
]


def outcome(text: str, country: str | None, confidence: float = 0.99, truth: str = "KZ") -> Outcome:
    reading = Reading(text, country, confidence, BOX)
    picture = Picture("x", Path("x.jpg"), "frame", (Plate("581FNA01", truth, BOX, 0.5, 1),))
    return score(picture, Answer((reading,), 0.1, 100.0))


def all_right(pictures: Sequence[Picture]) -> list[Outcome]:
    return [
        score(picture, Answer((Reading("581FNA01", each.country.split("-")[0], 0.99, BOX),), 0.1, 100.0))
        for picture in pictures
        for each in picture.plates
    ]


def some_right(reader: str, pictures: Sequence[Picture]) -> list[Outcome]:
    """The peer reads every third."""
    outcomes = all_right(pictures)
    if reader == "borderlane":
        return outcomes
    none = Answer((), 0.1, 100.0)
    return [score(one.picture, none) if n % 3 else one for n, one in enumerate(outcomes)]


@pytest.fixture(autouse=True)
def pictures_and_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plate_real, "real_pictures", lambda: PICTURES)
    monkeypatch.setattr(plate_real, "outcomes_of", some_right)
    frames = [picture for picture in PICTURES if picture.sort == "frame"]

    def first(count: int) -> list[Picture]:
        return frames[:count]

    monkeypatch.setattr(plate_scenes, "scene_pictures", first)
    monkeypatch.setattr(plate_scenes, "outcomes_of", some_right)
    monkeypatch.setattr(plate_scenes, "outcomes_at_corners", all_right)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("measurement", [*plate_real.MEASUREMENTS, *plate_scenes.MEASUREMENTS])
def test_every_named_figure_is_taken_and_a_reader_that_is_right_passes(
    measurement: Measurement, full: bool
) -> None:
    figures = measurement.run(full)
    assert sorted(figure.name for figure in figures) == sorted(measurement.names)
    assert [figure.name for figure in figures if figure.passed is False] == []


def test_a_country_is_right_wrong_or_unknown_of_what_was_read_exactly() -> None:
    outcomes = [
        outcome("581FNA01", "KZ"), outcome("581FNA01", None), outcome("581FNA01", "UZ"),
        outcome("581FNA01", "EU", truth="MK/EU"), outcome("581FNA07", "KG"),
    ]  # fmt: skip
    assert plate_figures.country(outcomes, "right") == 2 / 4
    assert plate_figures.country(outcomes, "wrong") == 1 / 4
    assert plate_figures.country(outcomes, "unknown") == 1 / 4
    assert plate_figures.sure_of_wrong_country(outcomes) == 2 / 5


def test_a_place_that_was_looked_at_is_found_though_nothing_was_read() -> None:
    refused = score(PICTURES[0], Answer((), 0.1, 100.0, refused=(BOX,)))
    elsewhere = score(PICTURES[0], Answer((), 0.1, 100.0, refused=((0.0, 0.0, 50.0, 50.0),)))
    assert plate_figures.found([refused, elsewhere]) == 0.5
    assert plate_figures.exact([refused]) == 0.0
    assert plate_figures.character_errors([refused]) == 1.0
    assert not refused.false


def test_a_figure_says_how_many_frames_a_peer_had_where_it_had_fewer() -> None:
    right, wrong = outcome("581FNA01", "KZ"), outcome("581FNA07", "KZ")
    every = {"borderlane": [right, wrong], "rapidocr": [right], "other": [wrong, wrong]}
    assert plate_figures.beside(every, plate_figures.exact) == "rapidocr 1 of 1 frames, other 0"


def test_labels_in_the_order_of_two_lines_are_taken_in_that_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def row(text: str | None, country: str, lines: int) -> dict[str, object]:
        plate = {"text": text, "country": country, "box": BOX, "approx": False, "lines": lines}
        return {"file": f"img/{country}{lines}.jpg", "kind": "frame", "plates": [plate]}

    rows = [row("AACC1234", "UA", 2), row("AACC1234", "UA", 1), row("AACC1234", "KZ", 2), row(None, "UA", 2)]
    (tmp_path / "truth.json").write_text(json.dumps(rows))
    monkeypatch.setenv("PLATE_IMAGES", str(tmp_path))
    texts = [picture.plates[0].text for picture in plate_pictures.real_pictures()]
    assert texts == ["AA1234CC", "AACC1234", "AACC1234", None]
