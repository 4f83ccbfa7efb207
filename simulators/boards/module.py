"""What the simulated boards share: an I/O module, its wire, its faults."""

from typing import Protocol

from simulators.boards.io_module import IoModule
from simulators.modbus_wires import FAULTS, Desk


class Wire(Protocol):
    @property
    def address(self) -> str: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class SimulatedBoard:
    """An `IoModule` behind a Modbus server; see `simulators/device.py` for what the methods promise."""

    def __init__(self, name: str, module: IoModule, desk: Desk, wire: Wire) -> None:
        self.name = name
        self.module = module
        self._desk = desk
        self._wire = wire

    @property
    def address(self) -> str:
        return self._wire.address

    async def start(self) -> None:
        await self._wire.start()

    async def stop(self) -> None:
        await self._wire.stop()

    def step(self, seconds: float) -> None:
        self.module.step(seconds)
        self._desk.step(seconds)

    def faults(self) -> tuple[str, ...]:
        return FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in FAULTS:
            raise KeyError(f"{self.name}: no fault {fault!r}; known: {', '.join(FAULTS)}")
        (self._desk.faults.add if on else self._desk.faults.discard)(fault)
