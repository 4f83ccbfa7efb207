"""What a plate's characters are taken for, from probabilities as recognisers give them."""

import random
import sys
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import anpr
from anpr import formats
from anpr.alphabet import ALPHABET, INDEX
from anpr.answers import CONFIDENCE_MIN, SURELY_A_PLATE, answered
from anpr.combining import BEHIND_MAX, texts_along
from anpr.ctc import FLOOR, Paths, Sequences, best_paths, condensed, likelihoods, stacked
from anpr.decoding import Decoder
from anpr.finding import Found
from anpr.legal import Legal, legal, texts_of
from anpr.spacing import fit, gaps
from simulators.render.plates import all_forms, truth

sys.path.insert(0, str(Path(__file__).parents[2] / "training"))
from plate_views import lines_of  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

DECODER = Decoder(formats.table())
PLACE = Found(np.array([(0, 0), (100, 0), (100, 20), (0, 20)], np.float32), 1, 0.9)
Rows = npt.NDArray[np.float32]


def shipped(lines: Literal[1, 2]) -> Legal:
    return legal(formats.table(), lines)


def rows_of(text: str, sure: float = 0.98, others: dict[int, dict[str, float]] | None = None) -> Rows:
    """A recogniser that reads `text`, three steps a character and two a space; `others` are what else it sees
    at a place."""
    steps: list[npt.NDArray[np.float32]] = []
    for place, letter in enumerate(text):
        if letter == " ":
            steps += [steps[0]] * 2
            continue
        blank = np.full(1 + len(ALPHABET), (1 - sure) / len(ALPHABET), np.float32)
        on = blank.copy()
        blank[0] = sure
        on[1 + INDEX[letter]] = sure
        for other, share in (others or {}).get(place, {}).items():
            on[1 + INDEX[other]] += share
        steps += [blank, on / on.sum(), blank]
    return np.array(steps)


def read(*seen: Rows, lines: int = 1) -> anpr.PlateReading | anpr.Refused:
    """What two recognisers make of it, of one mind where one is given."""
    seen = seen * 2 if len(seen) == 1 else seen
    found = Found(PLACE.corners, 2 if lines == 2 else 1, 0.9)
    return answered(found, DECODER.explanations(seen, found.lines))


def text_of(answer: anpr.PlateReading | anpr.Refused) -> str:
    assert isinstance(answer, anpr.PlateReading), answer
    return answer.text


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        ("123ABC02", "123ABC02"),
        ("A123BC77", "A123BC77"),
        ("A123BC777", "A123BC777"),
        ("AB1234AG", "AB1234AG"),
        ("京A12345", "京A12345"),
        ("12ب34567", "12ب34567"),
        ("1234УБА".replace("У", "Y").replace("А", "A"), "1234YБA"),
    ],
)
def test_what_is_read_clearly_is_told(seen: str, text: str) -> None:
    assert text_of(read(rows_of(seen))) == text


@pytest.mark.parametrize(
    ("seen", "place", "other", "text"),
    [("123ABCO2", 6, "0", "123ABC02"), ("A1Z3BC77", 2, "2", "A123BC77"), ("I23ABC12", 0, "1", "123ABC12")],
)
def test_the_place_decides_between_letters_and_digits_that_look_alike(
    seen: str, place: int, other: str, text: str
) -> None:
    assert text_of(read(rows_of(seen, others={place: {other: 0.2}}))) == text


def test_a_latin_letter_between_persian_digits_is_read_as_clearly_as_a_persian_one() -> None:
    """PP-OCR takes Persian digits for anything, and says so of a diplomat's plate as of all others."""
    ours = rows_of("26D47672", others={2: {"ا": 0.2}})
    assert text_of(read(ours, rows_of("TDFY9V"))) == "26D47672"


@pytest.mark.parametrize(
    ("ours", "pp_ocr", "place", "told"),
    [
        ("12ب34567", "12ب34563", 7, "12ب34567"),
        ("京A12347", "京A12343", 6, "京A12347"),
        ("1237БAX", "1233БAX", 3, "1237БAX"),
        ("A127BC77", "A123BC77", 3, "A123BC77"),
    ],
)
def test_beyond_latin_our_network_is_believed_more_than_pp_ocr(
    ours: str, pp_ocr: str, place: int, told: str
) -> None:
    """PP-OCR, here the surer one, knows few of these characters, and misreads the digits beside them."""
    unsure, sure = rows_of(ours, others={place: {"3": 0.3}}), rows_of(pp_ocr, others={place: {"7": 0.2}})
    assert text_of(read(unsure, sure)) == told


