"""Scenes for training and proof: their truth is in the picture, whole, and a seed repeats it."""

import numpy as np
import pytest

from simulators.render.bodies import _SHAPES as SHAPES  # pyright: ignore[reportPrivateUsage]
from simulators.render.looks import PROOF, TRAINING, Wardrobe
from simulators.render.scene_set import scene

SMALL = (640, 384)


def test_a_seed_repeats_a_scene() -> None:
    one, again, other = scene(3, TRAINING, SMALL), scene(3, TRAINING, SMALL), scene(4, TRAINING, SMALL)
    assert np.array_equal(one.picture, again.picture)
    assert [each.truth for each in one.plates] == [each.truth for each in again.plates]
    assert np.any(one.picture != other.picture)
    assert np.any(one.picture != scene(3, PROOF, SMALL).picture)


@pytest.mark.parametrize("wardrobe", [TRAINING, PROOF], ids=lambda wardrobe: wardrobe.name)
def test_plates_lie_whole_in_the_picture_and_apart(wardrobe: Wardrobe) -> None:
    found = 0
    for seed in range(16):
        made = scene(seed, wardrobe, SMALL)
        assert made.picture.shape == (384, 640, 3)
        assert made.picture.dtype == np.uint8
        for plate in made.plates:
            corners = plate.corners
            assert np.all(corners >= 0)
            assert np.all(corners < SMALL)
            (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[1]
            assert ax * by - ay * bx > 0, "clockwise from the top left"
            assert 10 < np.hypot(*(corners[1] - corners[0])) < 230
            found += 1
    assert found > 7


def test_every_shape_of_the_wardrobes_can_be_drawn() -> None:
    assert set(TRAINING.shapes + PROOF.shapes) == set(SHAPES)
