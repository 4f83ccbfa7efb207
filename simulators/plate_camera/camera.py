"""What a network camera is: a picture that shows now, a clock, and what can go wrong with its eye.

Which picture shows is the world's business: `show` takes a function from the picture's number to a JPEG (or
H.264, where the camera encodes so), such as `simulators.render.drives.lane_drives.LaneDrive.picture` bound to
the vehicle's place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

View = Callable[[int], bytes]
"""What to show as the picture of this number; called once a picture, so it must be cheap."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture as sent: its number since power-up, the camera's clock in seconds, and a baseline JPEG, or
    H.264 that stands for itself, in annex B."""

    number: int
    time_s: float
    picture: bytes


class Camera:
    """Takes `frames_per_s` pictures a simulated second.

    Faults: `dark_lens` (covered or painted: noise on black), `frozen_picture` (the sensor repeats its last
    picture, the clock goes on), `frozen_stream` (the encoder repeats itself: picture and clock stand still),
    `blackout` (no picture at all, connections stay open).
    """

    FAULTS = ("dark_lens", "frozen_picture", "frozen_stream", "blackout")

    def __init__(self, view: View, *, dark: Sequence[bytes] = (), frames_per_s: float = 10.0) -> None:
        self.frames_per_s = frames_per_s
        self._view = view
        self._dark = tuple(dark)
        self._time_s = 0.0
        self._number = 0
        self._faults: set[str] = set()
        self._last: Shown | None = None

    def show(self, view: View) -> None:
        """Look at something else from the next picture on."""
        self._view = view

    def set_fault(self, fault: str, on: bool) -> None:
        """Set or clear one of FAULTS; KeyError with the list for another name, ValueError for `dark_lens` on
        a camera that was given no dark pictures."""
        if fault not in self.FAULTS:
            raise KeyError(f"a camera has no fault {fault!r}: one of {', '.join(self.FAULTS)}")
        if fault == "dark_lens" and not self._dark:
            raise ValueError("this camera was given no dark pictures to show")
        (self._faults.add if on else self._faults.discard)(fault)

    def step(self, seconds: float) -> Shown | None:
        """Advance the clock; the newest picture when one fell due, None when not (or in a blackout)."""
        self._time_s += seconds
        number = int(self._time_s * self.frames_per_s)
        if number == self._number:
            return None
        self._number = number
        if "blackout" in self._faults:
            return None
        self._last = self._take(number)
        return self._last

    def _take(self, number: int) -> Shown:
        if self._last is not None and "frozen_stream" in self._faults:
            return Shown(number, self._last.time_s, self._last.picture)
        if self._last is not None and "frozen_picture" in self._faults:
            return Shown(number, self._time_s, self._last.picture)
        if "dark_lens" in self._faults:
            return Shown(number, self._time_s, self._dark[number % len(self._dark)])
        return Shown(number, self._time_s, self._view(number))
