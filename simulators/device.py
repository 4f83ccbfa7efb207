"""What every simulated device offers to whoever runs it (a test, a scenario, the demo)."""

from typing import Protocol


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
