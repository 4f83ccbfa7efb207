"""What a camera's processing makes of a picture of a plate."""

import numpy as np
import pytest

from simulators.render import video
from simulators.render.plates import Picture

TALL = 40.0


def bars() -> Picture:
    """Thin dark strokes on light ground."""
    made = np.full((48, 200, 3), 210, np.uint8)
    made[8:40, 20:180:12] = 20
    return made


def test_it_repeats_itself_and_keeps_the_size() -> None:
    for seed in range(60):
        one = video.processed(bars(), TALL, np.random.default_rng(seed))
        assert one.shape == bars().shape
        assert one.dtype == np.uint8
        assert np.array_equal(one, video.processed(bars(), TALL, np.random.default_rng(seed)))


def test_burnt_light_eats_thin_strokes() -> None:
    before, after = bars(), video.burnt(bars(), TALL, np.random.default_rng(1))
    assert after[24, 20:180:12].mean() > before[24, 20:180:12].mean() + 40


@pytest.mark.parametrize("step", [1, 3])
def test_the_later_field_has_moved_and_the_earlier_has_not(step: int) -> None:
    before, after = bars(), video.interlaced(bars(), step)
    assert np.array_equal(after[::2], before[::2])
    assert np.array_equal(after[9::2, step:], before[9::2, :-step])
    assert np.any(after[9::2] != before[9::2])


def test_sharpening_leaves_halos() -> None:
    soft = np.full((48, 200, 3), 180, np.uint8)
    soft[:, 100:] = 80
    after = video.sharpened(soft, TALL, np.random.default_rng(2))
    assert after[:, :100].max() > 185
    assert after[:, 100:].min() < 75


def test_a_crop_of_a_small_plate_survives() -> None:
    for seed in range(40):
        made = video.processed(bars()[:7, :9], 5.0, np.random.default_rng(seed))
        assert made.shape == (7, 9, 3)
