"""The reader on rendered frames, on nonsense, and, where they are, on real photographs."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import anpr
from anpr import formats, pp_ocr, reader
from anpr.finding import Found
from anpr.sequences import NotFinite, spell_out
from simulators.render import synthetic
from simulators.render.drives import Kind
from tests import lane_pictures
from tests.lane_pictures import Drive

KINDS: tuple[Kind, ...] = ("lorry", "car", "coach")
REAL = Path(__file__).parents[3] / "shared" / "data" / "anpr"


def frame_of(jpeg: bytes) -> "anpr.Frame":
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded.astype(np.uint8)


def agreed(drive: Drive) -> tuple[anpr.Agreed, ...]:
    """The vote over four frames of a drive: two of the approach, two standing."""
    track = anpr.Track()
    for number, jpeg in enumerate((drive.approach[-2], drive.approach[-1], *drive.standing[:2])):
        track.add(str(number), anpr.examine(frame_of(jpeg)).candidates)
    return track.plates()


@pytest.mark.parametrize(
    ("kind", "country", "light"),
    [("lorry", "KZ", "day"), ("car", "UZ", "night"), ("coach", "KG", "day"), ("lorry", "TM", "night")],
)
def test_a_rendered_vehicle_is_read_over_a_few_frames(
    kind: Kind, country: str, light: Literal["day", "night"]
) -> None:
    plate = synthetic(country, random.Random(11))
    plates = agreed(lane_pictures.drive(kind, plate, light=light))
    assert [one.text for one in plates][:1] == [plate.text]
    assert plates[0].country in (country, None)
    assert plates[0].confidence > 0.6


@pytest.mark.long
def test_rendered_drives_of_ten_countries_are_read_at_least_95_times_in_100() -> None:
    """Of each the present series of cars in one line, in letters that this reader knows."""
    chance, right, wrong_and_sure, total = random.Random(5), 0, 0, 0
    for round_ in range(3):
        for country in ("KZ", "KG", "UZ", "TJ", "TM", "RU", "AZ", "GE", "TR", "EU"):
            plate = synthetic(country, chance)
            kind = chance.choice(KINDS)
            light = "night" if round_ == 2 else "day"
            plates = agreed(lane_pictures.drive(kind, plate, light=light, seed=round_))
            good = bool(plates) and plates[0].text == plate.text
            right, total = right + good, total + 1
            wrong_and_sure += bool(plates) and not good and plates[0].confidence >= 0.9
    assert right >= 0.95 * total, f"{right} of {total}"
    assert wrong_and_sure == 0


def test_an_empty_lane_and_a_vehicle_without_a_plate_give_none() -> None:
    assert anpr.read(frame_of(lane_pictures.nobody()[0])) == ()
    bare = lane_pictures.drive("coach", synthetic("KZ", random.Random(3)), bare=True)
    found = anpr.examine(frame_of(bare.standing[0]))
    assert found.plates == ()
    assert all(one.reason in anpr.Reason for one in found.refused)


def test_the_corners_lie_on_the_plate() -> None:
    plate = synthetic("KZ", random.Random(3))
    (found,) = anpr.read(frame_of(lane_pictures.drive("lorry", plate).standing[0]))
    x, y, width, height = found.box
    assert 120 < width < 200
    assert 30 < height < 70
    assert 350 < x < 450
    assert 240 < y < 320
    assert found.lines == 1
    top_left, top_right, bottom_right, bottom_left = found.corners
    assert top_left[0] < top_right[0]
    assert bottom_left[1] > top_left[1]
    assert bottom_right[0] > bottom_left[0]


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((540, 960), np.uint8),
        np.zeros((540, 960, 4), np.uint8),
        np.zeros((540, 960, 3), np.float32),
        np.zeros((4, 960, 3), np.uint8),
        np.zeros((33, 20_000, 3), np.uint8),
    ],
    ids=["gray", "alpha", "float", "flat", "long"],
)
def test_an_array_that_is_no_frame_is_refused(frame: "anpr.Frame") -> None:
    with pytest.raises(ValueError, match="frame"):
        anpr.read(frame)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(32, 300), st.integers(32, 300))
def test_noise_is_never_a_sure_plate(seed: int, height: int, width: int) -> None:
    frame = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert all(one.confidence < 0.5 for one in anpr.read(frame))


def test_a_missing_network_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    drive = lane_pictures.drive("lorry", synthetic("KZ", random.Random(3)))
    monkeypatch.setattr(pp_ocr, "find_spec", lambda name: None)  # pyright: ignore[reportUnknownLambdaType]
    pp_ocr.model.cache_clear()
    with pytest.raises(anpr.ReaderUnavailable, match=r"requirements\.lock"):
        anpr.read(frame_of(drive.standing[0]))


@pytest.mark.parametrize(("score", "asked"), [(0.4, False), (0.9, True)])
def test_pp_ocr_is_asked_of_an_empty_place_only_where_the_finder_is_sure_of_a_plate(
    score: float, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking takes most of a frame's time, and where the finder is in doubt mostly nothing is written."""
    questions: list[object] = []
    read = pp_ocr.read
    corners = np.array([(100, 100), (300, 100), (300, 145), (100, 145)], np.float32)
    monkeypatch.setattr(reader, "find", lambda frame: (Found(corners, 1, score),))  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setattr(reader, "proposed", lambda frame, found: ())  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setattr(pp_ocr, "read", lambda *about: questions.append(about) or read(*about))  # pyright: ignore[reportUnknownLambdaType]
    (refused,) = anpr.examine(np.full((300, 400, 3), 120, np.uint8)).refused
    assert bool(questions) == asked
    assert refused.box[:2] == (100, 100)


@given(st.data())
def test_a_format_spelled_out_says_the_same_as_its_expression(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from([form for form in formats.table().formats if form.specific]))
    places = data.draw(st.sampled_from(spell_out(form.pattern.pattern)))
    text = "".join(data.draw(st.sampled_from(sorted(place))) for place in places)
    assert form.pattern.fullmatch(text)


@pytest.mark.parametrize("regex", ["a*", "a+", "[^a]", "(a", "a)", "(?=a)a", "a{1,}", "\\w", "a|b*"])
def test_an_expression_that_is_not_finite_is_not_spelled_out(regex: str) -> None:
    with pytest.raises(NotFinite):
        spell_out(regex)


def test_every_series_is_spelled_out() -> None:
    for form in formats.table().formats:
        if form.specific:
            assert spell_out(form.pattern.pattern), form.series


@pytest.mark.skipif(not REAL.is_dir(), reason="the real photographs (shared/data/anpr) are not here")
def test_figures_on_a_few_real_photographs(record_property: Callable[[str, object], None]) -> None:
    """No target here: the figures are printed, so that a change that ruins them is seen."""
    listed = json.loads((REAL / "truth.json").read_text())
    alone = [one for one in listed if len(one["plates"]) == 1]
    chosen = [one for one in alone if one["plates"][0]["country"] in ("KZ", "RU")]
    right = wrong_and_sure = 0
    for one in chosen[:4]:
        frame = cv2.imread(str(REAL / one["file"]))
        assert frame is not None
        plates = anpr.read(frame.astype(np.uint8))
        truth = one["plates"][0]["text"]
        right += any(plate.text == truth for plate in plates)
        wrong_and_sure += sum(plate.text != truth and plate.confidence >= 0.9 for plate in plates)
    record_property("exact", f"{right} of 4")
    assert wrong_and_sure == 0
