"""DG15: the public key of active authentication (9303-10, 4.7.15)."""

from drivers.emrtd import tlv
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import open_group


def parse(data: bytes) -> bytes:
    """The SubjectPublicKeyInfo, whole, as it stands.  Raises MalformedError."""
    group = open_group(data, 15)
    spki = tlv.read_first(group.value)
    if spki.tag != 0x30 or len(spki.raw) != len(group.value):
        raise MalformedError("DG15: something else than one public key")
    return spki.raw
