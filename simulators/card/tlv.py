"""Reading the BER-TLV data objects of commands (ISO/IEC 7816-4, 5.2.2).  `der` writes them."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataObject:
    """One object: its tag as the integer of its octets (0x7F49), its value, and all its octets as sent."""

    tag: int
    value: bytes
    octets: bytes


def data_objects(data: bytes) -> Iterator[DataObject]:
    """The objects in `data`, one after another.  Raises ValueError where they don't fill it exactly."""
    position = 0
    while position < len(data):
        start = position
        tag, position = _tag(data, position)
        length, position = _length(data, position)
        if position + length > len(data):
            raise ValueError(f"object {tag:X} of {length} bytes does not fit")
        end = position + length
        yield DataObject(tag, data[position:end], data[start:end])
        position = end


def values(data: bytes) -> dict[int, bytes]:
    """Values by tag.  Raises ValueError for malformed data and for a tag that comes twice."""
    found: dict[int, bytes] = {}
    for each in data_objects(data):
        if each.tag in found:
            raise ValueError(f"object {each.tag:X} comes twice")
        found[each.tag] = each.value
    return found


def unwrap(data: bytes, tag: int) -> bytes:
    """The value of the one object `tag` that `data` must be.  Raises ValueError."""
    match list(data_objects(data)):
        case [one] if one.tag == tag:
            return one.value
        case _:
            raise ValueError(f"not one object {tag:X}")


def _tag(data: bytes, position: int) -> tuple[int, int]:
    start = position
    position += 1
    if data[start] & 0x1F == 0x1F:
        while position < len(data) and data[position] & 0x80 and position - start < 3:
            position += 1
        position += 1
    if position > len(data):
        raise ValueError("a tag is cut")
    return int.from_bytes(data[start:position], "big"), position


def _length(data: bytes, position: int) -> tuple[int, int]:
    if position >= len(data):
        raise ValueError("a length is missing")
    first = data[position]
    position += 1
    if first < 0x80:
        return first, position
    count = first & 0x7F
    if not 1 <= count <= 4 or position + count > len(data):
        raise ValueError("a length is malformed")
    return int.from_bytes(data[position : position + count], "big"), position + count
