"""What the data groups have in common: their tags, their outer template, tag lists, text and dates."""

from drivers.emrtd import tlv
from drivers.emrtd.errors import MalformedError

_TAGS = bytes.fromhex("61 75 63 76 65 66 67 68 69 6A 6B 6C 6D 6E 6F 70")
GROUP_TAGS = dict(enumerate(_TAGS, 1))
"""The outer tag of each data group by its number (9303-10, table 38)."""
GROUPS_BY_TAG = {tag: number for number, tag in GROUP_TAGS.items()}

TAG_LIST = 0x5C


def open_file(data: bytes, tag: int, place: str) -> tlv.Node:
    """The one object that a file is, of this tag.  Raises MalformedError, which names the file."""
    try:
        node = tlv.read(data)
    except MalformedError as error:
        raise MalformedError(f"{place}: {error}") from None
    if node.tag != tag:
        raise MalformedError(f"{place}: begins with tag {node.tag:02X}, expected {tag:02X}")
    return node


def open_group(data: bytes, number: int) -> tlv.Node:
    """The template of a data group.  Raises MalformedError."""
    return open_file(data, GROUP_TAGS[number], f"DG{number}")


def elements(value: bytes, depth: int = 1) -> tuple[tuple[tlv.Node, ...], bytes]:
    """The objects in `value` up to where it stops being TLV, and what is left from there.

    Issuers pad, or write a length wrong, in groups that nothing depends on; what stands before is still read.
    """
    nodes: list[tlv.Node] = []
    at = 0
    while at < len(value):
        try:
            node = tlv.read_first(value, at, depth)
        except MalformedError:
            break
        nodes.append(node)
        at += len(node.raw)
    return tuple(nodes), value[at:]


def tags_in(octets: bytes) -> tuple[int, ...]:
    """The tags that a tag list (5C) holds.  A last tag that is cut off is left out."""
    tags: list[int] = []
    tag = 0
    for octet in octets:
        first = tag == 0
        tag = tag << 8 | octet
        more = octet & 0x1F == 0x1F if first else octet & 0x80
        if not more and tag:
            tags.append(tag)
            tag = 0
        elif tag > 0xFFFFFF:
            raise MalformedError("tag list: a tag of more than four octets")
    return tuple(tags)


def text_of(octets: bytes) -> str:
    """UTF-8 as the standard has it, or Latin-1 as old issuers wrote it; padding at the end is no text."""
    octets = octets.rstrip(b"\0 ")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def parts_of(octets: bytes) -> tuple[str, ...]:
    """The parts of a text whose separator is `<` (addresses, places, names), without empty ones."""
    return tuple(part for part in text_of(octets).split("<") if part)


def digits_of(octets: bytes) -> str | None:
    """The digits of a date or time: ASCII as the standard has it, or packed two a byte (BCD); else None.

    Four bytes are a packed CCYYMMDD, unless they are ASCII digits: then they are a year alone (a packed year
    would begin with 3).
    """
    if octets.isdigit():
        return octets.decode("ascii")
    packed = octets.hex()
    return packed if packed.isdecimal() and len(octets) in (4, 7) else None
