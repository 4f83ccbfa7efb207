"""Simulated Waveshare Modbus RTU relay board, 8 relays and 8 inputs, on a serial line.

    FC05 coil 0-7      relay: FF00 on, 0000 off, 5500 toggle; coil FF: all relays
    FC05 coil 0200+ch  on for VALUE x 100 ms;  0400+ch  off for VALUE x 100 ms
    FC01 0-7 relays, FC02 0-7 inputs

Source: Waveshare wiki, Modbus RTU Relay, development protocol V2.  The toggle is there for whoever sends it
by mistake.  A timed-off is taken as: open now, close after the time (GK).
"""

from simulators.boards.io_module import IoModule
from simulators.boards.module import SimulatedBoard
from simulators.modbus import ILLEGAL_ADDRESS, ILLEGAL_VALUE, EmptyMemory, ExceptionAnswer, on_or_off
from simulators.modbus_wires import Desk, ModbusRtuServer
from simulators.serial_line import Line, PtyLine

CHANNELS = 8
ALL = 0xFF
TIMED_ON, TIMED_OFF = 0x0200, 0x0400
TOGGLE = 0x5500
TENTHS_MAX = 0x7FFF


class Memory(EmptyMemory):
    def __init__(self, module: IoModule) -> None:
        self._module = module

    def read_coils(self, address: int, count: int) -> list[bool]:
        return self._part(self._module.outputs, address, count)

    def read_inputs(self, address: int, count: int) -> list[bool]:
        return self._part(self._module.inputs, address, count)

    @staticmethod
    def _part(levels: list[bool], address: int, count: int) -> list[bool]:
        if address + count > CHANNELS:
            raise ExceptionAnswer(ILLEGAL_ADDRESS)
        return levels[address : address + count]

    def write_coil(self, address: int, value: int) -> None:
        if address < CHANNELS or address == ALL:
            for channel in range(CHANNELS) if address == ALL else (address,):
                toggled = not self._module.outputs[channel]
                self._module.switch(channel, toggled if value == TOGGLE else on_or_off(value))
        elif TIMED_ON <= address < TIMED_ON + CHANNELS:
            if not 1 <= value <= TENTHS_MAX:
                raise ExceptionAnswer(ILLEGAL_VALUE)
            self._module.close_for(address - TIMED_ON, value / 10)
        elif TIMED_OFF <= address < TIMED_OFF + CHANNELS:
            if not 1 <= value <= TENTHS_MAX:
                raise ExceptionAnswer(ILLEGAL_VALUE)
            self._module.open_for(address - TIMED_OFF, value / 10)
        else:
            raise ExceptionAnswer(ILLEGAL_ADDRESS)


class WaveshareRelay(SimulatedBoard):
    """`line`: its cable; a pty unless another is given."""

    def __init__(self, name: str, *, line: Line | None = None, unit: int = 1) -> None:
        module = IoModule(CHANNELS, CHANNELS)
        desk = Desk(Memory(module), module.hear_host)
        self.server = ModbusRtuServer(desk, line or PtyLine(), unit=unit)
        super().__init__(name, module, desk, self.server)
