"""ASN.1 as signed data, certificates and lists carry it: BER (ITU-T X.690), read where it is asked for.

Our own reader, not asn1crypto: bounds are built in, nothing but `MalformedError` comes out, indefinite
lengths are read as they came (the signature is over those octets), and a thousand certificates cost little.
Every `Element` is a window on the whole input, so `raw` is exactly what was signed or hashed.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from drivers.emrtd import object_identifiers
from drivers.emrtd.errors import MalformedError

DEPTH_MAX = 32
"""Elements within each other; a security object needs 12."""
SIZE_MAX = 1 << 20
"""Octets of one input unless the caller allows more (lists do)."""

INTEGER_OCTETS_MAX = 1030
"""Octets of one integer: the largest prime in use has 8,192 bits.  Messages write the number that they
refuse, and Python writes none of more than 4,300 digits."""

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
ENUMERATED, UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x0A, 0x17, 0x18, 0x30, 0x31
_CONSTRUCTED_OCTETS = 0x24
_CHARACTER_SETS = {
    0x0C: "utf-8",
    0x12: "ascii",
    0x13: "utf-8",
    0x14: "latin-1",
    0x16: "utf-8",
    0x1A: "utf-8",
    0x1B: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
_AFTER_YEAR = rb"(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:[.,]\d{1,9})?)?(?:Z|([+-])([01]\d|2[0-3])([0-5]\d))?"
_TIMES = {
    UTC_TIME: re.compile(rb"(\d\d)" + _AFTER_YEAR, re.ASCII),
    GENERALIZED_TIME: re.compile(rb"(\d{4})" + _AFTER_YEAR, re.ASCII),
}

identifier = lru_cache(maxsize=4096)(object_identifiers.decode)
"""Dotted text of an identifier's octets: the same forty occur in every certificate."""


class Element:
    """One tagged value.  `tag` is the integer of its identifier octets (0x30, 0xA0, 0x7F49)."""

    __slots__ = ("_after", "_body", "_data", "_depth", "_end", "_ends", "_start", "tag")

    def __init__(self, data: bytes, place: "_Place", depth: int, ends: "_Ends") -> None:
        self._data, self._depth, self._ends = data, depth, ends
        self.tag, self._start, self._body, self._end, self._after = place

    @property
    def raw(self) -> bytes:
        """Identifier, length and content (and end-of-contents after an indefinite one), as they came."""
        return self._data[self._start : self._after]

    @property
    def content(self) -> bytes:
        """The content octets as they came."""
        return self._data[self._body : self._end]

    @property
    def constructed(self) -> bool:
        return bool(self._data[self._start] & 0x20)

    @property
    def indefinite(self) -> bool:
        return self._end != self._after

    def children(self) -> list["Element"]:
        """The elements within, in order."""
        if not self.constructed:
            raise MalformedError(f"ASN.1: element {self.tag:02X} is primitive")
        if self._depth + 1 >= DEPTH_MAX:
            raise MalformedError(f"ASN.1: more than {DEPTH_MAX} elements within each other")
        data, at, end, depth, ends = self._data, self._body, self._end, self._depth + 1, self._ends
        found: list[Element] = []
        while at < end:
            place = _place(data, at, end, depth, ends)
            found.append(Element(data, place, depth, ends))
            at = place[4]
        return found

    def only(self) -> "Element":
        """The one element within (an explicit tag's)."""
        inner = self.children()
        if len(inner) != 1:
            raise MalformedError(f"ASN.1: element {self.tag:02X} holds {len(inner)} elements, not 1")
        return inner[0]

    def fields(self, what: str, tag: int | None = SEQUENCE) -> "Fields":
        """The elements within, to be taken one after the other; `tag` must be this element's own."""
        if tag is not None and self.tag != tag:
            raise MalformedError(f"{what}: tag {self.tag:02X}, not {tag:02X}")
        return Fields(what, self.children())

    def integer(self) -> int:
        """Value of an INTEGER, ENUMERATED or an implicitly tagged one.  Not-shortest forms are read."""
        content = self.content
        if not content or len(content) > INTEGER_OCTETS_MAX:
            raise MalformedError(f"ASN.1: an integer of {len(content)} octets")
        return int.from_bytes(content, "big", signed=True)

    def oid(self) -> str:
        return identifier(self.content)

    def boolean(self) -> bool:
        if self._end - self._body != 1:
            raise MalformedError("ASN.1: a boolean that is not one octet")
        return self._data[self._body] != 0

    def octets(self) -> bytes:
        """Value of an OCTET STRING, its segments joined where BER cuts it up."""
        if not self.constructed:
            return self.content
        parts = self.children()
        if any(part.tag not in (OCTET_STRING, _CONSTRUCTED_OCTETS) for part in parts):
            raise MalformedError("ASN.1: an octet string made of something else")
        return b"".join(part.octets() for part in parts)

    def bits(self) -> bytes:
        """Value of a BIT STRING of whole octets: a key or a signature."""
        content = self.content
        if self.constructed or not content or content[0] != 0:
            raise MalformedError("ASN.1: a bit string that is not whole octets")
        return content[1:]

    def named_bits(self) -> frozenset[int]:
        """Numbers of the bits set in a named BIT STRING (key usage)."""
        content = self.content
        if self.constructed or not content or content[0] > 7 or len(content) > 8:
            raise MalformedError("ASN.1: no named bit string")
        return frozenset(
            8 * index + bit
            for index, octet in enumerate(content[1:])
            for bit in range(8)
            if octet & (0x80 >> bit)
        )

    def text(self) -> str:
        """Value of a character string.  Issuers mislabel them: Latin-1 where the declared one fails."""
        content = self.octets() if self.constructed else self.content
        try:
            return content.decode(_CHARACTER_SETS.get(self.tag, "utf-8"))
        except UnicodeDecodeError:
            return content.decode("latin-1")

    def time(self) -> datetime:
        """Value of a UTCTime (1950 to 2049) or GeneralizedTime, in UTC."""
        form = _TIMES.get(self.tag)
        match = form.fullmatch(self.content[:40]) if form is not None else None
        if match is None:
            raise MalformedError("ASN.1: a time in no known form")
        year, *rest = (int(part) if part else 0 for part in match.groups()[:6])
        if self.tag == UTC_TIME:
            year += 1900 if year >= 50 else 2000
        try:
            moment = datetime(year, *rest, tzinfo=UTC)
            if match[7]:
                offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
                moment += -offset if match[7] == b"+" else offset
        except (ValueError, OverflowError) as error:
            raise MalformedError("ASN.1: a time that is on no calendar") from error
        return moment


