"""What can be wrong with a camera's H.264 that arrives without a loss: by an encoder's error, or on purpose.

A fault changes the units of a picture before they are made into packets, or the payloads of the packets
before they get their numbers; so nothing on the wire shows that something is missing.
"""

import random
from collections.abc import Sequence

from simulators.plate_camera.rtp_h264 import SPS, AccessUnit

Size = tuple[int, int]
"""Width and height in pixels, whole blocks of 16."""

ABSURD: Size = (16_384, 16_384)
RESTLESS: tuple[Size, ...] = ((640, 368), (1280, 720), (320, 192))
MORE_SETS = 40
"""So many more with each picture."""
DAMAGED_SHARE = 0.01
"""Of a damaged slice's bytes."""


class Fault:
    """One that does nothing yet.  `chance` is the camera's."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def units(self, picture: AccessUnit) -> AccessUnit:
        """What becomes of a picture."""
        return picture

    def payloads(self, made: list[bytes]) -> list[bytes]:
        """What becomes of its packets."""
        return made


class AbsurdSize(Fault):
    """The pictures are said to be larger than any memory."""

    def units(self, picture: AccessUnit) -> AccessUnit:
        return AccessUnit(tuple(_of_size(unit, ABSURD) for unit in picture.units))


class RestlessSize(Fault):
    """With each picture comes another size."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self._number = 0

    def units(self, picture: AccessUnit) -> AccessUnit:
        self._number += 1
        size = RESTLESS[self._number % len(RESTLESS)]
        rest = tuple(unit for unit in picture.units if unit[0] & 31 != SPS)
        return AccessUnit((sequence_set(*size), *rest))


class ParameterFlood(Fault):
    """Parameter sets alone, with each picture more of them."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self._count = 0

    def units(self, picture: AccessUnit) -> AccessUnit:
        self._count += MORE_SETS
        sides = (16 * self._chance.randint(10, 60) for _ in range(self._count))
        return AccessUnit(tuple(sequence_set(side, side, number=at % 32) for at, side in enumerate(sides)))


class UnreadableSets(Fault):
    """Sequence parameter sets that end too early."""

    def units(self, picture: AccessUnit) -> AccessUnit:
        return AccessUnit(tuple(unit[:5] if unit[0] & 31 == SPS else unit for unit in picture.units))


class DamagedSlices(Fault):
    """Bytes of slices are others than the encoder's; where the slice begins is left alone."""

    def units(self, picture: AccessUnit) -> AccessUnit:
        return AccessUnit(tuple(self._damaged(unit) if unit[0] & 31 < 6 else unit for unit in picture.units))

    def _damaged(self, unit: bytes) -> bytes:
        made = bytearray(unit)
        for _ in range(max(1, round(len(made) * DAMAGED_SHARE))):
            made[self._chance.randrange(min(10, len(made) - 1), len(made))] = self._chance.randrange(256)
        return bytes(made)


class TruncatedFragments(Fault):
    """Of each unit that is spread over packets the last ones are never made."""

    def payloads(self, made: list[bytes]) -> list[bytes]:
        return [each for each in made if not (_fragment(each) and each[1] & 0x40)]


class OrphanedFragments(Fault):
    """The same of the first ones."""

    def payloads(self, made: list[bytes]) -> list[bytes]:
        return [each for each in made if not (_fragment(each) and each[1] & 0x80)]


FAULTS: dict[str, type[Fault]] = {
    "absurd_size": AbsurdSize,
    "restless_size": RestlessSize,
    "parameter_flood": ParameterFlood,
    "unreadable_sets": UnreadableSets,
    "damaged_slices": DamagedSlices,
    "truncated_fragments": TruncatedFragments,
    "orphaned_fragments": OrphanedFragments,
}


def sequence_set(width: int, height: int, *, number: int = 0) -> bytes:
    """A sequence parameter set, baseline profile (ITU-T H.264, 7.3.2.1.1); sides are 16 times something."""
    fields = [(66, 8), (0xC0, 8), (62, 8)]  # profile, its constraints, level 6.2: the largest there is
    bits = "".join(f"{value:0{count}b}" for value, count in fields)
    bits += _code(number) + _code(0) + _code(2) + _code(1) + "0"  # its number ... one reference, no gaps
    bits += _code(width // 16 - 1) + _code(height // 16 - 1) + "1" + "1" + "0" + "0"
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    return b"\x67" + escaped(int(bits, 2).to_bytes(len(bits) // 8, "big"))


def escaped(payload: bytes) -> bytes:
    """With bytes between that prevent a start code (7.4.1)."""
    made = bytearray()
    for byte in payload:
        if byte <= 3 and bytes(made[-2:]) == b"\x00\x00":
            made.append(3)
        made.append(byte)
    return bytes(made)


def _code(value: int) -> str:
    """`ue(v)` (9.1)."""
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits


def _of_size(unit: bytes, size: Size) -> bytes:
    return sequence_set(*size) if unit[0] & 31 == SPS else unit


def _fragment(payload: bytes) -> bool:
    return payload[0] & 31 == 28


def after_all(faults: Sequence[Fault], picture: AccessUnit) -> AccessUnit:
    """A picture as these faults leave it."""
    for fault in faults:
        picture = fault.units(picture)
    return picture
