"""Debounce: a value counts when it has stood.

Boom vibration bounces an end switch 0-1-0 (`docs/sources.md` 43), a loop chatters at the edge of a vehicle.
Pure: the caller brings the time, so a recorded history gives the same answer again.
"""

from typing import Generic, TypeVar

T = TypeVar("T")


class Debounce(Generic[T]):
    """One per level: each end switch on its own, and only then the arm's position from both.

    `value` is None until a first value has stood for `debounce_s`, and again after `forget`.
    """

    def __init__(self, debounce_s: float) -> None:
        self.debounce_s = debounce_s
        self.value: T | None = None
        self._raw: T | None = None
        self._since_s = 0.0

    def update(self, raw: T, at_s: float) -> bool:
        """Take a raw level read at `at_s` (monotonic seconds); True when `value` changed by it.

        A level that was different at any reading in between begins anew.  What happened between two readings
        nobody knows: poll several times within `debounce_s`.
        """
        if raw != self._raw:
            self._raw, self._since_s = raw, at_s
        if raw == self.value or at_s - self._since_s < self.debounce_s:
            return False
        self.value = raw
        return True

    def forget(self) -> None:
        """The device was lost: what it said before proves nothing now."""
        self.value = self._raw = None
