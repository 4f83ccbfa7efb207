"""How large pictures will be, from the parameter sets before them: known before a decoder takes memory.

The fields up to the size, of H.264 (ITU-T H.264, 7.3.2.1.1 and 7.3.2.1.1.1) and H.265 (ITU-T H.265, 7.3.2.2.1
and 7.3.3), as Exp-Golomb codes (9.1 of H.264).  Sizes are as coded: whole blocks, cropping not taken off.
"""

import base64
import binascii
import re

from drivers.plate_camera.jpeg import PIXELS_MAX, SIDE_MAX

Size = tuple[int, int]
"""Width and height in pixels."""

SET_BYTES_MAX = 2048
"""The size stands in the first bytes of a set: behind it are only scaling lists, of 1 kB at the most."""
_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 144})
"""`profile_idc` of those H.264 sets that tell their chroma format."""
_WITHOUT_CHROMA = frozenset({66, 77, 88})


class UnreadableSet(ValueError):
    """No decoder can make anything of this parameter set; the message says why."""


class AbsurdSize(ValueError):
    """No camera has such pictures; the message says which."""


class _Bits:
    """Bits one after the other, those taken out that only prevent a start code (7.4.1)."""

    def __init__(self, unit: bytes) -> None:
        data = unit[:SET_BYTES_MAX].replace(b"\x00\x00\x03", b"\x00\x00")
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise UnreadableSet("a parameter set that ends too early")
        return self._value >> self._left & (1 << count) - 1

    def code(self, most: int = 2**32) -> int:
        """`ue(v)`, at most `most`."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise UnreadableSet("a parameter set with a number that has no end")
        number = (1 << zeros) - 1 + self.take(zeros)
        if number > most:
            raise UnreadableSet(f"a parameter set that says {number} where at most {most} can be")
        return number

    def signed(self) -> int:
        """`se(v)`."""
        number = self.code()
        return (number + 1) // 2 if number % 2 else -(number // 2)


def announced(codec: str, unit: bytes) -> tuple[int, Size]:
    """Number and size of a sequence parameter set.  Raises UnreadableSet, AbsurdSize."""
    number, (width, height) = _h264(unit) if codec == "H264" else _h265(unit)
    if not 0 < width * height <= PIXELS_MAX or max(width, height) > SIDE_MAX:
        raise AbsurdSize(f"pictures of {width} x {height} pixels")
    return number, (width, height)


def _h264(unit: bytes) -> tuple[int, Size]:
    bits = _Bits(unit[1:])
    profile, _ = bits.take(8), bits.take(16)
    number = bits.code(31)
    if profile in _WITH_CHROMA:
        _pass_chroma(bits)
    elif profile not in _WITHOUT_CHROMA:
        raise UnreadableSet(f"a parameter set of profile {profile}")
    bits.code()
    match bits.code(2):  # pic_order_cnt_type
        case 0:
            bits.code()
        case 1:
            bits.take(1)
            bits.signed()
            bits.signed()
            for _ in range(bits.code(255)):
                bits.signed()
        case _:
            pass
    bits.code()
    bits.take(1)
    width, height = 16 * (bits.code() + 1), 16 * (bits.code() + 1)
    return number, (width, height if bits.take(1) else 2 * height)


def _pass_chroma(bits: _Bits) -> None:
    chroma = bits.code(3)
    if chroma == 3:
        bits.take(1)
    bits.code()
    bits.code()
    bits.take(1)
    if bits.take(1):
        for list_ in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _pass_scaling(bits, 16 if list_ < 6 else 64)


def _pass_scaling(bits: _Bits, count: int) -> None:
    last = 8
    for _ in range(count):
        last = (last + bits.signed()) & 255
        if not last:
            return  # the rest repeats what was before, or is the default


def _h265(unit: bytes) -> tuple[int, Size]:
    bits = _Bits(unit[2:])
    bits.take(4)
    layers = bits.take(3)
    bits.take(1 + 88 + 8)
    there = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    bits.take(2 * (8 - layers) if layers else 0)
    for profile, level in there:
        bits.take(88 * profile + 8 * level)
    number = bits.code(15)
    if bits.code(3) == 3:
        bits.take(1)
    return number, (bits.code(), bits.code())


class Sizes:
    """Of one stream: what its parameter sets have announced, by their numbers."""

    def __init__(self) -> None:
        self._known: dict[int, Size] = {}
        self.changed = ""
        """The size before and the new one, once it has changed; "" until then."""

    def announce(self, codec: str, units: list[bytes]) -> None:
        """The sequence parameter sets of a picture.  Raises UnreadableSet, AbsurdSize."""
        for unit in units:
            number, size = announced(codec, unit)
            before = self._known.setdefault(number, size)
            if before != size:
                self.changed = "{} x {} pixels, then {} x {}".format(*before, *size)


def check_description(description: bytes) -> None:
    """Raises AbsurdSize for what a stream's description announces (RFC 6184, 8.1: `sprop-parameter-sets`;
    RFC 7798, 7.1: `sprop-sps`).  What can't be read there counts for nothing: the stream says it again."""
    found = re.findall(rb"(?i)sprop-(?:(parameter-sets)|sps)[ \t]*=[ \t]*([A-Za-z0-9+/=,]+)", description)
    for h264, sets in found:
        for one in sets.split(b","):
            try:
                unit = base64.b64decode(one)
                if not h264 or (unit[:1] and unit[0] & 31 == 7):
                    announced("H264" if h264 else "H265", unit)
            except (binascii.Error, UnreadableSet):
                continue
