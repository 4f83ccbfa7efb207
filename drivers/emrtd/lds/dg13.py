"""DG13: whatever the issuer likes, TLV or not (9303-10, 4.7.13).  Only its frame is known."""

from drivers.emrtd.lds.templates import open_group


def parse(data: bytes) -> bytes:
    """The bytes within tag 6D, unread.  Raises MalformedError."""
    return open_group(data, 13).value
