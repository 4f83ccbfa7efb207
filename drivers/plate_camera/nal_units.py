"""What pieces of H.264 and H.265 a packet holds: enough to tell where pictures begin and which stand alone.

H.264: F | NRI (2) | type (5) before each NAL unit (ITU-T H.264, 7.3.1); in RTP single, STAP-A 24 or
fragmented, FU-A 28 and FU-B 29 (RFC 6184, 5.2 to 5.8).
H.265: F | type (6) | layer (6) | TID (3) (ITU-T H.265, 7.3.1.2); AP 48, FU 49 (RFC 7798, 4.4).
The first bit of a slice is 1 in a picture's first slice alone: `first_mb_in_slice` is 0, or
`first_slice_segment_in_pic_flag` is set.
"""

from collections.abc import Iterable
from dataclasses import dataclass

_PICTURE = {"H264": range(1, 6), "H265": range(32)}
_KEY = {"H264": range(5, 6), "H265": range(16, 22)}
"""IDR; of H.265 all types that decoding may begin with."""
_SEQUENCE = {"H264": 7, "H265": 33}
"""Sequence parameter sets, which announce the picture's size."""
_PARAMETERS = {"H264": frozenset({7, 8, 13, 15}), "H265": frozenset({32, 33, 34})}


@dataclass(frozen=True, slots=True)
class Fragment:
    """A packet's piece of a unit that is spread over several."""

    kind: int
    starts: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What a packet holds: the types of its units (of a fragmented one in each of its packets), and whether a
    picture begins in it."""

    kinds: tuple[int, ...] = ()
    begins: bool = False
    fragment: Fragment | None = None


def refers(codec: str) -> bool:
    """Whether this encoding's pictures refer to others."""
    return codec in _KEY


def key(codec: str, kinds: Iterable[int]) -> bool:
    """Whether a picture of these pieces stands for itself."""
    return not refers(codec) or any(kind in _KEY[codec] for kind in kinds)


def pictured(codec: str, kinds: Iterable[int]) -> bool:
    """Whether there is a piece of a picture, not parameters and remarks alone."""
    return not refers(codec) or any(kind in _PICTURE[codec] for kind in kinds)


def parameters(codec: str, kinds: Iterable[int]) -> int:
    """How many parameter sets are among these pieces."""
    return sum(kind in _PARAMETERS[codec] for kind in kinds) if refers(codec) else 0


def seen(codec: str, payload: bytes) -> Seen:
    """What a packet holds."""
    if not refers(codec):
        return Seen()
    fragment, units = _h264(payload) if codec == "H264" else _h265(payload)
    begins = any(kind in _PICTURE[codec] and first for kind, first in units)
    return Seen(tuple(kind for kind, _ in units), begins, fragment)


def sequence_sets(codec: str, payloads: Iterable[bytes]) -> list[bytes]:
    """The sequence parameter sets in the packets of one picture, put together where they are fragmented."""
    found: list[bytes] = []
    for payload in payloads:
        if _SEQUENCE[codec] not in seen(codec, payload).kinds:
            continue
        kind = payload[0] & 31 if codec == "H264" else payload[0] >> 1 & 63
        if kind == (24 if codec == "H264" else 48):
            units = _aggregated(payload, 1 if codec == "H264" else 2)
            found += [unit for unit in units if _kind(codec, unit) == _SEQUENCE[codec]]
        elif kind == 28 and codec == "H264":
            found = _joined(found, bytes([payload[0] & 0xE0 | payload[1] & 31]), payload[1], payload[2:])
        elif kind == 49 and codec == "H265":
            head = bytes([payload[0] & 0x81 | (payload[2] & 63) << 1, payload[1]])
            found = _joined(found, head, payload[2], payload[3:])
        else:
            found.append(payload)
    return found


def _joined(found: list[bytes], head: bytes, flags: int, piece: bytes) -> list[bytes]:
    if flags & 0x80:
        return [*found, head + piece]
    return [*found[:-1], found[-1] + piece] if found else []


def _kind(codec: str, unit: bytes) -> int:
    return unit[0] & 31 if codec == "H264" else unit[0] >> 1 & 63


_Units = list[tuple[int, bool]]


def _h264(payload: bytes) -> tuple[Fragment | None, _Units]:
    kind = payload[0] & 31 if payload else 0
    if kind == 24:
        return None, [(unit[0] & 31, _first(unit, 1)) for unit in _aggregated(payload, 1)]
    if kind in (28, 29):
        header = payload[1] if len(payload) > 1 else 0
        fragment = Fragment(header & 31, bool(header & 0x80), bool(header & 0x40))
        return fragment, [(fragment.kind, fragment.starts and _first(payload, 2 if kind == 28 else 4))]
    return None, [(kind, _first(payload, 1))]


def _h265(payload: bytes) -> tuple[Fragment | None, _Units]:
    kind = payload[0] >> 1 & 63 if payload else 63
    if kind == 48:
        return None, [(unit[0] >> 1 & 63, _first(unit, 2)) for unit in _aggregated(payload, 2)]
    if kind == 49:
        header = payload[2] if len(payload) > 2 else 63
        fragment = Fragment(header & 63, bool(header & 0x80), bool(header & 0x40))
        return fragment, [(fragment.kind, fragment.starts and _first(payload, 3))]
    return None, [(kind, _first(payload, 2))]


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
