"""How long a frame was held up on its way, told from its own time stamp.

While this computer is busy, frames wait in a socket's buffer or in the camera.  The first one to be taken
then comes later than its stamp says, by one leap, and those behind it come faster than their stamps until the
queue is empty.  Only that pattern counts: a camera's clock may run slow, drift or be set, and many cameras
count their stamps from a nominal rate that they do not keep.  A stream without stamps can't tell: its frames
count as taken when they came.
"""

LEAP_S = 0.25
"""Later than its stamp says by more than this at once, and by more than the stamps' own step: it was held up,
which no clock's rate explains."""
FORGET = 0.25
"""Of the time that passes: a camera's clock that leapt is believed again after four times its leap."""


class Arrivals:
    """One stream."""

    def __init__(self) -> None:
        self._lag_s = 0.0
        self._before: tuple[float, float] | None = None

    def lag_s(self, stamp_s: float | None, came_s: float) -> float:
        """For how long the frame was held up that came at `came_s` (monotonic seconds) with this stamp."""
        before = self._before
        self._before = None if stamp_s is None else (stamp_s, came_s)
        if stamp_s is None or before is None or stamp_s < before[0]:
            self._lag_s = 0.0
            return 0.0
        by_stamp_s, passed_s = stamp_s - before[0], came_s - before[1]
        late_s = passed_s - by_stamp_s
        if late_s > max(LEAP_S, by_stamp_s):
            self._lag_s += late_s
        else:
            self._lag_s = max(0.0, self._lag_s + min(late_s, 0.0) - FORGET * passed_s)
        return self._lag_s
