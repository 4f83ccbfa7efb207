"""The last bytes that went over a simulated wire: for looking at a running simulation or a failed test."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

Sender = Literal["device", "controller"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One write of one end.  `sender` is "device" (the simulator) or "controller" (what drives it)."""

    sender: Sender
    data: bytes


class Transcript:
    """Bounded: the oldest entries go first, and a huge write is kept by its beginning."""

    def __init__(self, entries: int = 500, entry_bytes: int = 256) -> None:
        self._entries: deque[Entry] = deque(maxlen=entries)
        self._entry_bytes = entry_bytes

    def add(self, sender: Sender, data: bytes) -> None:
        self._entries.append(Entry(sender, data[: self._entry_bytes]))

    def entries(self) -> tuple[Entry, ...]:
        """Oldest first."""
        return tuple(self._entries)

    def __str__(self) -> str:
        arrows = {"device": "<", "controller": ">"}
        return "\n".join(f"{arrows[e.sender]} {e.data.hex(' ')}  {e.data!r}" for e in self._entries)
