"""DG7: the signature or usual mark as the document displays it (9303-10, 4.7.7)."""

from drivers.emrtd.lds import pictures

SIGNATURE = 0x5F43


def parse(data: bytes) -> tuple[bytes, ...]:
    """Undecoded pictures, JPEG or JPEG 2000 as `portraits` decodes them.  Raises MalformedError."""
    return pictures.parse(data, 7, SIGNATURE)
