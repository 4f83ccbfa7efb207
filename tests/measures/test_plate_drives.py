"""A drive's vote is held against the vehicle that came, and one parked beside it is no error but a trap."""

from pathlib import Path

import pytest
from measures import plate_drives
from measures.rigs import plate_drives as rig
from measures.rigs.plate_driven import Driven, Told, Vote


def agreed(text: str, confidence: float = 0.99, frames: int = 12) -> Vote:
    return Vote(text, "KZ", confidence, frames)


def driven(*plates: Vote, told: Told | None = None, there: str = "581FNA01") -> Driven:
    """A drive of 581FNA01; the lane was told the first of the plates."""
    said = told or (
        Told(plates[0].text, plates[0].confidence) if plates else Told(None, 0.0, "no_plate_seen")
    )
    texts = frozenset({"581FNA01", there})
    return Driven("7", "581FNA01", "KZ", 1, texts, plates, (said,), ((),) * 12, 0.1)


def test_a_parked_vehicle_s_plate_is_wrong_only_where_the_lane_was_told_it() -> None:
    own, parked = agreed("581FNA01"), agreed("777KZT02")
    beside = driven(own, parked, there="777KZT02")
    known = driven(parked, own, told=Told("581FNA01", 0.99), there="777KZT02")
    held = driven(parked, own, told=Told(None, 0.0, "several_plates"), there="777KZT02")
    taken = driven(parked, own, there="777KZT02")
    assert (beside.exact, beside.wrong(0.9)) == (known.exact, known.wrong(0.9)) == (True, [])
    assert (held.exact, held.wrong(0.9)) == (False, [])
    assert (taken.exact, taken.wrong(0.9)) == (False, ["777KZT02"])
    assert beside.confidences == held.confidences == [(0.99, True)] * 2


def test_a_plate_that_is_not_there_is_wrong_where_it_was_sure_and_may_be_told() -> None:
    sign = agreed("TOYOTA7")
    assert driven(agreed("581FNA01"), sign).wrong(0.9) == ["TOYOTA7"]
    assert driven(agreed("581FNA07", 0.89)).wrong(0.9) == []
    once = driven(agreed("581FNA07", frames=1), told=Told("581FNA07", 0.5))
    assert once.wrong(0.9) == []
    assert once.confidences == []
    assert driven().wrong(0.9) == []


def test_a_wrong_plate_stays_wrong_though_a_right_one_was_told_after_it() -> None:
    first, last = Told("581FNA07", 0.95), Told("581FNA01", 0.99)
    one = Driven(
        "7", "581FNA01", "KZ", 1, frozenset({"581FNA01"}), (agreed("581FNA01"),), (first, last), (), 0.1
    )
    assert (one.exact, one.wrong(0.9)) == (True, ["581FNA07"])


def test_what_was_told_for_sure_is_not_taken_back_by_a_reading_that_failed() -> None:
    sure, several = Told("581FNA01", 0.99), Told(None, 0.0, "several_plates")
    weak = Told("581FNA07", 0.5, "low_confidence")
    plates = (agreed("581FNA01"),)
    told = [
        Driven("7", "581FNA01", "KZ", 1, frozenset(), plates, each, (), 0.1)
        for each in ((sure, several), (weak, sure), (weak,), ())
    ]
    assert [one.kept for one in told] == [sure, sure, weak, None]
    assert [one.exact for one in told] == [True, True, False, False]


@pytest.mark.parametrize("full", [False, True])
def test_every_named_figure_is_taken(full: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    every = [driven(agreed("581FNA01"))] * 40 + [driven(agreed("581FNA07", 0.5))]

    def those(wanted: int, keep: bool) -> list[Driven]:
        return every

    monkeypatch.setattr(plate_drives, "drives", those)
    (measurement,) = plate_drives.MEASUREMENTS
    figures = {figure.name: figure for figure in measurement.run(full)}
    assert sorted(figures) == sorted(measurement.names)
    assert [name for name, figure in figures.items() if figure.passed is False] == []
    assert (
        figures["plate-drives-exact"].beside
        == "best supported in 40, missed 7 KZ: 581FNA01 as 581FNA07 0.50 of 12"
    )
    assert figures["plate-drives-countries-whole"].beside == "KZ 40 of 41"


def test_a_drive_is_read_while_the_vehicle_s_plate_is_in_sight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rig, "DRIVES", tmp_path / "films")
    monkeypatch.setattr(rig, "SHOTS", tmp_path / "shots")
    monkeypatch.setattr(rig, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(rig, "FRAMES_MAX", rig.FRAMES_MIN)
    (one,) = rig.drives(1, keep=True)
    assert len(one.frames) == rig.FRAMES_MIN
    assert one.true in one.there
    assert any(one.frames)
    assert [len(shot.plates) > 0 and shot.path.exists() for shot in one.shots] == [True] * rig.PEER_FRAMES

    def again(order: object, film: object, shown: object) -> dict[str, object]:
        raise AssertionError("a drive that was kept is read again")

    monkeypatch.setattr(rig, "_read", again)
    assert list(rig.drives(1, keep=True)) == [one]
