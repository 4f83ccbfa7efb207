"""Status words SW1 SW2 of ISO/IEC 7816-4 (5.6) by what a reader does about them."""

SUCCESS = 0x9000
END_OF_FILE = 0x6282
"""Fewer bytes than asked for: the file ends here, and what came is valid."""
DEACTIVATED = 0x6283
"""The file is deactivated; Malaysian chips say so of a file that reads well."""
WRONG_LENGTH = 0x6700
NOT_ALLOWED = 0x6982
"""Security status not satisfied: not authenticated, or no right to this file."""
BLOCKED = 0x6983
NO_CURRENT_FILE = 0x6986
WRONG_PARAMETERS = 0x6A86
OFFSET_PAST_END = 0x6B00
"""Also what some chips answer to an Le that they cannot serve."""
ABSENT = frozenset({0x6A82, 0x6A88})
"""File not found; British chips say "referenced data not found"."""
REFUSED_KEY = frozenset({0x6300, NOT_ALLOWED, BLOCKED, 0x6985, 0x6988, 0x6A80})
"""How chips answer an access key that is not theirs, besides 63Cx."""


def tries_left(status: int) -> int | None:
    """The x of 63Cx: how many tries the secret still has.  None for every other status."""
    return status & 0xF if status & 0xFFF0 == 0x63C0 else None
