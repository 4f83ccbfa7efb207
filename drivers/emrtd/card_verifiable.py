"""Card-verifiable certificates of terminals (BSI TR-03110-3, C): what a chip can check by itself.

7F21 { 7F4E { 5F29 profile, 42 authority, 7F49 { 06 algorithm, ... } key, 5F20 holder,
              7F4C { 06 type, 53 role and rights }, 5F25 effective, 5F24 expires, [65 extensions] },
       5F37 signature }
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, IntFlag

from drivers.emrtd import object_identifiers, signatures, tlv
from drivers.emrtd.curves import by_parameters
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.libcrypto import on_curve
from drivers.emrtd.public_keys import EcKey, RsaKey
from drivers.emrtd.signatures import Digest, Padding, Scheme

INSPECTION_SYSTEM = "0.4.0.127.0.7.3.1.2.1"
"""id-IS: the terminal type that may read fingers and iris (TR-03110-3, C.4.1)."""

_TERMINAL_AUTHENTICATION = "0.4.0.127.0.7.2.2.2."
_NAME_MAX = 16
_CENTURY = 2000


def _pss(digest: Digest, salt_length: int) -> Scheme:
    return Scheme(Padding.PSS, digest, digest, salt_length)


_SCHEMES = {
    "1.1": Scheme(Padding.PKCS1, Digest.SHA1),
    "1.2": Scheme(Padding.PKCS1, Digest.SHA256),
    "1.3": _pss(Digest.SHA1, 20),
    "1.4": _pss(Digest.SHA256, 32),
    "1.5": Scheme(Padding.PKCS1, Digest.SHA512),
    "1.6": _pss(Digest.SHA512, 64),
    "2.1": Scheme(Padding.ECDSA_PLAIN, Digest.SHA1),
    "2.2": Scheme(Padding.ECDSA_PLAIN, Digest.SHA224),
    "2.3": Scheme(Padding.ECDSA_PLAIN, Digest.SHA256),
    "2.4": Scheme(Padding.ECDSA_PLAIN, Digest.SHA384),
    "2.5": Scheme(Padding.ECDSA_PLAIN, Digest.SHA512),
}
"""Signature schemes by the last two arcs of the key's identifier (TR-03110-3, A.6.3 and A.6.4)."""


class Role(IntEnum):
    """Bits 8 and 7 of the first octet of the rights (TR-03110-3, C.4)."""

    TERMINAL = 0
    FOREIGN_VERIFIER = 1
    DOMESTIC_VERIFIER = 2
    AUTHORITY = 3


class Rights(IntFlag):
    """What an inspection system may read (TR-03110-3, table 22)."""

    NONE = 0
    FINGERS = 1
    IRIS = 2


@dataclass(frozen=True, slots=True)
class CvKey:
    """Key of a certificate.  `octets` is an EC point as written; its curve stands only in a CVCA's
    certificate and holds for all below it (`key` is then None here)."""

    oid: str
    scheme: Scheme
    key: RsaKey | EcKey | None
    octets: bytes = b""

    def on(self, issuer: RsaKey | EcKey) -> RsaKey | EcKey:
        """This key, on the issuer's curve where it names none itself.  MalformedError if it is not on it."""
        if self.key is not None:
            return self.key
        if not isinstance(issuer, EcKey):
            raise MalformedError("CV certificate: an EC key without parameters under an RSA key")
        return EcKey(issuer.curve, _point(issuer, self.octets))


@dataclass(frozen=True, slots=True)
class CvCertificate:
    """`body` and `signature` are the objects as they stand; `authority` and `holder` are the references of
    the keys that signed and that is certified, which also name them to a chip."""

    body: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    authority: str
    holder: str
    key: CvKey
    type_oid: str
    role: Role
    rights: Rights
    effective: date
    expires: date

    @property
    def value(self) -> bytes:
        """What PSO: Verify Certificate sends: the content of 7F21."""
        return self.body + tlv.build(0x5F37, self.signature)

    @property
    def self_signed(self) -> bool:
        return self.authority == self.holder

    def verify(self, issuer: RsaKey | EcKey, scheme: Scheme) -> bool:
        """Whether `issuer`, a key used by `scheme`, signed this certificate."""
        return signatures.verify(issuer, scheme, self.body, self.signature)


