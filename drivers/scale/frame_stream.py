"""Frames out of a continuous indicator's byte stream: fixed length, back to back, 5 to 50 a second.

Sans-I/O: bytes in, readings out.  What may come out is `belief.py`'s business.
"""

from typing import ClassVar, Protocol

from drivers.scale import WeightReading
from drivers.scale.belief import Belief, FrameRefused, Shown
from drivers.scale.plate import RatingPlate


class Layout(Protocol):
    """One protocol's frame."""

    start: ClassVar[int]
    bit_mask: ClassVar[int]
    """Applied to each byte before it is read: 0x7F where bit 7 may be a parity bit."""

    @property
    def length(self) -> int:
        """Bytes in a frame."""
        ...

    @property
    def trusted_after(self) -> int:
        """Good frames in a row that it takes to believe one again after damage."""
        ...

    @property
    def has_check(self) -> bool:
        """Whether a frame carries a checksum."""
        ...

    def read(self, frame: bytes) -> Shown:
        """What `length` masked bytes that begin with `start` say.  Raises FrameRefused."""
        ...


class FrameStream:
    """Feeds on bytes, gives readings; holds less than one frame between calls."""

    def __init__(self, layout: Layout, plate: RatingPlate) -> None:
        self.belief = Belief(plate, has_check=layout.has_check, trusted_after=layout.trusted_after)
        self._layout = layout
        self._raw = bytearray()

    def feed(self, data: bytes) -> list[WeightReading]:
        """The readings that these bytes complete, oldest first."""
        self._raw += data
        masked = bytes(byte & self._layout.bit_mask for byte in self._raw)
        readings: list[WeightReading] = []
        at = 0
        while at < len(masked):
            start = masked.find(self._layout.start, at)
            if start != at:
                end = len(masked) if start < 0 else start
                self.belief.gap(bytes(self._raw[at:end]), "no frame starts here")
                at = end
                continue
            frame = masked[at : at + self._layout.length]
            if len(frame) < self._layout.length:
                break
            raw = bytes(self._raw[at : at + len(frame)])
            try:
                shown = self._layout.read(frame)
                self.belief.check(shown)
            except FrameRefused as refused:
                # Only the start byte goes: the true frame may begin inside these bytes.
                self.belief.damage(raw[:1], refused.reason, refused.hint, sample=raw)
                at += 1
                continue
            at += len(frame)
            if reading := self.belief.take(shown, raw):
                readings.append(reading)
        del self._raw[:at]
        return readings