def test_a_two_line_plate_is_told_in_the_order_of_one_line() -> None:
    """Kazakhstan: 123 above 02 ABC."""
    assert text_of(read(rows_of("12302ABC"), lines=2)) == "123ABC02"


def test_marks_beside_the_text_are_not_read() -> None:
    """A recogniser that knows no plates reads the country's letters under the flag too."""
    assert text_of(read(rows_of("KZ123ABC02"), rows_of("123ABC02"))) == "123ABC02"


@pytest.mark.parametrize("word", ["KERUEN", "STOP", "TOYOTA", "TIR", "ASTANAMOTORS"])
def test_a_word_is_no_plate(word: str) -> None:
    answer = read(rows_of(word))
    assert isinstance(answer, anpr.Refused)
    assert answer.reason == anpr.Reason.FORMAT


@pytest.mark.parametrize(("ours", "pp_ocr"), [("ER136", "TRAILER136"), ("RC00LER", "ERCOOLER")])
def test_what_is_read_out_of_a_word_is_no_plate(ours: str, pp_ocr: str) -> None:
    """Our networks know plates only, and make one of the words on a lorry."""
    assert isinstance(read(rows_of(ours), rows_of(pp_ocr)), anpr.Refused)


@pytest.mark.parametrize("beside", ["KZ", "RUS"])
def test_a_code_of_letters_beside_the_text_is_no_word(beside: str) -> None:
    plate = read(rows_of("123ABC02"), rows_of(beside + "123ABC02"))
    alone = read(rows_of("123ABC02"))
    assert text_of(plate) == "123ABC02"
    assert isinstance(plate, anpr.PlateReading)
    assert isinstance(alone, anpr.PlateReading)
    assert plate.confidence > alone.confidence - 0.1


def test_a_text_that_may_be_a_part_of_a_longer_one_is_not_told_with_confidence() -> None:
    """A Russian plate without its region is a legal plate of an organisation in Kazakhstan of 1993."""
    answer = read(rows_of("A123BC"))
    assert isinstance(answer, anpr.Refused), "the finder's sureness is none of the text's"


def test_the_same_of_a_narrower_plate_is_less_sure() -> None:
    """Its recogniser is as sure of what it can't see."""
    rows = rows_of("123 ABC 02", 0.8)
    confidences: list[float] = []
    for width in (300, 100, 50, 30):
        corners = np.array([(0, 0), (width, 0), (width, 20), (0, 20)], np.float32)
        answer = answered(Found(corners, 1, 0.9), DECODER.explanations([rows, rows], 1))
        assert isinstance(answer, anpr.PlateReading)
        confidences.append(answer.confidence)
    assert confidences[0] == confidences[1] > confidences[2] > confidences[3]


def test_two_texts_that_are_as_likely_are_both_told() -> None:
    answer = read(rows_of("123ABC02", others={4: {"E": 0.98}}))
    assert isinstance(answer, anpr.PlateReading)
    assert {answer.text, answer.second} == {"123ABC02", "123AEC02"}
    assert answer.confidence < 0.6


def test_what_fits_any_country_is_never_told_with_more_than_its_share() -> None:
    answer = read(rows_of("A1B2C3D4"), rows_of("A1B2C3D4"))
    assert isinstance(answer, anpr.Refused) or answer.confidence <= 0.9


@pytest.mark.parametrize("text", ["VW4X4WP", "9LIVES", "2FAST4U"])
def test_a_plain_text_that_fits_no_series_is_told_of_a_frame_where_the_finder_is_sure(text: str) -> None:
    """Some countries let an owner choose the text; of a vehicle it is too little."""
    answer = read(rows_of(text))
    assert isinstance(answer, anpr.PlateReading)
    assert (answer.text, answer.confidence, answer.votes) == (text, CONFIDENCE_MIN, False)
    assert anpr.FrameReading((answer,), ()).candidates == ()


