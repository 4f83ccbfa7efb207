"""Drives over a lossy link are held against the same ones without loss, and a torn picture is found out."""

from dataclasses import replace

import numpy as np
import pytest
from measures import Figure, plate_drives_h264
from measures.rigs import plate_lossy
from measures.rigs.plate_driven import Driven, Told, Vote
from measures.rigs.plate_lossy import Clip, Play, clip_of, played_once

from simulators.render.drives import h264

PICTURES = 40


def play(text: str, *, taken: int = 60, torn: int = 0) -> Play:
    """A drive of 581FNA01, of which the lane was told this text."""
    told, vote = Told(text, 0.99), Vote(text, "KZ", 0.99, 12)
    driven = Driven("7", "581FNA01", "KZ", 1, frozenset({"581FNA01"}), (vote,), (told,), ((),) * 12, 0.0)
    return Play(driven, 100, taken, torn)


def figures(lossy: list[Play], monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    def those(wanted: int, keep: bool) -> list[tuple[Play, Play]]:
        return [(play("581FNA01", taken=100), each) for each in lossy]

    monkeypatch.setattr(plate_drives_h264, "plays", those)
    (measurement,) = plate_drives_h264.MEASUREMENTS
    found = measurement.run(False)
    assert [each.name for each in found] == list(measurement.names)
    return found


def test_of_twenty_drives_one_may_be_missed_for_lost_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    every = [play("581FNA01")] * 19 + [play("581FNA07")]
    exact, taken, torn = figures(every, monkeypatch)
    assert (exact.value, exact.passed, taken.value, torn.passed) == (0.95, True, 0.6, True)
    assert exact.beside == (
        "without loss 1, pictures read 240, without loss 240, missed 7 KZ: 581FNA01 as 581FNA07 0.99 of 12"
    )
    assert taken.beside == "without loss 1"
    assert figures([*every, play("581FNA07")], monkeypatch)[0].passed is False


def test_one_torn_picture_that_was_taken_is_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    torn = figures([play("581FNA01")] * 7 + [play("581FNA01", torn=1)], monkeypatch)[2]
    assert (torn.value, torn.unit, torn.passed) == (1, "of 480 pictures taken", False)


@pytest.fixture(scope="module")
def clip() -> Clip:
    """Noise: no picture is like the one before."""
    chance = np.random.default_rng(5)
    pictures = [chance.integers(0, 256, (96, 160, 3), np.uint8) for _ in range(PICTURES)]
    return clip_of(h264.encoded_pictures(pictures, h264.Settings(10.0)), 10.0)


WITHIN = list(range(5, PICTURES))


async def test_without_loss_all_is_taken_and_read_as_often_as_a_lane_reads(clip: Clip) -> None:
    taken = await played_once(clip, WITHIN, 0.0, seed=1)
    assert (taken.count, taken.torn) == (PICTURES, 0)
    assert list(taken.read) == list(range(5, PICTURES, 4))


async def test_the_same_seed_loses_the_same_and_what_is_taken_is_whole(clip: Clip) -> None:
    one, other = [await played_once(clip, WITHIN, plate_lossy.LOSS, seed=1) for _ in range(2)]
    assert 0 < one.count < PICTURES
    assert (one.count, one.torn) == (other.count, 0)
    assert list(one.read) == list(other.read)


async def test_a_picture_that_is_not_as_it_was_encoded_is_torn(clip: Clip) -> None:
    """One that was shown before is not this one either."""
    marks = list(clip.marks)
    marks[7], marks[8] = "another", marks[9]
    taken = await played_once(replace(clip, marks=tuple(marks)), WITHIN, 0.0, seed=1)
    assert (taken.count, taken.torn) == (PICTURES, 2)
