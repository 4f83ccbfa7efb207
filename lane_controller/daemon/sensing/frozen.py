"""Streams that stand still: they come in time, and show nothing new.

A picture is frozen when its content *and* its own time stamps stand still for `STILL_S`, or when a loop in
front of it changed and its content did not: neither shortly before nor after.  Content alone is no proof: an
encoder repeats a still scene to the last bit by night, and its stamps go on; a living sensor's noise is new
content each time.  A frozen picture's stamps may go on as well, so a stream with stamps is not believed more.

A weight is suspiciously constant only when a vehicle has crossed the deck's edge (its sensor was covered for
as long as a vehicle takes, and is clear again) and the reading stayed the same to the last digit all the
while.  Somebody who walks through a photocell's beam weighs nothing, and who noses in and backs off again,
before an axle stood on the deck, neither.
"""

STILL_S = 2.0
"""Of a picture whose time stamps stand still too."""
FOLLOW_S = 2.0
"""A vehicle that moved must show within this time."""
LEAD_S = 3.0
"""A picture that changed within this time before a loop did has shown what came."""
CROSSING_S = 1.0
"""A vehicle covers the sensor at the deck's edge for at least this long; a person does not."""


class PictureStill:
    """One camera's stream."""

    def __init__(self) -> None:
        self._fingerprint = ""
        self._source_time_s: float | None = None
        self._changed_s: float | None = None
        """The content, not the stamps."""
        self._stamped_s = 0.0
        self._moved_s: float | None = None

    def frame(self, fingerprint: str, source_time_s: float | None, at_s: float) -> bool:
        """One frame; True while the stream is frozen."""
        if source_time_s != self._source_time_s:
            self._source_time_s, self._stamped_s = source_time_s, at_s
        if fingerprint != self._fingerprint or self._changed_s is None:
            self._fingerprint, self._changed_s, self._moved_s = fingerprint, at_s, None
            return False
        if self._moved_s is not None and at_s - self._moved_s >= FOLLOW_S:
            return True
        return source_time_s is not None and at_s - max(self._changed_s, self._stamped_s) >= STILL_S

    def moved(self, at_s: float) -> None:
        """A loop in the camera's view changed."""
        if self._moved_s is None and self._changed_s is not None and at_s - self._changed_s >= LEAD_S:
            self._moved_s = at_s

    def forget(self) -> None:
        self.__init__()


class WeightStill:
    """One scale's stream."""

    def __init__(self) -> None:
        self._gross_kg: float | None = None
        self._covered_s: dict[str, float] = {}
        """Since when each sensor at the deck's ends was covered, with the same reading ever since."""
        self._crossed_s: float | None = None

    def reading(self, gross_kg: float | None, at_s: float) -> bool:
        """One reading; True while the stream is frozen."""
        if gross_kg != self._gross_kg:
            self._gross_kg, self._crossed_s = gross_kg, None
            self._covered_s.clear()
        return self._crossed_s is not None and at_s - self._crossed_s >= FOLLOW_S

    @property
    def suspect(self) -> bool:
        """A vehicle crossed the edge and no digit has moved: it may read the load of the one before."""
        return self._crossed_s is not None

    def edge(self, sensor: str, covered: bool, at_s: float, *, backed_off: bool = False) -> None:
        """A sensor at the deck's ends changed: a vehicle begins or ends to cross the deck's edge.
        `backed_off`: it ends, and the vehicle may stand where it came from."""
        if covered:
            self._covered_s[sensor] = at_s
            return
        since_s = self._covered_s.pop(sensor, None)
        if since_s is None or at_s - since_s < CROSSING_S or backed_off:
            return
        if self._gross_kg is not None and self._crossed_s is None:
            self._crossed_s = at_s

    def forget(self) -> None:
        self.__init__()
