"""The role `board`: an I/O module whose channels serve barrier, signal and presence.

The loss of a board degrades the roles on it and no others.  Pulses and green are timed by the module itself
(Moxa pulse coils, Waveshare timed-on), so that our own death between "on" and "off" leaves nothing
commanded; a module that cannot time by itself refuses `pulse` and `on_for`.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from drivers.device import Device


@dataclass(frozen=True, slots=True)
class BoardReading:
    """Raw levels of all inputs of one poll, channel 0 first, before polarity and debounce.  True is a closed
    contact (current flows), whatever bit the module sends for it."""

    inputs: tuple[bool, ...]


class Board(Device[BoardReading]):
    """Polls its inputs every `poll_s` (20 to 50 ms) and yields each poll's levels.

    Channels are numbered from 0.  All methods raise DeviceUnavailable, DeviceTimeout or ProtocolError; a
    Modbus exception answer is a DeviceFault that names the code.
    """

    role: ClassVar[str] = "board"
    input_count: ClassVar[int]
    output_count: ClassVar[int]
    times_pulses: ClassVar[bool]
    """True where the module itself ends a pulse.  Only such a board may carry a barrier's contacts."""

    @property
    def silent_s(self) -> float | None:
        return 1.0

    def why_not_timed(self, output: int, seconds: float) -> str:
        """Why the module can't end `seconds` on this output by itself; "" if it can.  No I/O: asked when the
        configuration is checked, so that a lamp or an arm that would stay on is refused before it is lit."""
        return "" if self.times_pulses else f"a {self.model} does not time its outputs itself"

    @abstractmethod
    async def read_inputs(self) -> tuple[bool, ...]:
        """A fresh poll, past any cache: asked just before an arm is lowered."""

    @abstractmethod
    async def pulse(self, output: int, seconds: float) -> None:
        """Close the contact once for `seconds`, timed by the module.  DeviceRefused where it can't."""

    @abstractmethod
    async def on_for(self, output: int, seconds: float) -> None:
        """Hold the contact for `seconds` from now, timed by the module; a repeat extends it."""

    @abstractmethod
    async def set_output(self, output: int, on: bool) -> None:
        """Set a plain output (a red lamp, which is the rest state anyway)."""
