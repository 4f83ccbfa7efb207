"""The wardrobes: what trains a network is never what proves it."""

import random

import numpy as np
import pytest

from simulators.render import fonts, plates
from simulators.render.crops import plate_crop
from simulators.render.looks import COUNTRY_WEIGHTS, LESSON, PROOF, TRAINING, Wardrobe, any_plate, look
from simulators.render.plates import countries, strokes
from simulators.render.scenes import stages


@pytest.mark.parametrize(
    "what",
    ["faces", "cyrillic", "persian", "chinese", "words", "holder_words", "holder_colours", "signs", "bodies",
     "shapes", "backgrounds"],
)  # fmt: skip
def test_the_wardrobes_have_nothing_in_common(what: str) -> None:
    training, proof = set(getattr(TRAINING, what)), set(getattr(PROOF, what))
    assert training
    assert proof
    assert not training & proof


def test_their_faces_come_from_different_files() -> None:
    def files(*groups: tuple[str, ...]) -> set[str]:
        return {fonts.path(face) for group in groups for face in group if face not in strokes.STYLES}

    proof = files(PROOF.faces, PROOF.cyrillic, PROOF.persian, PROOF.chinese)
    lesson = files(LESSON.faces, LESSON.cyrillic, LESSON.persian, LESSON.chinese)
    assert lesson > files(TRAINING.faces, TRAINING.cyrillic, TRAINING.persian, TRAINING.chinese)
    assert not lesson & proof
    assert not set(stages.TRAINING.faces) & proof, "what is written on the scenes of lessons"


def test_no_stroke_face_of_training_comes_near_one_of_proof() -> None:
    def styles(wardrobe: Wardrobe) -> list[strokes.Style]:
        return [strokes.STYLES[face] for face in set(wardrobe.faces) if face in strokes.STYLES]

    for one in styles(TRAINING):
        for other in styles(PROOF):
            steps = ((one.round, other.round, 0.03), (one.stroke, other.stroke, 0.012),
                     (one.aspect, other.aspect, 0.04))  # fmt: skip
            assert any(abs(mine - its) >= step - 1e-9 for mine, its, step in steps), (one, other)


def test_workshops_are_for_training_and_leave_the_measured_plates_as_they_were() -> None:
    chance = random.Random(3)
    plain = plates.Look()
    made = [look(any_plate(chance), chance, TRAINING) for _ in range(400)]
    proof = [look(any_plate(chance), chance, PROOF) for _ in range(100)]
    for what in ("spacing", "tall", "bend", "chinese_weight", "persian_weight", "relief", "flaking", "lip"):
        assert any(getattr(each, what) != getattr(plain, what) for each in made), what
        assert all(getattr(each, what) == getattr(plain, what) for each in proof), what


def test_every_country_is_drawn() -> None:
    assert set(COUNTRY_WEIGHTS) == set(countries())
    chance = random.Random(1)
    assert {any_plate(chance).country for _ in range(600)} == set(countries())


@pytest.mark.parametrize("wardrobe", [TRAINING, PROOF], ids=lambda wardrobe: wardrobe.name)
def test_a_look_comes_out_of_its_wardrobe(wardrobe: Wardrobe) -> None:
    chance = random.Random(2)
    for _ in range(100):
        worn = look(any_plate(chance), chance, wardrobe)
        assert worn.face in wardrobe.faces + wardrobe.cyrillic
        assert worn.persian in wardrobe.persian
        assert worn.chinese in wardrobe.chinese
        assert not worn.holder_text or worn.holder_text in wardrobe.holder_words


def test_a_crop_holds_its_plate_whole_and_repeats_itself() -> None:
    for seed in range(40):
        picture, truth, corners = plate_crop(random.Random(seed), TRAINING)
        again, same, _ = plate_crop(random.Random(seed), TRAINING)
        assert np.array_equal(picture, again)
        assert truth == same
        assert picture.dtype == np.uint8
        assert np.all(corners >= -0.5)
        assert np.all(corners <= np.array(picture.shape[1::-1]) - 0.5)
        across = np.hypot(*(corners[1] - corners[0]))
        assert 25 < across < 450, "a turned plate is narrower than its 60 to 400 px"
