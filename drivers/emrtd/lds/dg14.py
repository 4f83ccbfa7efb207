"""DG14: the chip's protocols and keys, under the issuer's hash (9303-10, 4.7.14; 9303-11, 9.2)."""

from drivers.emrtd.lds import security_infos
from drivers.emrtd.lds.security_infos import SecurityInfo
from drivers.emrtd.lds.templates import open_group


def parse(data: bytes) -> tuple[SecurityInfo, ...]:
    """All its SecurityInfos.  Raises MalformedError."""
    return security_infos.parse(open_group(data, 14).value, "DG14")
