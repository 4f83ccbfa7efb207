"""H.264 pictures as RTP packets (RFC 6184, packetization mode 1), for the RTSP camera.

F | NRI (2) | type (5) is the first byte of every NAL unit (ITU-T H.264, 7.3.1):
single NAL unit (5.6)   the unit as it is, types 1 to 23
STAP-A (5.7.1)          type 24, then size (2) and unit, several times: the parameter sets here
FU-A (5.8)              type 28, then S E R | type (5), then a piece of a unit without its first byte
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from simulators.plate_camera.rtp import Packets

PAYLOAD_TYPE = 96
PAYLOAD_BYTES = 1400
IDR, SEI, SPS, PPS, DELIMITER = 5, 6, 7, 8, 9
_STAP_A, _FU_A = 24, 28


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One encoded picture: its NAL units in order, without start codes."""

    units: tuple[bytes, ...]

    @property
    def key(self) -> bool:
        """Whether decoding can begin here."""
        return any(unit[0] & 31 == IDR for unit in self.units)


def units(annex_b: bytes) -> tuple[bytes, ...]:
    """The NAL units of a byte stream with start codes (ITU-T H.264, annex B), without delimiters."""
    pieces = annex_b.split(b"\x00\x00\x01")[1:]
    found = (piece.rstrip(b"\x00") for piece in pieces)  # a unit never ends with zeros
    return tuple(unit for unit in found if unit and unit[0] & 31 != DELIMITER)


def packets(stream: Packets, picture: AccessUnit, time_s: float) -> list[bytes]:
    """One picture as packets, in order."""
    return numbered(stream, payloads(picture), time_s)


def numbered(stream: Packets, payloads: Sequence[bytes], time_s: float) -> list[bytes]:
    """Payloads of one picture as packets; the last one ends it."""
    last = len(payloads) - 1
    return [stream.packet(PAYLOAD_TYPE, each, time_s, last=at == last) for at, each in enumerate(payloads)]


def payloads(picture: AccessUnit) -> list[bytes]:
    """What the packets of one picture hold, in order."""
    small = [unit for unit in picture.units if unit[0] & 31 in (SPS, PPS)]
    made = [_aggregated(small)] if len(small) > 1 else list(small)
    for unit in picture.units:
        if unit[0] & 31 not in (SPS, PPS):
            made += [unit] if len(unit) <= PAYLOAD_BYTES else _fragments(unit)
    return made


def _aggregated(small: Sequence[bytes]) -> bytes:
    importance = max(unit[0] & 0x60 for unit in small)
    return bytes([importance | _STAP_A]) + b"".join(len(unit).to_bytes(2, "big") + unit for unit in small)


def _fragments(unit: bytes) -> list[bytes]:
    indicator, kind, body = unit[0] & 0xE0 | _FU_A, unit[0] & 31, unit[1:]
    made: list[bytes] = []
    for at in range(0, len(body), PAYLOAD_BYTES - 2):
        start, end = at == 0, at + PAYLOAD_BYTES - 2 >= len(body)
        header = bytes([indicator, start << 7 | end << 6 | kind])
        made.append(header + body[at : at + PAYLOAD_BYTES - 2])
    return made


def description(parameter_sets: Sequence[bytes] = ()) -> list[str]:
    """What SDP says of the stream (RFC 6184, 8.2.1).  The first set is the sequence's, which names profile
    and level; a camera that sends its sets in the stream alone names none here."""
    told = ["packetization-mode=1"]
    if parameter_sets:
        sets = ",".join(base64.b64encode(unit).decode() for unit in parameter_sets)
        profile = parameter_sets[0][1:4].hex().upper()
        told += [f"profile-level-id={profile}", f"sprop-parameter-sets={sets}"]
    return [
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} H264/90000",
        f"a=fmtp:{PAYLOAD_TYPE} {';'.join(told)}",
    ]
