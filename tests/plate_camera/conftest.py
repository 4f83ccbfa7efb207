"""Drives, rendered once for all test workers."""

from pathlib import Path

import pytest

from simulators.plate_camera.camera import Camera
from simulators.render import Drive, Studio, Vehicle
from tests.plate_camera.cameras import PLATE


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(Path(tmp_path_factory.getbasetemp().parent) / "drives", seed=7)


@pytest.fixture(scope="session")
def drive(studio: Studio) -> Drive:
    return studio.drive(Vehicle("lorry", (150, 50, 45), PLATE))


@pytest.fixture
def camera(studio: Studio, drive: Drive) -> Camera:
    return Camera(lambda number: drive.picture(0.0, number), dark=studio.dark())
