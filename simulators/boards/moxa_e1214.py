"""Simulated Moxa ioLogik E1214: 6 inputs, 6 relays, Modbus TCP.

    coils     0-5 relays; 16-21 pulse status: write 1 starts, 0 stops, reads 1 while it pulses;
              256-261 counter running; 272-277 clear counter: write 1, reads 0, write 0 is exception 03
    inputs    0-5 levels
    holding   32 all relays, one bit each; 36-47 pulse counts (high, low word); 52-57 ON widths;
              68-73 OFF widths
    input registers   16-27 counters (high, low word); 48 all inputs, one bit each

A relay in pulse mode is moved only by its pulse coil; writing its relay coil is answered with exception 03
(our choice: the manual does not say).  A pulse of count 0 goes on until stopped (GK).

Source: ioLogik E1200 Series User's Manual, Modbus/TCP default address mappings, E1214.
"""

from simulators.boards.io_module import IoModule
from simulators.boards.module import SimulatedBoard
from simulators.modbus import ILLEGAL_ADDRESS, ILLEGAL_VALUE, EmptyMemory, ExceptionAnswer, on_or_off
from simulators.modbus_wires import Desk, ModbusTcpServer

CHANNELS = 6
RELAYS, PULSES, COUNTER_RUNS, COUNTER_CLEARS = 0, 16, 256, 272
ALL_RELAYS, PULSE_COUNTS, ON_WIDTHS, OFF_WIDTHS = 32, 36, 52, 68
COUNTERS, ALL_INPUTS = 16, 48


def _channels(address: int, count: int, base: int, length: int = CHANNELS) -> range | None:
    """The part of a block that a request reads; None if it reads elsewhere."""
    if base <= address and address + count <= base + length:
        return range(address - base, address - base + count)
    return None


class Memory(EmptyMemory):
    """`pulse_relays`: those set to pulse mode.  Widths are in units of `width_unit_s`."""

    def __init__(self, module: IoModule, widths_s: dict[int, float], width_unit_s: float) -> None:
        self._module = module
        self._unit_s = width_unit_s
        self.pulse_relays = set(widths_s)
        self.counts = [1] * CHANNELS
        self.on_widths = [round(widths_s.get(relay, 1.0) / width_unit_s) for relay in range(CHANNELS)]
        self.off_widths = [1] * CHANNELS

    def read_coils(self, address: int, count: int) -> list[bool]:
        if part := _channels(address, count, RELAYS):
            return [self._module.outputs[ch] for ch in part]
        if part := _channels(address, count, PULSES):
            return [self._module.pulsing(ch) for ch in part]
        if _channels(address, count, COUNTER_RUNS) or _channels(address, count, COUNTER_CLEARS):
            return [False] * count
        raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def read_inputs(self, address: int, count: int) -> list[bool]:
        if part := _channels(address, count, 0):
            return [self._module.inputs[ch] for ch in part]
        raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def read_holding(self, address: int, count: int) -> list[int]:
        if _channels(address, count, ALL_RELAYS, 1):
            return [sum(on << ch for ch, on in enumerate(self._module.outputs))]
        if part := _channels(address, count, PULSE_COUNTS, 2 * CHANNELS):
            words = [word for value in self.counts for word in (value >> 16, value & 0xFFFF)]
            return [words[at] for at in part]
        for base, widths in ((ON_WIDTHS, self.on_widths), (OFF_WIDTHS, self.off_widths)):
            if part := _channels(address, count, base):
                return [widths[ch] for ch in part]
        raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def read_input_registers(self, address: int, count: int) -> list[int]:
        if _channels(address, count, ALL_INPUTS, 1):
            return [sum(on << ch for ch, on in enumerate(self._module.inputs))]
        if _channels(address, count, COUNTERS, 2 * CHANNELS):
            return [0] * count
        raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def write_coil(self, address: int, value: int) -> None:
        on = on_or_off(value)
        if part := _channels(address, 1, RELAYS):
            if part[0] in self.pulse_relays:
                raise ExceptionAnswer(ILLEGAL_VALUE)
            self._module.switch(part[0], on)
        elif part := _channels(address, 1, PULSES):
            self._pulse(part[0], on)
        elif _channels(address, 1, COUNTER_CLEARS):
            if not on:
                raise ExceptionAnswer(ILLEGAL_VALUE)
        elif not _channels(address, 1, COUNTER_RUNS):
            raise ExceptionAnswer(ILLEGAL_ADDRESS)

    def _pulse(self, relay: int, start: bool) -> None:
        if relay not in self.pulse_relays:
            raise ExceptionAnswer(ILLEGAL_VALUE)
        if not start or self.counts[relay] == 0:
            self._module.switch(relay, start)
        else:
            self._module.close_for(relay, self.on_widths[relay] * self._unit_s)

    def write_holding(self, address: int, value: int) -> None:
        for base, widths in ((ON_WIDTHS, self.on_widths), (OFF_WIDTHS, self.off_widths)):
            if part := _channels(address, 1, base):
                if value == 0:
                    raise ExceptionAnswer(ILLEGAL_VALUE)
                widths[part[0]] = value
                return
        if part := _channels(address, 1, PULSE_COUNTS, 2 * CHANNELS):
            relay, low = divmod(part[0], 2)
            old = self.counts[relay]
            self.counts[relay] = (old & 0xFFFF0000 | value) if low else (value << 16 | old & 0xFFFF)
            return
        raise ExceptionAnswer(ILLEGAL_ADDRESS)


class MoxaE1214(SimulatedBoard):
    """`pulse_s`: relays set to pulse mode, and their ON width in seconds."""

    def __init__(
        self,
        name: str,
        *,
        pulse_s: dict[int, float] | None = None,
        width_unit_s: float = 0.1,
        port: int = 0,
    ) -> None:
        module = IoModule(CHANNELS, CHANNELS)
        self.memory = Memory(module, pulse_s or {}, width_unit_s)
        desk = Desk(self.memory, module.hear_host)
        self.server = ModbusTcpServer(desk, port=port)
        super().__init__(name, module, desk, self.server)
