"""Frames of one document read together: what moves disappears, copies prove nothing, documents stay apart."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mrz
from mrz.cells.types import CellGrid
from mrz.decoding import decode
from mrz.decoding.calibration import calibration_error, reliability
from mrz.document import Status
from mrz.fusion import FRAMES_MAX, Fusion
from mrz.layouts import LAYOUTS
from mrz.picture import Grey
from tests.mrz import simulated_recogniser as simulated

REFERENCE = date(2026, 6, 1)
FIELDS = mrz.Fields(
    mrz.Format.TD3, "P", "KAZ", "N12345678", "KAZ", "OSPANOV", "MARAT", "800101", "M", "300101"
)
TD3 = mrz.format(FIELDS)


def shots(
    lines: Sequence[str], noise: float, count: int, alike: float = 0.0, seed: int = 0
) -> list[tuple[CellGrid, ...]]:
    """Frames of which a share `alike` of the noise is the same in all."""
    rng = np.random.default_rng(seed)
    true = simulated.seen(lines, 0.0, rng)
    shared = simulated.seen(lines, noise, rng) - true
    return [
        (
            simulated.told(
                true
                + np.sqrt(alike) * shared
                + np.sqrt(1 - alike) * (simulated.seen(lines, noise, rng) - true),
                noise,
                [len(line) for line in lines],
            ),
        )
        for _ in range(count)
    ]


def fuse(per_frame: Sequence[Sequence[CellGrid]]) -> tuple[CellGrid, ...]:
    fusion = Fusion()
    for grids in per_frame:
        fusion.add(grids)
    return fusion.grids()


def glared(lines: Sequence[str], columns: range, seed: int) -> tuple[CellGrid, ...]:
    """A frame whose glare hides these columns of every line."""
    noise = np.full((len(lines), len(lines[0])), simulated.CLEAR)
    noise[:, columns.start : columns.stop] = 30.0
    return (simulated.read(lines, noise.ravel(), seed),)


def best(grids: Sequence[CellGrid]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.concatenate([line.log_probabilities for line in grids[0].lines]).astype(float)


def test_glare_that_moves_disappears():
    frames = [glared(TD3, range(first, first + 9), seed) for seed, first in enumerate((0, 9, 18, 27, 35))]
    alone = [decode(frame, REFERENCE) for frame in frames]
    assert not any(read.status is Status.VERIFIED for read in alone)
    assert sum(read.lines == TD3 for read in alone) <= 1  # behind the names and data nothing is missed
    read = decode(fuse(frames), REFERENCE, len(frames))
    assert read.lines == TD3
    assert read.status is Status.VERIFIED


def test_one_clear_frame_among_many_blinded_ones_is_heard():
    hidden = range(14, 24)
    frames = [glared(TD3, hidden, seed) for seed in range(9)] + [(simulated.read(TD3, 0.06, 99),)]
    read = decode(fuse(frames), REFERENCE, len(frames))
    assert read.lines == TD3
    assert read.status is Status.VERIFIED


def test_a_cell_that_one_frame_alone_sees_is_as_sure_as_in_it_alone():
    """Also where both frames err alike in all others."""
    noise = np.full((2, 44), 0.25)
    seen = simulated.seen(TD3, noise.ravel(), np.random.default_rng(6))
    clear = simulated.told(seen, noise.ravel(), (44, 44))
    noise[0, 6] = 30.0
    hidden = simulated.told(seen, noise.ravel(), (44, 44))
    alone, fused = np.exp(best([clear])[6]), np.exp(best(fuse([(clear,), (hidden,)]))[6])
    assert fused.max() == pytest.approx(alone.max(), abs=0.01)


@pytest.mark.parametrize("noise", [simulated.CLEAR, 0.2, simulated.AWFUL])
def test_thirty_copies_of_a_frame_are_no_surer_than_one(noise: float):
    frame = (simulated.read(TD3, noise, 4),)
    fused, one = best(fuse([frame] * 30)), best([*frame])
    assert (fused.argmax(axis=1) == one.argmax(axis=1)).all()
    assert fused.max(axis=1) == pytest.approx(one.max(axis=1), abs=1e-4)
    single, many = decode(frame, REFERENCE), decode(fuse([frame] * 30), REFERENCE)
    for field, chance in many.confidence.items():
        assert chance <= single.confidence[field] + 1e-4


@pytest.mark.parametrize("noise", [simulated.CLEAR, 0.2])
def test_a_camera_that_sends_one_frame_thirty_times_is_told_as_one_picture_is(noise: float):
    frame = (simulated.read(TD3, noise, 4),)
    fusion = Fusion()
    for _ in range(30):
        fusion.add(frame)
    once, often = decode(frame, REFERENCE), fusion.reading(REFERENCE)
    assert often.lines == once.lines
    assert often.status == once.status
    assert often.confidence == pytest.approx(once.confidence, abs=1e-3)


def test_frames_that_err_apart_confirm_each_other_and_those_that_err_alike_hardly_do():
    def mean_doubt(alike: float) -> float:
        frames = shots(TD3, 0.2, 8, alike, seed=2)
        return float((1 - np.exp(best(fuse(frames)).max(axis=1))).mean())

    apart, half, same = mean_doubt(0.0), mean_doubt(0.5), mean_doubt(1.0)
    assert apart < half / 3 < same / 3


def test_a_copy_beside_a_different_frame_takes_nothing_from_it():
    first, second = shots(TD3, 0.2, 2, seed=5)
    twice = best(fuse([first, second]))
    crowd = best(fuse([*[first] * 20, second]))
    assert np.exp(crowd.max(axis=1)).mean() == pytest.approx(np.exp(twice.max(axis=1)).mean(), abs=0.02)


SIBLING = mrz.format(replace(FIELDS, number="N12345679", given_names="DIANA", birth="830202", sex="F"))


def test_frames_of_another_document_are_not_mixed_in():
    frames = shots(TD3, 0.1, 4) + shots(SIBLING, 0.1, 3, seed=1)
    fusion = Fusion()
    assert [fusion.add(frame) for frame in frames] == [True] * 4 + [False] * 3
    read = fusion.reading(REFERENCE)
    assert read.lines == TD3
    assert fusion.frames == 4
    # The document that most frames show is the one that is told.
    for frame in shots(SIBLING, 0.1, 3, seed=7):
        fusion.add(frame)
    assert fusion.reading(REFERENCE).lines == SIBLING


@settings(max_examples=30)
@given(st.integers(0, 400), st.integers(0, 400))
def test_any_two_documents_stay_apart_and_any_two_frames_of_one_come_together(one: int, other: int):
    first, second = simulated.document(one), simulated.document(other)
    fusion = Fusion()
    fusion.add((simulated.read(first, simulated.REALISTIC, 1),))
    assert fusion.add((simulated.read(first, simulated.HARD, 2),))
    assert fusion.add((simulated.read(second, simulated.REALISTIC, 3),)) == (one == other)


def test_a_frame_that_shows_nothing_changes_nothing():
    frames = shots(TD3, 0.12, 3)
    blind = (simulated.read(TD3, 1000.0, 8),)
    fusion = Fusion()
    for frame in (*frames, blind, ()):
        fusion.add(frame)
    assert fusion.frames == 3
    assert best(fusion.grids()) == pytest.approx(best(fuse(frames)))


def test_a_shape_that_few_frames_saw_comes_last():
    odd = CellGrid(simulated.read(("A" * 36, "B" * 36)).lines, -0.05)
    frames = [(*frame, odd) if place == 0 else frame for place, frame in enumerate(shots(TD3, 0.1, 3))]
    grids = fuse(frames)
    assert [len(grid.lines[0].log_probabilities) for grid in grids] == [44, 36]
    assert decode(grids, REFERENCE, 3).lines == TD3


def test_it_says_when_it_is_sure():
    fusion = Fusion()
    needed = 0
    for frame in shots(TD3, 0.22, 30, seed=3):
        fusion.add(frame)
        needed += 1
        if Fusion.sure(fusion.reading(REFERENCE)):
            break
    assert 1 < needed < 15
    assert fusion.reading(REFERENCE).lines == TD3
    assert not Fusion.sure(mrz.Reading("grid"))


def test_a_video_without_end_holds_bounded_memory():
    fusion = Fusion()
    for frame in shots(TD3, 0.1, FRAMES_MAX + 5):
        fusion.add(frame)
    assert fusion.frames == FRAMES_MAX
    for seed in range(20):
        fusion.add((simulated.read(simulated.document(seed), 0.06, seed),))
    assert len(fusion.documents) <= 9
    assert fusion.reading(REFERENCE).lines == TD3


def test_nothing_fused_is_nothing():
    assert fuse([]) == ()
    assert fuse([(), ()]) == ()
    assert Fusion().reading(REFERENCE).status is None


class Sees:
    """An engine that sees a document in the third picture."""

    name = "sees"

    def read(self, picture: Grey, reference: date | None) -> mrz.Reading:
        raise NotImplementedError

    def read_frames(self, pictures: Iterable[Grey], reference: date | None) -> mrz.Reading:
        for place, _ in enumerate(pictures, 1):
            if place == 3:
                return mrz.Reading(self.name, Status.VERIFIED, mrz.parse(TD3, reference=reference))
        return mrz.Reading(self.name)


def test_frames_are_taken_one_by_one_until_the_engine_is_sure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mrz.reading.engine_named", lambda _: Sees())  # pyright: ignore[reportUnknownLambdaType]
    page = np.arange(200 * 300, dtype=np.uint8).reshape(200, 300)
    dark = np.zeros((200, 300), np.uint8)
    taken: list[int] = []

    def camera() -> Iterator[Grey]:
        for frame in range(10):
            taken.append(frame)
            yield dark if frame == 1 else page

    assert mrz.read_frames(camera(), reference=REFERENCE).lines == TD3
    assert taken == [0, 1, 2, 3]  # the dark one was passed over
    assert not mrz.read_frames([]).found
    with pytest.raises(mrz.ImageError):
        mrz.read_frames([dark, dark])


def campaign(documents: int, alike: float, frames: int) -> tuple[int, float]:
    """False accepts, and the calibration error of fused confidence."""
    stated: list[float] = []
    right: list[bool] = []
    accepted_wrong = 0
    for seed in range(documents):
        lines = simulated.document(seed)
        read = decode(fuse(shots(lines, 0.15, frames, alike, seed)), REFERENCE, frames)
        accepted_wrong += read.status in (Status.VERIFIED, Status.CORRECTED) and read.lines != lines
        if read.lines and read.format and read.format is mrz.parse(lines).format:
            for field, place in LAYOUTS[read.format].fields.items():
                stated.append(read.confidence[field])
                right.append(place.of(lines) == place.of(read.lines))
    return accepted_wrong, calibration_error(reliability(np.array(stated), np.array(right)))


def test_fused_confidence_holds_however_alike_the_frames_are():
    for alike in (0.0, 0.9):
        accepted_wrong, error = campaign(12, alike, 5)
        assert accepted_wrong == 0
        assert error < 0.05


@pytest.mark.long
@pytest.mark.parametrize("alike", [0.0, 0.3, 0.6, 0.9, 1.0])
@pytest.mark.parametrize("frames", [2, 5, 20])
def test_fused_confidence_holds_over_many_documents(alike: float, frames: int):
    accepted_wrong, error = campaign(200, alike, frames)
    assert accepted_wrong <= 2
    assert error < 0.02
