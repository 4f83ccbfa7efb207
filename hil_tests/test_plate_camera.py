"""What a plate camera promises (drivers/plate_camera).

`[expect.NAME] plate` is the plate that stands in view; before a camera that reads by itself a vehicle with it
passes every few seconds, by the bench's keeper or its simulator, while the suite waits.
"""

import contextlib
import time

from drivers.errors import DeviceRefused
from drivers.plate_camera import PlateCamera
from hil_tests.asking import opened, take, until
from hil_tests.bench import BenchDevice

ROLE = "plate_camera"


async def test_frames_come_and_are_counted(device_under_test: BenchDevice) -> None:
    async with opened(device_under_test, PlateCamera) as camera:
        numbers = [frame.number for frame in await take(camera, 3)]
        assert numbers == sorted(set(numbers))


async def test_the_newest_picture_is_a_jpeg_of_bounded_size(device_under_test: BenchDevice) -> None:
    async with opened(device_under_test, PlateCamera) as camera:
        await take(camera, 1)
        picture = await camera.picture()
        assert picture[:2] == b"\xff\xd8"
        assert len(picture) <= 200_000
        with contextlib.suppress(DeviceRefused):  # a camera that sends pictures of its own accord alone
            still = await camera.still(20_000)
            assert still[:2] == b"\xff\xd8"
            assert len(still) <= 20_000


async def test_a_frame_says_when_it_was_taken_and_a_read_one_shows_itself(
    device_under_test: BenchDevice,
) -> None:
    async with opened(device_under_test, PlateCamera) as camera:
        asked_s = time.monotonic()
        await take(camera, 1)
        await camera.watch(True)
        read = await until(camera, lambda frame: frame.watched, 30)
        assert asked_s - 2.0 <= read.taken_s <= time.monotonic()
        assert read.picture[:2] == b"\xff\xd8"
        assert len(read.picture) <= 200_000


async def test_the_plate_in_view_is_read_while_watching(device_under_test: BenchDevice) -> None:
    expected = device_under_test.expect.get("plate")
    async with opened(device_under_test, PlateCamera) as camera:
        await camera.watch(True)
        if expected is None:
            assert (await until(camera, lambda frame: frame.watched)).watched
            return
        seen = await until(camera, lambda frame: any(p.text == expected for p in frame.plates), 30)
        assert seen.crop[:2] == b"\xff\xd8"
