"""Face records of DG2: what holds a picture, and the picture itself.

`faces` takes a record apart; `decode.Decoder` makes a picture of what it finds, in a process of its own.
"""

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.portraits import iso19794_5, iso39794_5
from drivers.emrtd.portraits.face import FaceImage, ImageFormat, sniff

__all__ = ["FaceImage", "ImageFormat", "faces", "sniff"]


def faces(record: bytes) -> tuple[FaceImage, ...]:
    """The pictures of one record, in either encoding.  The record's first bytes tell which: what the
    template's header says of it may be wrong.  Raises MalformedError."""
    if record.startswith(iso19794_5.FORMAT):
        return iso19794_5.parse(record)
    if record[:1] in iso39794_5.FIRST_OCTETS:
        return iso39794_5.parse(record)
    raise MalformedError("DG2: a face record in neither ISO/IEC 19794-5 nor 39794-5")
