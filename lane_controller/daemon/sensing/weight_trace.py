"""What an indicator showed while a load came onto the deck, in few points: evidence beside a settled weight.

A swinging-door record: a reading that stays within a band of the last one kept tells nothing and is left out;
the one before a kept reading is kept with it, so that steps stay steps.  When the points are too many the
band is doubled and every other one goes, so a lorry that rocks for an hour costs as much as one that stands.
"""

from lane_controller.messages.parts import TRACE_POINTS_MAX, WeightTrace


class Trace:
    """Readings since the deck was last empty: the last empty one, and what followed."""

    def __init__(self, minimum_kg: float, band_kg: float) -> None:
        """Below `minimum_kg` the deck is empty; `band_kg` is the smallest difference worth a point."""
        self._minimum_kg, self._first_band_kg = minimum_kg, band_kg
        self._points: list[tuple[float, float]] = []
        self._newest: tuple[float, float] | None = None
        self.forget()

    def take(self, at_s: float, gross_kg: float) -> None:
        """A reading in range, moving or not; seconds of the monotonic clock."""
        before, self._newest = self._newest, (at_s, gross_kg)
        if before is not None and before[1] < self._minimum_kg and gross_kg < self._minimum_kg:
            self._points.clear()
            self._band_kg = self._first_band_kg
        if not self._points:
            self._points.append(self._newest)
        elif abs(gross_kg - self._points[-1][1]) > self._band_kg:
            if before is not None and before[0] > self._points[-1][0]:
                self._points.append(before)
            self._points.append(self._newest)
            self._thin()

    def _thin(self) -> None:
        # The newest reading takes a place of its own in `told`.
        while len(self._points) > TRACE_POINTS_MAX - 1:
            self._points = [*self._points[:-1:2], self._points[-1]]
            self._band_kg *= 2

    def told(self) -> WeightTrace | None:
        """The trace up to the newest reading; None when there is none."""
        if self._newest is None:
            return None
        points = self._points if self._points[-1] == self._newest else [*self._points, self._newest]
        began_s = points[0][0]
        return WeightTrace(
            at_ms=tuple(round((at_s - began_s) * 1000) for at_s, _ in points),
            gross_kg=tuple(round(gross_kg, 1) for _, gross_kg in points),
        )

    def forget(self) -> None:
        """The indicator was lost: what it showed before belongs to nothing that comes."""
        self._points.clear()
        self._newest = None
        self._band_kg = self._first_band_kg
