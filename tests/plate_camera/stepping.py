"""A simulated device on its port, its clock going as in a bench."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol, TypeVar


class Stepped(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def step(self, dt_s: float, /) -> None: ...


Device = TypeVar("Device", bound=Stepped)


@contextlib.asynccontextmanager
async def stepping(simulated: Device, every_s: float) -> AsyncIterator[Device]:
    await simulated.start()

    async def clock() -> None:
        while True:
            await asyncio.sleep(every_s)
            simulated.step(every_s)

    going = asyncio.create_task(clock())
    try:
        yield simulated
    finally:
        going.cancel()
        await simulated.stop()
