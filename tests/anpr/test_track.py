"""The vote over the frames of one vehicle."""

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anpr import Agreed, Track
from anpr.readings import Corners
from anpr.track import CONFIDENCE_MAX, FRAMES_MAX, OTHER_TEXTS, PLATES_MAX, SAME_PLATE_EDITS, TWIN_MAX, edits


@dataclass(frozen=True)
class Seen:
    text: str
    confidence: float = 0.8
    alternatives: tuple[tuple[str, float], ...] = ()
    country: str | None = "KZ"
    box: tuple[int, int, int, int] = (0, 0, 100, 20)
    corners: Corners | None = None
    lines: int = 1
    country_confidence: float = 0.9

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


def unsure(*shares: tuple[str, float]) -> list[Seen]:
    """A frame that holds these texts possible, the first for the likeliest."""
    return [Seen(*shares[0], shares)]


@pytest.mark.parametrize("frames", [2, 4, FRAMES_MAX])
def test_how_often_so_ever_one_is_read_for_the_other_it_gets_no_surer(frames: int) -> None:
    """A recogniser that loses one of two equal characters loses it in each frame."""
    frame = unsure(("1255HA7", 0.8), ("1255HA77", 0.18))
    (plate,) = vote(*[frame] * frames)
    assert plate.alternatives == (
        ("1255HA7", pytest.approx(0.8, abs=0.02)),
        ("1255HA77", pytest.approx(0.18, abs=0.02)),
    )


@pytest.mark.parametrize(
    ("text", "twin"),
    [("05264TB", "O5264TB"), ("701918KH", "70I918KH"), ("藏PW135挂", "冀PW135挂"), ("1889ФYФ", "1889ФҮФ")],
)
def test_of_two_that_no_frame_tells_apart_neither_is_sure(text: str, twin: str) -> None:
    """Only the priors tell O and 0, and in small pictures provinces, and they are the same in each frame."""
    twins, alone = unsure((text, 0.94), (twin, 0.04)), unsure((text, 0.94))
    (plate,), (sure,) = vote(*[twins] * 5), vote(*[alone] * 5)
    assert (plate.text, plate.second) == (text, twin)
    assert plate.confidence <= TWIN_MAX < sure.confidence


def test_what_is_drawn_the_same_is_one_in_the_vote() -> None:
    """Frames that name the one or the other of them agree about all else."""
    frames = [unsure(("05264TB", 0.6), ("05284TB", 0.3)), unsure(("O5264TB", 0.6), ("05284TB", 0.3))]
    (plate,) = vote(*frames * 2)
    assert {text for text, _ in plate.alternatives[:2]} == {"05264TB", "O5264TB"}
    assert plate.confidence < 0.6, "which of them is as open as before"


def test_two_plates_in_the_picture_stay_two_however_alike_they_are() -> None:
    frame = [Seen("123ABC02"), Seen("124ABC02", box=(300, 0, 100, 20))]
    assert {plate.text for plate in vote(frame, frame, frame)} == {"123ABC02", "124ABC02"}


def test_a_word_that_showed_once_is_behind_the_plate_that_showed_often() -> None:
    plates = vote(*[[Seen("123ABC02", 0.7)]] * 4, [Seen("AB123CD", 0.9, box=(300, 0, 100, 20))])
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


NOWHERE = (0, 0, 0, 0)
"""Of a reader that does not say where a plate is."""


def driven(text: str, *lefts: int, confidence: float = 0.8) -> list[Seen]:
    """A plate 100 px wide whose left side is there, frame by frame."""
    return [Seen(text, confidence, box=(left, 200, 100, 20)) for left in lefts]


def test_no_vehicle_that_drives_by_takes_the_place_of_one_that_stands() -> None:
    standing = driven("123ABC02", 430, 430, 430, 430)
    passing = driven("777XYZ05", 100, 200, 300, 400, confidence=0.95)
    frames = [list(each) for each in zip(standing, passing, strict=True)]
    assert {plate.text for plate in vote(*frames)} == {"123ABC02", "777XYZ05"}


