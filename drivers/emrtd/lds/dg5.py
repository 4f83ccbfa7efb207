"""DG5: the portrait as the document displays it (9303-10, 4.7.5)."""

from drivers.emrtd.lds import pictures

PORTRAIT = 0x5F40


def parse(data: bytes) -> tuple[bytes, ...]:
    """Undecoded pictures, JPEG or JPEG 2000 as `portraits` decodes them.  Raises MalformedError."""
    return pictures.parse(data, 5, PORTRAIT)