def read(data: bytes) -> CvCertificate:
    """The certificate of these octets.  Raises MalformedError, and UnsupportedError for a key of a kind
    that is not of terminal authentication."""
    outer = tlv.read(data)
    if outer.tag != 0x7F21:
        raise MalformedError(f"CV certificate: tag {outer.tag:02X}, expected 7F21")
    body, signature = outer.get(0x7F4E), outer.get(0x5F37).value
    if body.get(0x5F29).value != b"\0":
        raise UnsupportedError("CV certificate: a profile other than version 1")
    template = body.get(0x7F4C)
    rights = template.get(0x53).value
    if not rights:
        raise MalformedError("CV certificate: rights without octets")
    return CvCertificate(
        body.raw,
        signature,
        _name(body.get(0x42).value),
        _name(body.get(0x5F20).value),
        _key(body.get(0x7F49)),
        object_identifiers.decode(template.get(0x06).value),
        Role(rights[0] >> 6),
        Rights(rights[-1] & 0x03),
        _date(body.get(0x5F25).value),
        _date(body.get(0x5F24).value),
    )


def chain(certificates: Sequence[CvCertificate], trust_points: Sequence[str]) -> tuple[CvCertificate, ...]:
    """The certificates that lead from a key the chip knows to the terminal's, in the order to send them.

    `trust_points` are the references of keys that the chip holds, the newest first.  The shortest way is
    taken. Raises UnsupportedError, with the references, where none leads there."""
    for known in trust_points:
        ways: list[tuple[CvCertificate, ...]] = [()]
        while ways:
            way = ways.pop(0)
            last = way[-1].holder if way else known
            if way and way[-1].role is Role.TERMINAL:
                return way
            seen = {known, *(certificate.holder for certificate in way)}
            ways += [
                (*way, certificate)
                for certificate in certificates
                if certificate.authority == last and certificate.holder not in seen
            ]
    held = ", ".join(sorted({certificate.authority for certificate in certificates})) or "none"
    raise UnsupportedError(
        f"no terminal certificate leads from the keys that the chip knows ({', '.join(trust_points)});"
        f" ours are under {held}"
    )


def effective_rights(certificates: Sequence[CvCertificate]) -> Rights:
    """What all certificates of a chain allow, and only for an inspection system (TR-03110-3, 2.7)."""
    rights = Rights.FINGERS | Rights.IRIS
    for certificate in certificates:
        rights &= certificate.rights if certificate.type_oid == INSPECTION_SYSTEM else Rights.NONE
    return rights if certificates else Rights.NONE


def _name(octets: bytes) -> str:
    """Country, mnemonic and sequence number in Latin-1 (TR-03110-3, C.2)."""
    if not 0 < len(octets) <= _NAME_MAX:
        raise MalformedError(f"CV certificate: a reference of {len(octets)} octets")
    return octets.decode("latin-1")


def _date(octets: bytes) -> date:
    """Six digits YYMMDD, one an octet."""
    if len(octets) != 6 or max(octets) > 9:
        raise MalformedError("CV certificate: a date that is not six digits")
    year, month, day = (octets[at] * 10 + octets[at + 1] for at in (0, 2, 4))
    try:
        return date(_CENTURY + year, month, day)
    except ValueError as error:
        raise MalformedError(f"CV certificate: {error}") from error


def _key(node: tlv.Node) -> CvKey:
    oid = object_identifiers.decode(node.get(0x06).value)
    scheme = _SCHEMES.get(oid.removeprefix(_TERMINAL_AUTHENTICATION))
    if scheme is None or not oid.startswith(_TERMINAL_AUTHENTICATION):
        raise UnsupportedError(f"CV certificate: a key for {oid}")
    if scheme.padding is not Padding.ECDSA_PLAIN:
        n, e = (int.from_bytes(node.get(tag).value, "big") for tag in (0x81, 0x82))
        return CvKey(oid, scheme, RsaKey(n, e))
    octets = node.get(0x86).value
    if node.find(0x81) is None:
        return CvKey(oid, scheme, None, octets)
    p, a, b, n = (int.from_bytes(node.get(tag).value, "big") for tag in (0x81, 0x82, 0x83, 0x85))
    cofactor = node.find(0x87)
    curve = by_parameters(
        p, a, b, node.get(0x84).value, n, cofactor and int.from_bytes(cofactor.value, "big")
    )
    placed = EcKey(curve, curve.generator)
    return CvKey(oid, scheme, EcKey(curve, _point(placed, octets)), octets)


def _point(key: EcKey, octets: bytes) -> tuple[int, int]:
    size = key.curve.size
    point = int.from_bytes(octets[1 : 1 + size], "big"), int.from_bytes(octets[1 + size :], "big")
    if len(octets) != 1 + 2 * size or octets[0] != 4 or not on_curve(key.curve, point):
        raise MalformedError(f"CV certificate: a public point that is not on {key.curve.name}")
    return point
