"""What every simulated device offers to whoever runs it (a test, a scenario, the demo)."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

TICK_S = 0.02


class SimulatedDevice(Protocol):
    """A device on its real wire.

    What a device *is* (memory, physics, states) is driven by `step`, so that it can run faster than time and
    is repeatable; what it *says* is a second file.  Physical faults are set on the device by name, faults of
    the line wrap the byte stream (`simulators/faults/`).
    """

    name: str

    @property
    def address(self) -> str:
        """Where the wire is, once started: a pty's path, `host:port`, a URL, a FIFO's path."""
        ...

    async def start(self) -> None:
        """Open the wire.  Raises OSError when the port is taken."""
        ...

    async def stop(self) -> None:
        """Close the wire (for a pty: the pulled cable).  Idempotent; `start` may be called again."""
        ...

    def step(self, seconds: float) -> None:
        """Advance the device's physics by simulated seconds.  No I/O, no sleeping."""
        ...

    def faults(self) -> tuple[str, ...]:
        """Names of the physical faults that can be set on this device."""
        ...

    def set_fault(self, fault: str, on: bool) -> None:
        """Set or clear one.  Raises KeyError with the list of known names."""
        ...


@asynccontextmanager
async def playing(*devices: SimulatedDevice) -> AsyncGenerator[None]:
    """Start devices, let time go by for them, and stop them.  Raises OSError when a wire can't be opened."""
    clock = asyncio.create_task(_let_time_go(devices), name="time of simulated devices")
    try:
        for device in devices:
            await device.start()
        yield
    finally:
        clock.cancel()
        for device in devices:
            await device.stop()
        with suppress(asyncio.CancelledError):
            await clock  # a simulator that broke says so


async def _let_time_go(devices: tuple[SimulatedDevice, ...]) -> None:
    before = time.monotonic()
    while True:
        await asyncio.sleep(TICK_S)
        now = time.monotonic()
        for device in devices:
            device.step(now - before)
        before = now
