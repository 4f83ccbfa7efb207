"""A camera that takes its time to open is waited for as long as its options say, and not begun anew."""

import asyncio

import pytest

from drivers import device
from drivers.device import Device, Options
from drivers.document_reader import page_http_pull
from drivers.plate_camera import FrameRead, dahua, mjpeg, onvif_events, rtsp
from drivers.registers import http
from lane_controller.daemon import connecting, devices
from lane_controller.daemon.devices import Watch
from lane_controller.messages.words import Health
from simulators.plate_camera.camera import Camera
from tests.plate_camera.cameras import driver, running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a lane's computer and camera were ten times slower than they are here."""
    monkeypatch.setattr(device, "OPEN_S", 0.2)
    monkeypatch.setattr(devices, "GRACE_S", 0.1)
    monkeypatch.setattr(connecting, "IDENTIFY_S", 0.1)


@pytest.mark.parametrize("kind", ["mjpeg", "rtsp"])
@pytest.mark.usefixtures("impatient")
async def test_a_slow_camera_is_opened_once_and_not_in_a_loop(kind: str, camera: Camera) -> None:
    async with running(kind, camera) as simulated:
        simulated.answers_after_s = 1.0
        camera_device = driver(kind, simulated.address)
        good, told = asyncio.Event(), list[tuple[Health, str]]()

        def came(_: FrameRead) -> None:
            good.set()

        watch = Watch(
            camera_device,
            came,
            lambda health, reason: told.append((health, reason.code)),
            now_s=asyncio.get_running_loop().time,
        )
        watching = asyncio.create_task(watch.run())
        try:
            async with asyncio.timeout(30):
                await good.wait()
        finally:
            watching.cancel()
            await asyncio.wait({watching})
        assert told == [(Health.GOOD, "good")]


@pytest.mark.usefixtures("impatient")
async def test_a_check_waits_for_a_slow_camera_too(camera: Camera) -> None:
    async with running("rtsp", camera) as simulated:
        simulated.answers_after_s = 1.0
        slow = driver("rtsp", simulated.address)
        try:
            finding = await connecting.try_device(slow)
        finally:
            await slow.close()
        assert finding.well, finding.text


ADDRESS = {"url": "http://10.0.0.7"}


@pytest.mark.parametrize(
    ("made", "options"),
    [
        (rtsp.Driver, {"url": "rtsp://10.0.0.7/lane", "open_timeout_s": 30, "silent_s": 30}),
        (mjpeg.Driver, {**ADDRESS, "open_timeout_s": 30}),
        (dahua.Driver, {**ADDRESS, "open_timeout_s": 30}),
        (onvif_events.Driver, {**ADDRESS, "open_timeout_s": 30}),
        (http.Driver, {"url": "http://127.0.0.1:1/", "timeout_s": 30}),
        (page_http_pull.Driver, {"url": "http://127.0.0.1:1/", "timeout_s": 30}),
    ],
)
def test_who_lets_a_device_take_long_is_not_contradicted(
    made: type[Device[object]], options: dict[str, object]
) -> None:
    type_: type[Options] = made.options_type
    assert made("slow", type_.model_validate(options)).open_s > 30
