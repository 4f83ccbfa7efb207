"""EF.SOD: the issuer's signature over the hashes of all data groups (Doc 9303-10, 4.6.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.emrtd import asn1, signatures, signed_data
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.signatures import Digest
from drivers.emrtd.signed_data import ID_DATA, SignedData

CONTENT_TYPES = {
    "2.23.136.1.1.1": "ldsSecurityObject",
    ID_DATA: "id-data",  # CN
    "1.3.27.1.1.1": "ldsSecurityObject of old FR, BE",
    "1.2.528.1.1006.1.20.1": "ldsSecurityObject of old NL",
}
"""What may be a security object.  Anything else is somebody's signature over something else."""
GROUPS = range(1, 17)
_OUTER = 0x77


class ContentTypeError(MalformedError):
    """Signed data of a type that is no security object (an EF.CardSecurity, a master list)."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f"EF.SOD: content type {content_type}")
        self.content_type = content_type


@dataclass(frozen=True, slots=True)
class SecurityObject:
    """What EF.SOD says, not yet verified.  `hashes`: by number of the data group, over the whole file with
    tag and length.  `lds_version` is there in version 1 of the object (LDS 1.8)."""

    signed: SignedData = field(repr=False)
    version: int
    digest: Digest
    hashes: Mapping[int, bytes] = field(repr=False)
    lds_version: str | None

    @property
    def groups(self) -> tuple[int, ...]:
        """Numbers of the data groups that the document has."""
        return tuple(sorted(self.hashes))


def read(data: bytes) -> SecurityObject:
    """The security object of a file.  Raises MalformedError (ContentTypeError where another thing is signed)
    and UnsupportedError for an unknown hash function."""
    outer = asn1.read(data, "EF.SOD")
    if outer.tag != _OUTER:
        raise MalformedError(f"EF.SOD: begins with tag {outer.tag:02X}, not 77")
    signed = signed_data.read(outer.only().raw, "EF.SOD")
    if signed.content_type not in CONTENT_TYPES:
        raise ContentTypeError(signed.content_type)
    fields = asn1.read(signed.content, "EF.SOD: content").fields("EF.SOD: content")
    version = fields.take(asn1.INTEGER).integer()
    if version not in (0, 1):
        raise UnsupportedError(f"EF.SOD: security object of version {version}")
    digest = signatures.read_digest(fields.take(asn1.SEQUENCE))
    hashes = _hashes(fields.take(asn1.SEQUENCE), digest)
    info = fields.optional(asn1.SEQUENCE)
    return SecurityObject(
        signed=signed,
        version=version,
        digest=digest,
        hashes=hashes,
        lds_version=info.fields("EF.SOD: LDS version").take(0x13, 0x0C).text() if info is not None else None,
    )


def _hashes(element: asn1.Element, digest: Digest) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    size = len(digest.of(b""))
    for entry in element.children():
        fields = entry.fields("EF.SOD: hash")
        number, value = fields.take(asn1.INTEGER).integer(), fields.take(asn1.OCTET_STRING).content
        if number not in GROUPS or number in found or len(value) != size:
            raise MalformedError(f"EF.SOD: hash of data group {number}: {len(value)} octets, or twice")
        found[number] = value
    if not found:
        raise MalformedError("EF.SOD: lists no data group")
    return found
