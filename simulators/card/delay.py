"""What a chip's answers take on a real field: off unless a chip is given one.

    time = apdu_ms + steps' own ms + wrong keys' ms + bits on the air / bit rate

A byte on the air is 9 bits (ISO/IEC 14443-3, type A: parity); a block carries up to 253 bytes of an APDU with
3 bytes around them (ISO/IEC 14443-4: prologue, CRC).  The model has no guard times, no waiting-time extension
and no host: what it gives is a floor for a real chip with these figures.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType

from simulators.card.steps import known_step

BIT_RATES_KBIT_S = (106, 212, 424, 848)
_BITS_A_BYTE = 9
_BLOCK_BYTES, _BLOCK_EXTRA = 253, 3

NO_STEPS: Mapping[str, float] = MappingProxyType({})
TYPICAL_STEPS: Mapping[str, float] = MappingProxyType(
    {"pace:map": 120.0, "pace:agree": 120.0, "pace:token": 15.0, "ca": 130.0, "aa": 150.0, "bac": 15.0}
)
"""Milliseconds of a chip's coprocessor, of the order that readers report for 256-bit curves."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command and its answer, in bytes.  `wrong_keys` the chip had seen in a row before it."""

    step: str
    command_bytes: int
    answer_bytes: int
    status: int
    wrong_keys: int = 0


@dataclass(frozen=True, slots=True)
class DelayModel:
    """`step_ms` by step name, patterns allowed, the first that fits; `wrong_key_ms` for each wrong key in a
    row, on the commands that try a key.  Raises ValueError for a rate or a step that there is not."""

    bit_rate_kbit_s: int = 424
    apdu_ms: float = 2.0
    step_ms: Mapping[str, float] = field(default_factory=lambda: NO_STEPS)
    wrong_key_ms: float = 0.0

    def __post_init__(self) -> None:
        if self.bit_rate_kbit_s not in BIT_RATES_KBIT_S:
            raise ValueError(f"{self.bit_rate_kbit_s} kbit/s is no rate of ISO/IEC 14443: 106, 212, 424, 848")
        for step in self.step_ms:
            known_step(step)

    def seconds(self, exchange: Exchange) -> float:
        """What one exchange takes at least."""
        own = next((ms for step, ms in self.step_ms.items() if fnmatchcase(exchange.step, step)), 0.0)
        tries_key = exchange.step in ("bac", "pace:token")
        waits = self.wrong_key_ms * exchange.wrong_keys if tries_key else 0.0
        on_air = _on_air(exchange.command_bytes) + _on_air(exchange.answer_bytes)
        return (self.apdu_ms + own + waits + on_air * _BITS_A_BYTE / self.bit_rate_kbit_s) / 1000

    def floor_s(self, exchanges: Iterable[Exchange]) -> float:
        """What a session of these exchanges takes at least, host and reader apart."""
        return sum(self.seconds(exchange) for exchange in exchanges)


def _on_air(apdu_bytes: int) -> int:
    blocks = -(-apdu_bytes // _BLOCK_BYTES)
    return apdu_bytes + blocks * _BLOCK_EXTRA