def test_it_is_not_told_where_the_finder_is_not_sure_or_the_text_is_another_one() -> None:
    seen = rows_of("VW4X4WP")
    unsure = Found(PLACE.corners, 1, SURELY_A_PLATE - 0.01)
    assert isinstance(answered(unsure, DECODER.explanations([seen, seen], 1)), anpr.Refused)
    assert isinstance(read(rows_of("TRAILER")), anpr.Refused)
    assert isinstance(read(rows_of("INTERCOOLER")), anpr.Refused)
    assert isinstance(read(rows_of("CONTINENT")), anpr.Refused), "its O read as 0 makes no plate of a word"
    assert isinstance(read(rows_of("VW4X4WP", 0.6), rows_of("8X")), anpr.Refused), "two readings of it"


@pytest.mark.parametrize("lines", [1, 2])
def test_a_un_number_is_no_plate_though_latvia_has_such(lines: int) -> None:
    """ADR 5.2.1.1.1: UN and four digits."""
    answer = read(rows_of("UN1268"), lines=lines)
    assert isinstance(answer, anpr.Refused)
    assert (answer.text, answer.reason, answer.doubtful) == ("UN1268", anpr.Reason.MARKING, None)
    assert text_of(read(rows_of("UM1268"))) == "UM1268"


def test_a_site_that_never_sees_un_numbers_reads_such_plates() -> None:
    site = Decoder(formats.table().with_priors({"UN number of dangerous goods": 0}))
    assert text_of(answered(PLACE, site.explanations([rows_of("UN1268")] * 2, 1))) == "UN1268"


def test_a_plate_of_two_countries_has_no_country() -> None:
    """01 123 ABC: Kyrgyzstan, 2016, a person; Uzbekistan, an organisation."""
    answer = read(rows_of("01123ABC"))
    assert isinstance(answer, anpr.PlateReading)
    assert answer.country is None


@pytest.mark.parametrize(("kyrgyz", "country"), [(0.0, "KG"), (-1.0, None), (-4.0, "UZ")])
def test_how_a_plate_looks_may_tell_its_country(kyrgyz: float, country: str | None) -> None:
    looks = {"KG": kyrgyz, "UZ": 0.0 if kyrgyz else -4.0}
    answer = answered(PLACE, DECODER.explanations([rows_of("01123ABC")] * 2, 1), looks)
    assert isinstance(answer, anpr.PlateReading)
    assert answer.country == country


@pytest.mark.parametrize(("georgian", "text"), [(0.0, "RO545KZ"), (-4.0, "R0545KZ")])
def test_how_a_plate_looks_may_tell_its_text(georgian: float, text: str) -> None:
    """RO 545 KZ: Georgia, 2014; R 0545 KZ: Kyrgyzstan, 1994."""
    looks = {"GE": georgian, "KG": -4.0 - georgian, "EU": -4.0}
    answer = answered(PLACE, DECODER.explanations([rows_of("RO545KZ")] * 2, 1), looks)
    assert isinstance(answer, anpr.PlateReading)
    assert answer.text == text


@pytest.mark.parametrize(("looks_like", "told"), [("KG", True), ("CN", False)])
def test_how_a_plate_looks_may_tell_whether_it_is_a_part_of_another(looks_like: str, told: bool) -> None:
    """M 7815 D of Kyrgyzstan, 1994, is a Chinese plate without its province, too."""
    looks = dict.fromkeys(("KG", "CN", "TM", "SU"), -6.0) | {looks_like: 0.0}
    answer = answered(PLACE, DECODER.explanations([rows_of("M7815D")] * 2, 1), looks)
    assert (isinstance(answer, anpr.PlateReading) and answer.country == "KG") is told


@pytest.mark.parametrize("fits", [0.0, -4.0])
def test_a_look_that_fits_no_country_well_does_not_make_it_less_of_a_plate(fits: float) -> None:
    explanations = DECODER.explanations([rows_of("123ABC02")] * 2, 1)
    plain, looked = answered(PLACE, explanations), answered(PLACE, explanations, {"KZ": fits, "AF": 0.0})
    assert isinstance(plain, anpr.PlateReading)
    assert isinstance(looked, anpr.PlateReading)
    assert (looked.text, looked.confidence) == (plain.text, pytest.approx(plain.confidence, abs=0.05))


