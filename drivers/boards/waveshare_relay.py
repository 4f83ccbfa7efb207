"""Waveshare Modbus RTU relay board with inputs, 8 channels: RS-485, 9600 8N1, unit 1.

    coil 0x0000 + ch   relay: FF 00 on, 00 00 off (FC01, FC05)
    coil 0x0200 + ch   relay on for VALUE x 100 ms, then off; the board times it (FC05 with a number)
    input 0x0000 + ch  level; 1 is a closed contact (FC02)

    relay 0 on for 0.7 s   01 05 02 00 00 07 8D B0
    read the 8 inputs      01 02 00 00 00 08 79 CC
                           u  fc -addr- -val- -crc-

The number in FC05 is against the standard (only FF 00 and 00 00 are values of a coil), so the request is
built here and not by the library.  Not known from any source: whether a repeat during the time begins it
anew, and whether "off" ends it; the commissioning walk must look.

Source: Waveshare wiki, Modbus RTU Relay, command frames (`docs/sources.md` 47).
"""

from drivers.boards.modbus_board import ModbusBoard, SerialOptions
from drivers.device import Grade
from drivers.errors import DeviceRefused

RELAY_COILS = 0x0000
TIMED_ON_COILS = 0x0200
INPUTS = 0x0000
TENTHS_MAX = 0x7FFF


class Driver(ModbusBoard):
    model = "Waveshare Modbus RTU Relay 8-ch"
    grade = Grade.SIMULATED
    options_type = SerialOptions
    options: SerialOptions
    input_count = 8
    output_count = 8
    times_pulses = True

    def why_not_timed(self, output: int, seconds: float) -> str:
        tenths = seconds * 10
        if abs(tenths - round(tenths)) > 0.001 or not 1 <= round(tenths) <= TENTHS_MAX:
            return f"{seconds:g} s: this board counts whole tenths of a second, 0.1 to {TENTHS_MAX / 10}"
        return ""

    async def read_inputs(self) -> tuple[bool, ...]:
        return await self._link.read_discrete_inputs(INPUTS, self.input_count)

    async def pulse(self, output: int, seconds: float) -> None:
        if why := self.why_not_timed(self._output(output), seconds):
            raise DeviceRefused(self.name, why)
        await self._link.write_coil(TIMED_ON_COILS + output, round(seconds * 10))

    async def on_for(self, output: int, seconds: float) -> None:
        await self.pulse(output, seconds)

    async def set_output(self, output: int, on: bool) -> None:
        await self._switch(RELAY_COILS + self._output(output), on)
