"""What a camera is that reads plates by itself: it tells each vehicle once, and that it lives in between."""

from collections import deque
from dataclasses import dataclass, field

CLOCK_WRONG_S = -7 * 3600.0
"""A camera that was never told its time zone."""


@dataclass(frozen=True, slots=True)
class Passing:
    """One vehicle as the camera saw it: `number` since power-up, `time_s` by its clock (seconds since 1970),
    `confidence` 0 to 100, `box` left, top, right, bottom of the plate as shares of `scene`; pictures are
    JPEGs, b"" for none."""

    number: int
    time_s: float
    text: str
    country: str
    confidence: int
    box: tuple[float, float, float, float] | None
    scene: bytes = field(repr=False)
    plate: bytes = field(repr=False)
    again: bool = False


class SmartEye:
    """`began_s` is its clock at power-up.

    Faults: `stall` (connections stay open, nothing comes), `duplicate` (each vehicle is told twice),
    `clock_wrong` (its clock is hours behind), `cut_picture` (pictures end half way), `no_picture`,
    `half_part` (it breaks off in the middle of telling a vehicle).
    """

    FAULTS = ("stall", "duplicate", "clock_wrong", "cut_picture", "no_picture", "half_part")

    def __init__(self, *, began_s: float, scene: bytes = b"", heartbeat_s: float = 1.0) -> None:
        self.scene = scene
        self.faults_set: set[str] = set()
        self._began_s, self._heartbeat_s = began_s, heartbeat_s
        self._passed_s = self._told_s = 0.0
        self._number = 0
        self._due: deque[Passing] = deque()

    @property
    def clock_s(self) -> float:
        wrong_s = CLOCK_WRONG_S if "clock_wrong" in self.faults_set else 0.0
        return self._began_s + self._passed_s + wrong_s

    def passes(
        self,
        text: str,
        *,
        country: str = "",
        confidence: int = 97,
        scene: bytes | None = None,
        plate: bytes = b"",
        box: tuple[float, float, float, float] | None = None,
    ) -> None:
        """A vehicle passes: it is told with the next step."""
        self._number += 1
        whole, plate = self.scene if scene is None else scene, plate
        if "cut_picture" in self.faults_set:
            whole, plate = whole[: len(whole) // 2], plate[: len(plate) // 2]
        if "no_picture" in self.faults_set:
            whole = plate = b""
        seen = Passing(self._number, self.clock_s, text, country, confidence, box, whole, plate)
        self._due.append(seen)
        if "duplicate" in self.faults_set:
            self._due.append(seen)

    def step(self, seconds: float) -> list[Passing | None]:
        """What falls due: vehicles, and None for a heartbeat."""
        self._passed_s += seconds
        if "stall" in self.faults_set:
            self._due.clear()
            return []
        due: list[Passing | None] = list(self._due)
        self._due.clear()
        if self._passed_s - self._told_s >= self._heartbeat_s:
            self._told_s = self._passed_s
            due.append(None)
        return due

    def set_fault(self, fault: str, on: bool) -> None:
        """Set or clear one of FAULTS; KeyError with the list for another name."""
        if fault not in self.FAULTS:
            raise KeyError(f"a smart camera has no fault {fault!r}: one of {', '.join(self.FAULTS)}")
        (self.faults_set.add if on else self.faults_set.discard)(fault)
