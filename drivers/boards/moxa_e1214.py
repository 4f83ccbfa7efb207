"""Moxa ioLogik E1214: 6 digital inputs, 6 relays, Modbus TCP port 502, unit 1.

    coil 0x0000 + ch      relay value (FC01, FC05)
    coil 0x0010 + ch      pulse: 1 starts it, 0 stops it; the module times it by itself
    input 0x0000 + ch     level; 1 is a closed dry contact (FC02)
    holding 0x0024 + 2ch  pulse count, high word first (FC03)
    holding 0x0034 + ch   pulse ON width, in units of the module

    relay 0 on     00 01 00 00 00 06 01 05 00 00 FF 00
    read 6 inputs  00 02 00 00 00 06 01 02 00 00 00 06
                   -trans- -proto- -len- u fc -addr- -value-

A relay that shall pulse is set to pulse mode with count 1 in the module's own pages, and its width stands in
`pulse_s`: the module has no "pulse for so long" command.  Where `pulse_unit_s` is given, width and count are
read back at every open and a module that was set otherwise is refused; without it they rest on the
commissioning walk alone.

Not known from any source, so the commissioning walk must look: whether a start during a running pulse begins
it anew (a green lamp is refreshed so; if not, it falls dark between refreshes, the safe side).

Sources: Moxa ioLogik E1200 Series User's Manual, Modbus/TCP default address mappings, A-15 (coils,
`docs/sources.md` 46); a later edition's E1214 register map (inputs, count, width; it gives "unit: 1.5 sec"
for a relay's width, which would make 1.5 s the shortest pulse: measure it).
"""

from pydantic import Field, field_validator

from drivers.boards.modbus_board import ModbusBoard, TcpOptions
from drivers.device import Grade
from drivers.errors import DeviceRefused

RELAY_COILS = 0x0000
PULSE_COILS = 0x0010
INPUTS = 0x0000
PULSE_COUNTS = 0x0024
PULSE_WIDTHS = 0x0034


class MoxaOptions(TcpOptions):
    """`pulse_s`: for each relay in pulse mode, its ON width in seconds as set in the module.
    `pulse_unit_s`: seconds of one count of the width register, measured at commissioning."""

    pulse_s: dict[int, float] = Field(default_factory=dict)
    """For each relay in pulse mode, its ON width in seconds as set in the module."""
    pulse_unit_s: float | None = Field(default=None, gt=0, le=10)
    """Seconds of one count of the width register, measured at commissioning."""

    @field_validator("pulse_s")
    @classmethod
    def _known_relays(cls, widths: dict[int, float]) -> dict[int, float]:
        for relay, seconds in widths.items():
            if not 0 <= relay < 6:
                raise ValueError(f"relay {relay}: an E1214 has relays 0 to 5")
            if not 0 < seconds <= 60:
                raise ValueError(f"relay {relay}: {seconds} s is no pulse (more than 0, at most 60 s)")
        return widths


class Driver(ModbusBoard):
    model = "Moxa ioLogik E1214"
    grade = Grade.SIMULATED
    options_type = MoxaOptions
    options: MoxaOptions
    input_count = 6
    output_count = 6
    times_pulses = True

    async def _verify(self) -> None:
        await self.read_inputs()
        unit_s = self.options.pulse_unit_s
        if unit_s is None or not self.options.pulse_s:
            return
        counts = await self._link.read_holding_registers(PULSE_COUNTS, 2 * self.output_count)
        widths = await self._link.read_holding_registers(PULSE_WIDTHS, self.output_count)
        for relay, stated_s in self.options.pulse_s.items():
            count = counts[2 * relay] << 16 | counts[2 * relay + 1]
            if count != 1 or abs(widths[relay] * unit_s - stated_s) > unit_s / 2:
                raise DeviceRefused(
                    self.name,
                    f"relay {relay} of {self._link.where} pulses {count} times for "
                    f"{widths[relay] * unit_s:g} s, but pulse_s says once for {stated_s:g} s",
                    hint="set pulse mode, count 1 and the width in the module, or correct pulse_s",
                )

    def why_not_timed(self, output: int, seconds: float) -> str:
        width_s = self.options.pulse_s.get(output)
        if width_s is None:
            return f"relay {output} is not in pulse_s, so the module is not known to time it"
        if abs(width_s - seconds) > 0.001:
            return f"relay {output} pulses for {width_s:g} s (pulse_s), not for {seconds:g} s"
        return ""

    async def read_inputs(self) -> tuple[bool, ...]:
        return await self._link.read_discrete_inputs(INPUTS, self.input_count)

    async def pulse(self, output: int, seconds: float) -> None:
        if why := self.why_not_timed(self._output(output), seconds):
            raise DeviceRefused(self.name, why)
        await self._switch(PULSE_COILS + output, on=True)

    async def on_for(self, output: int, seconds: float) -> None:
        await self.pulse(output, seconds)

    async def set_output(self, output: int, on: bool) -> None:
        if self._output(output) not in self.options.pulse_s:
            await self._switch(RELAY_COILS + output, on)
        elif on:
            raise DeviceRefused(self.name, f"relay {output} is in pulse mode and can't be held on")
        else:
            await self._switch(PULSE_COILS + output, on=False)
