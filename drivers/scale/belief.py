"""When a frame is believed: the proof that no wrong weight comes out of a damaged stream.

The checks of indicator protocols are weak (4 effective bits in XK3190, 7 in Toledo, none in Toledo without
checksum and in MT-SICS), so a frame is believed for what is round it as well:

1. *Shape*: every byte of a frame lies in the narrow alphabet of its place, and the weight is a multiple of
   the division.  A refused byte is damage.
2. *Neighbours*: after damage (and at the start) nothing comes out until `trusted_after` good frames have
   followed each other with nothing else between them.
3. *Repetition*: a resting load repeats its weight.  A frame that is not within one division of the frame
   directly before it is at best a moving weight: it comes out with `stable=False`, and, where the protocol
   has no check at all, without its number.

What remains: errors that the check can't see (two bytes changed so that they cancel; a loss of whole frames
from the middle of one frame to the middle of another) may give a number that was never sent, but only as
`stable=False`.  A reading that may count as a weight (`stable` not False) lies within one division of the
weight that was sent in the frame before, unless two neighbouring frames are hit alike.
"""

from dataclasses import dataclass
from decimal import Decimal

from drivers.errors import DeviceError, DeviceFault, DeviceRefused, DeviceTimeout, ProtocolError
from drivers.scale import WeightReading
from drivers.scale.plate import RatingPlate

SAMPLE_BYTES = 24
MISFITS_MIN = 3
"""Sound frames against the configuration that it takes to blame the configuration and not the line."""


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


class Complaint:
    """What has been wrong since the last good reading: the material of an error message."""

    def __init__(self) -> None:
        self.refused_bytes = 0
        self.blank_frames = 0
        self.misfits = 0
        """Sound frames that do not fit the configuration."""
        self.malformed = 0
        """Bytes that began like a frame and were none."""
        self.sample = b""
        self.reason = ""
        self.hint = ""

    def add(self, refused: bytes, sample: bytes, reason: str, hint: str = "") -> None:
        self.refused_bytes += len(refused)
        if not self.reason or (hint and not self.hint):
            self.sample, self.reason, self.hint = sample[:SAMPLE_BYTES], reason, hint

    def error(self, device: str, *, silence: str, silence_hint: str, foreign_hint: str) -> DeviceError:
        """Why there is no good reading, as exactly as the bytes tell: DeviceRefused (the configuration does
        not fit), DeviceFault (no weight in good frames), ProtocolError (no good frames), DeviceTimeout."""
        quoted = f"{self.reason}: {self.sample.hex(' ')}"
        # On a noisy line without checksum some damaged frames look sound: then it is not the configuration.
        if self.misfits >= max(MISFITS_MIN, 2 * self.malformed):
            return DeviceRefused(device, quoted, hint=self.hint)
        if self.blank_frames:
            hint = "the indicator is in set-up, busy or in error: look at its display"
            return DeviceFault(device, f"{self.blank_frames} frames without a weight", hint=hint)
        if self.refused_bytes:
            message = f"no good frame in {self.refused_bytes} bytes; {quoted}"
            return ProtocolError(device, message, hint=foreign_hint)
        return DeviceTimeout(device, silence, hint=silence_hint)


class Belief:
    """Told of each good frame and of all damage, in order; says what may come out."""

    def __init__(self, plate: RatingPlate, *, has_check: bool, trusted_after: int) -> None:
        self._plate = plate
        self._has_check = has_check
        self._trusted_after = trusted_after
        self._in_a_row = 0
        self._before: Shown | None = None
        self.dropped_frames = 0
        self.complaint = Complaint()

    def damage(self, refused: bytes, reason: str, hint: str = "", *, sample: bytes = b"") -> None:
        """A frame was refused; `sample` is what an error message quotes if not the refused bytes."""
        self.complaint.misfits += bool(hint)
        self.complaint.malformed += not hint
        self._break_row(refused, sample or refused, reason, hint)

    def gap(self, refused: bytes, reason: str) -> None:
        """Something else than a frame, or nothing, came where a frame was due."""
        self._break_row(refused, refused, reason, "")

    def _break_row(self, refused: bytes, sample: bytes, reason: str, hint: str) -> None:
        self.complaint.add(refused, sample, reason, hint)
        self.dropped_frames += 1
        self._in_a_row = 0

    def check(self, shown: Shown) -> None:
        """Raises FrameRefused for a weight that this scale can't show."""
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

    def take(self, shown: Shown, raw: bytes) -> WeightReading | None:
        """The reading of a checked frame, or None while it isn't believed or has no weight."""
        # Directly before: `trusted_after` is at least 2, so what stood before damage is never compared with.
        before, self._before = self._before, shown
        self._in_a_row += 1
        if self._in_a_row < self._trusted_after:
            self.dropped_frames += 1
            self.complaint.add(raw, raw, "good frames do not follow each other without a gap")
            return None
        if shown.displayed_kg is None and shown.in_range is not False:
            self.complaint.blank_frames += 1
            return None
        self.complaint = Complaint()
        return self._reading(shown, before, raw)

    def _reading(self, shown: Shown, before: Shown | None, raw: bytes) -> WeightReading:
        gross = shown.gross_kg
        in_range = shown.in_range is not False and (gross is None or self._plate.in_range(gross))
        repeated = before is not None and self._repeats(shown, before)
        if not in_range or not (repeated or self._has_check):
            return WeightReading(None, None, None, False, in_range, shown.zero_seen, raw)
        no_motion = shown.no_motion and before.no_motion if before else None
        return WeightReading(
            gross_kg=_kilograms(gross),
            net_kg=_kilograms(shown.displayed_kg) if shown.is_net else None,
            tare_kg=_kilograms(shown.tare_kg),
            stable=no_motion if repeated else False,
            in_range=True,
            zero_seen=shown.zero_seen,
            raw=raw,
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
