"""The role `signal`: the lane's light.  The I/O module times green, which is refreshed; at rest it is red."""

from abc import abstractmethod
from enum import StrEnum
from typing import ClassVar

from drivers.device import Device


class Lamp(StrEnum):
    RED = "red"
    GREEN = "green"


class Signal(Device[None]):
    """`readings` yields None at each confirmed write or poll of the board: the role's sign of life."""

    role: ClassVar[str] = "signal"
    refresh_s: ClassVar[float] = 1.0
    """Green must be asked for again within this time, or the module lets it fall to red (at 3 times this)."""

    @abstractmethod
    async def show(self, lamp: Lamp) -> None:
        """Show the lamp now.  Green falls back to red by itself unless shown again."""
