"""EF.CardSecurity: the chip's protocols and keys, signed by the issuer (9303-10, 3.11.4; TR-03110-3,
A.1.2.2).

The file is a CMS SignedData like EF.SOD, but without an outer tag; only what it signs is read here.
"""

from drivers.emrtd.lds import security_infos
from drivers.emrtd.lds.security_infos import SecurityInfo

CONTENT_TYPE = "0.4.0.127.0.7.3.2.1"
"""id-SecurityObject: what is signed under another type is no EF.CardSecurity."""


def parse_content(content: bytes) -> tuple[SecurityInfo, ...]:
    """All SecurityInfos in the signed content.  Raises MalformedError."""
    return security_infos.parse(content, "EF.CardSecurity")
