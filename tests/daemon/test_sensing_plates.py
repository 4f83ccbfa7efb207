"""A plate belongs to one presence interval, rests on enough frames, and says how sure it is."""

import gc
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drivers.plate_camera import FrameRead, PlateCandidate
from lane_controller.daemon.sensing.plates import (
    CROPS_MAX,
    FRAMES_MIN,
    PATIENCE_S,
    SHOWN_MAX,
    PlateSense,
    Seen,
)
from lane_controller.daemon.sensing.votes import FRAMES_MAX, OTHERS_MAX, TEXTS_MAX
from lane_controller.messages.parts import PlateVote, Stamp
from lane_controller.messages.words import ClockQuality, VoteWhen, VoteWhy


def at(second: float) -> Stamp:
    return Stamp(utc=datetime(2026, 6, 1, tzinfo=UTC), boot="b", mono_s=second, clock=ClockQuality.FREE)


def frame(number: int, *texts: str, confidence: float = 0.8, watched: bool = True) -> FrameRead:
    plates = tuple(PlateCandidate(text, text, "KZ", confidence, (0, 0, 100, 20)) for text in texts)
    name = f"frame {number}".encode()
    crops = tuple(f"{text} in frame {number}".encode() for text in texts)
    return FrameRead(number, 0.0, str(number), None, watched, plates, name, crops)


class Vote:
    """One camera's vote from second 0; frames are taken and told at the same moment."""

    def __init__(self) -> None:
        self.sense = PlateSense("camera", "front")
        self.number = 0
        assert self.sense.want(True, at(0)) is None

    def see(self, second: float, *texts: str, confidence: float = 0.8, taken_s: float | None = None):
        self.number += 1
        shown = frame(self.number, *texts, confidence=confidence)
        return self.sense.take(shown, second if taken_s is None else taken_s, at(second))

    def end(self, second: float) -> Seen | None:
        return self.sense.want(False, at(second))


def told(seen: Seen | None) -> tuple[str | None, str | None]:
    """Text and reason of what was told."""
    assert seen is not None
    fact = seen.fact
    return (fact.plate.text if fact.plate else None, fact.reason.code if fact.reason else None)


def test_a_plate_is_told_once_when_enough_frames_agree() -> None:
    vote = Vote()
    assert [vote.see(n, "123ABC02") for n in range(1, FRAMES_MIN)] == [None] * (FRAMES_MIN - 1)
    assert told(vote.see(FRAMES_MIN, "123ABC02")) == ("123ABC02", None)
    assert vote.see(4, "123ABC02") is None
    assert vote.end(9) is None


def doubtful(number: int, confidence: float) -> FrameRead:
    """A frame in which the reader refused what it read."""
    shown = frame(number, "123ABC02", confidence=confidence)
    return replace(shown, plates=(), doubtful=shown.plates)


def test_frames_that_are_refused_alone_vote_and_what_is_likely_no_plate_is_not_told() -> None:
    vote, nothing = Vote(), Vote()
    for number in range(1, 7):
        assert vote.sense.take(doubtful(number, 0.22), number / 2, at(number / 2)) is None
        assert nothing.sense.take(doubtful(number, 0.04), number / 2, at(number / 2)) is None
    seen = vote.end(4)
    assert told(seen) == ("123ABC02", "low_confidence")
    assert seen is not None
    assert seen.frame is not None
    assert seen.frame.picture == b"frame 1"
    assert told(nothing.end(4)) == (None, "no_plate_seen")


def test_a_plate_with_too_few_frames_is_said_so_and_told_again_when_it_is_sure() -> None:
    vote = Vote()
    late = vote.see(PATIENCE_S + 1, "123ABC02", confidence=0.95)
    assert told(late) == ("123ABC02", "low_confidence")
    assert vote.see(8, "123ABC02") is None
    sure = vote.see(9, "123ABC02")
    assert told(sure) == ("123ABC02", None)
    assert sure is not None
    assert sure.fact.plate is not None
    assert sure.fact.plate.frames == FRAMES_MIN
    assert vote.see(10, "123ABC02") is None


