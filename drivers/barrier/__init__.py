"""The role `barrier`: a boom with raise and lower contacts, end switches, a fault and a key-switch input.

Our interlocks come on top of the barrier's own safety hardware (EN 12453) and never replace it.  Orders are
pulses timed by the I/O module; a held-contact barrier is refused, because a held open contact keeps the arm
up when we die.
"""

from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from drivers.device import Device


class ArmPosition(StrEnum):
    RAISED = "raised"
    LOWERED = "lowered"
    BETWEEN = "between"
    CONTRADICTORY = "contradictory"
    """Both end switches on: a fault (facts: debounce first, boom vibration bounces a switch)."""


@dataclass(frozen=True, slots=True)
class BarrierReading:
    """Levels after polarity, before debounce."""

    raised_switch: bool
    lowered_switch: bool
    fault: bool
    local_key: bool
    """The key switch at the lane is turned: an officer opens by hand with dashboard and network dead."""

    @property
    def position(self) -> ArmPosition:
        if self.raised_switch and self.lowered_switch:
            return ArmPosition.CONTRADICTORY
        if self.raised_switch:
            return ArmPosition.RAISED
        if self.lowered_switch:
            return ArmPosition.LOWERED
        return ArmPosition.BETWEEN


class Barrier(Device[BarrierReading]):
    """Each order is carried out at most once; the driver never repeats one by itself, because a lost answer
    does not say whether the contact closed."""

    role: ClassVar[str] = "barrier"
    debounce_s: float

    @abstractmethod
    async def raise_arm(self) -> None:
        """Pulse the raise contact.  Raises when the board did not confirm."""

    @abstractmethod
    async def lower_arm(self) -> None:
        """Pulse the lower contact.  The caller has just read all clearance sensors."""

    @abstractmethod
    async def stop_arm(self) -> None:
        """Pulse the stop contact; DeviceRefused where none is wired."""
