"""What a reader's driver says of the reader: the properties of PC/SC part 10 (2.02.08).

To GET_FEATURE_REQUEST it answers with features: tag, 04, and a control code, most significant octet first.
To the feature GET_TLV_PROPERTIES, with properties: tag, length, and a number, least significant octet first.
"""

from collections.abc import Iterator

GET_FEATURE_REQUEST = 3400
"""The number of the control code that lists the features."""
_GET_TLV_PROPERTIES = 0x12
_MAX_APDU_DATA_SIZE = 0x0A

EXTENDED_OVER = 256
"""dwMaxAPDUDataSize: data octets of the longest APDU.  256 and less, and 0, is a reader of short ones."""


def properties_control(features: bytes) -> int | None:
    """The control code that asks for the properties; None where the reader has none."""
    for tag, value in _objects(features):
        if tag == _GET_TLV_PROPERTIES and len(value) == 4:
            return int.from_bytes(value, "big")
    return None


def apdu_data_max(properties: bytes) -> int | None:
    """dwMaxAPDUDataSize; None where it is not stated."""
    for tag, value in _objects(properties):
        if tag == _MAX_APDU_DATA_SIZE and 1 <= len(value) <= 4:
            return int.from_bytes(value, "little")
    return None


def _objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each, as far as they are whole."""
    while len(data) >= 2 and len(data) >= 2 + data[1]:
        yield data[0], data[2 : 2 + data[1]]
        data = data[2 + data[1] :]