@pytest.mark.parametrize("confidence", [0.3, 0.95])
def test_a_plate_that_never_gets_sure_stays_so_and_is_said_once(confidence: float) -> None:
    vote = Vote()
    vote.see(1, "123ABC02", confidence=confidence)
    assert told(vote.see(PATIENCE_S, "123ABC02", confidence=confidence)) == ("123ABC02", "low_confidence")
    assert vote.see(20) is None
    assert vote.end(30) is None


def test_a_vehicle_that_goes_at_once_leaves_what_was_seen_of_it() -> None:
    vote = Vote()
    vote.see(1, "123ABC02", confidence=0.95)
    assert told(vote.end(2)) == ("123ABC02", "low_confidence")
    nothing = Vote()
    nothing.see(1)
    assert told(nothing.end(2)) == (None, "no_plate_seen")


def test_a_plate_seen_after_the_patience_is_told_even_when_it_stays_unsure() -> None:
    vote = Vote()
    assert told(vote.see(PATIENCE_S)) == (None, "no_plate_seen")
    assert vote.see(8, "123ABC02") is None
    assert told(vote.end(10)) == ("123ABC02", "low_confidence")


def test_two_plates_are_never_guessed_at() -> None:
    vote = Vote()
    for second in range(1, 5):
        assert vote.see(second, "123ABC02", "777XYZ05") is None
    assert told(vote.end(5)) == (None, "several_plates")
    patient = Vote()
    patient.see(1, "123ABC02", "777XYZ05")
    assert told(patient.see(PATIENCE_S, "123ABC02", "777XYZ05")) == (None, "several_plates")


def test_two_plates_stay_two_though_one_of_them_stays_longer() -> None:
    """As that of a lorry that comes close behind."""
    vote = Vote()
    vote.see(1, "123ABC02", "777XYZ05")
    assert told(vote.see(PATIENCE_S, "123ABC02", "777XYZ05")) == (None, "several_plates")
    for tenth in range(1, 60):
        assert vote.see(PATIENCE_S + tenth / 10, "777XYZ05") is None
    assert vote.end(PATIENCE_S + 7) is None


def test_a_plate_that_was_told_is_not_exchanged_for_another_vehicle_s() -> None:
    vote = Vote()
    seen = [vote.see(tenth / 10, "123ABC02") for tenth in range(1, 4)]
    assert told(seen[-1]) == ("123ABC02", None)
    for tenth in range(4, 40):
        assert vote.see(tenth / 10, "777XYZ05") is None
    assert told(vote.see(PATIENCE_S, "777XYZ05")) == (None, "several_plates")


def test_a_plate_told_after_the_patience_is_not_exchanged_for_another_vehicle_s_either() -> None:
    vote = Vote()
    assert told(vote.see(PATIENCE_S)) == (None, "no_plate_seen")
    seen = [vote.see(PATIENCE_S + tenth / 10, "123ABC02") for tenth in range(1, 4)]
    assert told(seen[-1]) == ("123ABC02", None)
    seen = [vote.see(PATIENCE_S + tenth / 10, "777XYZ05") for tenth in range(4, 40)]
    assert [told(each) for each in seen if each is not None] == [(None, "several_plates")]
    assert vote.end(PATIENCE_S + 5) is None


