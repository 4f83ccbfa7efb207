"""The role `presence`: one loop or photocell, looking at one place of the lane."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from drivers.device import Device

PLACES = ("arrival", "deck_entry", "deck_exit", "clearance", "exit")


@dataclass(frozen=True, slots=True)
class PresenceReading:
    """`covered` is the level after polarity, before debounce: True means something is there.  A fail-safe
    loop that is broken reports True (EN 12453: the safe side)."""

    covered: bool


class Presence(Device[PresenceReading]):
    """Yields the level at every poll of its board.  Loss of the board raises the board's error here too."""

    role: ClassVar[str] = "presence"
    place: str
    """One of PLACES."""
    debounce_s: float
    """A level counts when it has stood for this long (30 to 100 ms)."""

    @abstractmethod
    async def read(self) -> bool:
        """A fresh level, past any cache; True means covered.  Asked just before the arm is lowered."""
