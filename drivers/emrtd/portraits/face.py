"""One face picture as a record holds it, undecoded."""

from dataclasses import dataclass, field
from enum import StrEnum


class ImageFormat(StrEnum):
    JPEG = "jpeg"
    JPEG2000 = "jpeg2000"
    JPEG2000_CODE_STREAM = "jpeg2000_code_stream"
    """JPEG 2000 without its file format around it (ISO/IEC 15444-1, annex A)."""


_SIGNATURES = (
    (bytes.fromhex("FFD8FF"), ImageFormat.JPEG),
    (bytes.fromhex("0000000C6A5020"), ImageFormat.JPEG2000),
    (bytes.fromhex("FF4FFF51"), ImageFormat.JPEG2000_CODE_STREAM),
)


@dataclass(frozen=True, slots=True)
class FaceImage:
    """`encoding` is iso19794_5 or iso39794_5.  The record's own words on format and size (pixels; None where
    it says nothing) are often wrong: `format` is what the picture's first bytes show, None if they show
    none."""

    encoding: str
    image: bytes = field(repr=False)
    format: ImageFormat | None
    declared_format: ImageFormat | None
    declared_width: int | None
    declared_height: int | None


def sniff(image: bytes) -> ImageFormat | None:
    """The format by a picture's first bytes; None for what a document may not hold."""
    return next((found for signature, found in _SIGNATURES if image.startswith(signature)), None)
