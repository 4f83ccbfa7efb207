"""Yaohua XK3190 / Keli D2008, D12, D39: what it says with `tf=0`.

Source: `docs/sources.md` 21.  Twelve bytes, over and over:

    offset  0   1     2..7     8         9..10                    11
            02  sign  6 digits decimals  exclusive or of 1..8     03

The two nibbles of the exclusive or go out as hexadecimal capitals.  There is no flag for motion, range or
set-up; a display without a number sends nothing (facts name no frame for it).
"""

from simulators.scale.wired import WiredIndicator


def frame(displayed_kg: float, decimals: int = 0) -> bytes:
    """The frame for a displayed weight.  Raises ValueError when it does not fit six digits."""
    digits = round(abs(displayed_kg) * 10**decimals)
    if digits > 999_999:
        raise ValueError(f"{displayed_kg} kg has more than six digits")
    text = f"{'-' if displayed_kg < 0 else '+'}{digits:06d}{decimals}"
    check = 0
    for character in text:
        check ^= ord(character)
    return f"\x02{text}{check:02X}\x03".encode("ascii")


class Simulator(WiredIndicator):
    """The indicator streaming `tf=0`."""

    @property
    def decimals(self) -> int:
        """As many as the division needs."""
        text = f"{self.indicator.division_kg:f}".rstrip("0").partition(".")
        return len(text[2])

    def due(self) -> bytes:
        shown = self.indicator.indication().displayed_kg
        return b"" if shown is None else frame(shown, self.decimals)
