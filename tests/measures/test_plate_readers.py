"""Plate readers are asked in processes of their own; one that can't be had is told, not fatal."""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from measures.rigs import environments, plate_crops, plate_readers, reader_process
from measures.rigs.plate_crops import true_boxes
from measures.rigs.plate_pictures import Picture, Plate

BOX = (40.0, 20.0, 100.0, 40.0)
READS = """
from pathlib import Path
def reader():
    def read(path):
        with Path({asked!r}).open("a") as file:
            file.write(path + "\\n")
        if path.endswith("cut.png"):
            raise SystemExit
        return {{"plates": [dict(text="581FNA01", country="KZ", confidence=0.9, box=[40, 20, 100, 40])]}}
    return read
"""
Reader = Callable[[str], None]


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    return tmp_path / "asked"


@pytest.fixture
def peer(tmp_path: Path, asked: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Gives the one peer its source."""
    readers = tmp_path / "readers"
    readers.mkdir()
    serve = readers / "serve.py"
    serve.write_text(reader_process.SERVE.read_text("utf-8"))

    def interpreter(name: str) -> Path:
        return Path(sys.executable)

    monkeypatch.setattr(plate_readers, "SERVE", serve)
    monkeypatch.setattr(plate_readers, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(plate_readers, "python_of", interpreter)
    monkeypatch.setattr(plate_readers, "READERS", ("fake",))
    monkeypatch.setattr(plate_readers, "DETECTORS", ())
    monkeypatch.setitem(environments.PINS, "fake", ("fake==1",))

    def write(source: str) -> None:
        (readers / "plates_fake.py").write_text(source.format(asked=str(asked)))

    return write


def pictures(folder: Path, *names: str) -> list[Picture]:
    made: list[Picture] = []
    for name in names:
        path = folder / f"{name}.png"
        cv2.imwrite(str(path), np.arange(60 * 120, dtype=np.uint32).astype(np.uint8).reshape(60, 120))
        plate = Plate("581FNA01", "KZ", BOX, 0.5, 1)
        made.append(Picture(path.name, path, "frame", (plate,)))
    return made


def test_a_peer_is_read_in_a_process_of_its_own_with_its_time_and_memory(
    tmp_path: Path, peer: Reader
) -> None:
    peer(READS)
    (outcome,) = plate_readers.outcomes_of("fake", pictures(tmp_path, "one"))
    assert outcome.plates[0].exact
    assert outcome.answer.peak_mb > 1
    assert outcome.answer.cpu_s < 1


def test_a_run_that_was_cut_goes_on_and_a_picture_drawn_anew_is_read_anew(
    tmp_path: Path, asked: Path, peer: Reader
) -> None:
    peer(READS)
    first, second = pictures(tmp_path, "one", "two")
    plate_readers.outcomes_of("fake", [first], keep=True)
    (kept,) = (tmp_path / "kept" / "plates").iterdir()
    with kept.open("a") as file:
        file.write('["torn')
    asked.unlink()
    assert len(plate_readers.outcomes_of("fake", [first, second], keep=True)) == 2
    assert set(asked.read_text().split()) == {str(second.path)}
    asked.unlink()
    plate_readers.outcomes_of("fake", [first, second], keep=True)
    assert not asked.exists()
    second.path.write_bytes(second.path.read_bytes() + b" ")
    plate_readers.outcomes_of("fake", [first, second], keep=True)
    assert set(asked.read_text().split()) == {str(second.path)}


@pytest.mark.parametrize(
    "source", ["import a_wheel_of_another_machine", "def reader(): raise OSError('trial is over')"]
)
def test_a_peer_that_does_not_start_is_skipped_with_a_word(tmp_path: Path, peer: Reader, source: str) -> None:
    peer(source)
    every = plate_readers.beside([], pictures(tmp_path, "one"), keep=True)
    assert dict(every.skipped) == {"fake": "does not start"}
    assert not every.readers
    assert not (tmp_path / "kept").exists()


def test_a_peer_without_a_wheel_is_skipped_with_a_word(
    tmp_path: Path, peer: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(name: str) -> Path:
        raise RuntimeError("No matching distribution found")

    peer(READS)
    monkeypatch.setattr(plate_readers, "python_of", none)
    every = plate_readers.beside([], pictures(tmp_path, "one"), keep=False)
    assert dict(every.skipped) == {"fake": "no wheel to be had"}


def test_a_peer_that_dies_over_a_picture_has_read_nothing_in_it_and_goes_on(
    tmp_path: Path, peer: Reader
) -> None:
    peer(READS)
    cut, whole = plate_readers.outcomes_of("fake", pictures(tmp_path, "cut", "whole"))
    assert (cut.plates[0].reading, cut.answer.error) == (None, "the reader's process ended")
    assert whole.plates[0].exact


def test_a_true_box_is_cut_out_with_a_margin_and_its_plate_lies_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plate_crops, "CROPS", tmp_path / "crops")
    frames = pictures(tmp_path, "one")
    (crop,) = true_boxes(frames)
    shown = cv2.imread(str(crop.path), cv2.IMREAD_GRAYSCALE)
    frame = cv2.imread(str(frames[0].path), cv2.IMREAD_GRAYSCALE)
    assert shown is not None
    assert frame is not None
    assert shown.shape == (26, 66)
    (plate,) = crop.plates
    assert plate.box == (3.0, 3.0, 63.0, 23.0)
    assert (shown[3:23, 3:63] == frame[20:40, 40:100]).all()
