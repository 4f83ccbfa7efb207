"""The newest frame wins, and what is read shows what was read: from the wire through the child process."""

import asyncio
import random
import signal
import time
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.plate_camera import FrameRead
from drivers.plate_camera.arrivals import Arrivals
from simulators.plate_camera.camera import Camera
from simulators.render import synthetic
from tests import lane_pictures
from tests.lane_pictures import Drive
from tests.plate_camera.cameras import PLATE, children, opened, running, until

OTHER = synthetic("UZ", random.Random(3))


@pytest.fixture(scope="session")
def other_drive() -> Drive:
    return lane_pictures.drive("car", OTHER)


def lags(*frames: tuple[float | None, float]) -> list[float]:
    arrivals = Arrivals()
    return [round(arrivals.lag_s(stamp_s, came_s), 2) for stamp_s, came_s in frames]


def test_a_queue_that_waited_is_told_by_its_stamps_until_it_is_empty() -> None:
    steady = [(0.1 * n, 50 + 0.1 * n) for n in range(10)]
    # For two seconds nobody took frames; then twenty come within 20 ms.
    queue = [(0.1 * n, 52.9 + 0.001 * (n - 9)) for n in range(10, 30)]
    after = [(0.1 * n, 50 + 0.1 * n) for n in range(30, 40)]
    told = lags(*steady, *queue, *after)
    assert told[:10] == [0.0] * 10
    assert told[10] == pytest.approx(1.9, abs=0.01)
    assert all(later < earlier for earlier, later in pairwise(told[10:30])), "older ones come first"
    assert told[30:] == [0.0] * 10


@given(st.floats(0.55, 3.0), st.floats(0.5, 30), st.integers(0, 1000))
def test_a_clock_that_is_slow_or_fast_or_set_makes_no_frame_late_for_long(
    rate: float, frames_per_s: float, seed: int
) -> None:
    chance = random.Random(seed)
    arrivals, came_s, stamp_s, lag_s = Arrivals(), 0.0, 0.0, 0.0
    for number in range(200):
        passed_s = chance.uniform(0.5, 1.5) / frames_per_s
        came_s, stamp_s = came_s + passed_s, stamp_s + passed_s * rate
        if number == 100:
            stamp_s -= 3600
        lag_s = arrivals.lag_s(stamp_s, came_s)
        assert lag_s == 0.0


def test_a_stream_without_stamps_is_taken_as_it_comes() -> None:
    assert lags((None, 1.0), (None, 3.0), (4.0, 3.1), (None, 6.0)) == [0.0] * 4


def picture_of(jpeg: bytes) -> np.ndarray:
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded


def likeness(one: bytes, other: bytes) -> float:
    """Mean difference in grey levels."""
    return float(np.abs(picture_of(one).astype(int) - picture_of(other).astype(int)).mean())


@pytest.mark.parametrize("kind", ["mjpeg", "rtsp"])
async def test_what_was_read_brings_its_own_frame_and_the_plate_cut_out_of_it(
    kind: str, drive: Drive, camera: Camera
) -> None:
    async with running(kind, camera) as simulated, opened(kind, simulated.address) as device:
        await device.watch(True)
        first = await until(device, lambda reading: reading.watched)
        read = first if first.plates else await until(device, lambda reading: bool(reading.plates))
        # By now the vehicle may be gone: what it left behind is with the reading.
        camera.show(lambda number: drive.empty[number % len(drive.empty)])
        assert likeness(read.picture, drive.standing[0]) < 8 < likeness(read.picture, drive.empty[0])
        frame, plate = picture_of(read.picture), picture_of(read.crop)
        x, y, width, height = read.plates[0].box
        assert width < plate.shape[1] < frame.shape[1] / 2, "the crop is the plate, not the picture"
        assert height < plate.shape[0] < frame.shape[0] / 2
        found = cv2.minMaxLoc(cv2.matchTemplate(frame, plate, cv2.TM_CCOEFF_NORMED))
        assert found[1] > 0.9, "cut out of this very frame"
        assert abs(found[3][0] - x) <= plate.shape[1]
        assert abs(found[3][1] - y) <= plate.shape[0]
        await device.watch(False)
        pulse = await until(device, lambda reading: not reading.watched)
        assert (pulse.picture, pulse.crop) == (b"", b"")


@pytest.mark.parametrize("kind", ["mjpeg", "rtsp"])
async def test_a_child_that_stood_still_tells_no_old_frame_as_a_new_one(
    kind: str, drive: Drive, other_drive: Drive, camera: Camera
) -> None:
    """While the computer had no time for it, one vehicle left and another came."""
    async with running(kind, camera) as simulated, opened(kind, simulated.address, silent_s=20) as device:
        await device.watch(True)
        await until(device, lambda reading: bool(reading.plates))
        (child,) = children()
        child.send_signal(signal.SIGSTOP)
        await show(camera, drive, 15)
        changed_s = time.monotonic()
        await show(camera, other_drive, 5)
        child.send_signal(signal.SIGCONT)
        seen: list[FrameRead] = []
        await until(device, lambda reading: seen.append(reading) or _shows(reading, OTHER.text))
        # Stamps go by the camera's pictures: 0.1 s apart.
        late = [one.taken_s - changed_s for one in seen if _shows(one, PLATE.text)]
        assert all(after_s < 0.2 for after_s in late), "the vehicle before was not there any more"


async def show(camera: Camera, drive: Drive, pictures: int) -> None:
    """The vehicle stands there for so many pictures, and then stays."""
    seen: list[int] = []
    camera.show(lambda number: drive.picture(seen.append(number) or number))
    while len(seen) < pictures:
        await asyncio.sleep(0.02)


def _shows(reading: FrameRead, text: str) -> bool:
    return any(plate.text == text for plate in reading.plates)
