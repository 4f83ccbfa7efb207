"""The frame around faces, fingers and irises in DG2 to DG4.

    7F61 { 02 n, 7F60 { A1 { 80 .. 88 header }, 5F2E | 7F2E record } x n }

9303-10, 4.7.2 to 4.7.4; ISO/IEC 7816-11; NISTIR 6529.
"""

from dataclasses import dataclass, field

from drivers.emrtd import tlv
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import elements

GROUP, TEMPLATE, HEADER = 0x7F61, 0x7F60, 0xA1
RECORD_PRIMITIVE, RECORD_CONSTRUCTED = 0x5F2E, 0x7F2E
FORMAT_OWNER, FORMAT_TYPE = 0x87, 0x88
TEMPLATES_MAX = 9
"""Instances of one feature (9303-10, 4.7.2)."""


@dataclass(frozen=True, slots=True)
class Template:
    """One record and how its header calls it: `owner` 0101 is ISO/IEC JTC 1/SC 37, None where not stated.
    `constructed` tells a record of data objects (7F2E) from one of bytes (5F2E)."""

    owner: int | None
    type: int | None
    constructed: bool
    record: bytes = field(repr=False)


def parse(group: tlv.Node, place: str) -> tuple[Template, ...]:
    """The templates in the outer template of a data group, in their order.  The count that the issuer states
    is not relied on.  Raises MalformedError."""
    outer = group.get(GROUP)
    nodes, rest = elements(outer.value, outer.depth + 1)
    templates = [node for node in nodes if node.tag == TEMPLATE]
    if rest and not templates:
        raise MalformedError(f"{place}: no biometric template")
    if len(templates) > TEMPLATES_MAX:
        raise MalformedError(f"{place}: {len(templates)} biometric templates, at most {TEMPLATES_MAX}")
    return tuple(_template(node, place) for node in templates)


def _template(node: tlv.Node, place: str) -> Template:
    parts = node.children()
    records = [part for part in parts if part.tag in (RECORD_PRIMITIVE, RECORD_CONSTRUCTED)]
    if len(records) != 1:
        raise MalformedError(f"{place}: {len(records)} records in one biometric template, expected one")
    header = next((part for part in parts if part.tag == HEADER), None)
    fields = elements(header.value)[0] if header is not None else ()
    return Template(
        _number(fields, FORMAT_OWNER),
        _number(fields, FORMAT_TYPE),
        records[0].tag == RECORD_CONSTRUCTED,
        records[0].value,
    )


def _number(fields: tuple[tlv.Node, ...], tag: int) -> int | None:
    found = next((node.value for node in fields if node.tag == tag), b"")
    return int.from_bytes(found, "big") if 0 < len(found) <= 2 else None
