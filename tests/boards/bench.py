"""A simulated board on its real wire, its driver, and time that runs for both."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from drivers.boards import Board
from drivers.boards.adam_6060 import AdamOptions
from drivers.boards.adam_6060 import Driver as AdamDriver
from drivers.boards.modbus_board import SerialOptions
from drivers.boards.moxa_e1214 import Driver as MoxaDriver
from drivers.boards.moxa_e1214 import MoxaOptions
from drivers.boards.waveshare_relay import Driver as WaveshareDriver
from drivers.errors import DeviceUnavailable
from simulators.boards.adam_6060 import Adam6060
from simulators.boards.module import SimulatedBoard
from simulators.boards.moxa_e1214 import MoxaE1214
from simulators.boards.waveshare_relay import WaveshareRelay

PULSE_S = {0: 0.5, 1: 0.5, 2: 0.5, 4: 3.0}
"""Relays in pulse mode on the Moxa of these tests: raise, lower, stop, green."""


def driver_for(simulator: SimulatedBoard, **options: Any) -> Board:
    if isinstance(simulator, WaveshareRelay):
        return WaveshareDriver("io", SerialOptions(port=simulator.address, **options))
    host, port = simulator.address.rsplit(":", 1)
    if isinstance(simulator, MoxaE1214):
        options = {"pulse_s": PULSE_S, "pulse_unit_s": 0.1} | options
        return MoxaDriver("io", MoxaOptions(host=host, port=int(port), **options))
    return AdamDriver("io", AdamOptions(host=host, port=int(port), **{"wiring": "dry"} | options))


SIMULATORS: dict[str, Callable[[], SimulatedBoard]] = {
    "moxa": lambda: MoxaE1214("io", pulse_s=PULSE_S),
    "waveshare": lambda: WaveshareRelay("io"),
    "adam": lambda: Adam6060("io", dry=True),
}


@contextlib.asynccontextmanager
async def running(simulator: Any) -> AsyncIterator[Any]:
    """Start it and let its time run."""

    async def run() -> None:
        while True:
            await asyncio.sleep(0.01)
            simulator.step(0.01)

    await simulator.start()
    time = asyncio.create_task(run())
    try:
        yield simulator
    finally:
        time.cancel()
        await simulator.stop()


@contextlib.asynccontextmanager
async def opened(device: Any) -> AsyncIterator[Any]:
    """A busy machine may take longer to connect than a device of a test waits for silence."""
    async with asyncio.timeout(20):
        while not await _connected(device):
            pass
    try:
        yield device
    finally:
        await device.close()


async def _connected(device: Any) -> bool:
    try:
        await device.open()
    except DeviceUnavailable as error:
        if "no answer within" in str(error):
            return False
        raise
    return True


async def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.005)


async def take(device: Any, count: int, within_s: float = 10.0) -> list[Any]:
    """The next `count` readings."""
    found: list[Any] = []
    readings = device.readings()
    async with asyncio.timeout(within_s), contextlib.aclosing(readings):
        async for reading in readings:
            found.append(reading)
            if len(found) == count:
                break
    return found
