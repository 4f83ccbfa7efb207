"""CMS SignedData (RFC 5652) as EF.SOD, EF.CardSecurity, master, deviation and defect lists use it.

Lenient where states are (BER, odd set orders, bare key algorithms), strict in what a signature covers:
exactly one signer, the content as its octets came, the attributes that bind it.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from drivers.emrtd import asn1, certificates, names, signatures
from drivers.emrtd.certificates import Certificate
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.names import Name
from drivers.emrtd.public_keys import PublicKey
from drivers.emrtd.signatures import Digest

CERTIFICATES_MAX = 64
ATTRIBUTES_MAX = 64

SIGNED_DATA, ID_DATA = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"


@dataclass(frozen=True, slots=True)
class SignerIdentifier:
    """Whose certificate it is: by issuer and serial, or by subject key identifier."""

    issuer: Name | None
    serial: int | None
    subject_key: bytes | None

    def fits(self, certificate: Certificate) -> bool:
        if self.subject_key is not None:
            return certificate.subject_key == self.subject_key
        same = self.issuer is not None and certificate.issuer.key == self.issuer.key
        return same and certificate.serial == self.serial


@dataclass(frozen=True, slots=True)
class SignedData:
    """One signed content.  Nothing in it is true before `verify` says so."""

    content_type: str
    content: bytes = field(repr=False)
    certificates: tuple[Certificate, ...]
    unreadable_certificates: int
    """Certificates within that could not be read: odd ones must not cost the readable signer."""
    signer: SignerIdentifier
    signing_time: datetime | None
    """What the signer wrote: no evidence of when it signed."""
    digest_algorithm: asn1.Element = field(repr=False)
    signature_algorithm: asn1.Element = field(repr=False)
    signature: bytes = field(repr=False)
    signed_attributes: asn1.Element | None = field(repr=False)
    signed_content_type: str | None
    message_digest: bytes | None = field(repr=False)

    def signers(self, further: Iterable[Certificate] = ()) -> tuple[Certificate, ...]:
        """Certificates that fit the signer's identifier: those within, then `further` ones."""
        return tuple(each for each in (*self.certificates, *further) if self.signer.fits(each))


@dataclass(frozen=True, slots=True)
class Signature:
    """What verifying found.  `reason` is a code: `signature_valid`, or what is wrong."""

    valid: bool
    reason: str
    algorithm: str = ""
    digest: Digest | None = None


def read(data: bytes, what: str, size_max: int = asn1.SIZE_MAX) -> SignedData:
    """The SignedData of a ContentInfo.  Raises MalformedError."""
    info = asn1.read(data, what, size_max).fields(what)
    if (kind := info.take(asn1.OID).oid()) != SIGNED_DATA:
        raise MalformedError(f"{what}: content {kind} is no signed data")
    fields = info.take(0xA0).only().fields(f"{what}: signed data")
    fields.take(asn1.INTEGER)
    fields.take(asn1.SET)
    content_type, content = _encapsulated(fields.take(asn1.SEQUENCE), what)
    readable, unreadable = _certificates(fields.optional(0xA0), what)
    fields.optional(0xA1)
    signers = fields.take(asn1.SET).children()
    if len(signers) != 1:
        raise MalformedError(f"{what}: {len(signers)} signers, not 1")
    signer = signers[0].fields(f"{what}: signer")
    signer.take(asn1.INTEGER)
    identifier = _identifier(signer.take(asn1.SEQUENCE, 0x80, 0xA0), what)
    digest_algorithm = signer.take(asn1.SEQUENCE)
    attributes = signer.optional(0xA0)
    signature_algorithm = signer.take(asn1.SEQUENCE)
    found = _attributes(attributes, what) if attributes is not None else {}
    content_type_attribute = found.get(_CONTENT_TYPE)
    message_digest, signing_time = found.get(_MESSAGE_DIGEST), found.get(_SIGNING_TIME)
    return SignedData(
        content_type=content_type,
        content=content,
        certificates=readable,
        unreadable_certificates=unreadable,
        signer=identifier,
        signing_time=_moment(signing_time),
        digest_algorithm=digest_algorithm,
        signature_algorithm=signature_algorithm,
        signature=signer.take(asn1.OCTET_STRING, 0x24).octets(),
        signed_attributes=attributes,
        signed_content_type=content_type_attribute.oid() if content_type_attribute is not None else None,
        message_digest=message_digest.octets() if message_digest is not None else None,
    )


def content_type(data: bytes) -> str:
    """What a ContentInfo of signed data says that it signs, without reading more.  Raises MalformedError."""
    info = asn1.read(data, "signed data", len(data)).fields("signed data")
    info.take(asn1.OID)
    fields = info.take(0xA0).only().fields("signed data")
    fields.take(asn1.INTEGER)
    fields.take(asn1.SET)
    return fields.take(asn1.SEQUENCE).fields("signed data: content").take(asn1.OID).oid()