@pytest.mark.parametrize(
    ("frames", "confidence", "first_s", "expected"),
    [
        (2, 0.97, 1.0, (None, "several_plates")),
        (1, 0.97, 1.0, (None, "several_plates")),
        (2, 0.97, PATIENCE_S + 1, ("05571HV", "low_confidence")),
        (1, 0.97, PATIENCE_S + 1, ("05571HV", "low_confidence")),
        (1, 0.5, PATIENCE_S + 1, ("05571HV", "low_confidence")),  # less sure, but told
    ],
)
def test_a_plate_that_was_seen_for_sure_or_told_is_not_exchanged_for_the_next_vehicle_s(
    frames: int, confidence: float, first_s: float, expected: tuple[str | None, str]
) -> None:
    """A camera that begins late sees little of the one and much of who stands close behind it."""
    vote = Vote()
    seen = [vote.see(first_s + n / 2, "05571HV", confidence=confidence) for n in range(frames)]
    seen += [vote.see(first_s + 2 + n / 2, "FL6187AG", confidence=0.98) for n in range(12)]
    assert [told(each) for each in seen if each is not None] == [expected]
    assert vote.end(20) is None


def test_a_sure_plate_is_not_told_while_one_that_is_hard_to_read_is_there_as_often() -> None:
    """It may be the parked one's, and the other the passage's own."""
    vote = Vote()
    for second in range(1, 6):
        both = frame(second, "777XYZ05", "123ABC02", confidence=0.995)
        plates = both.plates[0], replace(both.plates[1], confidence=0.15)
        assert vote.sense.take(replace(both, plates=plates), second, at(second)) is None
    assert told(vote.end(5.5)) == (None, "several_plates")


def test_frames_from_before_the_trigger_are_not_used_however_late_they_come() -> None:
    vote = Vote()
    for second in range(1, 6):
        assert vote.see(second, "777XYZ05", taken_s=-0.1) is None
    for second in (2.0, 2.5):
        assert vote.see(second, "123ABC02") is None
    seen = vote.see(3, "123ABC02")
    assert told(seen) == ("123ABC02", None)
    none_of_its_own = Vote()
    none_of_its_own.see(1, "777XYZ05", taken_s=-2)
    ended = none_of_its_own.end(3)
    assert told(ended) == (None, "no_plate_seen")
    assert ended is not None
    assert ended.frame is None, "a picture from before shows another vehicle"


def test_a_plate_never_carries_over_into_the_next_interval() -> None:
    vote = Vote()
    for second in (1, 2):
        vote.see(second, "123ABC02")
    assert told(vote.end(3)) == ("123ABC02", "low_confidence")
    assert vote.see(3.5, "123ABC02") is None, "nobody wants it"
    assert vote.sense.want(True, at(4)) is None
    assert vote.see(5, "123ABC02") is None
    assert told(vote.end(6)) == ("123ABC02", "low_confidence")


def test_the_evidence_is_the_frame_in_which_this_plate_was_read_best() -> None:
    vote = Vote()
    vote.see(1, "123ABC02", confidence=0.7)
    vote.see(2, "123ABC02", confidence=0.9)
    vote.see(3)
    seen = vote.see(4, "123ABC02", confidence=0.8)
    assert seen is not None
    assert shown(seen) == (b"frame 2", b"123ABC02 in frame 2")


def shown(seen: Seen | None) -> tuple[bytes, bytes]:
    """What was kept as evidence."""
    assert seen is not None
    assert seen.frame is not None
    return seen.frame.picture, seen.crop


def test_the_evidence_shows_the_plate_that_was_agreed_not_a_surer_one_beside_it() -> None:
    vote = Vote()
    beside = frame(99, "777XYZ05", "123ABC02", confidence=0.82)
    beside = replace(beside, plates=(replace(beside.plates[0], confidence=0.89), beside.plates[1]))
    assert vote.sense.take(beside, 0.5, at(0.5)) is None
    told_of = [seen for second in range(1, 5) if (seen := vote.see(second, "123ABC02"))]
    assert told(told_of[0]) == ("123ABC02", None)
    assert shown(told_of[0]) == (b"frame 99", b"123ABC02 in frame 99")


