"""Certificate revocation lists (RFC 5280, 5; profile in Doc 9303-12, 7.1.4): full ones only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from drivers.emrtd import asn1, certificates, names, signatures
from drivers.emrtd.certificates import Certificate, Extension
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.names import Name

SIZE_MAX = 16 << 20
PUBLISHED_EVERY = timedelta(days=90)
"""The longest time between two lists (Doc 9303-12); counts where a list does not say when the next is due."""

_REASON, _CERTIFICATE_ISSUER = "2.5.29.21", "2.5.29.29"
_NUMBER, _DISTRIBUTION_POINT = "2.5.29.20", "2.5.29.28"
_UNDERSTOOD = {_NUMBER, certificates.AUTHORITY_KEY, _DISTRIBUTION_POINT}
_REASONS = {
    0: "unspecified",
    1: "key_compromise",
    2: "ca_compromise",
    3: "affiliation_changed",
    4: "superseded",
    5: "cessation_of_operation",
    6: "certificate_hold",
    9: "privilege_withdrawn",
    10: "aa_compromise",
}


@dataclass(frozen=True, slots=True)
class Revocation:
    when: datetime
    reason: str


@dataclass(frozen=True)
class Crl:
    """One list, not yet verified.  `raw` is all of it, `signed` the part the signature is over."""

    raw: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    issuer: Name
    this_update: datetime
    next_update: datetime | None
    number: int | None
    authority_key: bytes | None
    entries: asn1.Element | None = field(repr=False, compare=False)
    signature_algorithm: asn1.Element = field(repr=False, compare=False)
    signature: bytes = field(repr=False)

    @cached_property
    def revoked(self) -> Mapping[int, Revocation]:
        """Serials and why.  Read when first asked for: some lists are long, and most states are seldom seen.
        Raises MalformedError, UnsupportedError."""
        return dict(_entry(entry) for entry in self.entries.children()) if self.entries is not None else {}

    def stale(self, at: datetime) -> bool:
        """Whether a newer list is due at `at`: this one then no longer says that somebody is not revoked."""
        return at > (self.next_update or self.this_update + PUBLISHED_EVERY)

    def signed_by(self, issuer: Certificate) -> bool:
        """Whether `issuer`, of our store and permitted to sign lists, signed this one while it was valid."""
        if not issuer.not_before <= self.this_update <= issuer.not_after:
            return False
        try:
            if issuer.key_usage is not None and certificates.CRL_SIGNING not in issuer.key_usage:
                return False
            scheme = signatures.read_scheme(self.signature_algorithm)
            return signatures.verify(issuer.vouched_key, scheme, self.signed, self.signature)
        except (MalformedError, UnsupportedError):
            return False


def read(data: bytes) -> Crl:
    """The list that `data` is.  Raises MalformedError, and UnsupportedError for delta and indirect lists."""
    element = asn1.read(data, "CRL", SIZE_MAX)
    outer = element.fields("CRL")
    signed = outer.take(asn1.SEQUENCE)
    algorithm, signature = outer.take(asn1.SEQUENCE), outer.take(asn1.BIT_STRING).bits()
    fields = signed.fields("CRL: signed part")
    fields.optional(asn1.INTEGER)
    if fields.take(asn1.SEQUENCE).raw != algorithm.raw:
        raise MalformedError("CRL: the signed algorithm is not the one outside")
    issuer = names.read(fields.take(asn1.SEQUENCE).raw)
    this_update = fields.take(asn1.UTC_TIME, asn1.GENERALIZED_TIME).time()
    due = fields.optional(asn1.UTC_TIME, asn1.GENERALIZED_TIME)
    entries = fields.optional(asn1.SEQUENCE)
    extensions = fields.optional(0xA0)
    fields.end()
    known = certificates.read_extensions(extensions.only()) if extensions is not None else {}
    _refuse_partial(known)
    number = known.get(_NUMBER)
    return Crl(
        raw=element.raw,
        signed=signed.raw,
        issuer=issuer,
        this_update=this_update,
        next_update=due.time() if due is not None else None,
        number=asn1.read(number.value, "CRL: number").integer() if number is not None else None,
        authority_key=certificates.authority_key(known),
        entries=entries,
        signature_algorithm=algorithm,
        signature=signature,
    )


def _refuse_partial(extensions: Mapping[str, Extension]) -> None:
    """A list for some reasons, some certificates, other issuers, or since another list is not complete."""
    unknown = [oid for oid, each in extensions.items() if each.critical and oid not in _UNDERSTOOD]
    if unknown:
        raise UnsupportedError(f"CRL: critical extension {unknown[0]}")
    if (point := extensions.get(_DISTRIBUTION_POINT)) is not None:
        parts = asn1.read(point.value, "CRL: distribution point").fields("CRL: distribution point")
        parts.optional(0xA0)
        for part in parts.rest():
            # Flags that are written though false (BER) change nothing.
            if part.tag not in (0x81, 0x82, 0x84, 0x85) or part.boolean():
                raise UnsupportedError("CRL: partial or indirect")


def _entry(entry: asn1.Element) -> tuple[int, Revocation]:
    fields = entry.fields("CRL: entry")
    serial, when = fields.take(asn1.INTEGER).integer(), fields.take().time()
    extensions = fields.optional(asn1.SEQUENCE)
    known = certificates.read_extensions(extensions) if extensions is not None else {}
    if _CERTIFICATE_ISSUER in known:
        raise UnsupportedError("CRL: indirect")
    code = known.get(_REASON)
    reason = asn1.read(code.value, "CRL: reason").integer() if code is not None else 0
    return serial, Revocation(when, _REASONS.get(reason, str(reason)))
