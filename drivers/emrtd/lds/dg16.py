"""DG16: persons to notify (9303-10, 4.7.16)."""

from dataclasses import dataclass

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import digits_of, elements, open_group, parts_of, text_of

RECORDED, NAME, TELEPHONE, ADDRESS = 0x5F50, 0x5F51, 0x5F52, 0x5F53
_FIRST, _LAST = 0xA1, 0xAF
PERSONS_MAX = 15


@dataclass(frozen=True, slots=True, repr=False)
class PersonToNotify:
    """Empty where the issuer wrote nothing; `recorded` is CCYYMMDD, None if absent or in no known form."""

    recorded: str | None
    name: str
    telephone: str
    address: tuple[str, ...]


def parse(data: bytes) -> tuple[PersonToNotify, ...]:
    """Raises MalformedError if the file is not DG16 at all."""
    nodes, rest = elements(open_group(data, 16).value)
    if rest and not nodes:
        raise MalformedError("DG16: no element in it")
    templates = [node for node in nodes if _FIRST <= node.tag <= _LAST]
    if len(templates) > PERSONS_MAX:
        raise MalformedError(f"DG16: {len(templates)} persons, at most {PERSONS_MAX}")
    return tuple(_person(node.value, node.depth + 1) for node in templates)


def _person(value: bytes, depth: int) -> PersonToNotify:
    values = {node.tag: node.value for node in reversed(elements(value, depth)[0])}
    return PersonToNotify(
        digits_of(values.get(RECORDED, b"")),
        text_of(values.get(NAME, b"")),
        text_of(values.get(TELEPHONE, b"")),
        parts_of(values.get(ADDRESS, b"")),
    )
