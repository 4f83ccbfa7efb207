"""Loop detectors and photocells: what is there, what the sensor makes of it, and its contact.

A fail-safe sensor rests on the side of "covered": its relay is held while the way is *clear*, so a broken
loop or a lost supply reads covered (`docs/sources.md` 42).
"""

from collections.abc import Callable

CHATTER_HALF_S = 0.02
DROPOUT_S = 1.0


class Sensor:
    """`there` is asked whether something is in the zone; `contact` is the closed or open contact.

    `closed_when_covered`: how its relay is wired; the driver's `active` is the other side of the same wire.
    """

    FAULTS: tuple[str, ...] = (
        "dead",  # no supply, or a broken loop: a fail-safe sensor reads covered
        "stuck_clear",  # reads clear whatever is there
        "chatter",  # changes every 20 ms while something is there
    )

    def __init__(
        self, name: str, there: Callable[[], bool] = lambda: False, *, closed_when_covered: bool = True
    ) -> None:
        self.name = name
        self.there = there
        self._closed_when_covered = closed_when_covered
        self._there_s = 0.0
        self._set: set[str] = set()

    @property
    def covered(self) -> bool:
        """What the sensor says, before its contact."""
        if "dead" in self._set:
            return True
        if "stuck_clear" in self._set:
            return False
        there = self.there()
        if there and "chatter" in self._set:
            return int(self._there_s / CHATTER_HALF_S + 1e-6) % 2 == 0
        return there and not self._misses()

    def _misses(self) -> bool:
        return False

    def contact(self) -> bool:
        """For `IoModule.wire_input`: True is closed."""
        return self.covered == self._closed_when_covered

    def step(self, seconds: float) -> None:
        self._there_s = self._there_s + seconds if self.there() else 0.0

    def faults(self) -> tuple[str, ...]:
        return self.FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in self.FAULTS:
            raise KeyError(f"{self.name}: no fault {fault!r}; known: {', '.join(self.FAULTS)}")
        (self._set.add if on else self._set.discard)(fault)


class Loop(Sensor):
    """An inductive loop.  Fault `dropout`: a high trailer stands over it and is no longer seen after a second
    (so a loop is to be combined with a photocell)."""

    FAULTS = (*Sensor.FAULTS, "dropout")

    def _misses(self) -> bool:
        return "dropout" in self._set and self._there_s >= DROPOUT_S


class Photocell(Sensor):
    """A light beam.  Fault `blinded`: low sun shines into the receiver, so that it sees its beam whatever
    stands in it; `dirty`: it no longer sees its beam and says covered."""

    FAULTS = (*Sensor.FAULTS, "blinded", "dirty")

    @property
    def covered(self) -> bool:
        if "blinded" in self._set and "dead" not in self._set:
            return False
        return "dirty" in self._set or super().covered
