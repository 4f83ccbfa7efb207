"""Damaged streams, absurd sizes, frames that change size, cameras that show nothing: each is an error that
says what it is, and the camera reads on afterwards."""

import asyncio
import random
import re

import cv2
import numpy as np
import pytest

from drivers.errors import DeviceError, DeviceTimeout, DeviceUnavailable, ProtocolError
from drivers.plate_camera import PlateCamera
from drivers.plate_camera.jpeg import PIXELS_MAX
from drivers.plate_camera.sources import SIDE_MIN, Settings, SourceError, pictures
from simulators.plate_camera.camera import Camera, Shown
from simulators.plate_camera.mjpeg import part
from tests.lane_pictures import Drive
from tests.plate_camera import smart
from tests.plate_camera.cameras import children, driver, opened, running, until
from tests.plate_camera.corrupt import damaged, drawn_again, pieces, serving
from tests.plate_camera.test_hostile_peers import bomb

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s; boundary=%s\r\n\r\n"


def seeds(few: int, many: int) -> pytest.MarkDecorator:
    """Some draws for `make test`, others for `make test-long`."""
    long = pytest.param(range(1000, 1000 + many), id="many", marks=pytest.mark.long)
    return pytest.mark.parametrize("draws", [pytest.param(range(few), id="few"), long])


def jpeg(width: int, height: int, shade: int = 90) -> bytes:
    picture = np.full((height, width, 3), shade, np.uint8)
    picture[:, : width // 2] = 200 - shade
    return bytes(cv2.imencode(".jpg", picture)[1])


def stream_of(shown: list[bytes]) -> bytes:
    return b"".join(part(Shown(number, number / 10, data)) for number, data in enumerate(shown, 1))


@seeds(40, 600)
def test_a_damaged_mjpeg_stream_gives_sane_pictures_and_then_an_error(draws: range) -> None:
    whole = stream_of([jpeg(160, 96, shade) for shade in range(20, 120, 20)])
    for seed in draws:
        draw = random.Random(seed)
        answer = [HEAD % (b"multipart/x-mixed-replace", b"laneframe"), *pieces(damaged(whole, draw), draw)]
        with serving(answer) as port:
            error = _watched(f"http://127.0.0.1:{port}/x")
        assert error.kind in ("unavailable", "protocol"), f"seed {seed}: {error.message}"


def _watched(url: str) -> SourceError:
    """What a stream ends with; every picture of it that can be decoded is of sane size."""
    try:
        for taken in pictures(Settings("mjpeg", url, "", "", "digest", "", 5.0, 5.0)):
            picture = taken.decode()
            if picture is not None:
                assert min(picture.shape[:2]) >= SIDE_MIN
                assert picture.shape[0] * picture.shape[1] <= PIXELS_MAX
    except SourceError as error:
        return error
    raise AssertionError("it ended by itself")


@seeds(2, 40)
@pytest.mark.parametrize("kind", smart.ON_THE_WIRE)
async def test_a_damaged_event_stream_is_a_device_error_and_no_absurd_plate(kind: str, draws: range) -> None:
    camera = smart.SIMULATED[kind]("smart", smart.eye(scene=smart.jpeg(160, 90)))
    for text in ("777ABC02", "048BKA08", "10AA123"):
        camera.eye.passes(text)
        camera.step(1.0)
    whole = b"".join(camera.told)
    boundary = re.match(rb"--(\S+)", whole)
    assert boundary
    for seed in draws:
        draw = random.Random(seed)
        answer = [HEAD % (b"multipart/mixed", boundary[1]), *pieces(damaged(whole, draw), draw)]
        with serving(answer) as port:
            device = smart.driver(kind, f"http://127.0.0.1:{port}")
            with pytest.raises(DeviceError):
                await _heard(device)


async def _heard(device: PlateCamera) -> None:
    try:
        await device.open()
        await device.watch(True)
        async for reading in device.readings():
            for plate in reading.plates:
                assert plate.text.isalnum()
                assert 0 <= plate.confidence <= 1
    finally:
        await device.close()


async def test_frames_of_absurd_sizes_are_skipped_and_the_others_are_read(drive: Drive) -> None:
    odd = [
        jpeg(1, 1),
        jpeg(31, 700),
        jpeg(4000, 20),
        bomb(65_000),
        bomb(8192),
        drawn_again(8000),
        jpeg(480, 272),
        b"\xff\xd8\xff\xd9",
    ]
    shown = [data for one in odd for data in (one, drive.standing[0])]
    camera = Camera(lambda number: shown[number % len(shown)])
    async with running("mjpeg", camera) as simulated, opened("mjpeg", simulated.address) as device:
        await device.watch(True)
        first = await until(device, lambda reading: bool(reading.plates))
        await until(
            device, lambda reading: bool(reading.plates) and reading.number > first.number + 2 * len(odd)
        )
        assert await device.picture()


async def test_a_camera_of_absurd_pictures_alone_says_their_size() -> None:
    camera = Camera(lambda number: jpeg(16, 16), frames_per_s=40.0)
    async with running("mjpeg", camera) as simulated:
        device = driver("mjpeg", simulated.address, open_timeout_s=30.0)
        await device.watch(True)
        with pytest.raises(ProtocolError, match="16 x 16 pixels"):
            await device.open()
        assert not children()


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("mjpeg", 2),
        pytest.param("mjpeg", 12, marks=pytest.mark.long),
        pytest.param("rtsp", 12, marks=pytest.mark.long),
    ],
)
async def test_a_camera_that_shows_nothing_for_long_is_lost_each_time_and_reads_when_it_is_back(
    kind: str, times: int, camera: Camera
) -> None:
    async with running(kind, camera) as simulated:
        device = driver(kind, simulated.address, silent_s=0.5, open_timeout_s=0.5)
        await device.watch(True)
        camera.set_fault("blackout", True)
        for _ in range(times):
            with pytest.raises((DeviceTimeout, DeviceUnavailable)) as raised:
                await device.open()
            assert simulated.address in str(raised.value)
            assert not children()
        camera.set_fault("blackout", False)
        device = driver(kind, simulated.address)
        await device.watch(True)
        async with asyncio.timeout(60):
            await device.open()
            try:
                await until(device, lambda reading: bool(reading.plates))
            finally:
                await device.close()
