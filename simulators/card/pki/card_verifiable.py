"""Making card-verifiable certificates: what a terminal shows to read fingerprints (TR-03110-3, C and D)."""

from dataclasses import dataclass
from datetime import date, timedelta

from simulators.card import der
from simulators.card.pki.keys import EcKey, RsaKey, SigningKey
from simulators.card.pki.signing import Scheme, plain

AUTHORITY, DOMESTIC_VERIFIER, FOREIGN_VERIFIER, TERMINAL = 0xC0, 0x80, 0x40, 0x00
"""Roles, the top bits of the rights."""
READ_IRIS, READ_FINGERPRINT = 0x02, 0x01

_TERMINAL_AUTHENTICATION = "0.4.0.127.0.7.2.2.2"
_INSPECTION_SYSTEM = "0.4.0.127.0.7.3.1.2.1"
_RSA = {"rsa-sha1": 1, "rsa-sha256": 2, "pss-sha1": 3, "pss-sha256": 4, "rsa-sha512": 5, "pss-sha512": 6}
_ECDSA = {"ecdsa-sha1": 1, "ecdsa-sha224": 2, "ecdsa-sha256": 3, "ecdsa-sha384": 4, "ecdsa-sha512": 5}


@dataclass(frozen=True, slots=True)
class Holder:
    """A key with the reference that certificates name it by (country, mnemonic, five-character sequence)."""

    reference: str
    key: SigningKey
    scheme: Scheme

    @property
    def algorithm(self) -> str:
        form = f"{self.scheme.family}-{self.scheme.hash_name}"
        arc = f"2.{_ECDSA[form]}" if isinstance(self.key, EcKey) else f"1.{_RSA[form]}"
        return f"{_TERMINAL_AUTHENTICATION}.{arc}"

    def sign(self, message: bytes) -> bytes:
        """As certificates and EXTERNAL AUTHENTICATE carry it: ECDSA as r || s."""
        if isinstance(self.key, EcKey):
            return plain(self.key, self.scheme.hash_name, message)
        return self.scheme.sign(self.key, message)

    def public(self, *, parameters: bool) -> bytes:
        """7F49; the curve is stated by authorities' certificates only."""
        name = der.oid(self.algorithm)
        if isinstance(self.key, RsaKey):
            return der.tlv(0x7F49, name, _unsigned(0x81, self.key.n), _unsigned(0x82, self.key.e))
        on = self.key.curve
        point = der.tlv(0x86, on.encode(self.key.point))
        if not parameters:
            return der.tlv(0x7F49, name, point)
        fields = [
            der.tlv(tag, number.to_bytes(on.size, "big"))
            for tag, number in ((0x81, on.p), (0x82, on.a), (0x83, on.b))
        ]
        base, order = der.tlv(0x84, on.encode(on.base)), der.tlv(0x85, on.n.to_bytes(on.order_size, "big"))
        return der.tlv(0x7F49, name, *fields, base, order, point, der.tlv(0x87, bytes([on.h])))


def certificate(
    issuer: Holder, holder: Holder, role: int, rights: int, valid_from: date, valid_to: date
) -> bytes:
    """7F21 with the holder's key, signed by the issuer; both may be one."""
    authority = role == AUTHORITY
    body = der.tlv(
        0x7F4E,
        der.tlv(0x5F29, b"\x00"),
        der.tlv(0x42, issuer.reference.encode("latin-1")),
        holder.public(parameters=authority),
        der.tlv(0x5F20, holder.reference.encode("latin-1")),
        der.tlv(0x7F4C, der.oid(_INSPECTION_SYSTEM), der.tlv(0x53, bytes([role | rights]))),
        der.tlv(0x5F25, _day(valid_from)),
        der.tlv(0x5F24, _day(valid_to)),
    )
    return der.tlv(0x7F21, body, der.tlv(0x5F37, issuer.sign(body)))


@dataclass(frozen=True, slots=True)
class Chain:
    """An authority and what it lets a terminal do.  `terminal` holds the key that the reader needs."""

    authority: Holder
    authority_certificate: bytes
    verifier_certificate: bytes
    terminal: Holder
    terminal_certificate: bytes

    @property
    def presented(self) -> tuple[bytes, ...]:
        """What the terminal shows after the chip's own trust point."""
        return (self.verifier_certificate, self.terminal_certificate)


def chain(
    authority: Holder,
    verifier: Holder,
    terminal: Holder,
    today: date,
    *,
    rights: int = READ_FINGERPRINT | READ_IRIS,
    verifier_rights: int = READ_FINGERPRINT | READ_IRIS,
    foreign: bool = False,
    days: int = 30,
) -> Chain:
    """A chain that holds from `today` for `days`; the authority's certificate began a year ago."""
    first, last = today - timedelta(days=1), today + timedelta(days=days)
    both = READ_FINGERPRINT | READ_IRIS
    role = FOREIGN_VERIFIER if foreign else DOMESTIC_VERIFIER
    return Chain(
        authority,
        certificate(
            authority,
            authority,
            AUTHORITY,
            both,
            today - timedelta(days=365),
            today + timedelta(days=2 * 365),
        ),
        certificate(authority, verifier, role, verifier_rights, first, last),
        terminal,
        certificate(verifier, terminal, TERMINAL, rights, first, last),
    )


def link(old: Holder, new: Holder, today: date) -> bytes:
    """The new authority's key, signed by the old one."""
    rights = READ_FINGERPRINT | READ_IRIS
    return certificate(
        old, new, AUTHORITY, rights, today - timedelta(days=1), today + timedelta(days=3 * 365)
    )


def _unsigned(tag: int, number: int) -> bytes:
    return der.tlv(tag, number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _day(day: date) -> bytes:
    """Six digits, one a byte."""
    return bytes(int(digit) for digit in f"{day:%y%m%d}")