@settings(max_examples=40, deadline=None)
@given(st.text(ALPHABET, min_size=1, max_size=12), st.floats(0.2, 0.999), st.sampled_from([1, 2]))
def test_whatever_was_recognised_is_a_legal_plate_or_refused(seen: str, sure: float, lines: int) -> None:
    answer = read(rows_of(seen, sure), lines=lines)
    if isinstance(answer, anpr.PlateReading):
        assert formats.match(answer.text, lines=lines).formats
        assert sum(share for _, share in answer.alternatives) <= 1.001


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_site_that_never_sees_a_country_never_reads_it(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(["A123BC77", "A123BC777"]))
    without = Decoder(formats.table().with_priors({"RU": 0, "SU": 0}))
    for each in without.explanations([rows_of(text)] * 2, 1):
        assert each.form is None or each.form.country != "RU"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_a_text_is_as_likely_as_all_its_paths(seed: int, steps: int) -> None:
    """Against every path of a small example, spelled out (without marks beside it)."""
    rng = np.random.default_rng(seed)
    rows = rng.random((min(steps, 5), 4)).astype(np.float32) + 0.01
    rows[0, 0] = rows[-1, 0] = 0.0
    rows = np.maximum(rows / rows.sum(axis=1, keepdims=True), FLOOR).astype(np.float32)
    scaled = (rows / rows.max(axis=1, keepdims=True)).astype(np.float64)
    text = [1, 1] if len(rows) >= 3 else [2]
    summed = 0.0
    for number in range(4 ** len(rows)):
        path = [(number // 4**step) % 4 for step in range(len(rows))]
        kept = [one for at, one in enumerate(path) if at == 0 or path[at - 1] != one]
        if [one for one in kept if one] == text:
            first = next(at for at, one in enumerate(path) if one)
            last = max(at for at, one in enumerate(path) if one)
            weight = 1.0
            for at, one in enumerate(path):
                height = scaled[at, one]
                weight *= max(height, 0.02) if not one and not first < at < last else height
            summed += weight
    assert likelihoods(stacked([rows]), [text])[0, 0] == pytest.approx(np.log(summed), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_text_of_any_series_that_is_read_clearly_is_among_the_likeliest(data: st.DataObject) -> None:
    lines: Literal[1, 2] = data.draw(st.sampled_from((1, 2)))
    reading = data.draw(st.sampled_from(shipped(lines).readings))
    letters = "".join(data.draw(st.sampled_from(sorted(place))) for place in reading.sets)
    text = reading.text(letters)
    assume(any(form.pattern.fullmatch(text) for form in reading.series))
    found = DECODER.explanations([rows_of(letters)] * 2, lines)
    assert text in {each.text for each in found[:8]}


@pytest.mark.parametrize("printed", ["O 5264 TB", "05 264 TB", "05 FO 0142", "05 F 00142"])
def test_spaces_tell_apart_what_has_the_same_shapes(printed: str) -> None:
    alike = {place: {"0": 0.98, "O": 0.98} for place, letter in enumerate(printed) if letter in "0O"}
    assert text_of(read(rows_of(printed, others=alike))) == printed.replace(" ", "")


@pytest.mark.parametrize("bottom", ["FO 0142", "F 00142"])
def test_spaces_speak_on_each_line_of_a_plate(bottom: str) -> None:
    alike = {place: {"0": 0.98, "O": 0.98} for place, letter in enumerate(bottom) if letter in "0O"}
    low = rows_of(bottom, others=alike)
    top = np.concatenate([rows_of("05"), np.repeat(low[:1], len(low) - 6, axis=0)])
    rows = np.concatenate([top, low[:1], low])
    assert text_of(read(rows, lines=2)) == "05" + bottom.replace(" ", "")


def test_spaces_speak_only_of_as_many_characters_as_were_seen() -> None:
    form = next(form for form in formats.table().formats if form.name == "KG 1994")
    order = range(7)
    seen = gaps(rows_of("O 5264 TB"), 1)
    assert fit(form, "O5264TB", order, seen) > fit(form, "O5264TB", order, gaps(rows_of("05 264 TB"), 1))
    assert fit(form, "O5264T", order, seen) == 0
    assert gaps(rows_of("12"), 1) == ()


def test_surely_blank_steps_between_blank_ones_change_nothing() -> None:
    rows = rows_of("123ABC02", 0.999)
    longer = np.concatenate([np.repeat(rows[:1], 9, axis=0), rows])
    assert len(condensed(longer)) == len(condensed(rows))
    text = [[1 + INDEX[letter] for letter in "123ABC02"]]
    assert likelihoods(stacked([longer]), text) == pytest.approx(likelihoods(stacked([rows]), text))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(15, 30), st.integers(1, 60))
def test_what_one_recogniser_says_depends_on_no_others_length(seed: int, steps: int, others: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = (
        rng.dirichlet(np.full(1 + len(ALPHABET), 0.1), n).astype(np.float32) for n in (steps, others)
    )
    texts = [[1 + INDEX[letter] for letter in text] for text in ("123ABC02", "RO545KZ", "1")]
    together = stacked([one, other])
    assert likelihoods(together, texts)[0] == pytest.approx(likelihoods(stacked([one]), texts)[0])
    known = shipped(1).sequences
    paths, alone = best_paths(together, known, 5), best_paths(stacked([one]), known, 5)
    assert paths.behind[0] == pytest.approx(alone.behind[0], abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_likeliest_texts_along_a_path_come_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    length = int(rng.integers(1, 5))
    sets = rng.random((3, len(ALPHABET))) < 0.05
    sets[:, 0] = True
    places = np.full((1, 6), -1)
    places[0, :length] = rng.integers(0, 3, length)
    characters = (rng.random((1, 1, 6, len(ALPHABET))) * -6).astype(np.float32)
    path = Paths(np.zeros((1, 1), np.intp), np.zeros((1, 1), np.float32), characters)
    (found,) = texts_along(path, Sequences(sets, places), 20)

    options = [
        sorted(
            (float(-characters[0, 0, place, each]), ALPHABET[each]) for each in np.flatnonzero(sets[which])
        )
        for place, which in enumerate(places[0, :length])
    ]
    least = sum(option[0][0] for option in options)
    every = sorted(
        (sum(cost for cost, _ in picked) - least, "".join(letter for _, letter in picked))
        for picked in product(*(option[:3] for option in options))
    )
    assert found == [text for cost, text in every if cost <= BEHIND_MAX][:20]


def test_a_text_far_behind_the_likeliest_is_not_looked_at() -> None:
    characters = np.zeros((1, 1, 1, len(ALPHABET)), np.float32)
    path = Paths(np.zeros((1, 1), np.intp), np.full((1, 1), BEHIND_MAX + 1, np.float32), characters)
    assert texts_along(
        path, Sequences(np.ones((1, len(ALPHABET)), np.bool_), np.zeros((1, 1), np.intp)), 6
    ) == [[]]


def test_every_series_can_be_read_on_the_lines_it_is_printed_on() -> None:
    for form in formats.table().formats:
        for lines in (1, 2):
            known = {series.name for reading in shipped(lines).readings for series in reading.series}
            assert (form.name in known) == (lines in form.lines)


def test_the_number_of_texts_of_a_series_is_counted() -> None:
    private = next(form for form in formats.table().formats if form.name == "KZ 2012 private")
    assert texts_of(private.pattern, 8) == 10**3 * 26**3 * 20
    assert texts_of(private.pattern, 7) == 0


def test_every_drawn_plate_is_read_in_the_order_in_which_it_is_drawn() -> None:
    """Of every form: the lines as they are drawn, one after the other, are a reading of the table."""
    wrong: list[str] = []
    for plate in all_forms(random.Random(3)):
        what = truth(plate)
        letters = "".join(lines_of(plate))
        readings = [
            reading
            for reading in shipped(2 if what.lines == 2 else 1).readings
            if len(reading.sets) == len(letters)
            and reading.text(letters) == what.text
            and any(
                form.country in (what.country, "SU") and form.pattern.fullmatch(what.text)
                for form in reading.series
            )
        ]
        if not readings and what.country != "EU":  # umlauts are folded
            wrong.append(f"{plate.country} {plate.series} {plate.form}: {letters} for {what.text}")
    assert not wrong, "\n".join(wrong)
