"""A weight that settled: the indicator's own flag *and* a test of ours.

A weight counts when all readings of the last `settle_s` lie within `settle_within_kg`, the indicator does not
say that it moves (OIML R 76-1:2006, 4.4.2, stable equilibrium), and the vehicle stands wholly on the deck:
both sensors at the deck's ends are clear.  Whether a zero was seen before the load came is told with it:
after a power-up with a lorry on the deck there was none.  What the scale showed until then goes with it, and
what its steps tell of the axles.
"""

from collections import deque
from dataclasses import dataclass

from drivers.scale import WeightReading
from lane_controller.daemon.sensing.axle_steps import axle_steps
from lane_controller.daemon.sensing.weight_record import WeightRecord
from lane_controller.daemon.sensing.weight_trace import Trace
from lane_controller.lane.facts import WeightRead
from lane_controller.messages.parts import Reason, Stamp, Weight

UNLOADED_S = 1.0
"""The deck is empty when it read below the minimum for this long: a lorry that rocks does not empty it."""
STRADDLES_S = 5.0
"""A load that stands still and across the deck's edge for this long is told as such."""
WINDOW_MAX = 1000


@dataclass(frozen=True, slots=True)
class ScaleTerms:
    """Of the scale in service (docs/configuration.md, table [scale])."""

    scale: str
    verification: str
    verified_until: str
    minimum_kg: float
    zero_within_kg: float
    settle_s: float
    settle_within_kg: float


class WeighingSense:
    """One weighbridge.  One observation a load, and another one when the load settles anew elsewhere."""

    def __init__(self, terms: ScaleTerms) -> None:
        self.terms = terms
        self._trace = Trace(terms.minimum_kg, terms.settle_within_kg)
        self._record = WeightRecord(terms.minimum_kg)
        self._window: deque[tuple[float, float]] = deque(maxlen=WINDOW_MAX)
        self._loaded = False
        self._zero_seen = False
        """Since the deck was last empty."""
        self._zero_before_load = False
        self._unloaded_since_s: float | None = None
        self._straddles_since_s: float | None = None
        self._told_kg: float | None = None
        self._told_reason = ""

    def take(self, reading: WeightReading, at: Stamp, wholly_on_deck: bool | None) -> WeightRead | None:
        """One good reading; `wholly_on_deck` None where no sensor can tell."""
        gross_kg = reading.gross_kg
        if gross_kg is not None and reading.in_range:
            self._trace.take(at.mono_s, gross_kg)
            self._record.take(at.mono_s, gross_kg)
        if gross_kg is None or not reading.in_range or reading.stable is False:
            self._window.clear()
            return None
        self._window.append((at.mono_s, gross_kg))
        while self._window and at.mono_s - self._window[0][0] > 2 * self.terms.settle_s:
            self._window.popleft()
        self._note_zero(reading, gross_kg, at.mono_s)
        if gross_kg < self.terms.minimum_kg:
            self._note_unloaded(at.mono_s)
            return None
        if not self._loaded:
            self._loaded, self._zero_before_load, self._zero_seen = True, self._zero_seen, False
        self._unloaded_since_s = None
        settled_s = self._settled_s()
        if settled_s < self.terms.settle_s:
            self._straddles_since_s = None
            return None
        if wholly_on_deck is False:
            return self._straddling(at)
        self._straddles_since_s = None
        if self._told_kg is not None and abs(gross_kg - self._told_kg) <= 2 * self.terms.settle_within_kg:
            return None
        self._told_kg, self._told_reason = gross_kg, ""
        weight = self._weight(reading, gross_kg, settled_s, wholly_on_deck)
        axles = axle_steps(
            self._record.readings(), gross_kg, self.terms.settle_within_kg, self._record.empty_until_s
        )
        return WeightRead(at, self.terms.scale, weight, trace=self._trace.told(), axles=axles)

    def _note_zero(self, reading: WeightReading, gross_kg: float, at_s: float) -> None:
        if reading.zero_seen is False:
            self._zero_seen = False
        elif abs(gross_kg) <= self.terms.zero_within_kg and self._settled_s() > 0:
            self._zero_seen = True

    def _note_unloaded(self, at_s: float) -> None:
        if self._unloaded_since_s is None:
            self._unloaded_since_s = at_s
        if at_s - self._unloaded_since_s >= UNLOADED_S:
            self._loaded = False
            self.tell_again()

    def _settled_s(self) -> float:
        """For how long the newest reading and all before it have lain within the band."""
        newest_s, highest = self._window[-1]
        lowest, since_s = highest, newest_s
        for at_s, kg in reversed(self._window):
            highest, lowest = max(highest, kg), min(lowest, kg)
            if highest - lowest > self.terms.settle_within_kg:
                break
            since_s = at_s
        return newest_s - since_s

    def _straddling(self, at: Stamp) -> WeightRead | None:
        if self._straddles_since_s is None:
            self._straddles_since_s = at.mono_s
        if self._told_reason or at.mono_s - self._straddles_since_s < STRADDLES_S:
            return None
        self._told_reason = "not_wholly_on_deck"
        reason = Reason(code=self._told_reason)
        return WeightRead(at, self.terms.scale, None, reason, self._trace.told())

    def _weight(
        self, reading: WeightReading, gross_kg: float, settled_s: float, wholly_on_deck: bool | None
    ) -> Weight:
        terms = self.terms
        return Weight(
            gross_kg=gross_kg,
            settled_s=round(settled_s, 3),
            zero_seen=self._zero_before_load,
            wholly_on_deck=wholly_on_deck,
            scale=terms.scale,
            verification=terms.verification,
            verified_until=terms.verified_until,
            raw=reading.raw.hex(),
        )

    def tell_again(self) -> None:
        """Another load, or another owner of the same load: what was told belonged to the one before."""
        self._told_kg, self._told_reason, self._straddles_since_s = None, "", None

    def forget(self) -> None:
        """The indicator was lost: it may have been switched off, and no zero was seen since."""
        self._window.clear()
        self._trace.forget()
        self._record.forget()
        self._loaded = self._zero_seen = self._zero_before_load = False
        self._unloaded_since_s = None
        self.tell_again()
