"""Defect lists (BSI TR-03129-2, section 7): which signers and chips an authority says not to rely on.

No public list is known to us; the shape is the standard's, confirmed on one from a test PKI.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from drivers.emrtd import asn1, names, signatures
from drivers.emrtd.certificates import Certificate
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.signatures import Digest
from drivers.emrtd.signed_data import SignedData, SignerIdentifier
from drivers.emrtd.trust import signed_lists
from drivers.emrtd.trust.signed_lists import FindPath, ListSigner

CONTENT_TYPE = "0.4.0.127.0.7.3.1.5"
DEFECTS_MAX = 100_000


class DefectType(StrEnum):
    CERTIFICATE_REVOKED = CONTENT_TYPE + ".1.1"
    CERTIFICATE_REPLACED = CONTENT_TYPE + ".1.2"
    CHIP_AUTHENTICATION_KEY_REVOKED = CONTENT_TYPE + ".1.3"
    ACTIVE_AUTHENTICATION_KEY_REVOKED = CONTENT_TYPE + ".1.4"
    DATA_GROUP_MALFORMED = CONTENT_TYPE + ".2.1"
    SECURITY_OBJECT_INVALID = CONTENT_TYPE + ".2.2"


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect of all documents of one signer.  `kind` is dotted text where the type is not the standard's;
    `status` is the number that goes with a revoked certificate."""

    signer: SignerIdentifier
    certificate_digest: bytes | None
    kind: DefectType | str
    status: int | None

    @property
    def of_authentication(self) -> bool:
        """Whether it concerns proving that the chip is genuine: of an unknown one, the chip is not used."""
        return str(self.kind).startswith(CONTENT_TYPE + ".1.")


@dataclass(frozen=True, slots=True)
class DefectList:
    """A list as read, not yet verified."""

    signed: SignedData = field(repr=False)
    digest: Digest
    defects: tuple[Defect, ...]

    def about(self, signer: Certificate) -> tuple[Defect, ...]:
        """Defects of the documents that `signer` signed."""
        fitting = [each for each in self.defects if each.signer.fits(signer)]
        if not fitting:
            return ()
        digests = {None, b"", *map(self.digest.of, signer.encodings)}
        return tuple(each for each in fitting if each.certificate_digest in digests)


def read(data: bytes) -> DefectList:
    """The list that `data` is.  Raises MalformedError, UnsupportedError."""
    signed = signed_lists.read(data, "defect list", CONTENT_TYPE)
    fields = asn1.read(signed.content, "defect list", signed_lists.SIZE_MAX).fields("defect list")
    fields.take(asn1.INTEGER)
    digest = signatures.read_digest(fields.take(asn1.OID, asn1.SEQUENCE))
    found: list[Defect] = []
    for element in fields.take(asn1.SET).children():
        found.extend(_defects(element))
        if len(found) > DEFECTS_MAX:
            raise MalformedError(f"defect list: more than {DEFECTS_MAX} defects")
    return DefectList(signed, digest, tuple(found))


def check(defect_list: DefectList, find_path: FindPath, at: datetime | None) -> ListSigner:
    """Its signer, whose path must end at a root pinned for this publisher.  Raises UntrustedList."""
    return signed_lists.check(defect_list.signed, "defect list", find_path, at, None)


def _defects(element: asn1.Element) -> list[Defect]:
    entry = element.fields("defect")
    identifier = entry.take(asn1.SEQUENCE, 0x80, 0xA0)
    if identifier.tag == asn1.SEQUENCE:
        pair = identifier.fields("defect: signer")
        issuer, serial = names.read(pair.take(asn1.SEQUENCE).raw), pair.take(asn1.INTEGER).integer()
        signer = SignerIdentifier(issuer, serial, None)
    else:
        signer = SignerIdentifier(None, None, identifier.octets())
    hashed = entry.optional(asn1.OCTET_STRING)
    certificate_digest = hashed.octets() if hashed is not None else None
    found: list[Defect] = []
    for each in entry.take(asn1.SET).children():
        fields = each.fields("defect: kind")
        oid = fields.take(asn1.OID).oid()
        parameter = fields.optional()
        status = parameter.integer() if parameter is not None and parameter.tag == asn1.ENUMERATED else None
        kind = DefectType(oid) if oid in set(DefectType) else oid
        found.append(Defect(signer, certificate_digest, kind, status))
    return found
