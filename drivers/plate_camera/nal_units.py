"""What pieces of H.264 and H.265 a packet holds: enough to tell where pictures begin and which stand alone.

H.264: F | NRI (2) | type (5) before each NAL unit (ITU-T H.264, 7.3.1); in RTP single, STAP-A 24 or
fragmented, FU-A 28 and FU-B 29 (RFC 6184, 5.2 to 5.8).
H.265: F | type (6) | layer (6) | TID (3) (ITU-T H.265, 7.3.1.2); AP 48, FU 49 (RFC 7798, 4.4).
The first bit of a slice is 1 in a picture's first slice alone: `first_mb_in_slice` is 0, or
`first_slice_segment_in_pic_flag` is set.
"""

_PICTURE = {"H264": range(1, 6), "H265": range(32)}
_KEY = {"H264": range(5, 6), "H265": range(16, 22)}
"""IDR; of H.265 all types that decoding may begin with."""


def refers(codec: str) -> bool:
    """Whether this encoding's pictures refer to others."""
    return codec in _KEY


def key(codec: str, kinds: set[int]) -> bool:
    """Whether a picture of these pieces stands for itself."""
    return not refers(codec) or any(kind in _KEY[codec] for kind in kinds)


def pictured(codec: str, kinds: set[int]) -> bool:
    """Whether there is a piece of a picture, not parameters and remarks alone."""
    return not refers(codec) or any(kind in _PICTURE[codec] for kind in kinds)


def seen(codec: str, payload: bytes) -> tuple[set[int], bool]:
    """The types of the pieces in a packet, and whether a picture begins in it."""
    units = _h264(payload) if codec == "H264" else _h265(payload) if codec == "H265" else []
    begins = any(kind in _PICTURE[codec] and first for kind, first in units)
    return {kind for kind, _ in units}, begins


_Seen = list[tuple[int, bool]]


def _h264(payload: bytes) -> _Seen:
    kind = payload[0] & 31 if payload else 0
    if kind == 24:
        return [(unit[0] & 31, _first(unit, 1)) for unit in _aggregated(payload, 1)]
    if kind in (28, 29):
        header = payload[1] if len(payload) > 1 else 0
        return [(header & 31, bool(header & 0x80) and _first(payload, 2 if kind == 28 else 4))]
    return [(kind, _first(payload, 1))]


def _h265(payload: bytes) -> _Seen:
    kind = payload[0] >> 1 & 63 if payload else 63
    if kind == 48:
        return [(unit[0] >> 1 & 63, _first(unit, 2)) for unit in _aggregated(payload, 2)]
    if kind == 49:
        header = payload[2] if len(payload) > 2 else 63
        return [(header & 63, bool(header & 0x80) and _first(payload, 3))]
    return [(kind, _first(payload, 2))]


def _first(unit: bytes, at: int) -> bool:
    return len(unit) > at and bool(unit[at] & 0x80)


def _aggregated(data: bytes, at: int) -> list[bytes]:
    """The units from `at` on.  Each byte is copied once: a packet may hold thousands of tiny units."""
    units: list[bytes] = []
    while len(data) - at > 2:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        units.append(data[at + 2 : end])
        at = end
    return [unit for unit in units if unit]
