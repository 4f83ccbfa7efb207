"""X.509 certificates as Doc 9303-12, section 7.1, profiles them (and as states break that profile).

Only what is needed to index a certificate is read at once; the rest when it is asked for, so that a list of a
thousand loads quickly and one odd extension does not lose the certificate.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from drivers.emrtd import asn1, curves, names, public_keys, signatures
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.names import Name
from drivers.emrtd.public_keys import PublicKey

SIZE_MAX = 32768
EXTENSIONS_MAX = 64

KEY_USAGE, SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.15", "2.5.29.14", "2.5.29.35"
BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, PRIVATE_KEY_PERIOD = "2.5.29.19", "2.5.29.37", "2.5.29.16"
DOCUMENT_TYPES, NAME_CHANGE = "2.23.136.1.1.6.2", "2.23.136.1.1.6.1"
CERTIFICATE_POLICIES = "2.5.29.32"
UNDERSTOOD = {
    *(KEY_USAGE, SUBJECT_KEY, AUTHORITY_KEY, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE),
    *(PRIVATE_KEY_PERIOD, DOCUMENT_TYPES, NAME_CHANGE, CERTIFICATE_POLICIES),
}
"""Extensions that may be critical.  Name constraints are not among them: no state uses them."""

MASTER_LIST_SIGNER, DEVIATION_LIST_SIGNER = "2.23.136.1.1.3", "2.23.136.1.1.8"
DIGITAL_SIGNATURE, CERTIFICATE_SIGNING, CRL_SIGNING = 0, 5, 6
"""Bits of the key usage (RFC 5280, 4.2.1.3)."""


@dataclass(frozen=True, slots=True)
class Extension:
    critical: bool
    value: bytes


@dataclass(frozen=True)
class Certificate:
    """One certificate.  `raw` is all of it, `signed` the part the signature is over (TBSCertificate)."""

    raw: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    serial: int
    issuer: Name
    subject: Name
    not_before: datetime
    not_after: datetime
    spki: bytes = field(repr=False)
    extensions: Mapping[str, Extension] = field(repr=False)
    signature_algorithm: asn1.Element = field(repr=False, compare=False)
    signature: bytes = field(repr=False)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the whole certificate, in hex: what two persons read to each other."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def encodings(self) -> tuple[bytes, ...]:
        """`raw` and the other ways to write this very certificate that a list may mean by a digest.

        Nobody signs a certificate's outer octets: who lays it into a security object can write their lengths
        otherwise, and put (r, n - s) for an ECDSA signature (r, s), without its key.
        """
        found = {self.raw: None}
        for signature in (self.signature, *_mirrored(self.signature)):
            bits = asn1.encode(asn1.BIT_STRING, b"\0" + signature)
            found[asn1.encode(asn1.SEQUENCE, self.signed, self.signature_algorithm.raw, bits)] = None
        return tuple(found)

    @cached_property
    def public_key(self) -> PublicKey:
        """Raises MalformedError, UnsupportedError or its ForbiddenKey; see `public_keys.read`."""
        return public_keys.read(self.spki)

    @cached_property
    def vouched_key(self) -> PublicKey:
        """The key, with the leniency for what a trusted certificate vouches for (`public_keys.read`)."""
        return public_keys.read(self.spki, vouched=True)

    @cached_property
    def subject_key(self) -> bytes | None:
        """The subject key identifier, None where absent or not readable: it only helps to find."""
        try:
            value = self._extension(SUBJECT_KEY)
            return value.octets() if value is not None else None
        except MalformedError:
            return None

    @cached_property
    def authority_key(self) -> bytes | None:
        """The issuer's key identifier, None where absent or not readable."""
        return authority_key(self.extensions)

    @cached_property
    def key_usage(self) -> frozenset[int] | None:
        """Bits set in the key usage, None where the extension is absent."""
        value = self._extension(KEY_USAGE)
        return value.named_bits() if value is not None else None

    @cached_property
    def extended_key_usage(self) -> tuple[str, ...]:
        value = self._extension(EXTENDED_KEY_USAGE)
        return tuple(part.oid() for part in value.children()) if value is not None else ()

    @cached_property
    def is_ca(self) -> bool:
        """Whether basic constraints say CA.  Absent means no: only a missing path length is forgiven."""
        value = self._extension(BASIC_CONSTRAINTS)
        first = value.fields("basic constraints").optional(asn1.BOOLEAN) if value is not None else None
        return first is not None and first.boolean()

    @cached_property
    def private_key_period(self) -> tuple[datetime | None, datetime | None]:
        """When the private key may sign (RFC 3280, 4.2.1.4): from, to."""
        value = self._extension(PRIVATE_KEY_PERIOD)
        if value is None:
            return None, None
        fields = value.fields("private key usage period")
        start, end = fields.optional(0x80), fields.optional(0x81)
        return start and _generalized(start), end and _generalized(end)

    @cached_property
    def document_types(self) -> tuple[str, ...]:
        """Document codes of the MRZ that this signer is for (Doc 9303-12, 7.1.1); empty where not said.

        Only reported, so forms other than {version, SET of codes} are read too (ID leaves the version out).
        """
        value = self._extension(DOCUMENT_TYPES)
        return tuple(_strings(value)) if value is not None else ()

    @property
    def unknown_critical(self) -> tuple[str, ...]:
        """Critical extensions that are not understood here: the certificate must not be used."""
        return tuple(oid for oid, each in self.extensions.items() if each.critical and oid not in UNDERSTOOD)

    @property
    def self_issued(self) -> bool:
        return self.issuer.key == self.subject.key

    @property
    def may_sign_certificates(self) -> bool:
        """CA by its constraints and, where a key usage is given, for certificates.  Not readable means no."""
        try:
            return self.is_ca and (self.key_usage is None or CERTIFICATE_SIGNING in self.key_usage)
        except MalformedError:
            return False

    def signed_by(self, issuer: "Certificate") -> bool:
        """Whether `issuer`, a certificate of our store, made this one's signature.

        False also where the algorithm or the key is not usable: see `signatures.verify` for the reasons.
        """
        try:
            return self.check_signature(issuer)
        except (MalformedError, UnsupportedError):
            return False

    def check_signature(self, issuer: "Certificate") -> bool:
        """The same, but raises UnsupportedError and MalformedError with what is wrong."""
        scheme = signatures.read_scheme(self.signature_algorithm)
        return signatures.verify(issuer.vouched_key, scheme, self.signed, self.signature)

    @cached_property
    def self_signed(self) -> bool:
        return self.self_issued and self.signed_by(self)

    def _extension(self, oid: str) -> asn1.Element | None:
        extension = self.extensions.get(oid)
        return None if extension is None else asn1.read(extension.value, f"certificate: extension {oid}")


