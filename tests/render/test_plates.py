"""Rendered plates: every series of the reader's table, written twice so that neither hides a mistake."""

import random
import re
from itertools import combinations

import cv2
import numpy as np
import pytest

from anpr import formats
from anpr.alphabet import ALPHABET
from anpr.canonical import canonical
from simulators.render import plates
from simulators.render.plates import Look, Picture, Plate, glyphs, layouts, outlines, strokes

NOT_DRAWN: dict[tuple[str, str], str] = {}
"""Formats of the reader's table without a drawing, and why."""
TABLE_COUNTRY = {("RU", "1980 private"): "SU"}
SERIES = [each for country in layouts.table().values() for each in country.series]


def table_names(series: layouts.Series) -> list[tuple[str, str]]:
    """Where the reader's table may have this series: under its own name, or within another."""
    names = [(series.country, series.name), (series.country, series.format)]
    return [(TABLE_COUNTRY.get(name, name[0]), name[1]) for name in names]


def form_of(series: layouts.Series) -> formats.Format | None:
    known = {(one.country, one.series): one for one in formats.table().formats}
    return next((known[name] for name in table_names(series) if name in known), None)


@pytest.mark.parametrize("series", SERIES, ids=lambda series: f"{series.country}-{series.name}")
def test_what_is_drawn_is_what_the_reader_expects(series: layouts.Series) -> None:
    chance = random.Random(series.name)
    form = form_of(series)
    assert form or series.unlisted, "name the format of the reader's table, or say why none"
    for name in series.forms:
        one = plates.synthetic(series.country, chance, series.name, form=name)
        truth = plates.truth(one)
        assert canonical(truth.text) == truth.text == canonical(truth.display)
        if form:
            assert form.pattern.fullmatch(truth.text)
            assert truth.lines in form.lines


@pytest.mark.parametrize("series", SERIES, ids=lambda series: f"{series.country}-{series.name}")
def test_every_letter_that_may_be_drawn_is_one_that_is_searched_for(series: layouts.Series) -> None:
    assert set(series.letters + series.provinces) <= set(ALPHABET)


@pytest.mark.parametrize("form", formats.table().formats, ids=lambda form: f"{form.country}-{form.series}")
def test_every_format_of_the_reader_is_drawn(form: formats.Format) -> None:
    drawn = {name for each in SERIES for name in table_names(each)}
    assert ((form.country, form.series) in drawn) != ((form.country, form.series) in NOT_DRAWN)


def test_every_form_is_drawn_at_its_size_with_ink_on_it() -> None:
    for one in plates.all_forms(random.Random(1)):
        drawn = plates.draw(one)
        width, height = plates.size_mm(one)
        assert drawn.shape == (height * plates.PIXELS_PER_MM, width * plates.PIXELS_PER_MM, 3)
        assert drawn.std() > 15, one


def test_every_number_of_a_character_leaves_its_mark() -> None:
    for one in plates.synthetic_all(random.Random(2)):
        for place, group in enumerate(one.groups):
            other = tuple("8" * len(group) if n == place else each for n, each in enumerate(one.groups))
            if one.country in ("IR", "AF") or group == other[place]:
                continue
            other_plate = Plate(one.country, one.series, other)
            assert np.any(plates.draw(one, scale=0.5) != plates.draw(other_plate, scale=0.5)), one


def test_a_text_finds_its_series_again() -> None:
    for one in plates.synthetic_all(random.Random(3)):
        assert plates.plate(one.country, one.text).text == one.text


def test_two_line_plates_are_read_in_the_one_line_order_of_their_country() -> None:
    square = next(form for form in SERIES[0].forms if form.startswith("square"))
    one = plates.synthetic("KZ", random.Random(4), "2012 private", form=square)
    assert plates.truth(one).lines == 2
    assert re.fullmatch(r"\d{3}[A-Z]{3}(0[1-9]|1\d|20)", plates.truth(one).text)


def test_blue_and_red_turn_mid_grey_in_infrared_and_white_stays_light() -> None:
    def tone(country: str, series: str) -> float:
        one = plates.synthetic(country, random.Random(5), series)
        return float(np.median(plates.draw(one, Look(infrared=True))))

    assert 80 < tone("CN", "GA 36 car") < 170
    assert 80 < tone("KZ", "diplomatic") < 170
    assert tone("KZ", "2012 private") > 200


def test_a_look_repeats_itself() -> None:
    one = plates.synthetic("UZ", random.Random(6))
    look = Look(dirt=0.7, snow=0.4, scratches=0.5, screws=3, fading=0.3, seed=9)
    assert np.array_equal(plates.draw(one, look), plates.draw(one, look))
    assert np.any(plates.draw(one, look) != plates.draw(one))


def test_a_holder_covers_what_its_lips_reach() -> None:
    one = plates.synthetic("KZ", random.Random(7))
    look = Look(lip=(0, 0, 20, 0), holder_colour=(90, 10, 200))
    drawn, whole = plates.draw(one, look, 1.0), plates.draw(one, scale=1.0)
    assert np.all(drawn[-20:] == (90, 10, 200))
    assert np.array_equal(drawn[:-20], whole[:-20])


def test_flaking_brings_the_ground_out_and_nothing_else() -> None:
    one = plates.synthetic("CN", random.Random(8), "GA 36 lorry or bus")
    before, after = plates.draw(one), plates.draw(one, Look(flaking=1.0, seed=4))
    ink = before.max(axis=2) < 60
    assert after[ink].mean() > before[ink].mean() + 10
    assert np.abs(after[~ink].astype(int) - before[~ink]).mean() < 3


@pytest.mark.parametrize("face", sorted(strokes.STYLES))
def test_no_face_of_strokes_draws_two_characters_alike(face: str) -> None:
    def cut(character: str) -> tuple[Picture, float]:
        made = glyphs.glyph(face, character, 0)
        return cv2.resize(made.mask, (40, 60), interpolation=cv2.INTER_AREA).astype(np.uint8), made.aspect

    for script in (outlines.LATIN, outlines.PERSIAN):
        drawn = {character: cut(character) for character in sorted({key[0] for key in script})}
        for one, other in combinations(drawn, 2):
            (a, wide), (b, broad) = drawn[one], drawn[other]
            alike = np.abs(a.astype(int) - b).mean() < 3 and 0.8 < wide / broad < 1.25
            assert not alike or {one, other} in ({"0", "O"}, {"1", "I"}), (one, other)


def test_a_number_that_fits_two_series_is_a_trailers_when_a_trailer_has_it() -> None:
    # AB 777 154 is a taxi of region 154, AB 7771 54 a trailer of region 54.
    assert plates.plate("RU", "AB777154").series == "GOST type 1B, taxis and buses"
    assert plates.plate("RU", "AB777154", trailer=True).series == "GOST type 2, trailers"
    assert plates.plate("RU", "A123BC77", trailer=True).series == "GOST type 1", "none of trailers fits"


def test_the_truth_of_a_german_plate_is_spelt_without_dots() -> None:
    told = plates.truth(Plate("EU", "Germany, national", ("KÜN", "LS", "4549")))
    assert (told.text, told.display) == ("KUNLS4549", "KÜN-LS 4549")
