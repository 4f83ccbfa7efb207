"""EF.COM: which data groups the issuer says there are (9303-10, 4.6.1).

Nobody signs it: it decides nothing.
"""

from dataclasses import dataclass

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import GROUPS_BY_TAG, TAG_LIST, open_file, tags_in

TAG = 0x60
LDS_VERSION, UNICODE_VERSION = 0x5F01, 0x5F36


@dataclass(frozen=True, slots=True)
class Com:
    """`groups` are numbers of data groups in the issuer's order; `unknown_tags` is what names none.  Versions
    are such as 1.7 and 4.0.0, None where the file has none that can be read."""

    lds_version: str | None
    unicode_version: str | None
    groups: tuple[int, ...]
    unknown_tags: tuple[int, ...]


def parse(data: bytes) -> Com:
    """Raises MalformedError."""
    node = open_file(data, TAG, "EF.COM")
    lds, unicode, listed = (node.find(tag) for tag in (LDS_VERSION, UNICODE_VERSION, TAG_LIST))
    if listed is None:
        raise MalformedError("EF.COM: no list of data groups")
    tags = tags_in(listed.value)
    return Com(
        _version(lds.value if lds else b"", 2),
        _version(unicode.value if unicode else b"", 3),
        tuple(GROUPS_BY_TAG[tag] for tag in tags if tag in GROUPS_BY_TAG),
        tuple(tag for tag in tags if tag not in GROUPS_BY_TAG),
    )


def _version(octets: bytes, parts: int) -> str | None:
    if len(octets) != 2 * parts or not octets.isdigit():
        return None
    return ".".join(str(int(octets[at : at + 2])) for at in range(0, len(octets), 2))
