"""What makes a simulated lane speak on demand, with the moment at which its devices showed it.

Each takes over one device of a bench from the world; times are of the machine's monotonic clock.
"""

import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace

from simulators.bench import LaneBench
from simulators.card_desk import CardDesk
from simulators.people import Document
from simulators.scale.wired import WiredIndicator
from simulators.transcript import Sender, Transcript
from simulators.wiring import LOWER, RAISE
from simulators.world import Happening

Contact = Callable[[bool], None]


class Frames(Transcript):
    """A transcript that keeps when each of the device's frames was about to be written."""

    def __init__(self) -> None:
        super().__init__()
        self._sent_s: list[float] = []

    def add(self, sender: Sender, data: bytes) -> None:
        super().add(sender, data)
        if sender == "device":
            self._sent_s.append(time.monotonic())

    def last_before(self, at_s: float) -> float:
        """When the last frame was sent that somebody could have at `at_s`."""
        return self._sent_s[bisect_right(self._sent_s, at_s) - 1]


class Load:
    """The lane's weighbridge.  `frames` says when its bytes were written."""

    def __init__(self, bench: LaneBench) -> None:
        part = bench.parts["scale"]
        assert isinstance(part.device, WiredIndicator)
        part.feed = lambda: None
        self.frames = part.device.transcript = Frames()
        self._indicator = part.device.indicator
        self.put_s: dict[float, float] = {}
        """When each load was put on, by its kilograms."""

    def put(self, kilograms: float) -> None:
        """At rest, as if it had stood there for long."""
        self._indicator.rest(kilograms)
        self.put_s[kilograms] = time.monotonic()


class ExitLoop:
    """The loop behind the arm, where nothing that it says moves a passage that stands on the deck."""

    NAME = "loop-exit"

    def __init__(self, bench: LaneBench) -> None:
        self.covered = False
        self.changed_s: list[float] = []
        """When its contact moved."""
        self._contact = False
        bench.wiring.sensors[self.NAME].there = self._there

    def change(self) -> None:
        self.covered = not self.covered

    def _there(self) -> bool:
        if self._contact is not self.covered:
            self._contact = self.covered
            self.changed_s.append(time.monotonic())
        return self.covered


class Chip:
    """A chip card at the lane's PC/SC reader."""

    def __init__(self, bench: LaneBench, document: Document) -> None:
        desk = bench.parts["card"].device
        assert isinstance(desk, CardDesk)
        self.desk = desk
        self._document = replace(document, chip=True)
        self._lane = bench.lane.name
        self.inserted_s: list[float] = []

    def insert(self) -> None:
        self.inserted_s.append(time.monotonic())
        self.desk.tell(Happening(0.0, self._lane, 0, "presents", self._document))

    def remove(self) -> None:
        self.desk.tell(Happening(0.0, self._lane, 0, "takes_back", self._document))


class Coils:
    """The barrier's coils on the lane's first board: when each was closed."""

    def __init__(self, bench: LaneBench) -> None:
        self.closed_s: dict[str, list[float]] = {"raise": [], "lower": []}
        arm, module = bench.wiring.arm, bench.wiring.boards["board-1"].module
        for movement, relay, contact in (
            ("raise", RAISE, arm.raise_contact),
            ("lower", LOWER, arm.lower_contact),
        ):

            def load(closed: bool, movement: str = movement, contact: Contact = contact) -> None:
                if closed:
                    self.closed_s[movement].append(time.monotonic())
                contact(closed)

            module.wire_output(relay, load)
