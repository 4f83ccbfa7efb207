"""Streams that stand still: they come in time, and show nothing new.

A picture is frozen when its content *and* its own time stamps stand still for `STILL_S`, or when it has no
time stamps and a loop in front of it changed without the picture following.  A weight is suspiciously
constant only when a vehicle has crossed the deck's edge (its sensor was covered and is clear again) and the
reading stayed the same to the last digit all the while.
"""

STILL_S = 2.0
"""Of a picture with time stamps of its own."""
FOLLOW_S = 2.0
"""A vehicle that moved must show within this time."""


class PictureStill:
    """One camera's stream."""

    def __init__(self) -> None:
        self._fingerprint = ""
        self._source_time_s: float | None = None
        self._changed_s: float | None = None
        self._moved_s: float | None = None

    def frame(self, fingerprint: str, source_time_s: float | None, at_s: float) -> bool:
        """One frame; True while the stream is frozen."""
        stamped = source_time_s is not None
        if fingerprint != self._fingerprint or (stamped and source_time_s != self._source_time_s):
            self._fingerprint, self._source_time_s, self._changed_s = fingerprint, source_time_s, at_s
            self._moved_s = None
            return False
        if self._changed_s is None:
            self._changed_s = at_s
        if stamped:
            return at_s - self._changed_s >= STILL_S
        return self._moved_s is not None and at_s - self._moved_s >= FOLLOW_S

    def moved(self, at_s: float) -> None:
        """A loop in the camera's view changed."""
        if self._moved_s is None:
            self._moved_s = at_s

    def forget(self) -> None:
        self.__init__()


class WeightStill:
    """One scale's stream."""

    def __init__(self) -> None:
        self._gross_kg: float | None = None
        self._crossing = False
        self._crossed_s: float | None = None

    def reading(self, gross_kg: float | None, at_s: float) -> bool:
        """One reading; True while the stream is frozen."""
        if gross_kg != self._gross_kg:
            self._gross_kg, self._crossing, self._crossed_s = gross_kg, False, None
        return self._crossed_s is not None and at_s - self._crossed_s >= FOLLOW_S

    def edge(self, covered: bool, at_s: float) -> None:
        """A sensor at the deck's ends changed: a vehicle begins or ends to cross the deck's edge."""
        if covered:
            self._crossing = True
        elif self._crossing and self._crossed_s is None:
            self._crossing, self._crossed_s = False, at_s

    def forget(self) -> None:
        self.__init__()
