"""Face records of ISO/IEC 19794-5:2005, as Doc 9303 has prescribed them until now.

    FAC\\0 010\\0 length(4) faces(2)
    per face: length(4) points(2) gender eyes hair mask(3) expression(2) pose(3) uncertainty(3)
              8 bytes a feature point
              type format width(2) height(2) colour source device(2) quality(2)
              image

Lengths and sizes are what issuers get wrong: the image reaches as far as its face's length says, or as there
are bytes.
"""

import struct
from collections.abc import Iterator

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.portraits.face import FaceImage, ImageFormat, sniff

FORMAT = b"FAC\0"
VERSION = b"010\0"
FACES_MAX = 16
_HEADER, _FACE, _IMAGE = struct.Struct(">4s4sIH"), struct.Struct(">IH14x"), struct.Struct(">xBHH6x")
_POINT_BYTES = 8
_FORMATS = {0: ImageFormat.JPEG, 1: ImageFormat.JPEG2000}


def parse(record: bytes) -> tuple[FaceImage, ...]:
    """The pictures in the record's order, at least one.  Raises MalformedError."""
    if len(record) < _HEADER.size:
        raise MalformedError(f"face record: {len(record)} bytes, shorter than its header")
    magic, version, _, count = _HEADER.unpack_from(record)
    if magic != FORMAT or version != VERSION:
        raise MalformedError("face record: not of ISO/IEC 19794-5, version 010")
    if not 0 < count <= FACES_MAX:
        raise MalformedError(f"face record: announces {count} faces, expected 1 to {FACES_MAX}")
    return tuple(_faces(record, count))


def _faces(record: bytes, count: int) -> Iterator[FaceImage]:
    at = _HEADER.size
    for place in range(count):
        if len(record) - at < _FACE.size:
            if place:
                return  # fewer faces than announced
            raise MalformedError("face record: ends within its first face")
        length, points = _FACE.unpack_from(record, at)
        image_header = at + _FACE.size + _POINT_BYTES * points
        start = image_header + _IMAGE.size
        if start >= len(record):
            raise MalformedError(f"face record: {points} feature points leave no picture")
        declared, width, height = _IMAGE.unpack_from(record, image_header)
        end = min(at + length, len(record)) if at + length > start and count > 1 else len(record)
        image = record[start:end]
        yield FaceImage("iso19794_5", image, sniff(image), _FORMATS.get(declared), width, height)
        at = end
