"""Whether a stream's pictures come, and whether any is of use: told by counting them as they arrive.

The child counts before it decodes or reads, so a busy machine is no silent camera; its parent says what is
wrong.
"""

from dataclasses import dataclass
from enum import Enum, auto

UNREAD_S = 10.0
"""Without a frame told, at the least, although pictures come: networks load, and a line has bad moments."""


@dataclass(slots=True)
class Arrived:
    """Pictures that have come since the stream began; counted in one thread, looked at in others."""

    whole: int = 0
    torn: int = 0
    damaged: int = 0
    """Of the whole ones those that the decoder could not make out, or only in part, and those that refer to
    them."""


class Lack(Enum):
    """What is wrong."""

    SILENT = auto()
    """Nothing comes."""
    TORN = auto()
    """Pictures come, none of them whole."""
    DAMAGED = auto()
    """Whole ones come, and the decoder can't make them out."""
    UNREAD = auto()
    """Whole ones come, and none gets through the decoder."""


class Liveness:
    """One child's stream; all times in seconds of the same monotonic clock."""

    def __init__(self, silent_s: float, now_s: float) -> None:
        self.silent_s = silent_s
        self.unread_s = unread_s(silent_s)
        self._arrived = Arrived()
        self._first_s: float | None = None
        self._moved_s = self._whole_s = self._frame_s = now_s
        self._damaged = 0
        """Since the last frame that came."""

    def told(self, arrived: Arrived, now_s: float) -> None:
        """The child's counts have come."""
        if arrived != self._arrived:
            self._moved_s = now_s
            self._first_s = now_s if self._first_s is None else self._first_s
        if arrived.whole != self._arrived.whole:
            self._whole_s = now_s
        self._damaged += arrived.damaged - self._arrived.damaged
        self._arrived = arrived

    def framed(self, now_s: float) -> None:
        """A decoded frame has come."""
        self._frame_s = now_s
        self._damaged = 0

    def due(self, since_s: float) -> tuple[float, Lack]:
        """When one who waits since `since_s` is told what is wrong if nothing changes, and what it is."""
        silent_at_s = max(self._moved_s, since_s) + self.silent_s
        useless_at_s = max(self._frame_s + self.unread_s, since_s + self.silent_s)
        if silent_at_s <= useless_at_s:
            return silent_at_s, Lack.SILENT
        if self._whole_s + self.silent_s < useless_at_s:
            return useless_at_s, Lack.TORN
        return useless_at_s, Lack.DAMAGED if self._damaged else Lack.UNREAD

    def torn_since_s(self) -> float | None:
        """Since when pictures come of which none was whole yet."""
        return None if self._arrived.whole else self._first_s


def unread_s(silent_s: float) -> float:
    """How long pictures may come without one of use, in seconds."""
    return max(UNREAD_S, silent_s)
