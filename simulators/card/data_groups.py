"""Which data groups a document has (Doc 9303-10, 3.11)."""

from simulators.card.document import Document

ASKED_FOR = (1, 2, 3, 4, 5, 7, 11, 12, 13, 16)
"""Those that a document may name; 14 and 15 come with what they announce."""


def groups_of(document: Document) -> frozenset[int]:
    """Those that the chip of this document is given, whatever EF.SOD and EF.COM say of them."""
    access, active = document.access, document.active_authentication
    there = set(document.files.groups)
    if active is not None:
        there.add(15)
    elliptic = active is not None and active.announced and not active.key.startswith("rsa-")
    others = (
        document.chip_authentication,
        document.terminal_authentication,
        access.pace,
        access.unknown_info,
    )
    if elliptic or any(others):
        there.add(14)
    return frozenset(there)
