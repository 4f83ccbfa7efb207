"""JPEG pictures as payloads of RTP packets (RFC 2435), for the RTSP camera.

Payload type 26, the marker bit on a picture's last packet:
JPEG header (RFC 2435, 3.1), 8 bytes: type-specific, offset (3), type, Q, width / 8, height / 8
quantization table header (3.1.8), in the first packet, because Q is 255 here: MBZ, precision, length
scan data from `offset`
"""

import struct
from dataclasses import dataclass

from simulators.plate_camera.rtp import Packets

PAYLOAD_TYPE = 26
FRAGMENT_BYTES = 1400
"""Scan data in one packet: an Ethernet frame holds it with all headers."""


class UnsuitableJpeg(ValueError):
    """This JPEG can't be said in RFC 2435: it knows baseline pictures of up to 2040 pixels a side, in 4:2:2
    or 4:2:0, with two 8-bit tables and without restart markers (as this simulator sends them)."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What RFC 2435 sends of a JPEG: `kind` 0 for 4:2:2, 1 for 4:2:0; sizes in pixels."""

    kind: int
    width: int
    height: int
    tables: bytes
    data: bytes


def read_jpeg(jpeg: bytes) -> Scan:
    """Take a JPEG apart (ITU-T T.81, annex B).  Raises UnsuitableJpeg."""
    if jpeg[:2] != b"\xff\xd8" or jpeg[-2:] != b"\xff\xd9":
        raise UnsuitableJpeg("no JPEG: it does not begin with SOI and end with EOI")
    tables: dict[int, bytes] = {}
    kind = width = height = -1
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        body = jpeg[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == 0xDB:
            tables |= _read_tables(body)
        elif marker == 0xC0:
            height, width = struct.unpack(">HH", body[1:5])
            kind = {0x21: 0, 0x22: 1}.get(body[7], -1)
        elif marker in (0xC1, 0xC2, 0xC3, 0xDD):
            raise UnsuitableJpeg(f"segment FF {marker:02X} has no place in RFC 2435")
        elif marker == 0xDA:
            if kind < 0 or not 0 < max(width, height) <= 2040 or width % 8 or height % 8:
                raise UnsuitableJpeg(f"{width} x {height} pixels with this sampling can't be sent")
            if not {0, 1} <= set(tables):
                raise UnsuitableJpeg("no tables 0 and 1")
            return Scan(kind, width, height, tables[0] + tables[1], jpeg[at:-2])
    raise UnsuitableJpeg("no scan in it")


def _read_tables(body: bytes) -> dict[int, bytes]:
    tables: dict[int, bytes] = {}
    while body:
        if body[0] >> 4:
            raise UnsuitableJpeg("16-bit quantization tables")
        tables[body[0] & 15], body = body[1:65], body[65:]
    return tables


def packets(stream: Packets, scan: Scan, time_s: float) -> list[bytes]:
    """One picture as packets, in order."""
    made: list[bytes] = []
    for offset in range(0, len(scan.data), FRAGMENT_BYTES):
        header = struct.pack(">I", offset)
        header += bytes([scan.kind, 255, scan.width // 8, scan.height // 8])
        if offset == 0:
            header += struct.pack(">BBH", 0, 0, len(scan.tables)) + scan.tables
        last = offset + FRAGMENT_BYTES >= len(scan.data)
        payload = header + scan.data[offset : offset + FRAGMENT_BYTES]
        made.append(stream.packet(PAYLOAD_TYPE, payload, time_s, last=last))
    return made
