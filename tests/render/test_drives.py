"""Drives with truth: what a film says of its plates is what its pictures show."""

import itertools
import random
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from simulators.render import optics, plates
from simulators.render.drives import EncoderMissing, Films, Order, SeenPlate, Side, frames
from simulators.render.drives.cast import cast, drawn, dressed
from simulators.render.drives.course import course
from simulators.render.drives.h264 import Settings, encoded
from simulators.render.drives.light import AutoExposure
from simulators.render.drives.painter import Actor, seen
from simulators.render.drives.scenery import scenery
from simulators.render.looks import PROOF, TRAINING, Wardrobe

SMALL = Order(seed=12, side="front", frames_per_s=3.0, size=(480, 272))
WARDROBES = pytest.mark.parametrize("wardrobe", [TRAINING, PROOF], ids=lambda wardrobe: wardrobe.name)


def passing(order: Order, seen_plates: tuple[SeenPlate, ...]) -> list[SeenPlate]:
    return [each for each in seen_plates if each.vehicle == str(order.seed)]


def test_a_film_is_rendered_once_and_again_when_it_was_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = Films(tmp_path).film(SMALL, PROOF)
    assert len(film.pictures) == len(film.plates) >= 10
    assert film.view(len(film.pictures)) == film.pictures[0]
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:5000])
    again = Films(tmp_path).film(SMALL, PROOF)
    monkeypatch.setattr("simulators.render.drives.film.scenery", None)
    cached = Films(tmp_path).film(SMALL, PROOF)
    for other in (again, cached):
        assert other.pictures == film.pictures
        assert [
            [(one.truth, one.corners.tolist(), one.vehicle) for one in each] for each in other.plates
        ] == [[(one.truth, one.corners.tolist(), one.vehicle) for one in each] for each in film.plates]
    with pytest.raises(TypeError):  # nothing kept of another wardrobe
        Films(tmp_path).film(SMALL, TRAINING)


@pytest.mark.parametrize("side", ["front", "rear"])
@pytest.mark.parametrize("seed", [3, 12, 21])
def test_the_corners_lie_on_the_plate_that_the_truth_names(seed: int, side: Side) -> None:
    order = replace(SMALL, seed=seed, side=side, size=(960, 544), frames_per_s=1.0)
    made = scenery(random.Random(f"proof/{seed}"), order, PROOF)
    assert made.passing.truth == plates.truth(made.cast.plate(side))
    flat = _without_holder(made.passing)
    alike: list[float] = []
    for frame in frames(order, PROOF):
        for one in passing(order, frame.plates):
            assert one.truth == made.passing.truth
            shown = _flat(frame.picture, one.corners)
            pair = [cv2.GaussianBlur(each.mean(axis=2), (0, 0), 2).ravel() for each in (flat, shown)]
            alike.append(float(np.corrcoef(*pair)[0, 1]))
    assert len(alike) >= 4
    assert np.median(alike) > 0.7
    assert max(alike) > 0.85


def _flat(picture: plates.Picture, corners: optics.Corners) -> plates.Picture:
    target = np.array([[0, 0], [260, 0], [260, 60], [0, 60]], np.float32) - 0.5
    return cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, target), (260, 60)).astype(
        np.uint8
    )


def _without_holder(who: Actor) -> plates.Picture:
    rows, columns = who.plate.shape[:2]
    edge = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32) - 0.5
    to_pixels = cv2.getPerspectiveTransform(who.outer, edge)
    return _flat(who.plate, cv2.perspectiveTransform(who.inner[None], to_pixels)[0].astype(np.float32))


def test_a_vehicle_comes_nearer_stands_and_leaves() -> None:
    made = course(random.Random(4), start_m=9.0, gone_m=5.0)
    at = [made.before_m(float(time_s)) for time_s in np.linspace(0, made.length_s, 200)]
    assert at[0] == 9.0
    assert at == sorted(at, reverse=True)
    assert max(before - after for before, after in itertools.pairwise(at)) < 0.3
    assert made.before_m((made.stopped_s + made.leaves_s) / 2) == 0
    assert at[-1] == pytest.approx(-5.0)
    assert made.braking(made.stopped_s)
    assert not made.braking(made.length_s)


