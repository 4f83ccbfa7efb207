"""Mettler-Toledo continuous output: what an IND or 8142 says.

Source: `docs/sources.md` 25-27.  One frame:

    byte 1      02
    byte 2      decimal point and division     byte 3   state     byte 4   unit
    bytes 5-10  displayed weight               bytes 11-16        tare
    byte 17     0D                             byte 18            checksum, if set up to send one

Everything is seven bits wide.  On a 7E1 line looked at with eight bits the top bit is even parity:
`parity=True` sends it so, as an adapter set to 8N1 would show it.
"""

import math
from typing import Literal

from simulators.scale.indicator import Indication, Indicator
from simulators.scale.wired import WiredIndicator
from simulators.serial_line import Line

STATE_NET, STATE_NEGATIVE, STATE_OUT_OF_RANGE, STATE_MOTION = 1, 2, 4, 8
STATE_KILOGRAMS, STATE_ALWAYS, STATE_NO_ZERO = 16, 32, 64
DIVISION_CODES = {1: 0x08, 2: 0x10, 5: 0x18}


def division_byte(division_kg: float) -> int:
    """Byte 2.  Raises ValueError for a division that is not 1, 2 or 5 times a power of ten."""
    power = math.floor(math.log10(division_kg) + 1e-9)
    mantissa = round(division_kg / 10**power)
    if mantissa not in DIVISION_CODES or not -5 <= power <= 2:
        raise ValueError(f"no continuous output with a division of {division_kg} kg")
    return 0x20 | DIVISION_CODES[mantissa] | (2 - power)


def frame(
    shown: Indication, division_kg: float, *, checksum: bool, fixed_zero: Literal["dropped", "sent"]
) -> bytes:
    """One frame without parity."""
    code = division_byte(division_kg)
    # What one step of the last digit sent is worth: the place of the division, or one kilogram where the
    # zeros to its right are sent with it.
    power = 2 - (code & 7)
    last_digit_kg = 1.0 if fixed_zero == "sent" and power > 0 else 10.0**power

    def digits(weight_kg: float) -> str:
        return f"{round(abs(weight_kg) / last_digit_kg):6d}"

    state = STATE_ALWAYS | STATE_KILOGRAMS
    state |= STATE_NET if shown.is_net else 0
    state |= STATE_NEGATIVE if (shown.displayed_kg or 0) < 0 else 0
    state |= STATE_OUT_OF_RANGE if shown.over or shown.under else 0
    state |= STATE_MOTION if shown.motion else 0
    state |= 0 if shown.zero_captured else STATE_NO_ZERO
    blank = shown.displayed_kg is None
    weight = " " * 6 if shown.displayed_kg is None else digits(shown.displayed_kg)
    tare = " " * 6 if blank else digits(shown.tare_kg)
    made = bytes([0x02, code, state, 0x20]) + f"{weight}{tare}\r".encode("ascii")
    return made + bytes([-sum(made) & 0x7F]) if checksum else made


def with_even_parity(data: bytes) -> bytes:
    """Seven-bit characters as an eight-bit receiver sees them on a 7E1 line."""
    return bytes(byte | (byte.bit_count() % 2) << 7 for byte in data)


class Simulator(WiredIndicator):
    """The indicator streaming continuous output."""

    def __init__(
        self,
        name: str,
        line: Line,
        indicator: Indicator | None = None,
        *,
        frames_per_s: float = 10,
        checksum: bool = True,
        fixed_zero: Literal["dropped", "sent"] = "dropped",
        parity: bool = False,
    ) -> None:
        super().__init__(name, line, indicator, frames_per_s=frames_per_s)
        self._checksum = checksum
        self._fixed_zero: Literal["dropped", "sent"] = fixed_zero
        self._parity = parity

    def due(self) -> bytes:
        shown = self.indicator.indication()
        made = frame(shown, self.indicator.division_kg, checksum=self._checksum, fixed_zero=self._fixed_zero)
        return with_even_parity(made) if self._parity else made
