"""The renderer: deterministic, cached by content, honest about what it can't draw."""

import random
import re
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from simulators.render import NoSuchPlate, fonts, plate, plates, synthetic
from simulators.render.drives import Cast
from simulators.render.drives.lane_drives import LaneDrive, LaneDrives
from simulators.render.looks import LESSON, TRAINING

ROOT = Path(__file__).parents[2]
LORRY = Cast("lorry", plate("KZ", "123ABC02"), plate("KZ", "12ABC02", trailer=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drives")


@pytest.fixture(scope="module")
def drive(folder: Path) -> LaneDrive:
    return LaneDrives(folder, 1, "front").drive(LORRY)


def test_a_seed_repeats_a_drive_byte_for_byte(drive: LaneDrive, tmp_path: Path) -> None:
    again = LaneDrives(tmp_path, 1, "front")
    assert again.drive(LORRY) == drive
    assert LaneDrives(tmp_path, 1, "front").empty() == again.empty()
    assert LaneDrives(tmp_path, 2, "front").empty() != again.empty()


def test_a_drive_is_rendered_once_and_then_taken_from_the_cache(
    drive: LaneDrive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulators.render.drives.lane_drives.shots", None)
    assert LaneDrives(folder, 1, "front").drive(LORRY) == drive


def test_a_damaged_cache_is_rendered_again(drive: LaneDrive, folder: Path) -> None:
    lane = LaneDrives(folder, 1, "front")
    lane.file(LORRY).write_bytes(lane.file(LORRY).read_bytes()[:5000])
    assert lane.drive(LORRY) == drive


def test_the_same_drive_is_kept_as_h264_apart_from_its_jpegs(
    drive: LaneDrive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = LaneDrives(folder, 1, "front", h264=True)
    coded = lane.drive(LORRY)
    assert coded.places == drive.places
    assert not set(coded.pictures) & set(drive.pictures)
    for at in (0, len(coded.pictures) // 2, -1):
        file = folder / f"one{at}.h264"
        file.write_bytes(coded.pictures[at])
        good, picture = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG).read()
        assert good, "each stands for itself"
        jpeg = cv2.imdecode(np.frombuffer(drive.pictures[at], np.uint8), cv2.IMREAD_COLOR)
        assert jpeg is not None
        assert np.abs(picture.astype(int) - jpeg.astype(int)).mean() < 4
        assert len(coded.pictures[at]) < 120_000
    monkeypatch.setattr("simulators.render.drives.lane_drives.shots", None)
    monkeypatch.setattr("simulators.render.drives.lane_drives.encoded_pictures", None)
    assert LaneDrives(folder, 1, "front", h264=True).drive(LORRY) == coded


def test_the_picture_follows_the_vehicle_from_far_to_gone(drive: LaneDrive) -> None:
    assert drive.picture(30.0, 0) is None
    assert drive.picture(drive.places[0], 0) == drive.pictures[0]
    shown = [drive.picture(place, 0) for place in (8.0, 4.0, 0.8, 0.0, -0.75, -2.0, -5.0)]
    at = [drive.pictures.index(picture) for picture in shown if picture is not None]
    assert at == sorted(set(at))
    assert len(at) == len(shown)
    assert drive.picture(-40.0, 3) is None


def test_a_short_vehicle_is_seen_until_its_end_has_passed() -> None:
    car = LaneDrive((8.0, 0.8, 0.0, -0.75, -4.4), (b"far", b"near", b"standing", b"leaving", b"end"))
    seen = [car.picture(before_m, 0) for before_m in (9.0, 8.3, 0.8, 0.0, -0.75, -4.7, -5.0)]
    assert seen == [None, b"far", b"near", b"standing", b"leaving", b"end", None]


def test_a_standing_vehicle_is_never_twice_the_same_picture_in_a_row(drive: LaneDrive) -> None:
    shown = [drive.picture(0.0, tick) for tick in range(4)]
    assert len(set(shown)) == 4


def test_pictures_are_jpegs_of_one_size_and_small(drive: LaneDrive) -> None:
    lane = LaneDrives(Path("unused"), 1, "front")
    for jpeg in (*drive.pictures, *lane.empty(), *lane.dark()):
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape == (544, 960, 3)
        assert len(jpeg) < 120_000


@pytest.mark.parametrize("country", ["KZ", "ZZ"])
def test_a_number_that_nobody_issues_is_printed_plain(country: str) -> None:
    odd = plate(country, "A1-b2")
    assert (odd.text, odd.series) == ("A1B2", plates.PLAIN)
    assert plates.draw(odd).size


@pytest.mark.parametrize("text", ["", "Ж", "12345678901"])
def test_a_number_that_can_not_be_drawn_is_refused(text: str) -> None:
    with pytest.raises(NoSuchPlate):
        plate("KZ", text)


def test_a_country_without_plates_is_refused_with_the_list() -> None:
    with pytest.raises(NoSuchPlate, match="KZ, KG"):
        synthetic("ZZ", random.Random(1))


@pytest.mark.parametrize("name", list(fonts._FONTS))
def test_set_up_installs_the_package_that_holds_the_typeface(name: str) -> None:
    package, path = fonts._FONTS[name]
    setup, lessons = ((ROOT / "tools" / script).read_text() for script in ("setup.sh", "train_setup.sh"))
    lesson, known = {*LESSON.persian, *LESSON.chinese}, {*TRAINING.persian, *TRAINING.chinese}
    for_lessons = name in lesson - known
    assert re.search(rf"[ (]{package}[ )]", lessons if for_lessons else setup)
    if for_lessons and not Path(path).exists():
        pytest.skip(f"{package} is for lessons, and not here: `make train-setup` installs it")
    holds = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=True).stdout
    assert holds == f"{package}: {path}\n"


def test_a_missing_typeface_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fonts._FONTS, "din", ("fonts-opendin", "/nonexistent.ttf"))
    fonts.load.cache_clear()
    with pytest.raises(fonts.FontMissing, match="fonts-opendin"):
        fonts.load("din", 31)
