"""What the Modbus boards share: polling without starving writes, and the check at `open`."""

import asyncio
import time
from abc import abstractmethod
from collections.abc import AsyncIterator

from pydantic import Field

from drivers.boards import Board, BoardReading
from drivers.boards.modbus import COIL_OFF, COIL_ON, ModbusLink, RtuLink, TcpLink
from drivers.device import Options
from drivers.errors import DeviceFault, DeviceRefused, DeviceTimeout


class ModbusOptions(Options):
    """`unit`: the module's unit (slave) number.  `poll_s`: from the start of one poll to the next.
    `timeout_s`: an answer that takes longer is lost."""

    unit: int = Field(default=1, ge=1, le=247)
    """The module's unit (slave) number."""
    poll_s: float = Field(default=0.03, ge=0.02, le=0.05)
    """From the start of one poll of the inputs to the next, in seconds."""
    timeout_s: float = Field(default=0.4, ge=0.05, le=0.8)
    """An answer that takes longer is lost, in seconds."""


class TcpOptions(ModbusOptions):
    host: str = Field(min_length=1)
    """The module's address or name."""
    port: int = Field(default=502, ge=1, le=65535)
    """Its Modbus TCP port."""


class SerialOptions(ModbusOptions):
    """`port`: the serial port's path, 8N1."""

    port: str = Field(min_length=1)
    """The serial port's path, best by its name under /dev/serial/by-id; 8N1."""
    baudrate: int = Field(default=9600, ge=1200, le=256000)
    """Bits a second, as set in the module."""


class ModbusBoard(Board):
    """One exchange at a time on the line, served in the order asked: a write waits for at most the poll that
    is under way, however short `poll_s` is.

    A poll that got no answer is asked again (reading inputs changes nothing) until nothing good came for
    `silent_s`; a write never is.
    """

    def __init__(self, name: str, options: TcpOptions | SerialOptions) -> None:
        super().__init__(name, options)
        self._poll_s = options.poll_s
        self._link: ModbusLink = (
            TcpLink(name, options.host, options.port, options.unit, options.timeout_s)
            if isinstance(options, TcpOptions)
            else RtuLink(name, options.port, options.baudrate, options.unit, options.timeout_s)
        )

    @abstractmethod
    async def read_inputs(self) -> tuple[bool, ...]: ...

    async def _verify(self) -> None:
        """Read what proves model and settings.  A Modbus exception here becomes DeviceRefused."""
        await self.read_inputs()

    async def open(self) -> None:
        await self._link.open()
        try:
            await self._verify()
        except DeviceFault as error:
            self._link.close()
            raise DeviceRefused(
                self.name, error.message, hint=f"is this a {self.model}, with its default address map?"
            ) from error
        except BaseException:
            self._link.close()
            raise

    async def close(self) -> None:
        self._link.close()

    async def readings(self) -> AsyncIterator[BoardReading]:
        assert self.silent_s is not None
        good_at_s = due_s = time.monotonic()
        while True:
            try:
                inputs = await self.read_inputs()
            except DeviceTimeout:
                if time.monotonic() - good_at_s >= self.silent_s:
                    raise
                continue
            good_at_s = time.monotonic()
            yield BoardReading(inputs)
            due_s = max(due_s + self._poll_s, time.monotonic())
            await asyncio.sleep(due_s - time.monotonic())

    def _output(self, output: int) -> int:
        if not 0 <= output < self.output_count:
            raise DeviceRefused(
                self.name, f"output {output}: this board has outputs 0 to {self.output_count - 1}"
            )
        return output

    async def _switch(self, coil: int, on: bool) -> None:
        await self._link.write_coil(coil, COIL_ON if on else COIL_OFF)