def test_the_evidence_is_the_frame_that_was_surest_of_what_was_agreed_though_it_named_another_text() -> None:
    vote = Vote()
    near = PlateCandidate(
        "128ABC02", "128ABC02", "KZ", 0.46, (0, 0, 100, 20), (("128ABC02", 0.46), ("123ABC02", 0.45))
    )
    vote.see(1, "123ABC02", confidence=0.4)
    vote.sense.take(replace(frame(99), plates=(near,), crops=(b"the nearest",)), 1.5, at(1.5))
    assert shown(vote.see(2, "123ABC02", confidence=0.41)) == (b"frame 99", b"the nearest")


def test_whatever_else_is_read_meanwhile_the_agreed_plates_frame_is_kept_and_few_others() -> None:
    vote = Vote()
    vote.see(0.1, "123ABC02", confidence=0.25)
    for number in range(10, 70):
        others = [f"{letter * 4}{number * 7919 % 9973}" for letter in "KLMN"]
        assert vote.see(number / 20, "123ABC02", *others, confidence=0.2) is None
    gc.collect()
    assert sum(isinstance(one, FrameRead) for one in gc.get_objects()) <= SHOWN_MAX + 1
    assert shown(vote.end(5)) == (b"frame 1", b"123ABC02 in frame 1")


def test_a_vehicle_without_a_plate_is_shown_as_it_stood_there() -> None:
    vote = Vote()
    vote.see(1)
    seen = vote.see(PATIENCE_S)
    assert seen is not None
    assert seen.frame is not None
    assert seen.frame.picture == b"frame 2"


def test_copies_of_one_frame_and_unread_frames_count_for_nothing() -> None:
    vote = Vote()
    same = frame(7, "123ABC02")
    assert [vote.sense.take(same, second, at(second)) for second in (1, 2, 3)] == [None] * 3
    unread = frame(8, "123ABC02", watched=False)
    assert vote.sense.take(unread, 4, at(4)) is None
    assert told(vote.end(5)) == ("123ABC02", "low_confidence")


def test_a_camera_that_was_lost_votes_anew() -> None:
    vote = Vote()
    vote.see(1, "777XYZ05")
    vote.see(2, "777XYZ05")
    vote.sense.forget()
    assert vote.see(3, "777XYZ05") is None


def test_a_camera_that_agreed_by_itself_needs_one_frame() -> None:
    vote = Vote()
    alone = replace(frame(1, "123ABC02", confidence=0.9), agreed=True)
    assert told(vote.sense.take(alone, 1, at(1))) == ("123ABC02", None)


def test_a_camera_that_agreed_and_is_not_sure_is_not_believed_at_once() -> None:
    vote = Vote()
    alone = replace(frame(1, "123ABC02", confidence=0.3), agreed=True)
    assert vote.sense.take(alone, 1, at(1)) is None
    assert told(vote.end(2)) == ("123ABC02", "low_confidence")


def voted(seen: Seen | None) -> PlateVote:
    assert seen is not None
    assert seen.fact.vote is not None
    return seen.fact.vote


def test_a_plate_told_early_says_how_many_frames_spoke_and_what_else_it_may_be() -> None:
    vote = Vote()
    vote.see(1, "123ABC02")
    vote.see(2, "128ABC02", confidence=0.7)
    seen = next(one for second in range(3, 9) if (one := vote.see(second, "123ABC02")))
    said = voted(seen)
    assert (said.side, said.when, said.why) == ("front", VoteWhen.SURE, VoteWhy.FRAMES_AGREE)
    assert seen.fact.plate is not None
    assert said.frames == seen.fact.plate.frames
    first, second = said.texts
    assert (first.text, first.probability, first.frames) == (
        "123ABC02",
        seen.fact.plate.confidence,
        said.frames - 1,
    )
    assert (second.text, second.frames) == ("128ABC02", 1)
    assert second.probability < first.probability
    assert said.others == ()