def test_a_plate_that_one_frame_reads_badly_is_one_plate_by_its_place() -> None:
    frames = [[one] for one in driven("123ABC02", 100, 140, 180, 220, 260)]
    good = vote(*frames)
    frames[2] = driven("12BAHO", 186, confidence=0.95)
    (plate,) = vote(*frames)
    assert (plate.text, plate.frames) == ("123ABC02", 4), "the bad one has not spoken for it"
    assert plate.confidence < good[0].confidence


def test_a_bad_frame_that_holds_the_text_possible_votes_in_its_turn() -> None:
    frames = [[one] for one in driven("123ABC02", 100, 140, 180, 220)]
    bad = Seen("12BAHO", 0.6, alternatives=(("12BAHO", 0.6), ("123ABC02", 0.3)), box=(140, 200, 100, 20))
    frames[1] = [bad]
    (plate,) = vote(*frames)
    assert [one.text for one in plate.ballots] == ["123ABC02", "12BAHO", "123ABC02", "123ABC02"]


@pytest.mark.parametrize("number", [0, 4])
def test_so_is_one_that_is_read_badly_when_it_comes_or_goes(number: int) -> None:
    lefts = [100, 140, 180, 220, 260]
    frames = [[one] for one in driven("123ABC02", *lefts)]
    frames[number] = driven("12BAHO", lefts[number] + 4)
    assert [plate.text for plate in vote(*frames)] == ["123ABC02"]


def test_a_plate_read_elsewhere_or_beside_it_or_as_often_or_much_later_or_smaller_is_another() -> None:
    frames = [[one] for one in driven("123ABC02", 100, 140, 180, 220, 260, 300)]
    elsewhere, beside, as_often = list(frames), list(frames), list(frames)
    elsewhere[2] = driven("777XYZ05", 260)
    beside[2] = [*beside[2], *driven("777XYZ05", 190)]
    for number in (2, 3, 4):
        as_often[number] = driven("777XYZ05", 100 + 40 * number)
    behind = [*frames[:2], [Seen("777XYZ05", box=(210, 205, 50, 10))], *frames[3:]]
    for each in (elsewhere, beside, as_often, behind):
        assert {plate.text for plate in vote(*each)} == {"123ABC02", "777XYZ05"}
    later = Track()
    for second in range(6):
        later.add(f"{second}", driven("123ABC02", 300), second / 2)
    later.add("next", driven("777XYZ05", 300), 5.0)
    assert {plate.text for plate in later.plates()} == {"123ABC02", "777XYZ05"}


def test_two_alike_in_one_frame_stay_two_by_their_places_when_a_text_fits_both() -> None:
    both = [Seen("123ABC02"), Seen("124ABC02", box=(300, 0, 100, 20))]
    plates = vote(both, both, [Seen("125ABC02", 0.3, box=(302, 0, 100, 20))])
    assert {plate.text: plate.frames for plate in plates} == {"123ABC02": 2, "124ABC02": 3}


def test_the_frame_told_is_the_one_that_was_surest_of_what_was_agreed() -> None:
    """Not the surest of its own best text."""
    frames = [
        [Seen("123ABC02", 0.6, box=(0, 0, 100, 20))],
        [Seen("123ABC02", 0.7, box=(1, 0, 100, 20))],
        [Seen("123A8C02", 0.95, box=(2, 0, 100, 20))],
        [Seen("123ABC02", 0.5, box=(3, 0, 100, 20))],
    ]
    (plate,) = vote(*frames)
    assert (plate.text, plate.frame, plate.box[0]) == ("123ABC02", "1", 1)


def test_whatever_is_read_so_many_plates_are_kept_apart() -> None:
    chance = random.Random(1)
    track = Track()
    for number in range(FRAMES_MAX):
        words = ["".join(chance.choices("ABCDEFGHKLMNP0123456789", k=8)) for _ in range(6)]
        track.add(f"{number}", [Seen("777XYZ05"), *(Seen(word, 0.3) for word in words)])
    plates = track.plates()
    assert len(plates) <= PLATES_MAX
    assert (plates[0].text, plates[0].frames) == ("777XYZ05", FRAMES_MAX)


