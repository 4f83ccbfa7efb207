"""Card-verifiable certificates, read and checked (TR-03110-3, C and D).

7F21 { 7F4E { 5F29 00 | 42 issuer | 7F49 key | 5F20 holder | 7F4C { 06 role type, 53 rights } |
              5F25 from | 5F24 to } | 5F37 signature }
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from simulators.card import ecdsa
from simulators.card.curves import Curve, Point
from simulators.card.der import oid_value
from simulators.card.tlv import data_objects, unwrap, values

_TERMINAL_AUTHENTICATION = oid_value("0.4.0.127.0.7.2.2.2")
_RSA = {1: ("pkcs1", "sha1"), 2: ("pkcs1", "sha256"), 3: ("pss", "sha1"), 4: ("pss", "sha256"),
        5: ("pkcs1", "sha512"), 6: ("pss", "sha512")}  # fmt: skip
_ECDSA = {1: "sha1", 2: "sha224", 3: "sha256", 4: "sha384", 5: "sha512"}
_HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha512": hashes.SHA512}


class Role(IntEnum):
    """Bits 8 and 7 of the rights."""

    TERMINAL = 0
    FOREIGN_VERIFIER = 1
    DOMESTIC_VERIFIER = 2
    AUTHORITY = 3


@dataclass(frozen=True, slots=True)
class CvKey:
    """A public key: `modulus` and `exponent`, or `point` on `curve`, which only authorities' certificates
    state: None where it is not known yet."""

    algorithm: bytes
    modulus: int = 0
    exponent: int = 0
    point: bytes = b""
    curve: Curve | None = None

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` over `message` is this key's; False too when the key can't be used."""
        prefix, kind, variant = self.algorithm[:-2], self.algorithm[-2], self.algorithm[-1]
        if prefix != _TERMINAL_AUTHENTICATION:
            return False
        if kind == 1 and variant in _RSA:
            return self._verifies_rsa(message, signature, *_RSA[variant])
        if kind != 2 or variant not in _ECDSA or self.curve is None:
            return False
        try:
            point: Point = self.curve.decode(self.point)
        except ValueError:
            return False
        return ecdsa.verify(self.curve, point, message, signature, _ECDSA[variant])

    def _verifies_rsa(self, message: bytes, signature: bytes, scheme: str, hash_name: str) -> bool:
        digest = _HASHES[hash_name]()
        form = (
            padding.PKCS1v15()
            if scheme == "pkcs1"
            else padding.PSS(padding.MGF1(digest), salt_length=digest.digest_size)
        )
        try:
            key = RSAPublicNumbers(self.exponent, self.modulus).public_key()
            key.verify(signature, message, form, digest)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class CvCertificate:
    """One certificate.  `rights` is the last byte of the holder's authorisation; `body` the signed octets."""

    issuer: bytes
    holder: bytes
    key: CvKey
    role: Role
    rights: int
    valid_from: date
    valid_to: date
    body: bytes
    signature: bytes


def parse(data: bytes) -> CvCertificate:
    """A certificate, with its 7F21 or as PSO: VERIFY CERTIFICATE sends it, without.  Raises ValueError."""
    if data[:2] == b"\x7f\x21":
        data = unwrap(data, 0x7F21)
    objects = {each.tag: each for each in data_objects(data)}
    try:
        body, signature = objects[0x7F4E], objects[0x5F37]
        fields = values(body.value)
        authorisation = values(fields[0x7F4C])[0x53]
        return CvCertificate(
            fields[0x42],
            fields[0x5F20],
            _key(fields[0x7F49]),
            Role(authorisation[0] >> 6),
            authorisation[-1] & 0x3F if len(authorisation) == 1 else authorisation[-1],
            _date(fields[0x5F25]),
            _date(fields[0x5F24]),
            body.octets,
            signature.value,
        )
    except (KeyError, IndexError) as error:
        raise ValueError(f"no card-verifiable certificate: {error} is missing") from None


def _key(data: bytes) -> CvKey:
    fields = values(data)
    numbers = {tag: int.from_bytes(value, "big") for tag, value in fields.items()}
    algorithm = fields[0x06]
    if len(algorithm) < 3:
        raise ValueError("a key names no algorithm")
    if 0x82 in fields and 0x86 not in fields:
        return CvKey(algorithm, modulus=numbers[0x81], exponent=numbers[0x82])
    curve = None
    if 0x81 in fields:
        base = fields[0x84]
        size = (len(base) - 1) // 2
        x, y = int.from_bytes(base[1 : 1 + size], "big"), int.from_bytes(base[1 + size :], "big")
        p, a, b, n = (numbers[tag] for tag in (0x81, 0x82, 0x83, 0x85))
        curve = Curve("stated by a certificate", "", p, a, b, x, y, n, h=numbers.get(0x87, 1))
    return CvKey(algorithm, point=fields[0x86], curve=curve)


def _date(value: bytes) -> date:
    """Six unpacked digits, YYMMDD, of this century."""
    if len(value) != 6 or max(value) > 9:
        raise ValueError("a date is malformed")
    year, month, day = (10 * value[place] + value[place + 1] for place in (0, 2, 4))
    return date(2000 + year, month, day)
