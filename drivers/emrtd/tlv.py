"""BER-TLV as ISO/IEC 7816-4 (5.2.2) and ITU-T X.690 (8.1) have it, with bounds for data that may be hostile.

A tag is the integer of its identifier octets, as the standards print it: 0x61, 0x5F1F, 0x7F49.  Only definite
lengths are read (an indefinite one cannot frame a file), in any form of up to four length octets, whether or
not it is the shortest: real chips differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from drivers.emrtd.errors import MalformedError

DEPTH_MAX = 32
"""Constructed objects within each other; the deepest file of Doc 9303 (a face record in DG2) needs 14."""
SIZE_MAX = 1 << 20
"""Bytes of one object at rest.  A portrait file of 512 kB, the largest file read, fits twice."""

_TAG_OCTETS_MAX = 4
_LENGTH_OCTETS_MAX = 4


@dataclass(frozen=True, slots=True)
class Header:
    """Tag and announced length of an object, and how many octets say so."""

    tag: int
    length: int
    size: int

    @property
    def total(self) -> int:
        """Octets of the whole object: header and value."""
        return self.size + self.length


@dataclass(frozen=True, slots=True)
class Node:
    """One data object.  `raw` is header and value exactly as they came: hashes and MACs are made over it."""

    tag: int
    value: bytes = field(repr=False)
    raw: bytes = field(repr=False)
    depth: int = 0

    @property
    def constructed(self) -> bool:
        """Whether the value consists of data objects (bit 6 of the first identifier octet)."""
        return bool(self.raw[0] & 0x20)

    def children(self) -> tuple["Node", ...]:
        """The objects within, in order.  MalformedError if this is primitive, too deep, or its value is not
        TLV."""
        if not self.constructed:
            raise MalformedError(f"object {self.tag:02X} is primitive: it holds no other objects")
        if self.depth + 1 >= DEPTH_MAX:
            raise MalformedError(f"object {self.tag:02X}: more than {DEPTH_MAX} objects within each other")
        return tuple(iterate(self.value, self.depth + 1))

    def all(self, tag: int) -> tuple["Node", ...]:
        """The objects directly within that have this tag."""
        return tuple(node for node in self.children() if node.tag == tag)

    def find(self, tag: int) -> "Node | None":
        """The only object directly within that has this tag, or None.  MalformedError where it stands
        twice."""
        found = self.all(tag)
        if len(found) > 1:
            raise MalformedError(f"object {self.tag:02X}: {tag:02X} occurs {len(found)} times, expected once")
        return found[0] if found else None

    def get(self, tag: int) -> "Node":
        """The only object directly within that has this tag.  MalformedError where it is absent or stands
        twice."""
        found = self.find(tag)
        if found is None:
            raise MalformedError(f"object {self.tag:02X}: {tag:02X} is missing")
        return found


def read_header(data: bytes | bytearray, start: int = 0) -> Header | None:
    """The header at `start`, or None if `data` ends within it.  MalformedError if it cannot become one."""
    if start >= len(data):
        return None
    first = data[start]
    if first == 0:
        raise MalformedError(f"offset {start}: octet 00 where a tag is expected")
    tag, at = first, start + 1
    if first & 0x1F == 0x1F:
        while True:
            if at >= len(data):
                return None
            tag, at = tag << 8 | data[at], at + 1
            if not data[at - 1] & 0x80:
                break
            if at - start >= _TAG_OCTETS_MAX:
                raise MalformedError(f"offset {start}: a tag of more than {_TAG_OCTETS_MAX} octets")
    if at >= len(data):
        return None
    length, at = data[at], at + 1
    if length == 0x80:
        raise MalformedError(f"offset {start}: object {tag:02X} has an indefinite length")
    if length > 0x80:
        octets = length & 0x7F
        if octets > _LENGTH_OCTETS_MAX:
            raise MalformedError(f"offset {start}: object {tag:02X} has a length of {octets} octets")
        if at + octets > len(data):
            return None
        length, at = int.from_bytes(data[at : at + octets], "big"), at + octets
    return Header(tag, length, at - start)


def read_first(data: bytes, start: int = 0, depth: int = 0) -> Node:
    """The object at `start`; what follows it is left alone.  MalformedError if it is cut short or too
    long."""
    header = read_header(data, start)
    if header is None:
        raise MalformedError(f"offset {start}: the data end within the tag or length of an object")
    if header.total > SIZE_MAX:
        raise MalformedError(f"object {header.tag:02X} announces {header.length} bytes, more than {SIZE_MAX}")
    end = start + header.total
    if end > len(data):
        raise MalformedError(
            f"object {header.tag:02X} announces {header.length} bytes,"
            f" but {len(data) - start - header.size} follow"
        )
    raw = bytes(data[start:end])
    return Node(header.tag, raw[header.size :], raw, depth)


def read(data: bytes) -> Node:
    """The one object that `data` is, to its last byte.  MalformedError otherwise."""
    node = read_first(data)
    if len(node.raw) != len(data):
        raise MalformedError(f"object {node.tag:02X} is followed by {len(data) - len(node.raw)} more bytes")
    return node


def iterate(data: bytes, depth: int = 0) -> Iterator[Node]:
    """The objects that `data` is a sequence of, to its last byte.  MalformedError where that ends."""
    at = 0
    while at < len(data):
        node = read_first(data, at, depth)
        at += len(node.raw)
        yield node


def build(tag: int, *values: bytes) -> bytes:
    """The object of this tag around `values` in order, its length in the shortest form (DER)."""
    value = b"".join(values)
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + _length(len(value)) + value


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets
