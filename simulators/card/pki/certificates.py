"""X.509 certificates and revocation lists as Doc 9303-12, 7.1, profiles them, and as they should not be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from simulators.card import der
from simulators.card.pki.keys import SigningKey
from simulators.card.pki.names import Name, alternative_name
from simulators.card.pki.signing import Scheme, digest

DIGITAL_SIGNATURE, KEY_CERT_SIGN, CRL_SIGN = 0, 5, 6
"""Bits of keyUsage."""

MASTER_LIST_SIGNING = "2.23.136.1.1.3"
DEVIATION_LIST_SIGNING = "2.23.136.1.1.8"
_NAME_CHANGE = "2.23.136.1.1.6.1"
_DOCUMENT_TYPES = "2.23.136.1.1.6.2"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first instant to the last, both inside (UTC)."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate ready to be signed.  `extensions` are whole Extension elements."""

    serial: int
    issuer: Name
    subject: Name
    validity: Period
    public_key: bytes
    extensions: Sequence[bytes] = ()

    def sign(self, key: SigningKey, scheme: Scheme) -> bytes:
        validity = der.sequence(der.time(self.validity.first), der.time(self.validity.last))
        body = der.sequence(
            der.explicit(0, der.integer(2)),
            der.integer(self.serial),
            scheme.identifier(),
            self.issuer.encode(),
            validity,
            self.subject.encode(),
            self.public_key,
            *((der.explicit(3, der.sequence(*self.extensions)),) if self.extensions else ()),
        )
        return der.sequence(body, scheme.identifier(), der.bits(scheme.sign(key, body)))


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A full CRL.  `revoked` holds serial numbers; `updated.last` is nextUpdate."""

    issuer: Name
    updated: Period
    number: int
    issuer_key_id: bytes
    revoked: Sequence[int] = ()

    def sign(self, key: SigningKey, scheme: Scheme) -> bytes:
        entries = [
            der.sequence(der.integer(serial), der.time(self.updated.first)) for serial in sorted(self.revoked)
        ]
        extensions = der.sequence(
            authority_key_identifier(self.issuer_key_id),
            extension("2.5.29.20", der.integer(self.number)),
        )
        body = der.sequence(
            der.integer(1),
            scheme.identifier(),
            self.issuer.encode(),
            der.time(self.updated.first),
            der.time(self.updated.last),
            *((der.sequence(*entries),) if entries else ()),
            der.explicit(0, extensions),
        )
        return der.sequence(body, scheme.identifier(), der.bits(scheme.sign(key, body)))


def key_identifier(key: SigningKey) -> bytes:
    """SHA-1 of the key's bits (RFC 5280, 4.2.1.2, method 1)."""
    return digest("sha1", key.key_bits())


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(der.oid(oid), der.boolean(True) if critical else b"", der.octets(value))


def authority_key_identifier(key_id: bytes) -> bytes:
    return extension("2.5.29.35", der.sequence(der.tlv(0x80, key_id)))


def subject_key_identifier(key_id: bytes) -> bytes:
    return extension("2.5.29.14", der.octets(key_id))


def key_usage(*bits: int) -> bytes:
    return extension("2.5.29.15", der.named_bits(bits), critical=True)


def extended_key_usage(oid: str) -> bytes:
    return extension("2.5.29.37", der.sequence(der.oid(oid)), critical=True)


def basic_constraints(path_length: int | None) -> bytes:
    """Of an authority."""
    length = b"" if path_length is None else der.integer(path_length)
    return extension("2.5.29.19", der.sequence(der.boolean(True), length), critical=True)


def private_key_usage(period: Period) -> bytes:
    """For how long the key signs, which is less than its certificate holds."""
    first, last = (
        moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode() for moment in (period.first, period.last)
    )
    return extension("2.5.29.16", der.sequence(der.tlv(0x80, first), der.tlv(0x81, last)))


def distribution_point(url: str) -> bytes:
    """Where the CRL can be fetched."""
    names = der.explicit(0, der.explicit(0, der.tlv(0x86, url.encode("ascii"))))
    return extension("2.5.29.31", der.sequence(der.sequence(names)))


def state_names(state: str) -> tuple[bytes, bytes]:
    """Subject's and issuer's alternative names."""
    return (
        extension("2.5.29.17", alternative_name(state)),
        extension("2.5.29.18", alternative_name(state)),
    )


def document_types(codes: Iterable[str]) -> bytes:
    """The document codes that a signer signs for, as the MRZ has them: P, ID, ..."""
    values = der.set_of(*(der.printable(code) for code in codes))
    return extension(_DOCUMENT_TYPES, der.sequence(der.integer(0), values))


def name_change() -> bytes:
    """Marks the link certificate of an authority that took a new name."""
    return extension(_NAME_CHANGE, der.NULL)


def unknown_critical() -> bytes:
    """An extension nobody knows, marked critical: whoever meets it must refuse the certificate."""
    return extension("2.23.136.1.1.6.99", der.NULL, critical=True)