@pytest.mark.parametrize(
    ("frames", "confidence", "why"),
    [(FRAMES_MIN - 1, 0.95, VoteWhy.TOO_FEW_FRAMES), (FRAMES_MIN, 0.2, VoteWhy.TOO_WEAK)],
)
def test_an_unsure_plate_says_why_and_what_ended_the_waiting(
    frames: int, confidence: float, why: VoteWhy
) -> None:
    patient, gone = Vote(), Vote()
    for n in range(1, frames):
        assert patient.see(n / 2, "123ABC02", confidence=confidence) is None
    said = voted(patient.see(PATIENCE_S, "123ABC02", confidence=confidence))
    assert (said.when, said.why, said.frames) == (VoteWhen.PATIENCE_OVER, why, frames)
    for n in range(1, frames + 1):
        gone.see(n / 2, "123ABC02", confidence=confidence)
    said = voted(gone.end(PATIENCE_S - 1))
    assert (said.when, said.why, said.frames) == (VoteWhen.INTERVAL_OVER, why, frames)


def test_of_several_plates_each_is_named_with_the_frames_that_spoke_for_it() -> None:
    vote = Vote()
    for second in range(1, 5):
        vote.see(second, "123ABC02", "777XYZ05")
    said = voted(vote.end(5))
    assert said.why == VoteWhy.SEVERAL_PLATES
    named = (*said.texts, *said.others)
    assert sorted((one.text, one.frames) for one in named) == [("123ABC02", 4), ("777XYZ05", 4)]


def test_what_a_camera_agreed_on_by_itself_is_said_so_and_an_interval_without_plates_has_no_vote() -> None:
    vote, nothing = Vote(), Vote()
    alone = replace(frame(1, "123ABC02", confidence=0.9), agreed=True)
    assert voted(vote.sense.take(alone, 1, at(1))).why == VoteWhy.CAMERA_AGREED
    ended = nothing.end(1)
    assert ended is not None
    assert ended.fact.vote is None


def test_a_vote_is_short_however_long_a_vehicle_stands_and_whatever_is_read() -> None:
    vote = Vote()
    for number in range(40):
        texts = [f"{str(other) * 3}AB{number % 6}{str(other) * 2}" for other in range(6)]
        vote.see(number / 10, *texts, confidence=0.99)
    said = voted(vote.end(5))
    assert len(said.texts) <= TEXTS_MAX
    assert len(said.others) <= OTHERS_MAX
    assert len(said.each) == FRAMES_MAX
    assert len(said.model_dump_json()) < 1500


def test_a_vote_tells_what_each_frame_read_in_the_order_they_were_taken() -> None:
    vote = Vote()
    vote.see(2.5, "123ABC02", confidence=0.5)
    vote.see(2.1, "128ABC02", confidence=0.4)
    vote.see(3.1, "123ABC02", confidence=0.7)
    said = voted(vote.end(4))
    assert [(one.after_s, one.text, one.probability) for one in said.each] == [
        (0, "128ABC02", 0.4),
        (0.4, "123ABC02", 0.5),
        (1, "123ABC02", 0.7),
    ]


def test_beside_each_frame_s_vote_stands_the_plate_as_that_frame_shows_it() -> None:
    vote = Vote()
    for number in range(CROPS_MAX + 5):
        vote.see(number / 10, "123ABC02", "777XYZ05", confidence=0.3)
    ended = vote.end(5)
    said = voted(ended)
    assert ended is not None
    newest = range(CROPS_MAX + 6 - len(said.each), CROPS_MAX + 6)
    text = said.texts[0].text
    assert ended.crops == tuple(f"{text} in frame {number}".encode() for number in newest)


def test_a_frame_without_a_picture_votes_all_the_same() -> None:
    vote = Vote()
    vote.sense.take(replace(frame(9, "123ABC02"), crops=()), 1, at(1))
    vote.see(2, "123ABC02")
    ended = vote.end(3)
    assert ended is not None
    assert ended.crops == (b"", b"123ABC02 in frame 1")
