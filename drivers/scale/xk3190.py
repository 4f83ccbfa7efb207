"""Yaohua XK3190 (A9, A12, DS3 and many others) and Keli D2008, D12, D39: continuous output `tf=0`.

    02  s  d d d d d d  p  h l  03         12 bytes, back to back, 9600 8N1 (Keli D2008FA often 2400)
        s  sign, "+" or "-"
        d  six digits, most significant first
        p  decimals, "0" to "4"
        hl exclusive or of the eight bytes s to p, high and low half, each as "0" to "9", "A" to "F"

Source: `docs/sources.md` 21 (published frames, three public drivers; the maker's manual was not seen).  The
frame carries what the display shows and does not say whether that is gross or net: the indicator's tare key
must be locked.  It has no unit either: a scale in tonnes has decimals that do not fit `division_kg` and is
refused.

*Blindness of the check*: sign and digits share their high halves, so `h` is always "1" and the check is four
bits.  It sees every change of one byte, and every change of a weight by one in its last digit, carries
included.  It does not see two digits changed by the same bits (38,250 to 83,250), nor two digits swapped;
`belief.py` says what becomes of those.
"""

from decimal import Decimal
from functools import reduce
from operator import xor
from typing import Annotated, ClassVar

from pydantic import Field

from drivers.device import Options
from drivers.scale.belief import FrameRefused, Shown
from drivers.scale.continuous import ContinuousScale, ScaleOptions
from drivers.scale.plate import RatingPlate

STX = 0x02
ETX = 0x03
LENGTH = 12


class XK3190Options(ScaleOptions):
    """`division_kg` also says how many decimals the indicator shows: 0.5 has one, 20 none."""

    division_kg: Annotated[Decimal, Field(gt=0, le=1000, decimal_places=4)]
    """The division e on the rating plate, in kilograms; it also says how many decimals are shown."""


class Layout:
    """Reads one frame.  See the module's text."""

    start: ClassVar[int] = STX
    bit_mask: ClassVar[int] = 0xFF
    length = LENGTH
    trusted_after = 2
    has_check = True

    def __init__(self, plate: RatingPlate) -> None:
        exponent = plate.division_kg.normalize().as_tuple().exponent
        self._decimals = max(-int(exponent), 0)

    def read(self, frame: bytes) -> Shown:
        body, check, end = frame[1:9], frame[9:11], frame[11]
        sign, digits, decimals = body[0:1], body[1:7], body[7] - ord("0")
        if end != ETX:
            raise FrameRefused(f"byte 12 is {end:02X}, not 03")
        if sign not in (b"+", b"-") or not digits.isdigit() or not 0 <= decimals <= 4:
            raise FrameRefused("sign, digits or decimals are none")
        expected = b"%02X" % reduce(xor, body)
        if check != expected:
            raise FrameRefused(f"check is {check!r}, should be {expected!r}")
        if decimals != self._decimals:
            raise FrameRefused(
                f"{decimals} decimals where the division has {self._decimals}",
                hint="check division_kg, and that the indicator shows kilograms",
            )
        magnitude = Decimal(int(digits)).scaleb(-decimals)
        return Shown(-magnitude if sign == b"-" else magnitude)


class Driver(ContinuousScale):
    """Entry point `xk3190`."""

    model: ClassVar[str] = "Yaohua XK3190, Keli D2008/D12/D39, continuous tf=0"
    options_type: ClassVar[type[Options]] = XK3190Options
    foreign_hint: ClassVar[str] = (
        "set the indicator to tf=0 and its speed to baud; a stream of '=' is tf=1 or tf=2"
    )

    def __init__(self, name: str, options: XK3190Options) -> None:
        super().__init__(name, options, Layout(options.plate))
