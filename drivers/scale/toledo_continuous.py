"""Mettler-Toledo continuous output (8142, IND2xx to IND7xx, and many clones).

    02  A B C  w w w w w w  t t t t t t  0D  [k]       17 bytes, 18 with checksum, back to back
        A  bits 0-2 place of the decimal point: value x 10^(2 - A), bits 3-4 division 1, 2, 5 (as 01, 10, 11)
           of that place, bit 5 set
        B  bit 0 net, 1 negative, 2 out of range, 3 motion, 4 kg (0: lb), 5 set, 6 zero not captured since
           power-up
        C  bits 0-2 unit (0 as in B, 1 g, 2 t, 3 oz, 6 ton), 3 print key, 4 ten-fold display, 5 set
        w  displayed weight, t tare: digits, padded on the left with spaces or zeros; blank in set-up
        k  makes the sum of the 18 bytes 0 modulo 128; it may be 0D or 02 itself, so frames are cut by length

Often 7E1, or 8N1: bit 7 is masked.  Source: `docs/sources.md` 25-27 (ContOut.c of an IND245-type firmware;
exponent confirmed by a second public parser).

**A factor of ten**: with e = 10 kg or more the last zero never changes.  Classic manuals say it is not sent
(38,260 kg is `3826`), the firmware cited sends it (`38260`), with the same A.  `fixed_zero` says which, has
no default, and is settled at commissioning against a known weight.  A wrong `sent` fails at once, since nine
weights in ten then fit no division; a wrong `dropped` shows itself only above a tenth of Max.

*Blindness of the checksum*: it sees every change of one byte (of its lower seven bits), and not two that
cancel (a digit one up, another one down) or digits swapped.  Without checksum only shape and repetition are
left: a frame that its neighbour does not repeat then carries no number.  `belief.py` has the rules.
Pounds and ounces are refused, not converted: they are no legal units of weight (OIML R 76-1, 2.1); grams are
no truck scale's.
"""

import re
from decimal import Decimal
from typing import ClassVar, Literal

from drivers.device import Options
from drivers.scale.belief import FrameRefused, Shown
from drivers.scale.continuous import ContinuousScale, ScaleOptions
from drivers.scale.plate import RatingPlate

STX = 0x02
CR = 0x0D
MANTISSA = {0b01: 1, 0b10: 2, 0b11: 5}
NUMBER = re.compile(rb" *[0-9]+")
BLANK = b" " * 6
FixedZero = Literal["dropped", "sent"]


class ToledoOptions(ScaleOptions):
    """`checksum`: whether the indicator sends the 18th byte.  `fixed_zero`: see the module's text; matters
    where the division is 10 kg or more."""

    bytesize: Literal[7, 8] = 7
    """Data bits."""
    parity: Literal["N", "E", "O"] = "E"
    """None, even or odd."""
    checksum: bool
    """Whether the indicator sends the 18th byte."""
    fixed_zero: FixedZero
    """Whether the fixed zero of divisions of 10 kg and more is sent."""


class Layout:
    """Reads one frame.  See the module's text."""

    start: ClassVar[int] = STX
    bit_mask: ClassVar[int] = 0x7F

    def __init__(self, plate: RatingPlate, *, checksum: bool, fixed_zero: FixedZero) -> None:
        self._plate = plate
        self._fixed_zero = fixed_zero
        self.has_check = checksum
        self.length = 18 if checksum else 17
        self.trusted_after = 2 if checksum else 3

    def read(self, frame: bytes) -> Shown:
        a, b, c = frame[1], frame[2], frame[3]
        if frame[16] != CR:
            raise FrameRefused(f"byte 17 is {frame[16]:02X}, not 0D")
        if self.has_check and sum(frame) % 128:
            raise FrameRefused("the checksum does not fit")
        if a & 0x60 != 0x20 or b & 0x20 == 0 or c & 0x60 != 0x20 or (a >> 3) & 3 not in MANTISSA:
            raise FrameRefused("the status bytes are none")
        weight, tare = _number(frame[4:10]), _number(frame[10:16])
        tonnes = _tonnes(b, c)
        place = Decimal(1).scaleb(2 - (a & 7)) * (1000 if tonnes else 1)
        division_kg = MANTISSA[(a >> 3) & 3] * place
        if division_kg != self._plate.division_kg:
            raise FrameRefused(
                f"the indicator counts in {division_kg:f} kg, division_kg is {self._plate.division_kg}",
                hint="set division_kg as on the indicator",
            )
        # Only zeros to the left of the decimal point are fixed; a decimal place is always sent.
        unit_kg = place if self._fixed_zero == "dropped" or a & 7 >= 2 else place.scaleb((a & 7) - 2)
        sign = -1 if b & 0x02 else 1
        return Shown(
            displayed_kg=None if weight is None else sign * weight * unit_kg,
            tare_kg=None if tare is None else tare * unit_kg,
            is_net=bool(b & 0x01),
            no_motion=not b & 0x08,
            in_range=not b & 0x04,
            zero_seen=not b & 0x40,
        )


def _number(field: bytes) -> int | None:
    if field == BLANK:
        return None
    if not NUMBER.fullmatch(field):
        raise FrameRefused(f"{field!r} is no number")
    return int(field)


def _tonnes(b: int, c: int) -> bool:
    unit = c & 7
    if c & 0x10:
        raise FrameRefused("the display is in ten-fold mode", hint="leave the test mode of the indicator")
    if unit == 2:
        return True
    if unit == 0 and b & 0x10:
        return False
    names = {0: "pounds", 1: "grams", 3: "ounces", 6: "short tons"}
    raise FrameRefused(
        f"the indicator weighs in {names.get(unit, f'unit {unit}')}",
        hint="set the indicator to kilograms or tonnes",
    )


class Driver(ContinuousScale):
    """Entry point `toledo-continuous`."""

    model: ClassVar[str] = "Mettler-Toledo continuous output (8142, IND)"
    options_type: ClassVar[type[Options]] = ToledoOptions
    foreign_hint: ClassVar[str] = "check baud, checksum, and that the indicator's output is continuous"

    def __init__(self, name: str, options: ToledoOptions) -> None:
        layout = Layout(options.plate, checksum=options.checksum, fixed_zero=options.fixed_zero)
        super().__init__(name, options, layout)