class Fields:
    """The elements of a SEQUENCE, taken in order."""

    def __init__(self, what: str, elements: list[Element]) -> None:
        self._what, self._elements, self._at = what, elements, 0

    def take(self, *tags: int) -> Element:
        """The next element, which must have one of these tags (none given: any)."""
        if self._at >= len(self._elements):
            raise MalformedError(f"{self._what}: ends too early")
        element = self._elements[self._at]
        if tags and element.tag not in tags:
            raise MalformedError(f"{self._what}: tag {element.tag:02X} where {tags[0]:02X} should be")
        self._at += 1
        return element

    def optional(self, *tags: int) -> Element | None:
        """The next element if it has one of these tags (none given: any), else None."""
        if self._at < len(self._elements) and (not tags or self._elements[self._at].tag in tags):
            self._at += 1
            return self._elements[self._at - 1]
        return None

    def rest(self) -> Iterator[Element]:
        """All elements not yet taken."""
        while (element := self.optional()) is not None:
            yield element

    def end(self) -> None:
        """Refuses what is left over."""
        if self._at < len(self._elements):
            raise MalformedError(f"{self._what}: holds {len(self._elements) - self._at} elements too many")


def read(data: bytes, what: str, size_max: int = SIZE_MAX) -> Element:
    """The one element that `data` is.  Raises MalformedError, which names `what`."""
    if len(data) > size_max:
        raise MalformedError(f"{what}: {len(data)} octets, more than {size_max}")
    ends: _Ends = {}
    try:
        place = _place(data, 0, len(data), 0, ends)
    except MalformedError as error:
        raise MalformedError(f"{what}: {error}") from error
    if place[4] != len(data):
        raise MalformedError(f"{what}: {len(data) - place[4]} octets after its end")
    return Element(data, place, 0, ends)


def encode(tag: int, *contents: bytes) -> bytes:
    """DER of one element."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        length = bytes([size])
    else:
        octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(octets)]) + octets
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + content


def to_der(element: Element) -> bytes:
    """The element with definite shortest lengths, SETs sorted (X.690, 11.6), string segments joined."""
    if element.tag == _CONSTRUCTED_OCTETS:
        return encode(OCTET_STRING, element.octets())
    if not element.constructed:
        return encode(element.tag, element.content)
    parts = [to_der(child) for child in element.children()]
    return encode(element.tag, *(sorted(parts) if element.tag == SET else parts))


_Place = tuple[int, int, int, int, int]
"""Tag, start, start of the content, end of the content, end."""
_Ends = dict[int, _Place]
"""Places of the indefinite elements of one input, by their start: each is sought once, not once a level."""


def _place(data: bytes, start: int, limit: int, depth: int, ends: _Ends) -> _Place:
    """Where the element at `start` lies."""
    try:
        tag, at = data[start], start + 1
        if tag & 0x1F == 0x1F:
            for _ in range(3):
                tag, at = tag << 8 | data[at], at + 1
                if not tag & 0x80:
                    break
            else:
                raise MalformedError("ASN.1: a tag of more than four octets")
        length, at = data[at], at + 1
        if length >= 0x80:
            if length == 0x80:
                return _indefinite(data, (tag, start, at), limit, depth, ends)
            count = length & 0x7F
            if count > 4:
                raise MalformedError(f"ASN.1: a length of {count} octets")
            if at + count > limit:
                raise MalformedError("ASN.1: cut off within a length")
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
    except IndexError as error:
        raise MalformedError("ASN.1: cut off within a header") from error
    end = at + length
    if end > limit:
        raise MalformedError(
            f"ASN.1: element {tag:02X} of {length} octets where {max(limit - at, 0)} are left"
        )
    return tag, start, at, end, end


def _indefinite(data: bytes, head: tuple[int, int, int], limit: int, depth: int, ends: _Ends) -> _Place:
    """The same where the length is indefinite: up to the end-of-contents that closes it (X.690, 8.1.5)."""
    tag, start, body = head
    if (known := ends.get(start)) is not None:
        return known
    if not data[start] & 0x20:
        raise MalformedError("ASN.1: a primitive element of indefinite length")
    if depth + 1 >= DEPTH_MAX:
        raise MalformedError(f"ASN.1: more than {DEPTH_MAX} elements within each other")
    at = body
    while data[at : at + 2] != b"\0\0":
        if at >= limit:
            raise MalformedError("ASN.1: an indefinite length that never ends")
        at = _place(data, at, limit, depth + 1, ends)[4]
    if at + 2 > limit:
        raise MalformedError("ASN.1: an indefinite length that never ends")
    ends[start] = tag, start, body, at, at + 2
    return ends[start]
