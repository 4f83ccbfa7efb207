"""Advantech ADAM-6060: 6 digital inputs, 6 relays, Modbus TCP port 502, unit 1.

    input 0x0000 + ch  level (FC02; FC01 at the same addresses on some firmware: `inputs_by`)
    coil 0x0010 + ch   relay (FC01, FC05)

    relay 0 on  00 01 00 00 00 06 01 05 00 10 FF 00

A *dry* contact reads 0 when closed to ground and 1 when open; a *wet* one reads 1 under 10 to 30 V.  So the
wiring has to be said: no default.

The module does not time pulses by itself over Modbus: `pulse` is always refused, and with it a barrier.  It
answers in about 50 ms.  It has a host watchdog with safe values: where its registers are configured, `open`
reads them back and refuses a module in which it is not armed; only then `on_for` is allowed: we take the
relay back after the time, and when we die the watchdog does.  Without it the module serves inputs and lamps
that may stay lit (red).  The registers differ by firmware and are not in our sources: take them from the
manual's appendix B for the firmware at hand.

Sources: ADAM-6000 Series User Manual as cited by public drivers (`docs/sources.md` 45); contact levels from
another public ADAM-6060 program (dry 0 = close to ground, wet 1 = 10 to 30 V).
"""

import time
from collections.abc import AsyncIterator
from typing import Literal

from pydantic import Field

from drivers.boards import BoardReading
from drivers.boards.modbus_board import ModbusBoard, TcpOptions
from drivers.device import Grade, Options
from drivers.errors import DeviceRefused

INPUTS = 0x0000
RELAY_COILS = 0x0010


class Watchdog(Options):
    """Holding registers of the host watchdog, as 0-based addresses.

    `enable_register` holds `enable_value` when armed; `timeout_register` counts `timeout_unit_s`, and its
    time must be at most `timeout_max_s`; `safe_values_register` is the first of six, all 0 (off).
    """

    enable_register: int = Field(ge=0, le=0xFFFF)
    enable_value: int = Field(default=1, ge=0, le=0xFFFF)
    timeout_register: int = Field(ge=0, le=0xFFFF)
    timeout_unit_s: float = Field(gt=0, le=10)
    timeout_max_s: float = Field(default=5.0, gt=0, le=30)
    safe_values_register: int = Field(ge=0, le=0xFFFA)


class AdamOptions(TcpOptions):
    poll_s: float = Field(default=0.05, ge=0.02, le=0.05)
    """From the start of one poll of the inputs to the next, in seconds."""
    timeout_s: float = Field(default=0.5, ge=0.05, le=0.8)
    """An answer that takes longer is lost, in seconds."""
    wiring: Literal["dry", "wet"]
    """Dry contacts or wet ones: they read the other way round."""
    inputs_by: Literal["FC02", "FC01"] = "FC02"
    """The function code that reads the inputs."""
    watchdog: Watchdog | None = None
    """Registers of the host watchdog; without it the module serves inputs and lamps only."""


class Driver(ModbusBoard):
    model = "Advantech ADAM-6060"
    grade = Grade.SIMULATED
    options_type = AdamOptions
    options: AdamOptions
    input_count = 6
    output_count = 6
    times_pulses = False

    def __init__(self, name: str, options: AdamOptions) -> None:
        super().__init__(name, options)
        self._off_at_s: dict[int, float] = {}
        """Relays to take back, kept over a lost connection: a write that failed is still owed."""

    async def _verify(self) -> None:
        await self.read_inputs()
        watchdog = self.options.watchdog
        if watchdog is None:
            return
        (enabled,) = await self._link.read_holding_registers(watchdog.enable_register, 1)
        (timeout,) = await self._link.read_holding_registers(watchdog.timeout_register, 1)
        safe = await self._link.read_holding_registers(watchdog.safe_values_register, self.output_count)
        timeout_s = timeout * watchdog.timeout_unit_s
        if enabled != watchdog.enable_value:
            wrong = f"it is off (register {watchdog.enable_register} is {enabled})"
        elif not 0 < timeout_s <= watchdog.timeout_max_s:
            wrong = f"it waits {timeout_s:g} s, at most {watchdog.timeout_max_s:g} s is allowed"
        elif any(safe):
            wrong = f"its safe values are {list(safe)}, all must be 0"
        else:
            return
        raise DeviceRefused(
            self.name,
            f"the host watchdog of {self._link.where} would not take a relay back when we die: {wrong}",
            hint="arm it in the module, or leave `watchdog` out and use inputs and lasting lamps only",
        )

    def why_not_timed(self, output: int, seconds: float) -> str:
        if self.options.watchdog is None:
            return f"a {self.model} without a verified host watchdog would hold the relay when we die"
        return ""

    async def read_inputs(self) -> tuple[bool, ...]:
        read = self._link.read_coils if self.options.inputs_by == "FC01" else self._link.read_discrete_inputs
        levels = await read(INPUTS, self.input_count)
        return tuple(not level for level in levels) if self.options.wiring == "dry" else levels

    async def readings(self) -> AsyncIterator[BoardReading]:
        async for reading in super().readings():
            await self._take_back()
            yield reading

    async def _take_back(self) -> None:
        now_s = time.monotonic()
        for output, at_s in tuple(self._off_at_s.items()):
            if at_s <= now_s:
                await self.set_output(output, on=False)

    async def pulse(self, output: int, seconds: float) -> None:
        raise DeviceRefused(
            self.name,
            f"a {self.model} does not time pulses itself",
            hint="put a barrier's contacts on a board that does",
        )

    async def on_for(self, output: int, seconds: float) -> None:
        if why := self.why_not_timed(self._output(output), seconds):
            raise DeviceRefused(self.name, why)
        self._off_at_s[output] = time.monotonic() + seconds
        await self._switch(RELAY_COILS + output, on=True)

    async def set_output(self, output: int, on: bool) -> None:
        owed_at_s = self._off_at_s.get(self._output(output))
        await self._switch(RELAY_COILS + output, on)
        if self._off_at_s.get(output) == owed_at_s:  # not lit anew while this write waited its turn
            self._off_at_s.pop(output, None)
