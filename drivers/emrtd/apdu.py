"""Commands and answers of ISO/IEC 7816-4 (5.1, 12.1.2), and the two things the library is given from
outside."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from drivers.emrtd.errors import ProtocolError, TagLost

Transport = Callable[[bytes], bytes]
"""Sends one command APDU and returns the answer with its status word.  Blocks; raises TagLost when the chip
left the field or was reset (or returns nothing, which means the same)."""

Random = Callable[[int], bytes]
"""That many octets that nobody can foresee; `secrets.token_bytes` unless a test replays a worked example."""

SHORT_DATA_MAX = 255
SHORT_LE_MAX = 256
EXTENDED_DATA_MAX = 65535
EXTENDED_LE_MAX = 65536

CHAINING = 0x10
"""The bit of CLA that says: more of this command follows (ISO/IEC 7816-4, 5.3.3)."""


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """A command.  `le` is the most octets that are wanted back, 1 to 65536; None wants none.

    Encoded short when data and `le` allow, extended otherwise, or if `wide`: of an answer that must come
    whole in one piece, 256 octets are no short one once they are protected.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None
    wide: bool = False

    def __post_init__(self) -> None:
        if len(self.data) > EXTENDED_DATA_MAX:
            raise ValueError(
                f"a command holds at most {EXTENDED_DATA_MAX} octets of data, got {len(self.data)}"
            )
        if self.le is not None and not 1 <= self.le <= EXTENDED_LE_MAX:
            raise ValueError(f"Le is 1 to {EXTENDED_LE_MAX}, got {self.le}")

    @property
    def extended(self) -> bool:
        """Whether it needs the form with lengths of two octets."""
        return self.wide or len(self.data) > SHORT_DATA_MAX or (self.le or 0) > SHORT_LE_MAX

    @property
    def header(self) -> bytes:
        """CLA INS P1 P2."""
        return bytes([self.cla, self.ins, self.p1, self.p2])

    def with_le(self, le: int | None) -> "CommandApdu":
        """The same command that wants `le` octets back."""
        return replace(self, le=le)

    def encode(self) -> bytes:
        """Its octets on the line."""
        if self.extended:
            lc = b"\0" + len(self.data).to_bytes(2, "big") if self.data else b""
            le = b"" if self.le is None else (self.le % EXTENDED_LE_MAX).to_bytes(2, "big")
            return self.header + lc + self.data + (b"\0" if not self.data else b"") + le
        lc = bytes([len(self.data)]) if self.data else b""
        le = b"" if self.le is None else bytes([self.le % SHORT_LE_MAX])
        return self.header + lc + self.data + le

    def __repr__(self) -> str:
        """Header and lengths only: data may be personal or secret."""
        return f"CommandApdu({self.header.hex()}, {len(self.data)} bytes, le={self.le})"


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """An answer: data and status word SW1 SW2 (0x9000)."""

    data: bytes = field(repr=False)
    status: int

    @classmethod
    def parse(cls, raw: bytes) -> "ResponseApdu":
        """TagLost for an empty answer, ProtocolError for one that no command can have."""
        if not raw:
            raise TagLost("the chip gave an empty answer")
        if not 2 <= len(raw) <= EXTENDED_LE_MAX + 2:
            raise ProtocolError(f"an answer of {len(raw)} bytes, expected 2 to {EXTENDED_LE_MAX + 2}")
        return cls(bytes(raw[:-2]), int.from_bytes(raw[-2:], "big"))

    def __repr__(self) -> str:
        return f"ResponseApdu({len(self.data)} bytes, {self.status:04X})"
