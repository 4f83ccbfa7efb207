"""The faults themselves.  One type each, its settings with their units, one method.

A *chunk* is what one end wrote at once, for a serial simulator one frame.  A fault turns a chunk into pieces:
bytes, how long to wait before them, and whether the line is cut after them.  Pieces keep their order.
"""

import random
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    TO_CONTROLLER = "to_controller"
    TO_DEVICE = "to_device"


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes on their way.  `after_s`: seconds after the piece before.  `cut`: the line breaks behind them."""

    data: bytes
    after_s: float = 0.0
    cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`probability` (0 to 1) is per chunk; every random choice comes from `seed`."""

    direction: Direction = Direction.TO_CONTROLLER
    probability: float = 1.0
    seed: int = 0

    def pieces(self, chunk: bytes, chance: random.Random) -> list[Piece]:
        """What becomes of a chunk that this fault hits."""
        del chance
        return [Piece(chunk)]

    @property
    def close_delay_s(self) -> float:
        """Seconds by which a close is held back."""
        return 0.0


@dataclass(frozen=True, kw_only=True)
class Delay(Fault):
    """Everything comes later."""

    delay_s: float  # seconds before each chunk
    jitter_s: float = 0.0  # up to so many seconds more, evenly spread

    def pieces(self, chunk: bytes, chance: random.Random) -> list[Piece]:
        return [Piece(chunk, self.delay_s + chance.uniform(0, self.jitter_s))]


@dataclass(frozen=True, kw_only=True)
class Cut(Fault):
    """The line breaks in the middle of a chunk."""

    def pieces(self, chunk: bytes, chance: random.Random) -> list[Piece]:
        return [Piece(chunk[: chance.randrange(len(chunk))], cut=True)]


@dataclass(frozen=True, kw_only=True)
class Garble(Fault):
    """Bits flip."""

    bits: int = 1  # bits flipped in a chunk

    def pieces(self, chunk: bytes, chance: random.Random) -> list[Piece]:
        garbled = bytearray(chunk)
        for _ in range(self.bits):
            garbled[chance.randrange(len(garbled))] ^= 1 << chance.randrange(8)
        return [Piece(bytes(garbled))]


@dataclass(frozen=True, kw_only=True)
class Stall(Fault):
    """Nothing moves for a while, then all that waited comes at once."""

    stall_s: float  # seconds of silence

    def pieces(self, chunk: bytes, chance: random.Random) -> list[Piece]:
        del chance
        return [Piece(chunk, self.stall_s)]


@dataclass(frozen=True, kw_only=True)
class HalfFrames(Fault):
    """A chunk comes in two parts."""

    gap_s: float = 0.05  # seconds between them

    def pieces(self, chunk: bytes, chance: random.Random) -> list[Piece]:
        at = chance.randrange(len(chunk))
        return [Piece(chunk[:at]), Piece(chunk[at:], self.gap_s)]


@dataclass(frozen=True, kw_only=True)
class Drop(Fault):
    """Neighbouring bytes are lost, as when a UART overruns."""

    length: int = 1  # bytes lost from a chunk, at most all of it

    def pieces(self, chunk: bytes, chance: random.Random) -> list[Piece]:
        at = chance.randrange(max(len(chunk) - self.length, 0) + 1)
        return [Piece(chunk[:at] + chunk[at + self.length :])]


@dataclass(frozen=True, kw_only=True)
class SlowClose(Fault):
    """A close shows late: the dead peer that still looks connected."""

    delay_s: float  # seconds between the close and its showing

    @property
    def close_delay_s(self) -> float:
        return self.delay_s
