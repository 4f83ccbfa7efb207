"""A JPEG's size, read from its header before anything is decoded: a small file can unpack to gigabytes.

Source: ITU-T T.81, annex B: marker FF xx, then a length that counts itself; SOF0 to SOF15 hold precision (1),
height (2), width (2); SOS begins a scan.
"""

SIDE_MAX = 8192
PIXELS_MAX = 20_000_000
"""60 MB decoded; plate cameras have 1 to 8 million."""
SCANS_MAX = 64
"""A progressive picture has about ten.  Each takes the decoder through the whole picture once more, and 40
bytes are enough for one."""

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN = b"\xff\xda"
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


class BadJpeg(ValueError):
    """Not a whole JPEG of sane size; the message says why."""


def picture_size(
    data: bytes, *, side_min: int = 1, side_max: int = SIDE_MAX, pixels_max: int = PIXELS_MAX
) -> tuple[int, int]:
    """Width and height in pixels of a whole JPEG; raises BadJpeg for what should not be decoded."""
    if data[:2] != b"\xff\xd8":
        raise BadJpeg(f"it begins with {data[:4].hex(' ')}, not with FF D8")
    if b"\xff\xd9" not in data[-64:]:
        raise BadJpeg("its end is missing")
    if (scans := data.count(_START_OF_SCAN)) > SCANS_MAX:
        raise BadJpeg(f"{scans} scans")
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise BadJpeg(f"no marker at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF or marker in _NO_LENGTH:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _START_OF_FRAME and at + 9 <= len(data):
            height, width = int.from_bytes(data[at + 5 : at + 7]), int.from_bytes(data[at + 7 : at + 9])
            if not side_min <= min(width, height) <= max(width, height) <= side_max:
                raise BadJpeg(f"{width} x {height} pixels")
            if width * height > pixels_max:
                raise BadJpeg(f"{width} x {height} pixels")
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    raise BadJpeg("it has no frame header")
