"""A parked vehicle's plate is never the passage's, and one that waits for its turn is not a parked one's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.plate_camera import FrameRead, PlateCandidate
from lane_controller.daemon.sensing.parked import APART_S, LOOK_EVERY_S, LOOK_FRAMES, LOOK_S
from lane_controller.daemon.sensing.plates import FRAMES_MIN, PATIENCE_S, PlateSense, Seen
from lane_controller.messages.words import VoteWhy
from tests.daemon.test_sensing_plates import at, told

ASIDE = (700, 80, 60, 14)
AT_LOOP = (300, 300, 110, 26)
PARKED = ("777XYZ05", ASIDE)
CAME = ("123ABC02", AT_LOOP)
Shown = tuple[str, tuple[int, int, int, int]]


class Camera:
    """One camera and what it sees; `second` goes on by itself."""

    def __init__(self) -> None:
        self.sense = PlateSense("camera", "front")
        self.second = 0.0
        self.number = 0
        self.asked = 0
        """Frames that were read for looks."""

    def frame(self, *shown: Shown, confidence: float = 0.8, agreed: bool = False) -> FrameRead:
        self.number += 1
        plates = tuple(PlateCandidate(text, text, "KZ", confidence, box) for text, box in shown)
        return FrameRead(
            self.number, self.second, f"{self.number}", None, True, plates, b"", (), agreed=agreed
        )

    def stands_empty(self, seconds: float, *shown: Shown, confidence: float = 0.8) -> None:
        """Nobody is in the lane, and this is to be seen; a frame is read each second while it is wanted."""
        end = self.second + seconds
        while self.second < end:
            self.second += 1
            if self.sense.parked.wants(True, self.second):
                self.asked += 1
                frame = self.frame(*shown, confidence=confidence)
                self.sense.parked.take(frame, self.second, self.second)

    def vehicle(
        self, *frames: tuple[Shown, ...], departs: bool = True, confidence: float = 0.8
    ) -> Seen | None:
        """A vehicle comes, these frames are read, and it goes; what was told first."""
        self.second += 1
        assert not self.sense.parked.wants(False, self.second)
        self.sense.want(True, at(self.second))
        said: list[Seen | None] = []
        for shown in frames:
            self.second += 0.4
            frame = self.frame(*shown, confidence=confidence)
            said.append(self.sense.take(frame, self.second, at(self.second)))
        said.append(self.sense.want(False, at(self.second)))
        if departs:
            self.sense.parked.departed()
        return next((one for one in said if one is not None), None)


def frames(*shown: Shown) -> list[tuple[Shown, ...]]:
    return [shown] * (FRAMES_MIN + 1)


@pytest.fixture
def passed() -> Camera:
    """A parked vehicle stood there before and after another one drove through."""
    camera = Camera()
    camera.stands_empty(5, PARKED)
    assert told(camera.vehicle(*frames(PARKED, CAME))) == (None, "several_plates"), "not known yet"
    camera.stands_empty(5, PARKED)
    return camera


def test_a_parked_vehicles_plate_is_left_out_and_shown_as_such(passed: Camera) -> None:
    seen = passed.vehicle(*frames(("555NEW17", AT_LOOP), PARKED))
    assert told(seen) == ("555NEW17", None)
    assert seen is not None
    assert seen.fact.vote is not None
    assert [one.text for one in seen.fact.vote.parked] == ["777XYZ05"]
    assert seen.fact.vote.others == ()


def test_alone_it_is_not_told_and_the_reading_fails_with_the_reason(passed: Camera) -> None:
    seen = passed.vehicle(*frames(PARKED))
    assert told(seen) == (None, "parked")
    assert seen is not None
    assert seen.fact.vote is not None
    assert seen.fact.vote.why == VoteWhy.PARKED
    assert [one.text for one in seen.fact.vote.texts] == ["777XYZ05"]


def test_it_is_not_told_either_where_it_is_read_a_little_differently(passed: Camera) -> None:
    x, y, width, height = ASIDE
    read = ("777XY205", (x + 2, y - 1, width + 1, height))
    assert told(passed.vehicle(*frames(read))) == (None, "parked")


def test_after_the_patience_it_is_said_and_the_vehicles_own_plate_still_counts(passed: Camera) -> None:
    waiting = [(PARKED,)] * int(PATIENCE_S / 0.4 + 2)
    camera = passed
    camera.second += 1
    camera.sense.want(True, at(camera.second))
    said: list[Seen] = []
    for shown in (*waiting, *frames(PARKED, CAME) * 3):
        camera.second += 0.4
        if seen := camera.sense.take(camera.frame(*shown), camera.second, at(camera.second)):
            said.append(seen)
    assert [told(one) for one in said] == [(None, "parked"), ("123ABC02", None)]


def test_the_parked_vehicle_itself_is_told_when_it_drives_into_the_lane(passed: Camera) -> None:
    assert told(passed.vehicle(*frames(("777XYZ05", AT_LOOP)))) == ("777XYZ05", None)


def test_another_plate_at_its_place_is_not_it(passed: Camera) -> None:
    assert told(passed.vehicle(*frames(("123ABC02", ASIDE)))) == ("123ABC02", None)


def test_what_a_look_does_not_see_is_forgotten(passed: Camera) -> None:
    passed.stands_empty(LOOK_EVERY_S + 1)
    assert told(passed.vehicle(*frames(PARKED))) == ("777XYZ05", None)


def test_one_look_proves_nothing() -> None:
    camera = Camera()
    camera.stands_empty(LOOK_EVERY_S / 2, PARKED)
    assert told(camera.vehicle(*frames(PARKED))) == ("777XYZ05", None)


def test_one_that_parked_while_nobody_came_is_not_told_alone_and_lets_no_other_be_told() -> None:
    """Nobody knows whether it waits for its turn."""
    camera = Camera()
    camera.stands_empty(LOOK_EVERY_S + 5, PARKED)
    assert told(camera.vehicle(*frames(PARKED), departs=False)) == (None, "parked")
    assert told(camera.vehicle(*frames(PARKED, CAME), departs=False)) == (None, "several_plates")
    many = [(PARKED, CAME), *frames(PARKED), *frames(PARKED)]
    assert told(camera.vehicle(*many, departs=False)) == (None, "several_plates"), "however weak the other is"


def test_one_that_waited_before_the_loop_is_told_once_it_stands_on_it() -> None:
    camera = Camera()
    before = ("123ABC02", (310, 270, 100, 24))
    camera.stands_empty(5 * LOOK_EVERY_S, before)
    assert told(camera.vehicle(*frames(CAME))) == ("123ABC02", None)


def test_one_whose_loop_lost_it_is_held_and_no_passer_by_is_taken_for_it() -> None:
    camera = Camera()
    camera.vehicle(*frames(CAME), departs=False)
    camera.stands_empty(2 * LOOK_EVERY_S, CAME)
    assert told(camera.vehicle(*frames(CAME), departs=False)) == (None, "parked")
    passer_by = ("888PQR11", (100, 100, 60, 14))
    assert told(camera.vehicle(*frames(CAME, passer_by), departs=False)) == (None, "several_plates")


def test_one_that_creeps_up_is_never_parked() -> None:
    camera = Camera()
    for step in range(8):
        creeping = ("123ABC02", (300, 200 + 8 * step, 100, 24))
        camera.stands_empty(LOOK_EVERY_S, creeping)
    assert told(camera.vehicle(*frames(("123ABC02", (300, 264, 100, 24))))) == ("123ABC02", None)


def test_a_look_is_a_few_frames_when_a_vehicle_has_left_and_else_rarely() -> None:
    camera = Camera()
    camera.stands_empty(LOOK_EVERY_S, PARKED)
    assert camera.asked == LOOK_FRAMES
    camera.stands_empty(10 * LOOK_EVERY_S, PARKED)
    assert camera.asked <= 11 * LOOK_FRAMES
    asked = camera.asked
    camera.vehicle(*frames(CAME))
    camera.stands_empty(LOOK_EVERY_S, PARKED)
    assert camera.asked == asked + LOOK_FRAMES


def test_a_look_ends_when_somebody_comes_or_no_frame_does() -> None:
    parked = Camera().sense.parked
    assert parked.wants(True, 1)
    assert not parked.wants(False, 2)
    assert parked.wants(True, 3), "it is due still"
    assert parked.wants(True, 3 + LOOK_S)
    assert not parked.wants(True, 4 + LOOK_S)
    assert parked.wants(True, 4 + LOOK_S + LOOK_EVERY_S)


def test_frames_from_before_the_lane_was_empty_and_smart_cameras_word_are_no_look() -> None:
    camera = Camera()
    for _ in range(3):
        while not camera.sense.parked.wants(True, camera.second):
            camera.second += 1
        for _ in range(LOOK_FRAMES):
            camera.sense.parked.take(camera.frame(PARKED), camera.second - 1, camera.second)
            camera.sense.parked.take(camera.frame(PARKED, agreed=True), camera.second, camera.second)
        camera.second += LOOK_S + 1
    assert told(camera.vehicle(*frames(PARKED))) == ("777XYZ05", None)


places = st.sampled_from([ASIDE, AT_LOOP, (0, 0, 0, 0), (305, 296, 112, 26)])
shown = st.lists(st.tuples(st.sampled_from(["777XYZ05", "123ABC02", "128ABC02"]), places), max_size=2)


@given(
    st.lists(st.tuples(st.floats(1, 4 * APART_S), shown), max_size=6),
    st.lists(shown, min_size=1, max_size=8),
    st.floats(0.3, 0.95),
)
def test_while_nobody_drove_through_what_stands_there_only_ever_holds(
    looks: list[tuple[float, list[Shown]]], seen: list[list[Shown]], confidence: float
) -> None:
    """What is told is what would have been told without a look, or nothing."""
    camera, fresh = Camera(), Camera()
    for seconds, there in looks:
        camera.stands_empty(seconds, *there)
    votes = [tuple(there) for there in seen]
    with_looks = camera.vehicle(*votes, departs=False, confidence=confidence)
    without = fresh.vehicle(*votes, departs=False, confidence=confidence)
    text, reason = told(with_looks)
    assert text is None or (text, reason) == told(without) or reason is not None
