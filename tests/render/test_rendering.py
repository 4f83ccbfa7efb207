"""The renderer: deterministic, cached by content, honest about what it can't draw."""

import random
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from simulators.render import Drive, NoSuchPlate, Studio, Vehicle, fonts, plate, plates, synthetic
from simulators.render.drive import APPROACH_M

LORRY = Vehicle("lorry", (150, 50, 45), plate("KZ", "123ABC02"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drives")


@pytest.fixture(scope="module")
def drive(folder: Path) -> Drive:
    return Studio(folder, seed=1).drive(LORRY)


def test_a_seed_repeats_a_drive_byte_for_byte(drive: Drive, tmp_path: Path) -> None:
    assert Studio(tmp_path, seed=1).drive(LORRY) == drive
    assert Studio(tmp_path, seed=2).empty() != drive.empty


def test_a_drive_is_rendered_once_and_then_taken_from_the_cache(
    drive: Drive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulators.render.drive.Scene", None)
    assert Studio(folder, seed=1).drive(LORRY) == drive


def test_a_damaged_cache_is_rendered_again(drive: Drive, folder: Path) -> None:
    kept = max(folder.glob("*.zip"), key=lambda file: file.stat().st_size)
    kept.write_bytes(kept.read_bytes()[:5000])
    assert Studio(folder, seed=1).drive(LORRY) == drive


def test_the_picture_follows_the_vehicle_from_far_to_gone(drive: Drive) -> None:
    assert drive.picture(30.0, 0) in drive.empty
    assert drive.picture(APPROACH_M[0], 0) == drive.approach[0]
    assert drive.picture(0.8, 0) == drive.approach[-1]
    assert drive.picture(0.0, 5) == drive.standing[1]
    assert drive.picture(-0.75, 0) == drive.leaving[0]
    assert drive.picture(-9.0, 0) in drive.flank
    assert drive.picture(-40.0, 3) in drive.empty


def test_a_short_vehicle_is_seen_until_its_end_has_passed() -> None:
    parts = {name: (name.encode(),) * 12 for name in ("approach", "standing", "leaving", "flank", "empty")}
    car = Drive(4.4, **parts)
    seen = [car.picture(before_m, 0) for before_m in (0.8, 0.0, -0.75, -5.0, -8.0, -11.0)]
    assert seen == [b"approach", b"standing", b"leaving", b"leaving", b"flank", b"empty"]


def test_a_standing_vehicle_is_never_twice_the_same_picture_in_a_row(drive: Drive) -> None:
    shown = [drive.picture(0.0, tick) for tick in range(4)]
    assert len(set(shown)) == 4


def test_pictures_are_jpegs_of_one_size_and_small(drive: Drive) -> None:
    for jpeg in (*drive.approach, *drive.standing, *drive.leaving, *drive.flank, *drive.empty):
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
    holds = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=True).stdout
    assert holds == f"{package}: {path}\n"
    setup = (Path(__file__).parents[2] / "tools" / "setup.sh").read_text()
    assert f" {package} " in setup


def test_a_missing_typeface_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fonts._FONTS, "din", ("fonts-opendin", "/nonexistent.ttf"))
    fonts.load.cache_clear()
    with pytest.raises(fonts.FontMissing, match="fonts-opendin"):
        fonts.load("din", 31)
