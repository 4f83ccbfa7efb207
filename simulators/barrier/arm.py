"""A boom with its own controller: contacts in, end switches out, physics between.

As makers and standards share it (EN 12453, `docs/sources.md` 39 to 44): raise and lower are pulses; a raise
contact that stays closed is "permanent open"; nothing closes while the arm's own photocell sees something;
an obstacle while closing stops and reopens, and then a *new* command is needed.
"""

from collections.abc import Callable
from typing import Literal

TRAVEL_S = 4.0
SWITCH_AT = 0.02
BOUNCE_S = 0.08
BOUNCE_HALF_S = 0.02
TICK_S = 0.01

FAULTS = (
    "stuck",  # the motor does not move it; the controller reports a fault
    "hit",  # a vehicle broke it: it hangs half open, the controller reports a fault
    "bounce",  # the end switches bounce whenever the arm arrives
    "both_switches",  # both end switches say yes
    "raised_switch_dead",
    "lowered_switch_dead",
    "safety_blind",  # its own photocell sees nothing
    "creeps",  # rises without being ordered: a wired button, or a hand
)


class Arm:
    """`open` is 0 lowered to 1 raised.

    Contacts (`raise_contact`, `lower_contact`, `stop_contact`) are told by `IoModule.wire_output`; `under` is
    asked whether something is under the arm; `key` is the lane's own key switch.  Read back: `raised_switch`,
    `lowered_switch`, `fault`.  `reversals` counts reopenings by its own safety, `struck` how often it came
    down on something.
    """

    def __init__(self, name: str, *, travel_s: float = TRAVEL_S, open: float = 0.0) -> None:
        self.name = name
        self.travel_s = travel_s
        self.open = open
        self.under: Callable[[], bool] = lambda: False
        self.key = False
        self.reversals = 0
        self.struck = 0
        self._moving: Literal["up", "down", "still"] = "still"
        self._held_up = False
        self._arrived_s = BOUNCE_S
        self._faults: set[str] = set()

    # --- contacts in --------------------------------------------------------------------------------------

    def raise_contact(self, closed: bool) -> None:
        self._held_up = closed
        if closed:
            self._moving = "up"

    def lower_contact(self, closed: bool) -> None:
        if closed and not self._held_up and not self._sees():
            self._moving = "down"

    def stop_contact(self, closed: bool) -> None:
        if closed and not self._held_up:
            self._moving = "still"

    # --- switches out -------------------------------------------------------------------------------------

    @property
    def raised_switch(self) -> bool:
        if "both_switches" in self._faults:
            return True
        return "raised_switch_dead" not in self._faults and self.open >= 1 - SWITCH_AT and self._touches()

    @property
    def lowered_switch(self) -> bool:
        if "both_switches" in self._faults:
            return True
        return "lowered_switch_dead" not in self._faults and self.open <= SWITCH_AT and self._touches()

    @property
    def fault(self) -> bool:
        return bool(self._faults & {"stuck", "hit"})

    def _touches(self) -> bool:
        """False in the gaps of a bouncing switch."""
        bouncing = "bounce" in self._faults and self._arrived_s < BOUNCE_S
        return not bouncing or int(self._arrived_s / BOUNCE_HALF_S + 1e-6) % 2 == 0

    def _sees(self) -> bool:
        return "safety_blind" not in self._faults and self.under()

    # --- time ---------------------------------------------------------------------------------------------

    def step(self, seconds: float) -> None:
        while seconds > 1e-9:
            tick = min(seconds, TICK_S)
            seconds -= tick
            self._tick(tick)

    def _tick(self, seconds: float) -> None:
        self._arrived_s += seconds
        if "creeps" in self._faults and self.open < 1:
            self._moving = "up"
        if self._faults & {"stuck", "hit"} or self._moving == "still":
            return
        if self._moving == "down" and self._sees():
            self._moving = "up"
            self.reversals += 1
        way = seconds / self.travel_s
        before = self.open
        self.open = min(self.open + way, 1.0) if self._moving == "up" else max(self.open - way, 0.0)
        if before >= 0.5 > self.open and self.under():
            self.struck += 1
        if self.open in (0.0, 1.0):
            self._moving = "still"
            self._arrived_s = 0.0

    # --- faults -------------------------------------------------------------------------------------------

    def faults(self) -> tuple[str, ...]:
        return FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in FAULTS:
            raise KeyError(f"{self.name}: no fault {fault!r}; known: {', '.join(FAULTS)}")
        (self._faults.add if on else self._faults.discard)(fault)
        if fault == "hit" and on:
            self.open, self._moving = 0.5, "still"
