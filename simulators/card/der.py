"""Writing ASN.1: DER (X.690), the wider BER-TLV of a chip's files (ISO/IEC 7816-4), and BER's loose forms.

Every function returns one whole element.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

NULL = b"\x05\x00"


def tlv(tag: int, *parts: bytes) -> bytes:
    """An element; `tag` is written as it stands, so 0x7F61 gives two bytes."""
    value = b"".join(parts)
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + length(len(value)) + value


def length(count: int) -> bytes:
    """Definite length in its shortest form."""
    if count < 0x80:
        return bytes([count])
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    """SET OF, sorted as DER asks (X.690, 11.6)."""
    return tlv(0x31, *sorted(parts))


def integer(value: int) -> bytes:
    """INTEGER, negative ones too (two's complement, shortest)."""
    bits = value.bit_length() if value >= 0 else (value + 1).bit_length()
    return tlv(0x02, value.to_bytes(bits // 8 + 1, "big", signed=True))


def boolean(value: bool) -> bytes:
    return tlv(0x01, b"\xff" if value else b"\x00")


def octets(value: bytes) -> bytes:
    return tlv(0x04, value)


def bits(value: bytes, unused: int = 0) -> bytes:
    return tlv(0x03, bytes([unused]), value)


def named_bits(numbers: Iterable[int]) -> bytes:
    """A BIT STRING of named bits, trailing zeros removed (X.690, 11.2.2)."""
    numbers = set(numbers)
    if not numbers:
        return bits(b"")
    count = max(numbers) + 1
    size = (count + 7) // 8
    value = sum(1 << (size * 8 - 1 - number) for number in numbers)
    return bits(value.to_bytes(size, "big"), size * 8 - count)


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    return tlv(0x06, oid_value(dotted))


def oid_value(dotted: str) -> bytes:
    """Its contents octets, as PACE's commands carry them."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    value = b""
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        value += bytes(reversed(groups))
    return value


def utf8(text: str) -> bytes:
    return tlv(0x0C, text.encode())


def printable(text: str) -> bytes:
    return tlv(0x13, text.encode("ascii"))


def time(moment: datetime) -> bytes:
    """UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5)."""
    moment = moment.astimezone(UTC)
    if 1950 <= moment.year < 2050:
        return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())


def explicit(number: int, *parts: bytes) -> bytes:
    """[number] EXPLICIT, or IMPLICIT over something constructed when given its contents."""
    return tlv(0xA0 | number, *parts)


def implicit(number: int, element: bytes) -> bytes:
    """[number] IMPLICIT: the element under the context tag."""
    return bytes([0x80 | number | element[0] & 0x20]) + element[1:]


def indefinite(tag: int, *parts: bytes) -> bytes:
    """A constructed element of indefinite length, which BER allows and DER does not (X.690, 8.1.3.6)."""
    return bytes([tag, 0x80]) + b"".join(parts) + b"\x00\x00"


def octets_in_pieces(value: bytes, size: int) -> bytes:
    """An OCTET STRING in pieces of at most `size` bytes, of indefinite length: BER only."""
    return indefinite(0x24, *(octets(value[start : start + size]) for start in range(0, len(value), size)))
