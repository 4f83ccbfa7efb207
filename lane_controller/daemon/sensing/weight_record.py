"""All that an indicator showed since the deck was last empty, at its own tempo: what axles are read from.

It is kept in memory for one load and never written: the few points of `weight_trace` and the axles found are.
"""

from collections import deque

EMPTY_KEPT = 50
"""Readings of the empty deck before a load: the ground that the first axle is measured from."""
READINGS_MAX = 6000
"""Two minutes at the fastest tempo, 50 a second.  A load that takes longer to settle has no axles told."""


class WeightRecord:
    """Readings since the deck was last empty, and some of when it was."""

    def __init__(self, minimum_kg: float) -> None:
        """Below `minimum_kg` the deck is empty."""
        self._minimum_kg = minimum_kg
        self._empty: deque[tuple[float, float]] = deque(maxlen=EMPTY_KEPT)
        self._loaded: list[tuple[float, float]] = []

    def take(self, at_s: float, gross_kg: float) -> None:
        """A reading in range, moving or not; seconds of the monotonic clock."""
        if gross_kg < self._minimum_kg:
            if self._loaded:
                self.forget()
            self._empty.append((at_s, gross_kg))
        elif len(self._loaded) <= READINGS_MAX:
            self._loaded.append((at_s, gross_kg))

    @property
    def empty_until_s(self) -> float | None:
        """When the deck was last seen empty; None before it was."""
        return self._empty[-1][0] if self._empty else None

    def readings(self) -> list[tuple[float, float]]:
        """Seconds and kilograms up to the newest; empty where they are too many."""
        return [*self._empty, *self._loaded] if len(self._loaded) <= READINGS_MAX else []

    def forget(self) -> None:
        """The indicator was lost, or the load has gone."""
        self._empty.clear()
        self._loaded.clear()
