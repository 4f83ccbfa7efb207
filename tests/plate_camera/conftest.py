"""A vehicle before the lane's camera, rendered once a test worker."""

from pathlib import Path

import pytest

from simulators.plate_camera.camera import Camera
from simulators.render.drives import Films
from simulators.render.drives.lane_drives import LaneDrives
from tests import lane_pictures
from tests.lane_pictures import Drive
from tests.plate_camera.cameras import PLATE
from tests.plate_camera.clips import Clip, encoded


@pytest.fixture(scope="session")
def drive() -> Drive:
    return lane_pictures.drive("lorry", PLATE)


@pytest.fixture(scope="session")
def dark(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, ...]:
    return LaneDrives(tmp_path_factory.mktemp("drives"), lane_pictures.SEED, "front").dark()


@pytest.fixture
def camera(drive: Drive, dark: tuple[bytes, ...]) -> Camera:
    return Camera(drive.picture, dark=dark)


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    return Films(Path(tmp_path_factory.getbasetemp().parent) / "films")


@pytest.fixture(scope="session")
def clip(films: Films, tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return encoded(films, tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="session")
def sliced(films: Films, tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return encoded(films, tmp_path_factory.mktemp("clip"), slices=3)
