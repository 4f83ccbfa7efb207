"""A state's PKI small enough to be read: certificates, CRLs and signed contents, right or wrong at will."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from asn1crypto import core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

AT = datetime(2026, 6, 1, tzinfo=UTC)
ECDSA_SHA256, SHA256 = "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.2.1"
LDS, MASTER_LIST, DEVIATIONS = "2.23.136.1.1.1", "2.23.136.1.1.2", "2.23.136.1.1.7"
DEFECTS, CARD_SECURITY, ID_DATA = "0.4.0.127.0.7.3.1.5", "0.4.0.127.0.7.3.2.1", "1.2.840.113549.1.7.1"
CA_USAGE, SIGNER_USAGE = b"\x03\x02\x01\x06", b"\x03\x02\x07\x80"


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([128 | len(octets)]) + octets) + content


def oid(dotted: str) -> bytes:
    return core.ObjectIdentifier(dotted).dump()


def integer(value: int) -> bytes:
    return core.Integer(value).dump()


def algorithm(dotted: str) -> bytes:
    return der(0x30, oid(dotted))


def name(country: str, common: str) -> bytes:
    pairs = (("2.5.4.6", country), ("2.5.4.3", common))
    return der(0x30, *(der(0x31, der(0x30, oid(kind), der(0x13, text.encode()))) for kind, text in pairs))


def moment(when: datetime) -> bytes:
    return der(0x17, f"{when:%y%m%d%H%M%S}Z".encode())


@cache
def key(label: str) -> ec.EllipticCurvePrivateKey:
    """The key of a label, the same in every run: a failing example can be replayed."""
    curve = ec.BrainpoolP256R1() if "brainpool" in label else ec.SECP256R1()
    return ec.derive_private_key(int.from_bytes(hashlib.sha256(label.encode()).digest()[1:], "big"), curve)


def spki(label: str) -> bytes:
    return key(label).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(label: str) -> bytes:
    point = key(label).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return hashlib.sha1(point, usedforsecurity=False).digest()


def sign(label: str, message: bytes) -> bytes:
    return key(label).sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def extension(dotted: str, value: bytes, critical: bool = False) -> bytes:
    return der(0x30, oid(dotted), der(0x01, b"\xff") if critical else b"", der(0x04, value))


@dataclass(frozen=True)
class Template:
    """A certificate to be.  `key` and `issuer_key` are labels; what is None is left out."""

    subject: bytes
    issuer: bytes
    key: str
    issuer_key: str
    serial: int = 1
    start: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    end: datetime = datetime(2034, 1, 1, tzinfo=UTC)
    ca: bool | None = None
    usage: bytes | None = SIGNER_USAGE
    extended: tuple[str, ...] = ()
    public: bytes | None = None
    further: tuple[bytes, ...] = ()
    key_ids: bool = True

    @cache  # noqa: B019  a few hundred templates
    def encode(self) -> bytes:
        parts = list(self.further)
        if self.ca is not None:
            parts.append(extension("2.5.29.19", der(0x30, der(0x01, b"\xff") if self.ca else b""), True))
        if self.usage is not None:
            parts.append(extension("2.5.29.15", self.usage, True))
        if self.extended:
            parts.append(extension("2.5.29.37", der(0x30, *(oid(each) for each in self.extended))))
        if self.key_ids:
            parts.append(extension("2.5.29.14", der(0x04, key_id(self.key))))
            parts.append(extension("2.5.29.35", der(0x30, der(0x80, key_id(self.issuer_key)))))
        body = der(
            0x30,
            der(0xA0, integer(2)),
            integer(self.serial),
            algorithm(ECDSA_SHA256),
            self.issuer,
            der(0x30, moment(self.start), moment(self.end)),
            self.subject,
            self.public or spki(self.key),
            der(0xA3, der(0x30, *parts)),
        )
        signature = der(0x03, b"\0", sign(self.issuer_key, body))
        return der(0x30, body, algorithm(ECDSA_SHA256), signature)


ROOT_NAME = name("UT", "CSCA Utopia")
ROOT = Template(ROOT_NAME, ROOT_NAME, "root", "root", serial=10, ca=True, usage=CA_USAGE)
SIGNER = Template(name("UT", "Signer 7"), ROOT_NAME, "signer", "root", serial=77)


def signed(
    content_type: str,
    content: bytes,
    certificate: bytes,
    signer: Template,
    *,
    attributes: bool = True,
    digest: bytes | None = None,
    attribute_type: str | None = None,
    further: Iterable[bytes] = (),
    signers: int = 1,
    by_key: bool = False,
) -> bytes:
    """A ContentInfo of SignedData, signed with the key of `signer`."""
    who = der(0x80, key_id(signer.key)) if by_key else der(0x30, signer.issuer, integer(signer.serial))
    hashed = digest if digest is not None else hashlib.sha256(content).digest()
    pairs = sorted(
        (
            der(0x30, oid("1.2.840.113549.1.9.3"), der(0x31, oid(attribute_type or content_type))),
            der(0x30, oid("1.2.840.113549.1.9.4"), der(0x31, der(0x04, hashed))),
        )
    )
    signature = sign(signer.key, der(0x31, *pairs) if attributes else content)
    info = der(
        0x30,
        integer(1),
        who,
        algorithm(SHA256),
        der(0xA0, *pairs) if attributes else b"",
        algorithm(ECDSA_SHA256),
        der(0x04, signature),
    )
    data = der(
        0x30,
        integer(3),
        der(0x31, algorithm(SHA256)),
        der(0x30, oid(content_type), der(0xA0, der(0x04, content))),
        der(0xA0, certificate, *further),
        der(0x31, *[info] * signers),
    )
    return der(0x30, oid("1.2.840.113549.1.7.2"), der(0xA0, data))


def security_object(files: Mapping[int, bytes]) -> bytes:
    """LDSSecurityObject over the files."""
    hashed = (
        der(0x30, integer(number), der(0x04, hashlib.sha256(data).digest())) for number, data in files.items()
    )
    return der(0x30, integer(0), algorithm(SHA256), der(0x30, *hashed))


def sod(files: Mapping[int, bytes], signer: Template = SIGNER) -> bytes:
    """EF.SOD over the files."""
    return der(0x77, signed(LDS, security_object(files), signer.encode(), signer))


def crl(
    issuer: Template = ROOT,
    serials: Iterable[int] = (),
    *,
    this_update: datetime = datetime(2026, 5, 1, tzinfo=UTC),
    next_update: datetime | None = datetime(2026, 7, 1, tzinfo=UTC),
    signing_key: str | None = None,
    extensions: Iterable[bytes] = (),
) -> bytes:
    entries = [der(0x30, integer(serial), moment(this_update)) for serial in serials]
    further = list(extensions)
    body = der(
        0x30,
        integer(1),
        algorithm(ECDSA_SHA256),
        issuer.subject,
        moment(this_update),
        moment(next_update) if next_update is not None else b"",
        der(0x30, *entries) if entries else b"",
        der(0xA0, der(0x30, *further)) if further else b"",
    )
    return der(0x30, body, algorithm(ECDSA_SHA256), der(0x03, b"\0", sign(signing_key or issuer.key, body)))
