"""Object identifiers between their content octets and dotted text (ITU-T X.690, 8.19)."""

from drivers.emrtd.errors import MalformedError

OCTETS_MAX = 64
"""The longest identifier of Doc 9303 has 11 octets; arcs of any length would cost quadratic time."""


def decode(octets: bytes) -> str:
    """Dotted text of an identifier's content octets, without tag and length.  Raises MalformedError."""
    if not octets or len(octets) > OCTETS_MAX or octets[-1] & 0x80:
        raise MalformedError(f"object identifier: {len(octets)} octets that are none")
    arcs: list[int] = []
    value, fresh = 0, True
    for octet in octets:
        if fresh and octet == 0x80:
            raise MalformedError("object identifier: an arc begins with 80")
        value, fresh = value << 7 | octet & 0x7F, not octet & 0x80
        if fresh:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def encode(dotted: str) -> bytes:
    """Content octets of an identifier.  Raises ValueError for text that is none."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    if not 0 <= first <= 2 or second < 0 or (first < 2 and second > 39) or min(rest, default=0) < 0:
        raise ValueError(f"{dotted} is no object identifier")
    return b"".join(_arc(arc) for arc in (40 * first + second, *rest))


def _arc(value: int) -> bytes:
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(value & 0x7F | 0x80)
    return bytes(reversed(octets))
