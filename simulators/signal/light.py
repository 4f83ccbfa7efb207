"""A two-lamp light on one relay: the rest contact lights red, the working contact green."""

from typing import Literal

FAULTS = (
    "green_dead",  # the green lamp is burnt out
    "dark",  # no lamp voltage
)


class Light:
    """`green_contact` is told by `IoModule.wire_output`; `shows` is what a driver sees."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._energised = False
        self._faults: set[str] = set()

    def green_contact(self, closed: bool) -> None:
        self._energised = closed

    @property
    def shows(self) -> Literal["red", "green", "dark"]:
        if "dark" in self._faults or (self._energised and "green_dead" in self._faults):
            return "dark"
        return "green" if self._energised else "red"

    def step(self, seconds: float) -> None:
        """A light has no time of its own."""

    def faults(self) -> tuple[str, ...]:
        return FAULTS

    def set_fault(self, fault: str, on: bool) -> None:
        if fault not in FAULTS:
            raise KeyError(f"{self.name}: no fault {fault!r}; known: {', '.join(FAULTS)}")
        (self._faults.add if on else self._faults.discard)(fault)