def verify(signed: SignedData, key: PublicKey) -> Signature:
    """Whether `key` signed this content (Doc 9303-11, 5.1, steps 4 and 5).

    Raises UnsupportedError for an algorithm that is not known or does not fit the key, MalformedError for
    algorithm parameters that are none.
    """
    digest = signatures.read_digest(signed.digest_algorithm)
    scheme = signatures.read_scheme(signed.signature_algorithm)
    name = (scheme if scheme.digest else signatures.Scheme(scheme.padding, digest)).text
    attributes = signed.signed_attributes
    if attributes is None:
        # RFC 5652, 5.3: attributes may be absent only with id-data.  Without that rule somebody's signature
        # over a content of another type could be passed off as one over attributes, or the reverse.
        if signed.content_type != ID_DATA:
            return Signature(False, "signed_attributes_missing", name, digest)
        valid = signatures.verify(key, scheme, signed.content, signed.signature, digest)
        return Signature(valid, "signature_valid" if valid else "signature_wrong", name, digest)
    if signed.message_digest is None or signed.signed_content_type is None:
        return Signature(False, "signed_attributes_incomplete", name, digest)
    if signed.signed_content_type != signed.content_type:
        return Signature(False, "content_type_differs", name, digest)
    if not hmac.compare_digest(digest.of(signed.content), signed.message_digest):
        return Signature(False, "content_digest_wrong", name, digest)
    # The chain is as strong as its weaker hash: the one over the content or the one under the signature.
    weaker = digest if digest.weak or scheme.digest is None else scheme.digest
    for message in _attribute_messages(attributes):
        if signatures.verify(key, scheme, message, signed.signature, digest):
            return Signature(True, "signature_valid", name, weaker)
    return Signature(False, "signature_wrong", name, digest)


def verified_by(signed: SignedData, certificate: Certificate) -> bool:
    """Whether the certificate's key signed this; False also where it cannot be told."""
    try:
        return verify(signed, certificate.vouched_key).valid
    except (MalformedError, UnsupportedError):
        return False


def _attribute_messages(attributes: asn1.Element) -> tuple[bytes, ...]:
    """What the signature may be over: the attributes tagged as a SET, as they came; or, where they are not in
    DER, in DER (RFC 5652, 5.4)."""
    as_sent = asn1.encode(asn1.SET, attributes.content)
    if attributes.indefinite:
        return (_sorted(attributes),)
    in_der = _sorted(attributes)
    return (as_sent,) if in_der == as_sent else (as_sent, in_der)


def _sorted(attributes: asn1.Element) -> bytes:
    return asn1.encode(asn1.SET, *sorted(asn1.to_der(each) for each in attributes.children()))


def _encapsulated(element: asn1.Element, what: str) -> tuple[str, bytes]:
    fields = element.fields(f"{what}: content")
    kind = fields.take(asn1.OID).oid()
    content = fields.optional(0xA0)
    if content is None:
        raise MalformedError(f"{what}: the signed content is not within")
    inner = content.only()
    if inner.tag not in (asn1.OCTET_STRING, 0x24):
        raise MalformedError(f"{what}: the signed content has tag {inner.tag:02X}, not 04")
    return kind, inner.octets()


def _certificates(element: asn1.Element | None, what: str) -> tuple[tuple[Certificate, ...], int]:
    choices = element.children() if element is not None else []
    if len(choices) > CERTIFICATES_MAX:
        raise MalformedError(f"{what}: {len(choices)} certificates, more than {CERTIFICATES_MAX}")
    readable: list[Certificate] = []
    for choice in choices:
        try:
            readable.append(certificates.from_element(choice))
        except MalformedError:
            continue
    return tuple(readable), len(choices) - len(readable)


def _identifier(element: asn1.Element, what: str) -> SignerIdentifier:
    if element.tag != asn1.SEQUENCE:
        return SignerIdentifier(None, None, element.octets())
    fields = element.fields(f"{what}: signer identifier")
    issuer = names.read(asn1.to_der(fields.take(asn1.SEQUENCE)))
    return SignerIdentifier(issuer, fields.take(asn1.INTEGER).integer(), None)


def _attributes(element: asn1.Element, what: str) -> dict[str, asn1.Element]:
    """The one value of each attribute.  An attribute that occurs twice is refused (RFC 5652, 11)."""
    found: dict[str, asn1.Element] = {}
    for attribute in element.children():
        fields = attribute.fields(f"{what}: attribute")
        oid = fields.take(asn1.OID).oid()
        values = fields.take(asn1.SET).children()
        if oid in found or len(found) >= ATTRIBUTES_MAX:
            raise MalformedError(f"{what}: attribute {oid} twice, or one of more than {ATTRIBUTES_MAX}")
        if oid in (_CONTENT_TYPE, _MESSAGE_DIGEST) and len(values) != 1:
            raise MalformedError(f"{what}: attribute {oid} has {len(values)} values, not 1")
        if values:
            found[oid] = values[0]
    return found


def _moment(element: asn1.Element | None) -> datetime | None:
    try:
        return element.time() if element is not None else None
    except MalformedError:
        return None