probabilities = st.floats(0.01, 0.99)
texts = st.text("AB1", min_size=4, max_size=5)


@given(st.lists(st.lists(st.builds(Seen, texts, probabilities), max_size=3), max_size=8))
def test_confidences_are_probabilities_whatever_was_seen(frames: list[list[Seen]]) -> None:
    for plate in vote(*frames):
        assert 0 < plate.confidence <= CONFIDENCE_MAX
        assert plate.text == plate.alternatives[0][0]
        assert sum(share for _, share in plate.alternatives) <= 1 + 1e-9
        assert plate.frames <= len(frames)


readings = st.builds(Seen, st.sampled_from(["123ABC02", "128ABC02", "123A8C02"]), probabilities)
"""Of one plate, whatever was misread: any two are within SAME_PLATE_EDITS of each other."""


@given(st.lists(st.lists(readings, max_size=2), min_size=1, max_size=6), st.data())
def test_copies_of_a_frame_change_nothing_whenever_they_come(
    frames: list[list[Seen]], data: st.DataObject
) -> None:
    once, often = Track(), Track()
    for number, candidates in enumerate(frames):
        once.add(str(number), candidates)
        often.add(str(number), candidates)
        for copy in data.draw(st.lists(st.integers(0, number), max_size=30)):
            assert not often.add(str(copy), frames[copy])
    assert often.plates() == once.plates()


@given(st.lists(readings, min_size=1, max_size=8), st.randoms())
def test_the_order_of_one_plates_frames_does_not_matter(seen: list[Seen], chance: random.Random) -> None:
    mixed = chance.sample(seen, len(seen))
    (plate,), (other,) = vote(*([one] for one in seen)), vote(*([one] for one in mixed))
    assert dict(other.alternatives) == pytest.approx(dict(plate.alternatives))
    assert other.frames == plate.frames == len(seen)


@given(probabilities.filter(lambda sure: sure > 0.2), st.integers(2, FRAMES_MAX))
def test_however_many_frames_agree_they_are_no_surer_than_two_independent_ones(sure: float, n: int) -> None:
    (one,), (many,) = vote([Seen("123ABC02", sure)]), vote(*[[Seen("123ABC02", sure)]] * n)
    for_it, against = sure**2, ((1 - sure) / OTHER_TEXTS) ** 2 * OTHER_TEXTS
    assert many.confidence >= one.confidence - 1e-9
    assert many.confidence <= min(CONFIDENCE_MAX, for_it / (for_it + against)) + 1e-9


@given(st.lists(st.lists(st.builds(Seen, texts, probabilities), max_size=3), min_size=1, max_size=8))
def test_each_reading_votes_once_and_for_its_own_plate(frames: list[list[Seen]]) -> None:
    apart = [[replace(one, box=NOWHERE) for one in candidates] for candidates in frames]
    plates = vote(*apart)
    readings = sum(len(candidates) for candidates in frames)
    assert sum(sum(plate.named) for plate in plates) == readings, "there are five texts at most of a plate"
    for plate in plates:
        assert len(plate.named) == len(plate.alternatives)
        assert plate.frames <= len(frames)
        assert len(plate.ballots) == plate.frames
        assert plate.ballots == tuple(sorted(plate.ballots, key=lambda one: one.at_s))
        assert all(edits(plate.text, text) <= 2 * SAME_PLATE_EDITS for text, _ in plate.alternatives)


@given(st.integers(1, 20), st.integers(1, 20), probabilities, st.randoms())
def test_a_second_vehicles_plate_is_never_part_of_the_firsts(
    first: int, second: int, sure: float, chance: random.Random
) -> None:
    frames = [[Seen("123ABC02", sure)]] * first + [[Seen("777XYZ05", sure, box=(500, 0, 100, 20))]] * second
    both = [[Seen("123ABC02", sure), Seen("777XYZ05", sure, box=(500, 0, 100, 20))]]
    plates = vote(*chance.sample(frames, len(frames)), *both)
    assert {plate.text: plate.frames for plate in plates} == {"123ABC02": first + 1, "777XYZ05": second + 1}


