"""Frames of one page: which are whole pictures, and which is to be read first.

A frame is looked at without decoding it, by its header and its end, because a small file can unpack to
gigabytes: JPEG by ITU-T T.81 (annex B), PNG by ISO/IEC 15948 (11.2: IHDR comes first, IEND last).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from drivers.document_reader import FRAMES_MAX, PAGE_BYTES_MAX, PageRead
from drivers.plate_camera.jpeg import BadJpeg, picture_size

PIXELS_MAX = 50_000_000
"""A passport's page at 600 dpi has 6 million."""
SIDE_MAX = 16_384
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_JPEG = b"\xff\xd8"


class BadPage(ValueError):
    """What came is no page; the message says why and holds nothing of the picture."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a page: encoded, under white light or infrared."""

    data: bytes = field(repr=False)
    infrared: bool = False


def page_of(frames: Sequence[Frame]) -> PageRead:
    """One page of its frames: the first infrared one, since under 900 nm only the zone's ink shows, then
    those under white light, then further infrared ones.

    Raises BadPage when there is none, too many, too much, or one that is no whole picture.
    """
    if not 1 <= len(frames) <= FRAMES_MAX:
        raise BadPage(f"{len(frames)} frames of one page; expected 1 to {FRAMES_MAX}")
    if (size := sum(len(frame.data) for frame in frames)) > PAGE_BYTES_MAX:
        raise BadPage(f"{size} bytes of one page; at most {PAGE_BYTES_MAX}")
    for frame in frames:
        check(frame.data)
    first = next((frame for frame in frames if frame.infrared), frames[0])
    others = sorted((frame for frame in frames if frame is not first), key=lambda frame: frame.infrared)
    return PageRead(first.data, first.infrared, tuple(other.data for other in others))


def check(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a whole JPEG or PNG.  Raises BadPage for anything else, bombs too."""
    if data.startswith(_PNG):
        return _png_size(data)
    if not data.startswith(_JPEG):
        raise BadPage("neither a JPEG nor a PNG")
    try:
        return picture_size(data, side_max=SIDE_MAX, pixels_max=PIXELS_MAX)
    except BadJpeg as error:
        raise BadPage(f"no whole JPEG: {error}") from None


def _png_size(data: bytes) -> tuple[int, int]:
    if len(data) < 45 or data[12:16] != b"IHDR":
        raise BadPage("no whole PNG: it has no header")
    width, height = struct.unpack(">II", data[16:24])
    if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX and width * height <= PIXELS_MAX):
        raise BadPage(f"a PNG of {width} x {height} pixels")
    if _PNG_END not in data[-64:]:
        raise BadPage("no whole PNG: its end is missing")
    return width, height