def test_a_standing_vehicle_keeps_its_place_while_light_and_noise_go_on() -> None:
    order = replace(SMALL, frames_per_s=10.0)
    made = scenery(random.Random("proof/12"), order, PROOF)
    times = [made.course.stopped_s + 0.3, made.course.stopped_s + 0.4]
    (first, (one, *_)), (second, (other, *_)) = (made.take(time_s) for time_s in times)
    assert np.array_equal(one.corners, other.corners)
    assert not np.array_equal(first, second)


def test_motion_blurs_a_plate_as_far_as_it_moves_while_exposed() -> None:
    made = scenery(random.Random("proof/12"), replace(SMALL, side="front"), PROOF)
    moving_s = made.course.rolling_s * 0.9

    def sharpness(exposure_s: float) -> float:
        made.lighting = replace(made.lighting, exposure_s=exposure_s)
        corners = made.passing.spot(made.eye, made.passing.inner, made.place(moving_s))
        assert corners is not None
        return float(cv2.Laplacian(_flat(made.smeared(moving_s), corners), cv2.CV_32F).std())

    assert sharpness(0.2) < 0.7 * sharpness(0.05) < 0.9 * sharpness(0.001)
    assert np.array_equal(made.smeared(made.course.leaves_s), made.painted(made.stop_z))


def test_the_exposure_follows_a_change_of_light_with_a_lag() -> None:
    exposure = AutoExposure("day", start=1.0)
    dark, bright = (np.full((80, 80, 3), level, np.uint8) for level in (60, 180))
    settled = [exposure.gain(dark) for _ in range(40)][-1]
    after = [exposure.gain(bright) for _ in range(40)]
    assert settled > after[0] > after[5] > after[-1]
    assert after[-1] * 180 == pytest.approx(108, rel=0.02)


@pytest.mark.parametrize("country", plates.countries())
def test_every_country_drives_with_a_trailer(country: str) -> None:
    chance = random.Random(country)
    made = [cast(chance, "lorry", country) for _ in range(30)]
    assert {each.front.country for each in made} == {country}
    assert any(each.rear.country == country for each in made)
    assert all(each.front.text != each.rear.text for each in made)
    assert not any("trailer" in each.front.series for each in made if country != "KZ")
    car = cast(chance, "car", country)
    assert car.front == car.rear


@WARDROBES
@pytest.mark.parametrize("kind", ["car", "coach", "lorry"])
def test_both_sides_of_a_vehicle_come_out_of_its_wardrobe(kind: str, wardrobe: Wardrobe) -> None:
    for seed in range(6):
        worn = dressed(random.Random(seed), kind, wardrobe)  # type: ignore[arg-type]
        assert worn["front"].bodies == worn["rear"].bodies
        for side, clothes in worn.items():
            assert set(clothes.shapes) <= set(wardrobe.shapes)
            assert set(clothes.bodies) <= set(wardrobe.bodies)
            made = drawn(side, np.random.default_rng(seed), clothes, 60.0)
            assert (made.rear, len(made.mounts)) == (side == "rear", 1)


def test_a_plate_that_is_covered_cut_or_far_is_no_truth() -> None:
    made = scenery(random.Random("proof/12"), SMALL, PROOF)
    eye, who, z = made.eye, made.passing, made.stop_z
    assert seen(eye, who, z, []) is not None
    assert seen(eye, who, z, who.silhouette(eye, z - 0.5)) is None
    assert seen(eye, who, z * 12, []) is None
    assert seen(eye, who, 0.9, []) is None
    assert seen(eye, who, -1.0, []) is None


def test_a_film_is_encoded_alike_each_time_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    films = Films(tmp_path)
    pieces = films.h264(SMALL, PROOF)
    pictures = films.film(SMALL, PROOF).pictures
    assert len(pieces) == len(pictures)
    assert encoded(pictures, Settings(SMALL.frames_per_s)) == pieces
    capped = encoded(pictures, Settings(SMALL.frames_per_s, kbit_s=100))
    assert sum(map(len, capped)) < 0.8 * sum(map(len, pieces))
    monkeypatch.setitem(sys.modules, "av", None)
    assert Films(tmp_path).h264(SMALL, PROOF) == pieces
    with pytest.raises(EncoderMissing, match="pip install"):
        films.h264(SMALL, TRAINING)
