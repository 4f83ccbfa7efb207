"""Levels that stand: loops and photocells, end switches and the key switch.

A level counts when it stood for the sensor's `debounce_s`.  A chattering input tells its newest level when
its allowance lets it, so that it neither fills the journal nor leaves a stale level behind.
"""

from drivers.barrier import BarrierReading
from drivers.debounce import Debounce
from drivers.presence import PresenceReading
from lane_controller.daemon.sensing.flood import Allowance
from lane_controller.lane.facts import BarrierChanged, LocalKeyTurned, PresenceChanged
from lane_controller.messages.parts import Stamp
from lane_controller.messages.words import Place

TOLD_PER_S = 4.0
TOLD_BURST = 20.0


class PresenceSense:
    """One loop or photocell.  `covered` None: not known."""

    def __init__(self, device: str, place: Place, debounce_s: float) -> None:
        self.device, self.place = device, place
        self.covered: bool | None = None
        self._level = Debounce[bool](debounce_s)
        self._allowance = Allowance(TOLD_PER_S, TOLD_BURST)

    def take(self, reading: PresenceReading, at: Stamp) -> PresenceChanged | None:
        self._level.update(reading.covered, at.mono_s)
        level = self._level.value
        if level is None or level is self.covered or not self._allowance.take(at.mono_s):
            return None
        self.covered = level
        return PresenceChanged(at, self.device, self.place, level)

    def forget(self) -> None:
        """The sensor was lost: what it said before proves nothing."""
        self._level.forget()
        self.covered = None


class BarrierSense:
    """The arm's end switches and fault input, told together, and the key switch."""

    def __init__(self, device: str, debounce_s: float) -> None:
        self.device = device
        self._levels = tuple(Debounce[bool](debounce_s) for _ in range(4))
        self._allowance = Allowance(TOLD_PER_S, TOLD_BURST)
        self._told: tuple[bool, bool, bool] | None = None
        self._key: bool | None = None

    def take(self, reading: BarrierReading, at: Stamp) -> tuple[BarrierChanged | LocalKeyTurned, ...]:
        raw = (reading.raised_switch, reading.lowered_switch, reading.fault, reading.local_key)
        for level, value in zip(self._levels, raw, strict=True):
            level.update(value, at.mono_s)
        raised, lowered, fault, key = (level.value for level in self._levels)
        facts: list[BarrierChanged | LocalKeyTurned] = []
        if raised is not None and lowered is not None and fault is not None:
            position = (raised, lowered, fault)
            if position != self._told and self._allowance.take(at.mono_s):
                self._told = position
                facts.append(BarrierChanged(at, self.device, *position))
        if key is not None and key is not self._key and self._allowance.take(at.mono_s):
            if key or self._key is not None:
                facts.append(LocalKeyTurned(at, self.device, key))
            self._key = key
        return tuple(facts)

    def forget(self) -> None:
        for level in self._levels:
            level.forget()
        self._told = None
