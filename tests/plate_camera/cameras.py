"""Simulated cameras on real ports, and the drivers that look at them."""

import contextlib
import random
from collections.abc import AsyncIterator, Callable

import psutil

from drivers.plate_camera import FrameRead, mjpeg, rtsp
from drivers.plate_camera.streaming import StreamCamera
from simulators.plate_camera import mjpeg as simulated_mjpeg
from simulators.plate_camera import rtsp as simulated_rtsp
from simulators.plate_camera.camera import Camera
from simulators.plate_camera.guard import Guard
from simulators.plate_camera.wired import WiredCamera
from simulators.render import synthetic
from tests.plate_camera.stepping import stepping

PLATE = synthetic("KZ", random.Random(7))
SIMULATED = {"mjpeg": simulated_mjpeg.Simulator, "rtsp": simulated_rtsp.Simulator}
DRIVERS = {"mjpeg": mjpeg.Driver, "rtsp": rtsp.Driver}


def running(
    kind: str, camera: Camera, guard: Guard | None = None
) -> contextlib.AbstractAsyncContextManager[WiredCamera]:
    """A simulated camera on its port, its clock going."""
    return stepping(SIMULATED[kind]("camera", camera, guard=guard), 0.05)


def driver(kind: str, url: str, **options: object) -> StreamCamera:
    made = DRIVERS[kind]
    return made("lane camera", made.options_type.model_validate({"url": url, **options}))


@contextlib.asynccontextmanager
async def opened(kind: str, url: str, **options: object) -> AsyncIterator[StreamCamera]:
    device = driver(kind, url, **options)
    await device.open()
    try:
        yield device
    finally:
        await device.close()


async def until(device: StreamCamera, wanted: Callable[[FrameRead], bool], readings: int = 300) -> FrameRead:
    """The first reading that is wanted, of at most so many."""
    async for reading in device.readings():
        if wanted(reading):
            return reading
        readings -= 1
        assert readings, "never came"
    raise AssertionError("readings ended by themselves")


def children() -> list[psutil.Process]:
    """The cameras' child processes of this test process."""
    found: list[psutil.Process] = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # one that has just ended
            if any("plate_camera.worker" in word for word in child.cmdline()):
                found.append(child)
    return found
