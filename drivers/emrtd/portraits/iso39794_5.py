"""Face records of ISO/IEC 39794-5:2019, which inspection systems read from 2026 on (9303-10, 4.7.2).

ASN.1 with automatic tags in DER.  Of the module, as far as a picture lies in it:

    FaceImageDataBlock ::= [APPLICATION 5] SEQUENCE { versionBlock [0], representationBlocks [1] SEQUENCE OF }
    RepresentationBlock ::= SEQUENCE { representationId [0], imageRepresentation [1] ImageRepresentation, ...
    } ImageRepresentation ::= CHOICE { base [0] CHOICE { imageRepresentation2D [0], shapeRepresentation3D [1]
    } } ImageRepresentation2DBlock ::= SEQUENCE { representationData2D [0] OCTET STRING, imageInformation2D
    [1] } ImageInformation2DBlock ::= SEQUENCE { imageDataFormat [0] CHOICE { code [0] ENUMERATED, ... }, ...
    }
"""

from drivers.emrtd import tlv
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.portraits.face import FaceImage, ImageFormat, sniff

WRAPPER, FACE_BLOCK = 0xA1, 0x65
FIRST_OCTETS = (b"\xa1", b"\x65")
"""The record as the value of 7F2E, with the wrapper that Doc 9303 puts around it, or bare."""
REPRESENTATIONS_MAX = 16
_FORMATS = {2: ImageFormat.JPEG, 3: ImageFormat.JPEG2000, 4: ImageFormat.JPEG2000}
"""Codes of imageDataFormat: JPEG, JPEG 2000 lossy and lossless."""


def parse(record: bytes) -> tuple[FaceImage, ...]:
    """The two-dimensional pictures in the record's order, at least one.  Raises MalformedError."""
    outer = tlv.read_first(record)
    block = outer.get(FACE_BLOCK) if outer.tag == WRAPPER else outer
    if block.tag != FACE_BLOCK:
        raise MalformedError("face record: not of ISO/IEC 39794-5")
    representations = block.get(0xA1).all(0x30)
    if len(representations) > REPRESENTATIONS_MAX:
        raise MalformedError(f"face record: {len(representations)} faces, at most {REPRESENTATIONS_MAX}")
    found = tuple(face for one in representations if (face := _face(one)) is not None)
    if not found:
        raise MalformedError("face record: no two-dimensional picture")
    return found


def _face(representation: tlv.Node) -> FaceImage | None:
    """None for a three-dimensional shape, or a kind of picture that a later edition adds."""
    node: tlv.Node | None = representation.get(0xA1)
    for tag in (0xA0, 0xA0):
        node = node.find(tag) if node is not None else None
    if node is None:
        return None
    image = node.get(0x80).value
    information = node.find(0xA1)
    declared = information.find(0xA0) if information is not None else None
    code = declared.find(0x80) if declared is not None else None
    declared_format = _FORMATS.get(int.from_bytes(code.value[-4:], "big")) if code is not None else None
    return FaceImage("iso39794_5", image, sniff(image), declared_format, None, None)
