"""What every device promises, whatever its role (drivers/device.py)."""

import asyncio

from drivers.device import Grade
from hil_tests.bench import BenchDevice


def test_it_says_what_it_is_and_how_far_it_was_proved(any_device: BenchDevice) -> None:
    device = any_device.make()
    assert device.model
    assert device.grade in set(Grade)


async def test_it_opens_says_who_it_is_and_opens_again_after_a_close(any_device: BenchDevice) -> None:
    device = any_device.make()
    for _ in range(2):
        await device.open()
        assert isinstance(await device.identify(), str)
        async with asyncio.timeout(2):
            await device.close()
            await device.close()


async def test_readings_can_be_cancelled_at_any_time(any_device: BenchDevice) -> None:
    device = any_device.make()
    await device.open()
    stream = device.readings()
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(2):
        await asyncio.wait({waiting})
        await device.close()
    assert waiting.cancelled() or waiting.exception() is None
