"""A weighbridge and its indicator: mass on the deck in, shown weight and flags out.  No wire, no clock.

The deck is a damped spring (swings at 1.2 Hz, comes to rest in 2 to 6 s), the indicator samples it 20 times a
second with noise inside one division, follows a slow zero drift, and refuses what a verified one refuses.
Sources: `docs/sources.md` 15-17, 75 (OIML R 76-1:2006 for zero, tare, range and equilibrium).  Everything
random comes from one seed and is drawn per sample, so a run repeats however `step` is cut up.
"""

import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SAMPLE_S = 0.05
SWING_HZ = 1.2
DAMPING = 0.25
"""Of the critical damping: a 10 t axle is within one division (20 kg) after about 4 s."""
NOISE_DIVISIONS = 0.1
"""Standard deviation of a sample: the display flickers by one division at most."""
MOTION_SAMPLES = 5
TRACKING_DIVISIONS_A_SECOND = 0.5
DRIFT_DIVISIONS_A_DAY = 10
"""Weather: what zero tracking is there to follow."""


@dataclass(frozen=True, slots=True)
class Indication:
    """What the display and the flags say now.

    `displayed_kg` is net while `is_net`, rounded to the division; None when blank.  `over` is above Max + 9e,
    `under` below -20e; in both the display shows no number.
    """

    displayed_kg: float | None
    tare_kg: float
    is_net: bool
    motion: bool
    over: bool
    under: bool
    zero_captured: bool


