"""Frames out of a continuous indicator's byte stream, and the proof that no wrong weight comes with them.

A continuous indicator repeats fixed-length frames back to back, 5 to 50 a second.  Its check is weak (4
effective bits in XK3190, 7 in Toledo, none in Toledo without checksum), so a frame is believed for what is
round it as well:

1. *Shape*: every byte of a frame lies in the narrow alphabet of its place, and the weight is a multiple of
   the division.  A refused byte is damage.
2. *Neighbours*: after damage (and at the start) nothing comes out until `Layout.trusted_after` good frames
   have followed each other without a byte between them.
3. *Repetition*: a resting load repeats its weight.  A frame that is not within one division of the frame
   directly before it is at best a moving weight: it comes out with `stable=False`, and, where the protocol
   has no check at all, without its number.

What remains: errors that the check can't see (two bytes changed so that they cancel; a loss of whole frames
from the middle of one frame to the middle of another) may give a number that was never sent, but only as
`stable=False`.  A reading that may count as a weight (`stable` not False) lies within one division of a
weight that was sent in the frame before, unless two neighbouring frames are hit alike.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Protocol

from drivers.scale import WeightReading
from drivers.scale.plate import RatingPlate

SAMPLE_BYTES = 24


class FrameRefused(Exception):
    """These bytes are no frame, or one that does not fit the configuration (`hint`: what to check)."""

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Shown:
    """What one well-formed frame says.  `displayed_kg` is None where the indicator blanks its display."""

    displayed_kg: Decimal | None
    tare_kg: Decimal | None = None
    is_net: bool = False
    no_motion: bool | None = None
    in_range: bool | None = None
    """The indicator's own word; None where its protocol has none."""
    zero_seen: bool | None = None

    @property
    def gross_kg(self) -> Decimal | None:
        if not self.is_net or self.displayed_kg is None:
            return self.displayed_kg
        return None if self.tare_kg is None else self.displayed_kg + self.tare_kg


class Layout(Protocol):
    """One protocol's frame.  `read` raises FrameRefused."""

    start: ClassVar[int]
    bit_mask: ClassVar[int]
    """Applied to each byte: 0x7F where bit 7 may be a parity bit."""

    @property
    def length(self) -> int: ...

    @property
    def trusted_after(self) -> int:
        """Good frames in a row that it takes to believe one again after damage; 3 where there is no check."""
        ...

    @property
    def has_check(self) -> bool: ...

    def read(self, frame: bytes) -> Shown: ...


class Complaint:
    """What has been wrong since the last good reading: the material of an error message."""

    def __init__(self) -> None:
        self.refused_bytes = 0
        self.blank_frames = 0
        self.misfits = 0
        """Sound frames that do not fit the configuration."""
        self.sample = b""
        self.reason = ""
        self.hint = ""

    def add(self, refused: bytes, sample: bytes, reason: str, hint: str = "") -> None:
        self.refused_bytes += len(refused)
        self.misfits += bool(hint)
        if not self.reason or (hint and not self.hint):
            self.sample, self.reason, self.hint = sample[:SAMPLE_BYTES], reason, hint


class FrameStream:
    """Feeds on bytes, gives readings; holds less than one frame between calls."""

    def __init__(self, layout: Layout, plate: RatingPlate) -> None:
        self._layout = layout
        self._plate = plate
        self._buffer = bytearray()
        self._in_a_row = 0
        self._before: Shown | None = None
        self.dropped_frames = 0
        self.complaint = Complaint()

    def feed(self, data: bytes) -> list[WeightReading]:
        """The readings that these bytes complete, oldest first."""
        self._buffer += bytes(byte & self._layout.bit_mask for byte in data)
        readings: list[WeightReading] = []
        while self._buffer:
            start = self._buffer.find(self._layout.start)
            if start != 0:
                self._damage(len(self._buffer) if start < 0 else start, "no frame starts here")
                continue
            if len(self._buffer) < self._layout.length:
                break
            frame = bytes(self._buffer[: self._layout.length])
            try:
                shown = self._layout.read(frame)
                self._check_against_plate(shown)
            except FrameRefused as refused:
                # Only the start byte goes: the true frame may begin inside these bytes.
                self._damage(1, refused.reason, refused.hint, sample=frame)
                continue
            del self._buffer[: len(frame)]
            if reading := self._believe(shown, frame):
                readings.append(reading)
                self.complaint = Complaint()
        return readings

    def _check_against_plate(self, shown: Shown) -> None:
        for weight_kg in (shown.displayed_kg, shown.tare_kg):
            if weight_kg is not None and not self._plate.divides(weight_kg):
                raise FrameRefused(
                    f"{weight_kg} kg is no multiple of the division {self._plate.division_kg} kg",
                    hint="check division_kg, and the unit and zeros that the indicator sends",
                )
        gross = shown.gross_kg
        if shown.in_range and gross is not None and not self._plate.in_range(gross):
            raise FrameRefused(
                f"{gross} kg is called in range by the indicator but not by max_kg {self._plate.max_kg}",
                hint="check max_kg, and the unit and zeros that the indicator sends",
            )

    def _damage(self, count: int, reason: str, hint: str = "", *, sample: bytes = b"") -> None:
        refused = bytes(self._buffer[:count])
        del self._buffer[:count]
        self.complaint.add(refused, sample or refused, reason, hint)
        self.dropped_frames += 1
        self._in_a_row = 0
        self._before = None

    def _believe(self, shown: Shown, frame: bytes) -> WeightReading | None:
        before, self._before = self._before, shown
        self._in_a_row += 1
        if self._in_a_row < self._layout.trusted_after:
            self.dropped_frames += 1
            self.complaint.add(frame, frame, "good frames do not follow each other without a gap")
            return None
        if shown.displayed_kg is None and shown.in_range is not False:
            self.complaint.blank_frames += 1
            return None
        return self._reading(shown, before, frame)

    def _reading(self, shown: Shown, before: Shown | None, frame: bytes) -> WeightReading:
        gross = shown.gross_kg
        in_range = shown.in_range is not False and (gross is None or self._plate.in_range(gross))
        repeated = before is not None and self._repeats(shown, before)
        if not in_range or not (repeated or self._layout.has_check):
            return WeightReading(None, None, None, False, in_range, shown.zero_seen, frame)
        no_motion = shown.no_motion and before.no_motion if before else None
        return WeightReading(
            gross_kg=_kilograms(gross),
            net_kg=_kilograms(shown.displayed_kg) if shown.is_net else None,
            tare_kg=_kilograms(shown.tare_kg),
            stable=no_motion if repeated else False,
            in_range=True,
            zero_seen=shown.zero_seen,
            raw=frame,
        )

    def _repeats(self, shown: Shown, before: Shown) -> bool:
        return (
            shown.displayed_kg is not None
            and before.displayed_kg is not None
            and self._plate.near(shown.displayed_kg, before.displayed_kg)
            and (shown.is_net, shown.tare_kg, shown.zero_seen)
            == (before.is_net, before.tare_kg, before.zero_seen)
        )


def _kilograms(weight_kg: Decimal | None) -> float | None:
    """A float for the contract; -0 becomes 0."""
    return None if weight_kg is None else float(weight_kg) + 0.0
