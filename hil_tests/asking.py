"""What the suites share: an open device, and waiting for what it says."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

from drivers.device import Device
from hil_tests.bench import BenchDevice

Reading = TypeVar("Reading")


@asynccontextmanager
async def opened(bench: BenchDevice, kind: type[Device[Any]]) -> AsyncGenerator[Any]:
    """The device, opened and closed again.  Fails when the driver does not implement its role's contract."""
    device = bench.make()
    assert isinstance(device, kind), f"{bench.name} is no {kind.__name__}"
    await device.open()
    try:
        yield device
    finally:
        await device.close()


async def take(device: Device[Reading], count: int, within_s: float = 10.0) -> list[Reading]:
    """The next `count` readings; TimeoutError when they don't come."""
    readings: list[Reading] = []
    stream = device.readings()
    try:
        async with asyncio.timeout(within_s):
            async for reading in stream:
                readings.append(reading)
                if len(readings) == count:
                    break
    finally:
        await cast(Any, stream).aclose()
    return readings


async def until(
    device: Device[Reading], wanted: Callable[[Reading], bool], within_s: float = 15.0
) -> Reading:
    """The first reading that is `wanted`; TimeoutError when none comes."""
    stream = device.readings()
    try:
        async with asyncio.timeout(within_s):
            async for reading in stream:
                if wanted(reading):
                    return reading
    finally:
        await cast(Any, stream).aclose()
    raise AssertionError("the readings ended by themselves: a device never does that")
