"""EF.CVCA: which certification authorities a chip lets terminals come from (TR-03110-3, A.1.1.3).

42 CAR [42 CAR] 00 .. 00, 36 bytes in all; no template around it
"""

from drivers.emrtd import tlv
from drivers.emrtd.errors import MalformedError

CAR = 0x42
SIZE = 36
CAR_OCTETS_MAX = 16


def parse(data: bytes) -> tuple[str, ...]:
    """Certification authority references, the newest first; one or two.  Raises MalformedError."""
    found: list[str] = []
    at = 0
    while at < len(data) and data[at]:
        node = tlv.read_first(data, at)
        at += len(node.raw)
        if node.tag != CAR or not 0 < len(node.value) <= CAR_OCTETS_MAX or len(found) == 2:
            raise MalformedError("EF.CVCA: something else than one or two authorities")
        found.append(node.value.decode("latin-1"))
    if not found or len(data) > SIZE or any(data[at:]):
        raise MalformedError("EF.CVCA: no authority, or bytes behind its padding")
    return tuple(found)
