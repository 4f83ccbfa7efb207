"""Measurements of plates give the figures they name."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from measures import Measurement, plate_real, plate_scenes
from measures.rigs import plate_figures, plate_pictures, plate_readers
from measures.rigs.plate_figures import Compared
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


def all_right(pictures: Sequence[Picture], keep: bool = False) -> list[Outcome]:
    return [
        score(picture, Answer((Reading("581FNA01", each.country.split("-")[0], 0.99, BOX),), 0.009, 100.0))
        for picture in pictures
        for each in picture.plates
    ]


def some_right(reader: str, pictures: Sequence[Picture], keep: bool) -> list[Outcome]:
    """A peer reads every third; one can't be had."""
    if reader == "simplelpr":
        raise plate_readers.PeerUnavailable("no wheel to be had")
    outcomes = all_right(pictures)
    if reader == "borderlane":
        return outcomes
    none = Answer((), 0.1, 100.0)
    return [score(one.picture, none) if n % 3 else one for n, one in enumerate(outcomes)]


def as_they_are(pictures: Sequence[Picture]) -> list[Picture]:
    return list(pictures)


@pytest.fixture(autouse=True)
def pictures_and_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plate_real, "real_pictures", lambda: PICTURES)
    monkeypatch.setattr(plate_readers, "outcomes_of", some_right)
    monkeypatch.setattr(plate_real, "outcomes_at_corners", all_right)
    monkeypatch.setattr(plate_real, "true_boxes", as_they_are)
    monkeypatch.setattr(plate_scenes, "true_boxes", as_they_are)
    frames = [picture for picture in PICTURES if picture.sort == "frame"]

    def first(count: int) -> list[Picture]:
        return frames[:count]

    monkeypatch.setattr(plate_scenes, "scene_pictures", first)
    monkeypatch.setattr(plate_scenes, "outcomes_at_corners", all_right)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("measurement", [*plate_real.MEASUREMENTS, *plate_scenes.MEASUREMENTS])
def test_every_named_figure_is_taken_and_a_reader_that_is_right_passes(
    measurement: Measurement, full: bool
) -> None:
    figures = measurement.run(full)
    assert sorted(figure.name for figure in figures) == sorted(measurement.names)
    assert [figure.name for figure in figures if figure.passed is False] == []
    (found,) = [figure for figure in figures if figure.name.endswith("-found")]
    assert "simplelpr skipped: no wheel to be had" in found.beside
    assert "agentclpr" in found.beside
    assert not [
        figure for figure in figures if figure.name.endswith("-exact") and "agentclpr" in figure.beside
    ]


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


def test_a_figure_says_how_many_pictures_a_peer_had_where_it_had_fewer_and_who_is_missing() -> None:
    right, wrong = outcome("581FNA01", "KZ"), outcome("581FNA07", "KZ")
    peers = {"rapidocr": [right], "other": [wrong, wrong]}
    every = Compared([right, wrong], peers, {"detector": [right, wrong]}, {"third": "does not start"})
    assert every.beside(plate_figures.exact) == "rapidocr 1 of 1 pictures, other 0"
    assert every.beside_all(plate_figures.cpu_s, " s").endswith("other 0.1 s, detector 0.1 s")
    assert every.missing() == ", third skipped: does not start"
    assert every.beside_named() == "rapidocr right 1 wrong 0 unknown 0 of 1 pictures"


def test_without_the_peer_that_says_how_hard_the_scenes_are_that_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(reader: str, pictures: Sequence[Picture], keep: bool) -> list[Outcome]:
        if reader == "borderlane":
            return all_right(pictures)
        raise plate_readers.PeerUnavailable("no wheel to be had")

    monkeypatch.setattr(plate_readers, "outcomes_of", none)
    (measurement,) = plate_scenes.MEASUREMENTS
    figures = {figure.name: figure for figure in measurement.run(False)}
    assert figures["plate-scenes-hard-for-rapidocr"].passed is None
    assert "no wheel" in figures["plate-scenes-hard-for-rapidocr"].beside


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
