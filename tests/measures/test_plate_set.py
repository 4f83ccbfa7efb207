"""The synthetic proof set of plates: drawn once, with its truth, and anew when the renderer changed."""

from pathlib import Path

import cv2
import pytest
from measures.rigs import plate_corners, plate_set
from measures.rigs.plate_corners import outcomes_at_corners


@pytest.fixture(autouse=True)
def set_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plate_set, "SET", tmp_path / "set")


def test_a_scene_is_drawn_once_and_more_of_them_later() -> None:
    (first,) = plate_set.scene_pictures(1)
    drawn = first.path.read_bytes()
    first.path.write_bytes(b"kept")
    assert plate_set.scene_pictures(2)[0] == first
    assert first.path.read_bytes() == b"kept"
    assert drawn != b"kept"


def test_scenes_of_another_renderer_are_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = plate_set.scene_pictures(1)
    drawn = first.path.read_bytes()
    first.path.write_bytes(b"of another renderer")
    monkeypatch.setattr(plate_set, "_stamp", lambda: "another")
    assert plate_set.scene_pictures(1) == [first]
    assert first.path.read_bytes() == drawn


def test_the_truth_lies_where_the_plates_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own reader, given the corners of the truth, reads some of the first scenes' plates."""
    pictures = plate_set.scene_pictures(4)
    for picture in pictures:
        frame = cv2.imread(str(picture.path))
        assert frame is not None
        for plate in picture.plates:
            assert plate.box is not None
            assert 0 <= plate.box[0] < plate.box[2] <= frame.shape[1]
            assert 0 <= plate.box[1] < plate.box[3] <= frame.shape[0]
    monkeypatch.setattr(plate_corners, "FOLDER", tmp_path / "kept")
    outcomes = outcomes_at_corners(pictures, keep=True)
    read = [one for outcome in outcomes for one in outcome.plates]
    assert len(read) >= 3
    assert any(one.exact for one in read)

    def again(*_: object) -> None:
        raise AssertionError("a picture that was kept is read again")

    monkeypatch.setattr(plate_corners, "_read", again)
    assert outcomes_at_corners(pictures, keep=True) == outcomes
