"""Distinguished names, compared as issuers write them: in any order, any case, any kind of string.

Malaysia orders the parts of a name differently in its security objects and its certificates; elsewhere case,
spaces and string types differ (Doc 9303-12, section 7.1; RFC 5280, 7.1 folds less).
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from drivers.emrtd import asn1
from drivers.emrtd.errors import MalformedError

PARTS_MAX = 64
SIZE_MAX = 4096
"""Octets of one name: names are kept once read, and a hostile file must not fill the memory."""

_LABELS = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
}
_COUNTRY = "2.5.4.6"


@dataclass(frozen=True, slots=True)
class Name:
    """`key` is what two writings of one name share; `text` is for people; `country` is C in capitals."""

    key: tuple[tuple[str, str], ...]
    text: str
    country: str | None


@lru_cache(maxsize=4096)
def read(encoded: bytes) -> Name:
    """The name of an encoded RDNSequence.  Raises MalformedError."""
    parts: list[tuple[str, str]] = []
    for relative in asn1.read(encoded, "name", SIZE_MAX).fields("name").rest():
        for pair in relative.fields("name: part", asn1.SET).rest():
            fields = pair.fields("name: attribute")
            parts.append((fields.take(asn1.OID).oid(), fields.take().text()))
            if len(parts) > PARTS_MAX:
                raise MalformedError(f"name: more than {PARTS_MAX} parts")
    country = next((" ".join(value.split()).upper() for oid, value in parts if oid == _COUNTRY), None)
    return Name(
        key=tuple(sorted((oid, _folded(value)) for oid, value in parts)),
        text=", ".join(f"{_LABELS.get(oid, oid)}={_printable(value)}" for oid, value in parts),
        country=country,
    )


def _folded(value: str) -> str:
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value)
    return " ".join(value.casefold().split())


def _printable(value: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in value[:200])
