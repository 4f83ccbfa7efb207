"""Simulated smart cameras on real ports, and the drivers that listen to them."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import cv2
import numpy as np

from drivers.plate_camera import FrameRead, PlateCamera, dahua, hikvision, onvif_events
from drivers.plate_camera.self_reading import SelfReadingCamera
from simulators.plate_camera import dahua as simulated_dahua
from simulators.plate_camera import hikvision as simulated_hikvision
from simulators.plate_camera.smart_eye import SmartEye
from simulators.plate_camera.smart_wired import SmartWired
from tests.plate_camera.stepping import stepping

SIMULATED: dict[str, type[SmartWired]] = {
    "hikvision": simulated_hikvision.Simulator,
    "dahua": simulated_dahua.Simulator,
}
DRIVERS: dict[str, Any] = {
    "hikvision": hikvision.Driver,
    "dahua": dahua.Driver,
    "onvif-events": onvif_events.Driver,
}
ON_THE_WIRE = tuple(SIMULATED)


def jpeg(width: int = 640, height: int = 360, seed: int = 1) -> bytes:
    """A picture with noise in it, so that it has some size."""
    noise = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return bytes(cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, 60])[1])


SCENE, PLATE = jpeg(), jpeg(120, 30, 2)


def eye(**options: Any) -> SmartEye:
    return SmartEye(**{"began_s": time.time(), "scene": SCENE, "heartbeat_s": 0.2, **options})


def running(simulated: SmartWired) -> contextlib.AbstractAsyncContextManager[SmartWired]:
    """A camera on its port, its clock going."""
    return stepping(simulated, 0.02)


def driver(kind: str, url: str, **options: object) -> SelfReadingCamera:
    made = DRIVERS[kind]
    return made("smart", made.options_type.model_validate({"url": url, "silent_s": 5, **options}))


@contextlib.asynccontextmanager
async def opened(kind: str, url: str, **options: object) -> AsyncIterator[SelfReadingCamera]:
    """A camera that is asked to read."""
    device = driver(kind, url, **options)
    await device.open()
    try:
        await device.watch(True)
        yield device
    finally:
        await device.close()


def agreed(frame: FrameRead) -> bool:
    return frame.agreed


async def until(device: PlateCamera, wanted: Callable[[FrameRead], bool] = agreed) -> FrameRead:
    async with asyncio.timeout(20):
        async for reading in device.readings():
            if wanted(reading):
                return reading
    raise AssertionError("readings ended by themselves")


async def listened_to(camera: SmartWired) -> None:
    """Until the driver's request has come."""
    async with asyncio.timeout(10):
        while not camera.listeners:
            await asyncio.sleep(0.01)


def secret(text: str) -> str:
    """A password of no person."""
    return f"{text}{random.Random(text).getrandbits(32):x}"
