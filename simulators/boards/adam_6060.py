"""Simulated Advantech ADAM-6060: 6 inputs, 6 relays, Modbus TCP.

    inputs 0-5 (FC02; also as coils 0-5)   a dry contact reads 0 closed and 1 open, a wet one 1 under voltage
    coils 16-21                            relays
    holding                                the host watchdog, at addresses chosen by whoever builds the bench

The watchdog's real addresses differ by firmware and are in no source at hand, so they are parameters here,
and the driver is configured with the same ones.

Source: ADAM-6000 Series User Manual, Appendix B (coils and inputs); public ADAM-6060 programs (levels).
"""

from simulators.boards.io_module import IoModule
from simulators.boards.module import SimulatedBoard
from simulators.modbus import ILLEGAL_ADDRESS, EmptyMemory, ExceptionAnswer, on_or_off
from simulators.modbus_wires import Desk, ModbusTcpServer

CHANNELS = 6
RELAYS = 16


class Memory(EmptyMemory):
    def __init__(self, module: IoModule, dry: bool) -> None:
        self._module = module
        self._dry = dry
        self.holding: dict[int, int] = {}

    def read_inputs(self, address: int, count: int) -> list[bool]:
        if address + count > CHANNELS:
            raise ExceptionAnswer(ILLEGAL_ADDRESS)
        return [closed != self._dry for closed in self._module.inputs[address : address + count]]

    def read_coils(self, address: int, count: int) -> list[bool]:
        if address < RELAYS:
            return self.read_inputs(address, count)
        if address + count > RELAYS + CHANNELS:
            raise ExceptionAnswer(ILLEGAL_ADDRESS)
        return self._module.outputs[address - RELAYS : address - RELAYS + count]

    def write_coil(self, address: int, value: int) -> None:
        on = on_or_off(value)
        if not RELAYS <= address < RELAYS + CHANNELS:
            raise ExceptionAnswer(ILLEGAL_ADDRESS)
        self._module.switch(address - RELAYS, on)

    def read_holding(self, address: int, count: int) -> list[int]:
        wanted = range(address, address + count)
        if any(at not in self.holding for at in wanted):
            raise ExceptionAnswer(ILLEGAL_ADDRESS)
        return [self.holding[at] for at in wanted]


class Adam6060(SimulatedBoard):
    """`dry`: its inputs are wired as dry contacts."""

    def __init__(self, name: str, *, dry: bool = True, port: int = 0) -> None:
        module = IoModule(CHANNELS, CHANNELS)
        self.memory = Memory(module, dry)
        desk = Desk(self.memory, module.hear_host)
        self.server = ModbusTcpServer(desk, port=port)
        super().__init__(name, module, desk, self.server)

    def arm_watchdog(self, seconds: float, *, enable: int, timeout: int, safe_values: int) -> None:
        """Arm it (timeout in tenths of a second) and show it in these holding registers."""
        self.module.watchdog_s = seconds
        self.memory.holding |= {enable: 1, timeout: round(seconds * 10)}
        self.memory.holding |= {safe_values + relay: 0 for relay in range(CHANNELS)}
