"""The MJPEG and RTSP drivers against simulated cameras on real ports, each with its child process."""

import asyncio
import contextlib
import signal

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from drivers.child import Child
from drivers.errors import DeviceError, DeviceRefused, DeviceTimeout, DeviceUnavailable
from drivers.plate_camera import FrameRead
from drivers.plate_camera.streaming import WORKER
from simulators.faults import FaultedPort, Garble
from simulators.plate_camera.camera import Camera
from simulators.plate_camera.guard import Guard
from tests.lane_pictures import Drive, jpeg
from tests.plate_camera.cameras import PLATE, children, driver, opened, running, until

KINDS = ("mjpeg", "rtsp")


@pytest.mark.parametrize("kind", KINDS)
async def test_frames_come_and_the_plate_in_view_is_read_while_watching(kind: str, camera: Camera) -> None:
    async with running(kind, camera) as simulated, opened(kind, simulated.address) as device:
        first = await until(device, lambda reading: True)
        assert not first.watched
        assert not first.plates
        # The view's noise comes in four pictures, so some later one is another picture, not each.
        later = await until(device, lambda reading: reading.fingerprint != first.fingerprint)
        assert later.source_time_s is not None
        assert first.source_time_s is not None
        assert later.number > first.number
        assert later.source_time_s > first.source_time_s
        assert await device.identify() == "960 x 544 pixels"

        await device.watch(True)
        read = await until(device, lambda reading: bool(reading.plates))
        assert read.plates[0].text == PLATE.text
        assert read.plates[0].alternatives[0][0] == PLATE.text
        assert read.crop[:2] == b"\xff\xd8"

        picture = await device.picture()
        assert picture[:2] == b"\xff\xd8"
        assert len(picture) <= 200_000
        await device.watch(False)
        rest = [await until(device, lambda _: True) for _ in range(5)]
        assert sum(reading.watched for reading in rest) <= 1, "none but the one in hand is read any more"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_country_whose_plates_never_come_here_is_not_read(kind: str, camera: Camera) -> None:
    never = {PLATE.country: 0}
    async with running(kind, camera) as simulated, opened(kind, simulated.address, priors=never) as device:
        await device.watch(True)
        seen: dict[str, FrameRead] = {}
        while len(seen) < 3:
            read = await until(device, lambda reading: reading.watched and reading.fingerprint not in seen)
            seen[read.fingerprint] = read
        assert PLATE.country not in {plate.country for read in seen.values() for plate in read.plates}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_camera_that_stops_is_an_error_and_opens_again_when_it_is_back(
    kind: str, camera: Camera
) -> None:
    async with running(kind, camera) as simulated, opened(kind, simulated.address, silent_s=1.0) as device:
        await device.watch(True)
        await simulated.stop()
        with pytest.raises((DeviceUnavailable, DeviceTimeout)):
            await until(device, lambda reading: False)
        await simulated.start()
        await device.open()
        # What was asked before the loss still holds.
        await until(device, lambda reading: reading.watched)


async def test_a_camera_that_sends_nothing_more_is_a_timeout(camera: Camera) -> None:
    async with (
        running("rtsp", camera) as simulated,
        opened("rtsp", simulated.address, silent_s=0.6) as device,
    ):
        camera.set_fault("blackout", True)
        with pytest.raises((DeviceTimeout, DeviceUnavailable)):
            await until(device, lambda reading: False)
        with pytest.raises((DeviceTimeout, DeviceUnavailable)):
            await device.picture()


async def test_a_frozen_picture_keeps_its_fingerprint_while_the_stream_goes_on(camera: Camera) -> None:
    async with running("rtsp", camera) as simulated, opened("rtsp", simulated.address) as device:
        camera.set_fault("frozen_picture", True)
        frozen = await until(device, lambda reading: True)
        frozen = await until(device, lambda reading: reading.number > frozen.number + 3)
        later = await until(device, lambda reading: reading.number > frozen.number)
        assert later.fingerprint == frozen.fingerprint
        assert later.source_time_s != frozen.source_time_s
        camera.set_fault("frozen_picture", False)
        await until(device, lambda reading: reading.fingerprint != frozen.fingerprint)


async def test_a_frozen_stream_shows_by_its_content_and_its_time_stamps(camera: Camera) -> None:
    async with running("mjpeg", camera) as simulated, opened("mjpeg", simulated.address) as device:
        camera.set_fault("frozen_stream", True)
        first = await until(device, lambda reading: True)
        still = await until(device, lambda reading: reading.number > first.number + 3)
        again = await until(device, lambda reading: reading.number > still.number)
        assert (again.fingerprint, again.source_time_s) == (still.fingerprint, still.source_time_s)


async def test_a_killed_child_is_an_error_and_the_next_open_starts_another(camera: Camera) -> None:
    async with running("rtsp", camera) as simulated, opened("rtsp", simulated.address) as device:
        (child,) = children()
        child.send_signal(signal.SIGKILL)
        with pytest.raises(DeviceUnavailable, match="SIGKILL"):
            await until(device, lambda reading: False)
        with pytest.raises(DeviceError):
            await device.watch(True)
        await device.open()
        await until(device, lambda reading: reading.watched)


