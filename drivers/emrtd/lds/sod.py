"""EF.SOD: the issuer's signed list of the data groups' hashes (Doc 9303-10, 4.6.2).

    LDSSecurityObject ::= SEQUENCE { version INTEGER {v0(0), v1(1)}, hashAlgorithm AlgorithmIdentifier,
        SEQUENCE OF SEQUENCE { dataGroupNumber INTEGER, dataGroupHashValue OCTET STRING },
        ldsVersionInfo SEQUENCE { ldsVersion PrintableString, unicodeVersion PrintableString } OPTIONAL }

Nothing in it is true before its signature is verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from drivers.emrtd import asn1, signatures, signed_data
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import open_file
from drivers.emrtd.signatures import Digest
from drivers.emrtd.signed_data import SignedData

TAG = 0x77
CONTENT_TYPES = frozenset(
    {
        "2.23.136.1.1.1",
        "1.2.840.113549.1.7.1",  # id-data: CN
        "1.3.27.1.1.1",  # first issues of FR and BE
        "1.2.528.1.1006.1.20.1",  # first issues of NL
    }
)
"""What an EF.SOD's content is called.  A master list or an EF.CardSecurity is signed by keys of other use."""
_GROUPS = range(1, 17)


@dataclass(frozen=True, slots=True)
class Sod:
    """`hashes` are by number of data group, of the whole file with tag and length, by `digest`.  Versions are
    such as 0108 and 040000, None where the object does not carry them (version 0)."""

    signed: SignedData
    version: int
    digest: Digest
    hashes: Mapping[int, bytes]
    lds_version: str | None
    unicode_version: str | None

    def matches(self, group: int, data: bytes) -> bool | None:
        """Whether the file `data` has the hash that is listed for `group`; None where none is listed."""
        listed = self.hashes.get(group)
        return None if listed is None else self.digest.of(data) == listed


def parse(data: bytes) -> Sod:
    """Raises MalformedError, and UnsupportedError for a hash function that is unknown or not permitted."""
    signed = signed_data.read(open_file(data, TAG, "EF.SOD").value, "EF.SOD")
    if signed.content_type not in CONTENT_TYPES:
        raise MalformedError(f"EF.SOD: content {signed.content_type} is no LDS security object")
    fields = asn1.read(signed.content, "LDS security object").fields("LDS security object")
    version = fields.take(asn1.INTEGER).integer()
    digest = signatures.read_digest(fields.take(asn1.SEQUENCE, asn1.OID))
    hashes = _hashes(fields.take(asn1.SEQUENCE))
    lds_version: str | None = None
    unicode_version: str | None = None
    if (info := fields.optional(asn1.SEQUENCE)) is not None:
        texts = info.fields("LDS version info")
        lds_version, unicode_version = (texts.take().text() for _ in range(2))
    return Sod(signed, version, digest, hashes, lds_version, unicode_version)


def _hashes(listed: asn1.Element) -> Mapping[int, bytes]:
    hashes: dict[int, bytes] = {}
    for element in listed.children():
        fields = element.fields("data group hash")
        number = fields.take(asn1.INTEGER).integer()
        if number not in _GROUPS or number in hashes:
            raise MalformedError(f"LDS security object: data group {number} twice, or no such group")
        hashes[number] = fields.take(asn1.OCTET_STRING).octets()
    if not hashes:
        raise MalformedError("LDS security object: it lists no data group")
    return MappingProxyType(hashes)
