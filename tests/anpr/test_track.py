"""The vote over the frames of one vehicle."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anpr import Agreed, Track
from anpr.track import CONFIDENCE_MAX, FRAMES_MAX, edits


@dataclass(frozen=True)
class Seen:
    text: str
    confidence: float = 0.8
    alternatives: tuple[tuple[str, float], ...] = ()
    country: str | None = "KZ"
    box: tuple[int, int, int, int] = (0, 0, 100, 20)

    @property
    def display(self) -> str:
        return f"{self.text[:3]} {self.text[3:]}"


def vote(*frames: list[Seen]) -> tuple[Agreed, ...]:
    track = Track()
    for number, candidates in enumerate(frames):
        track.add(str(number), candidates)
    return track.plates()


def test_one_frame_keeps_its_own_confidence() -> None:
    (plate,) = vote([Seen("123ABC02", 0.62, (("123ABC02", 0.62), ("123A8C02", 0.2)))])
    assert plate.text == "123ABC02"
    assert plate.confidence == pytest.approx(0.62, abs=0.01)
    assert plate.second == "123A8C02"


def test_frames_that_agree_are_surer_than_one_and_never_certain() -> None:
    (plate,) = vote(*[[Seen("123ABC02", 0.7)]] * 6)
    assert 0.9 < plate.confidence <= CONFIDENCE_MAX
    assert plate.frames == 6
    assert plate.display == "123 ABC02"
    assert plate.country == "KZ"


def test_thirty_copies_of_one_frame_give_no_more_confidence_than_one() -> None:
    once, often = Track(), Track()
    once.add("same", [Seen("123ABC02", 0.6)])
    assert [often.add("same", [Seen("123ABC02", 0.6)]) for _ in range(30)] == [True] + [False] * 29
    assert often.plates() == once.plates()


def test_the_majority_wins_over_a_misread_frame() -> None:
    (plate,) = vote([Seen("123ABC02")], [Seen("123A8C02", 0.9)], [Seen("123ABC02")], [Seen("123ABC02")])
    assert plate.text == "123ABC02"
    assert plate.second == "123A8C02"


def test_frames_that_contradict_each_other_agree_on_nothing_with_confidence() -> None:
    (plate,) = vote([Seen("123ABC02", 0.7)], [Seen("123A8C02", 0.7)])
    assert plate.confidence < 0.6


def test_two_plates_in_the_picture_stay_two_however_alike_they_are() -> None:
    frame = [Seen("123ABC02"), Seen("124ABC02", box=(300, 0, 100, 20))]
    assert {plate.text for plate in vote(frame, frame, frame)} == {"123ABC02", "124ABC02"}


def test_a_word_that_showed_once_is_behind_the_plate_that_showed_often() -> None:
    plates = vote(*[[Seen("123ABC02", 0.7)]] * 4, [Seen("AB123CD", 0.9)])
    assert [plate.text for plate in plates] == ["123ABC02", "AB123CD"]


def test_speakers_of_two_countries_leave_the_country_unknown() -> None:
    (plate,) = vote([Seen("123AB02", country="KZ")], [Seen("123AB02", country="TJ")])
    assert plate.country is None


def test_a_vehicle_that_stands_for_days_takes_no_more_memory() -> None:
    track = Track()
    for number in range(FRAMES_MAX * 3):
        track.add(str(number), [Seen("123ABC02", 0.5)])
    (plate,) = track.plates()
    assert plate.frames == FRAMES_MAX


probabilities = st.floats(0.01, 0.99)
texts = st.text("AB1", min_size=4, max_size=5)


@given(st.lists(st.lists(st.builds(Seen, texts, probabilities), max_size=3), max_size=8))
def test_confidences_are_probabilities_whatever_was_seen(frames: list[list[Seen]]) -> None:
    for plate in vote(*frames):
        assert 0 < plate.confidence <= CONFIDENCE_MAX
        assert plate.text == plate.alternatives[0][0]
        assert sum(share for _, share in plate.alternatives) <= 1 + 1e-9
        assert plate.frames <= len(frames)


@given(texts, texts, texts)
def test_the_edit_distance_is_a_distance(one: str, other: str, third: str) -> None:
    assert edits(one, one) == 0
    assert edits(one, other) == edits(other, one)
    assert edits(one, third) <= edits(one, other) + edits(other, third)