async def test_a_stopped_child_is_a_timeout_and_close_still_ends_it(camera: Camera) -> None:
    async with (
        running("mjpeg", camera) as simulated,
        opened("mjpeg", simulated.address, silent_s=0.6) as device,
    ):
        (child,) = children()
        child.send_signal(signal.SIGSTOP)
        with pytest.raises(DeviceTimeout):
            await until(device, lambda reading: False)
        await device.close()
        await device.close()
        assert not children()


async def test_readings_are_cancelled_also_at_the_moment_when_one_comes(camera: Camera) -> None:
    async with (
        running("mjpeg", camera) as simulated,
        opened("mjpeg", simulated.address, silent_s=20) as device,
    ):
        camera.set_fault("blackout", True)
        readings = device.readings()
        waiting = asyncio.create_task(anext(readings))
        while (await asyncio.wait({waiting}, timeout=1.0))[0]:  # what was under way
            waiting = asyncio.create_task(anext(readings))
        device._news.set()  # pyright: ignore[reportPrivateUsage]
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_child_whose_parent_goes_ends_by_itself() -> None:
    child = await Child.start(WORKER, driver("rtsp", "rtsp://127.0.0.1:1/lane").settings())
    (process,) = children()
    child.hang_up()
    await asyncio.to_thread(process.wait, 10)
    await child.kill()


@pytest.mark.parametrize("kind", KINDS)
async def test_frames_that_change_size_are_read_as_they_come(kind: str, drive: Drive) -> None:
    frame = cv2.imdecode(np.frombuffer(drive.standing[0], np.uint8), cv2.IMREAD_COLOR)
    assert frame is not None
    small = jpeg(cv2.resize(frame, (480, 272)).astype(np.uint8))
    camera = Camera(lambda number: small if number // 5 % 2 else drive.standing[0])
    async with running(kind, camera) as simulated, opened(kind, simulated.address) as device:
        first = await until(device, lambda reading: True)
        other = await until(device, lambda reading: reading.fingerprint != first.fingerprint)
        await until(device, lambda reading: reading.number > other.number + 6)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_damaged_line_gives_pictures_or_an_error_and_no_other_plate(
    kind: str, camera: Camera
) -> None:
    async with running(kind, camera) as simulated:
        port = FaultedPort("127.0.0.1", simulated.port, [Garble(probability=0.02, seed=4)])
        await port.start()
        device = driver(kind, simulated.address.replace(f":{simulated.port}", port.address[9:]))
        await device.watch(True)
        seen: list[FrameRead] = []
        try:
            with contextlib.suppress(DeviceError):
                await device.open()
                await until(device, lambda reading: bool(seen.append(reading)) or len(seen) >= 5)
            sure = {plate.text for reading in seen for plate in reading.plates if plate.confidence > 0.5}
            assert sure <= {PLATE.text}
        finally:
            await device.close()
            await port.stop()
        assert not children()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_password_needs_a_person_and_is_never_told(kind: str, camera: Camera) -> None:
    guard = Guard("lane", "Kök-Töbe 7")
    async with running(kind, camera, guard) as simulated:
        with pytest.raises(DeviceRefused, match="401") as raised:
            await driver(kind, simulated.address, user="lane", password="sesame-4711").open()
        assert "sesame" not in f"{raised.value!r} {raised.value}"
        async with opened(kind, simulated.address, user="lane", password="Kök-Töbe 7") as device:
            await until(device, lambda reading: True)
            line = " ".join(word for child in children() for word in child.cmdline())
            environment = " ".join(value for child in children() for value in child.environ().values())
            assert "Töbe" not in line + environment


async def test_a_camera_that_wants_basic_is_not_given_the_password_in_the_clear_unasked(
    camera: Camera,
) -> None:
    async with running("mjpeg", camera, Guard("lane", "secret", scheme="basic")) as simulated:
        with pytest.raises(DeviceRefused, match="Basic"):
            await driver("mjpeg", simulated.address, user="lane", password="secret").open()
        async with opened(
            "mjpeg", simulated.address, user="lane", password="secret", authentication="basic"
        ) as device:
            await until(device, lambda reading: True)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("mjpeg", {"url": "http://lane:secret@10.0.0.7/stream"}),
        ("mjpeg", {"url": "ftp://10.0.0.7/stream"}),
        ("mjpeg", {"url": "http:///stream"}),
        ("mjpeg", {"url": "http://10.0.0.7:http/"}),
        ("rtsp", {"url": "http://10.0.0.7/lane"}),
        ("rtsp", {"url": "rtsp://10.0.0.7/lane\nx"}),
        ("rtsp", {"url": "rtsp://10.0.0.7/lane", "password": "secret"}),
        ("rtsp", {"url": "rtsp://10.0.0.7/lane", "silent_s": 0}),
        ("rtsp", {"url": "rtsp://10.0.0.7/lane", "codec": "h264"}),
    ],
)
def test_options_that_can_not_work_are_refused(kind: str, options: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as raised:
        driver(kind, **options)  # type: ignore[arg-type]
    assert "secret@" not in str(raised.value) or "url holds credentials" in str(raised.value)


async def test_an_unopened_camera_says_so() -> None:
    device = driver("rtsp", "rtsp://127.0.0.1:1/lane")
    await device.close()
    await device.watch(True)
    with pytest.raises(DeviceUnavailable, match="not open"):
        await device.picture()
    with pytest.raises(DeviceUnavailable, match="not open"):
        await until(device, lambda reading: True)