@dataclass(frozen=True)
class Vehicle:
    """One that comes nearer along its own way: where its plate is at each frame, and how it is read there."""

    texts: tuple[str, ...]
    left: int
    top: int
    speed: int

    def read(self, number: int, text: str, confidence: float) -> Seen:
        scale = 1 + 0.05 * self.speed * number
        box = round(self.left - 3 * self.speed * number), round(self.top + 8 * self.speed * number)
        return Seen(text, confidence, box=(*box, round(90 * scale), round(20 * scale)))


FIRST = ("123ABC02", "128ABC02", "123A8C02", "X9HOME", "CARGO1")
SECOND = ("777XYZ05", "777XY205", "177XYZ05", "PQ444", "5TIR5")
"""What two vehicles' plates are read as, the first text being the true one, the last two in bad frames."""
shown = st.lists(
    st.tuples(*[st.one_of(st.none(), st.tuples(st.integers(0, 4), probabilities))] * 2),
    min_size=1,
    max_size=12,
)
"""For each frame what was read of either, None where nothing was."""


@given(shown, st.integers(-3, 3), st.integers(-3, 3), st.integers(120, 400), st.integers(-60, 60))
def test_never_are_the_numbers_of_two_vehicles_one_plate(
    frames: list[tuple[tuple[int, float] | None, tuple[int, float] | None]],
    speed: int,
    other_speed: int,
    beside: int,
    below: int,
) -> None:
    """Wherever the second one goes or stands beside the first, seen together or in turn."""
    vehicles = Vehicle(FIRST, 300, 200, abs(speed)), Vehicle(SECOND, 500 + beside, 200 + below, other_speed)
    plates = vote(
        *(
            [
                vehicle.read(number, vehicle.texts[said[0]], said[1])
                for vehicle, said in zip(vehicles, both, strict=True)
                if said is not None
            ]
            for number, both in enumerate(frames)
        )
    )
    for plate in plates:
        texts = {text for text, _ in plate.alternatives}
        assert texts <= set(FIRST) or texts <= set(SECOND)


@given(
    st.lists(st.tuples(st.sampled_from(FIRST[:3]), probabilities), min_size=1, max_size=10),
    st.lists(st.tuples(st.sampled_from(SECOND[:3]), probabilities), min_size=1, max_size=10),
)
def test_one_that_takes_the_others_place_makes_nothing_surer(
    first: list[tuple[str, float]], second: list[tuple[str, float]]
) -> None:
    """However fast: beside a plate that was read at its place it is as sure as alone, or less."""
    frames = [[Seen(*said)] for said in (*first, *second)]
    apart = {
        text: plate.confidence
        for said in (first, second)
        for plate in vote(*([Seen(*one)] for one in said))
        for text in (plate.text,)
    }
    for plate in vote(*frames):
        if plate.confidence >= 0.6:
            assert plate.text in apart
            assert plate.confidence <= apart[plate.text] + 1e-9


@given(st.lists(st.tuples(probabilities, probabilities), min_size=1, max_size=10))
def test_the_texts_are_added_over_frames_and_no_frame_chooses_before(
    shares: list[tuple[float, float]],
) -> None:
    """What no frame took for the likeliest may win: each frame's second text counts with its weight."""
    frames: list[list[Seen]] = []
    for number, (top, second) in enumerate(shares):
        wrong, right = 0.5 + top / 10, 0.3 + second / 10
        misread = f"12{number % 10}ABC02"
        if misread == "123ABC02":
            misread = "12BABC02"
        frames.append([Seen(misread, wrong, ((misread, wrong), ("123ABC02", right)))])
    (plate,) = vote(*frames)
    if len(frames) > 1:
        assert plate.text == "123ABC02"
        assert plate.named[0] == 0


@given(texts, texts, texts)
def test_the_edit_distance_is_a_distance(one: str, other: str, third: str) -> None:
    assert edits(one, one) == 0
    assert edits(one, other) == edits(other, one)
    assert edits(one, third) <= edits(one, other) + edits(other, third)