def read(data: bytes) -> Certificate:
    """The certificate that `data` is.  Raises MalformedError."""
    return from_element(asn1.read(data, "certificate", SIZE_MAX))


def from_element(element: asn1.Element) -> Certificate:
    """The same from a parsed list or CMS.  Raises MalformedError."""
    raw = element.raw
    if len(raw) > SIZE_MAX:
        raise MalformedError(f"certificate: {len(raw)} octets, more than {SIZE_MAX}")
    outer = element.fields("certificate")
    signed = outer.take(asn1.SEQUENCE)
    algorithm, signature = outer.take(asn1.SEQUENCE), outer.take(asn1.BIT_STRING).bits()
    outer.end()
    fields = signed.fields("certificate: signed part")
    fields.optional(0xA0)
    serial = fields.take(asn1.INTEGER).integer()  # KZ: negative ones
    # The algorithm stands twice, and only the inner one is signed (RFC 5280, 4.1.1.2: they must be the same).
    if fields.take(asn1.SEQUENCE).raw != algorithm.raw:
        raise MalformedError("certificate: the signed algorithm is not the one outside")
    issuer = names.read(fields.take(asn1.SEQUENCE).raw)
    validity = fields.take(asn1.SEQUENCE).fields("certificate: validity")
    not_before, not_after = validity.take().time(), validity.take().time()
    subject = names.read(fields.take(asn1.SEQUENCE).raw)
    spki = fields.take(asn1.SEQUENCE).raw
    fields.optional(0x81, 0xA1)
    fields.optional(0x82, 0xA2)
    extensions = fields.optional(0xA3)
    return Certificate(
        raw=raw,
        signed=signed.raw,
        serial=serial,
        issuer=issuer,
        subject=subject,
        not_before=not_before,
        not_after=not_after,
        spki=spki,
        extensions=read_extensions(extensions.only()) if extensions is not None else {},
        signature_algorithm=algorithm,
        signature=signature,
    )


def read_extensions(element: asn1.Element) -> Mapping[str, Extension]:
    """Extensions of a certificate or CRL, by identifier.  One that occurs twice is refused."""
    found: dict[str, Extension] = {}
    for each in element.fields("extensions").rest():
        fields = each.fields("extension")
        oid = fields.take(asn1.OID).oid()
        critical = fields.optional(asn1.BOOLEAN)
        if oid in found or len(found) >= EXTENSIONS_MAX:
            raise MalformedError(f"extension {oid}: twice, or one of more than {EXTENSIONS_MAX}")
        value = fields.take(asn1.OCTET_STRING).content
        found[oid] = Extension(critical is not None and critical.boolean(), value)
    return found


def authority_key(extensions: Mapping[str, Extension]) -> bytes | None:
    """Key identifier in the authority key identifier of a certificate or CRL, None where there is none."""
    extension = extensions.get(AUTHORITY_KEY)
    if extension is None:
        return None
    what = "authority key identifier"
    try:
        first = asn1.read(extension.value, what).fields(what).optional(0x80)
    except MalformedError:
        return None
    return first.content if first is not None else None


def _mirrored(signature: bytes) -> Iterator[bytes]:
    """The DER of (r, s), and of (r, n - s) for every order that fits, if `signature` is of ECDSA."""
    try:
        fields = asn1.read(signature, "ECDSA signature").fields("ECDSA signature")
        r, s = fields.take(asn1.INTEGER).integer(), fields.take(asn1.INTEGER).integer()
        fields.end()
    except MalformedError:
        return
    for other in (s, *(curve.n - s for curve in curves.CURVES if 0 < s < curve.n)):
        yield asn1.encode(
            asn1.SEQUENCE,
            *(
                asn1.encode(asn1.INTEGER, each.to_bytes(each.bit_length() // 8 + 1, "big", signed=True))
                for each in (r, other)
            ),
        )


def _generalized(element: asn1.Element) -> datetime:
    encoded = asn1.encode(asn1.GENERALIZED_TIME, element.content)
    return asn1.read(encoded, "private key usage period").time()


def _strings(element: asn1.Element) -> Iterator[str]:
    for each in element.children() if element.constructed else ():
        if each.constructed:
            yield from _strings(each)
        elif each.tag != asn1.INTEGER:
            yield each.text()