class Indicator:
    """`load_kg` is what stands on the deck.  `powered` False: silent, with the port open as ever."""

    FAULTS = ("drifting_cell", "frozen", "off", "setup_mode", "stuck_motion", "mud_on_deck")
    """drifting_cell: zero wanders by 2 divisions a second.  frozen: a fixed stream for the cell's, the
    cut cable of a fraud.  off: switched off, port open.  setup_mode: blank fields.  stuck_motion: the motion
    flag never clears.  mud_on_deck: 15 divisions that nobody weighed in."""

    def __init__(self, *, max_kg: float = 60_000, division_kg: float = 20, seed: int = 0) -> None:
        self.max_kg = max_kg
        self.division_kg = division_kg
        self.load_kg = 0.0
        self.powered = True
        self.zero_captured = True
        self._random = random.Random(seed)
        self._zero_kg = 0.0
        self._drift_kg = 0.0
        self._deck_kg = 0.0
        self._deck_kg_a_second = 0.0
        self._axles: deque[tuple[float, float]] = deque()
        self._until_sample_s = SAMPLE_S
        self._tare_kg = 0.0
        self._counts: deque[int] = deque([0] * MOTION_SAMPLES, maxlen=MOTION_SAMPLES)
        self._faults: set[str] = set()
        self._frozen: Indication | None = None

    # --- what happens to it -------------------------------------------------------------------------------

    def set_up(self, name: str) -> None:
        """Bring it into a named starting condition (`SETUPS`).  Raises KeyError with the known names."""
        if name not in SETUPS:
            raise KeyError(f"{name}: no such setup; known: {', '.join(SETUPS)}")
        SETUPS[name](self)

    def rest(self, load_kg: float) -> None:
        """Put a load on the deck as if it had stood there for long."""
        self.load_kg = self._deck_kg = load_kg
        self._deck_kg_a_second = 0.0
        self.step(SAMPLE_S * MOTION_SAMPLES)

    def faults(self) -> tuple[str, ...]:
        """The faults that are on."""
        return tuple(sorted(self._faults))

    def set_fault(self, fault: str, on: bool) -> None:
        """Raises KeyError with the known names."""
        if fault not in self.FAULTS:
            raise KeyError(f"{fault}: no such fault; known: {', '.join(self.FAULTS)}")
        if on == (fault in self._faults):
            return
        (self._faults.add if on else self._faults.discard)(fault)
        if fault == "frozen":
            self._frozen = self._live() if on else None
        if fault == "off":
            self.power(not on)

    def power(self, on: bool) -> None:
        """Switch it.  Power-up sets zero if the deck is within 20 % of Max of it (R 76-1, 4.5.1); with more
        on the deck the stored zero stays and `zero_captured` is False."""
        if on and not self.powered:
            self._tare_kg = 0.0
            self.zero_captured = abs(self._gross_kg()) <= self.max_kg * 0.2
            if self.zero_captured:
                self._set_zero()
        self.powered = on

    def drive_on(self, axles_kg: Sequence[float], *, over_s: float = 15) -> None:
        """A vehicle climbs the deck: a staircase, one step an axle, evenly over `over_s` seconds."""
        self._axles.extend((over_s / len(axles_kg), axle_kg) for axle_kg in axles_kg)

    def step(self, seconds: float) -> None:
        """Advance by simulated seconds."""
        while seconds > 0:
            piece_s = min(seconds, self._until_sample_s, *(wait_s for wait_s, _ in tuple(self._axles)[:1]))
            self._swing(piece_s)
            self._climb(piece_s)
            seconds -= piece_s
            self._until_sample_s -= piece_s
            if self._until_sample_s <= 1e-9:
                self._until_sample_s = SAMPLE_S
                self._sample()

    def _swing(self, seconds: float) -> None:
        """The deck as a spring under a constant load: exact for any length of step."""
        angular = 2 * math.pi * SWING_HZ
        decay = DAMPING * angular
        damped = angular * math.sqrt(1 - DAMPING**2)
        offset = self._deck_kg - self.load_kg
        speed = self._deck_kg_a_second
        cos, sin = math.cos(damped * seconds), math.sin(damped * seconds)
        fade = math.exp(-decay * seconds)
        self._deck_kg = self.load_kg + fade * (offset * cos + (speed + decay * offset) / damped * sin)
        self._deck_kg_a_second = fade * (speed * cos - (decay * speed + angular**2 * offset) / damped * sin)

    def _climb(self, seconds: float) -> None:
        if self._axles:
            wait_s, axle_kg = self._axles.popleft()
            if wait_s - seconds > 1e-9:
                self._axles.appendleft((wait_s - seconds, axle_kg))
            else:
                self.load_kg += axle_kg

    def _sample(self) -> None:
        self._drift_kg += DRIFT_DIVISIONS_A_DAY * self.division_kg * SAMPLE_S / 86_400
        if "drifting_cell" in self._faults:
            self._drift_kg += 2 * self.division_kg * SAMPLE_S
        noise_kg = self._random.gauss(0.0, NOISE_DIVISIONS) * self.division_kg
        self._counts.append(round((self._gross_kg() + noise_kg) / self.division_kg))
        self._track_zero()

    def _track_zero(self) -> None:
        gross_kg = self._gross_kg()
        # Only near zero, at rest and slowly, so that a light load is never taken for drift (R 76-1, 4.5.7).
        if self.zero_captured and abs(gross_kg) <= self.division_kg / 2 and not self._in_motion():
            most_kg = TRACKING_DIVISIONS_A_SECOND * self.division_kg * SAMPLE_S
            self._zero_kg += max(-most_kg, min(most_kg, gross_kg))

    # --- what it is asked -----------------------------------------------------------------------------------

    def zero(self) -> bool:
        """Set zero: at rest, within 4 % of Max of the present zero (R 76-1, 4.5.1), not while tared."""
        if self._in_motion() or self._tare_kg or abs(self._gross_kg()) > self.max_kg * 0.04:
            return False
        self._set_zero()
        return True

    def _set_zero(self) -> None:
        self._zero_kg = self._cell_kg()
        self._counts.extend([0] * MOTION_SAMPLES)
        self.zero_captured = True

    def tare(self) -> bool:
        """Take what stands on the deck as tare: at rest and above zero."""
        gross_kg = self._shown_gross_kg()
        if self._in_motion() or not 0 < gross_kg <= self.max_kg:
            return False
        self._tare_kg = gross_kg
        return True

    def clear_tare(self) -> None:
        self._tare_kg = 0.0

    def indication(self) -> Indication:
        """What it shows now."""
        return self._frozen or self._live()

    def _live(self) -> Indication:
        gross_kg = self._shown_gross_kg()
        over = gross_kg > self.max_kg + 9 * self.division_kg
        under = gross_kg < -20 * self.division_kg
        blank = over or under or "setup_mode" in self._faults
        return Indication(
            displayed_kg=None if blank else gross_kg - self._tare_kg,
            tare_kg=self._tare_kg,
            is_net=self._tare_kg != 0,
            motion=self._in_motion(),
            over=over,
            under=under,
            zero_captured=self.zero_captured,
        )

    def _in_motion(self) -> bool:
        return "stuck_motion" in self._faults or max(self._counts) - min(self._counts) > 1

    def _shown_gross_kg(self) -> float:
        return self._counts[-1] * self.division_kg

    def _cell_kg(self) -> float:
        mud_kg = 15 * self.division_kg if "mud_on_deck" in self._faults else 0.0
        return self._deck_kg + mud_kg + self._drift_kg

    def _gross_kg(self) -> float:
        return self._cell_kg() - self._zero_kg


def _power_cut_loaded(indicator: Indicator) -> None:
    indicator.rest(38_250)
    indicator.power(False)
    indicator.power(True)


def _tared(indicator: Indicator) -> None:
    indicator.rest(15_000)
    indicator.tare()
    indicator.rest(38_260)


SETUPS: dict[str, Callable[[Indicator], None]] = {
    "empty": lambda indicator: indicator.rest(0),
    "loaded": lambda indicator: indicator.rest(38_260),
    "overloaded": lambda indicator: indicator.rest(indicator.max_kg + 20 * indicator.division_kg),
    "powered_up_loaded": _power_cut_loaded,
    "tared": _tared,
}
"""Named starting conditions."""
