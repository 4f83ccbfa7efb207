"""Signatures of Doc 9303-12, section 4.4: RSA PKCS #1 v1.5 and PSS (RFC 8017), ECDSA (TR-03111)."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from drivers.emrtd import asn1, libcrypto, object_identifiers
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.public_keys import EcKey, PublicKey, RsaKey

SIGNATURE_SIZE_MAX = 1024


class Digest(StrEnum):
    """Hash functions of Doc 9303-12, by their name in hashlib.  MD5 is not among them and never will be."""

    SHA1 = "sha1"
    SHA224 = "sha224"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"

    @property
    def weak(self) -> bool:
        """Whether collisions can be made: accepted, because states still sign with it, and said."""
        return self is Digest.SHA1

    def of(self, data: bytes) -> bytes:
        return hashlib.new(self.value, data, usedforsecurity=False).digest()


class Padding(StrEnum):
    PKCS1 = "rsa_pkcs1"
    PSS = "rsa_pss"
    ECDSA = "ecdsa"
    ECDSA_PLAIN = "ecdsa_plain"


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a signature was made.  `digest` is None where the identifier is the bare key's: the signer's digest
    algorithm says it then.  `mask_digest` and `salt_length` are PSS's own."""

    padding: Padding
    digest: Digest | None = None
    mask_digest: Digest = Digest.SHA1
    salt_length: int = 20

    @property
    def text(self) -> str:
        return self.padding.value + (f"_{self.digest.value}" if self.digest else "")


_DIGESTS = {
    "1.3.14.3.2.26": Digest.SHA1,
    "2.16.840.1.101.3.4.2.4": Digest.SHA224,
    "2.16.840.1.101.3.4.2.1": Digest.SHA256,
    "2.16.840.1.101.3.4.2.2": Digest.SHA384,
    "2.16.840.1.101.3.4.2.3": Digest.SHA512,
}
_DIGEST_OCTETS = {digest: object_identifiers.encode(oid) for oid, digest in _DIGESTS.items()}
_PSS, _MGF1 = "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.8"
_SCHEMES = {
    "1.2.840.113549.1.1.1": Scheme(Padding.PKCS1),
    "1.2.840.113549.1.1.5": Scheme(Padding.PKCS1, Digest.SHA1),
    "1.3.14.3.2.29": Scheme(Padding.PKCS1, Digest.SHA1),
    "1.2.840.113549.1.1.14": Scheme(Padding.PKCS1, Digest.SHA224),
    "1.2.840.113549.1.1.11": Scheme(Padding.PKCS1, Digest.SHA256),
    "1.2.840.113549.1.1.12": Scheme(Padding.PKCS1, Digest.SHA384),
    "1.2.840.113549.1.1.13": Scheme(Padding.PKCS1, Digest.SHA512),
    "1.2.840.10045.2.1": Scheme(Padding.ECDSA),
    "1.2.840.10045.4.1": Scheme(Padding.ECDSA, Digest.SHA1),
    "1.2.840.10045.4.3.1": Scheme(Padding.ECDSA, Digest.SHA224),
    "1.2.840.10045.4.3.2": Scheme(Padding.ECDSA, Digest.SHA256),
    "1.2.840.10045.4.3.3": Scheme(Padding.ECDSA, Digest.SHA384),
    "1.2.840.10045.4.3.4": Scheme(Padding.ECDSA, Digest.SHA512),
    "0.4.0.127.0.7.1.1.4.1.1": Scheme(Padding.ECDSA_PLAIN, Digest.SHA1),
    "0.4.0.127.0.7.1.1.4.1.2": Scheme(Padding.ECDSA_PLAIN, Digest.SHA224),
    "0.4.0.127.0.7.1.1.4.1.3": Scheme(Padding.ECDSA_PLAIN, Digest.SHA256),
    "0.4.0.127.0.7.1.1.4.1.4": Scheme(Padding.ECDSA_PLAIN, Digest.SHA384),
    "0.4.0.127.0.7.1.1.4.1.5": Scheme(Padding.ECDSA_PLAIN, Digest.SHA512),
}
_HASHES: dict[Digest, hashes.HashAlgorithm] = {
    Digest.SHA1: hashes.SHA1(),  # noqa: S303  RU signs with it; said as weak
    Digest.SHA224: hashes.SHA224(),
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
}


def digest_by_oid(oid: str) -> Digest:
    """Raises UnsupportedError, also for MD5."""
    if (digest := _DIGESTS.get(oid)) is None:
        raise UnsupportedError(f"hash function {oid}")
    return digest


def read_digest(algorithm: asn1.Element) -> Digest:
    """The hash function of an AlgorithmIdentifier, or of the bare identifier that some encoders write."""
    if algorithm.tag == asn1.OID:
        return digest_by_oid(algorithm.oid())
    return digest_by_oid(algorithm.fields("hash algorithm").take(asn1.OID).oid())


def read_scheme(algorithm: asn1.Element) -> Scheme:
    """The scheme of a signature's AlgorithmIdentifier.  Raises MalformedError, UnsupportedError."""
    fields = algorithm.fields("signature algorithm")
    oid = fields.take(asn1.OID).oid()
    if oid == _PSS:
        return _pss(fields.optional(asn1.SEQUENCE))
    if (scheme := _SCHEMES.get(oid)) is None:
        raise UnsupportedError(f"signature algorithm {oid}")
    return scheme


def fits(key: PublicKey, scheme: Scheme) -> bool:
    """Whether a key of this kind can have made a signature of this scheme."""
    return isinstance(key, EcKey) == (scheme.padding in (Padding.ECDSA, Padding.ECDSA_PLAIN))


def verify(
    key: PublicKey, scheme: Scheme, message: bytes, signature: bytes, digest: Digest | None = None
) -> bool:
    """Whether `signature` is `key`'s over `message`.

    `digest` is the signer's hash function, used where the scheme itself names none.  Raises UnsupportedError
    where scheme and key do not go together or no hash function is named.
    """
    used = scheme.digest or digest
    if used is None:
        raise UnsupportedError("a signature that names no hash function")
    if len(signature) > SIGNATURE_SIZE_MAX:
        return False
    if isinstance(key, RsaKey) and scheme.padding is Padding.PSS:
        return _verify_pss(key, scheme, used, message, signature)
    if isinstance(key, RsaKey) and scheme.padding is Padding.PKCS1:
        return _verify_pkcs1(key, used, message, signature)
    if isinstance(key, EcKey) and scheme.padding in (Padding.ECDSA, Padding.ECDSA_PLAIN):
        pair = _plain(key, signature) if scheme.padding is Padding.ECDSA_PLAIN else _der(signature)
        return pair is not None and libcrypto.ecdsa_verify(key.curve, key.point, used.of(message), *pair)
    raise UnsupportedError(f"{scheme.text} under a key of another kind")


def _pss(parameters: asn1.Element | None) -> Scheme:
    """RSASSA-PSS-params (RFC 4055, 3.1), whose every field has a default."""
    digest, mask, salt = Digest.SHA1, Digest.SHA1, 20
    if parameters is not None:
        fields = parameters.fields("PSS parameters")
        if (element := fields.optional(0xA0)) is not None:
            digest = read_digest(element.only())
        if (element := fields.optional(0xA1)) is not None:
            generation = element.only().fields("PSS mask generation")
            if (oid := generation.take(asn1.OID).oid()) != _MGF1:
                raise UnsupportedError(f"PSS mask generation {oid}")
            mask = read_digest(generation.take())
        if (element := fields.optional(0xA2)) is not None:
            salt = element.only().integer()
        if (element := fields.optional(0xA3)) is not None and element.only().integer() != 1:
            raise UnsupportedError("a PSS trailer other than BC")
    if not 0 <= salt <= SIGNATURE_SIZE_MAX:
        raise UnsupportedError(f"a PSS salt of {salt} octets")
    return Scheme(Padding.PSS, digest, mask, salt)


def _verify_pss(key: RsaKey, scheme: Scheme, digest: Digest, message: bytes, signature: bytes) -> bool:
    form = padding.PSS(padding.MGF1(_HASHES[scheme.mask_digest]), scheme.salt_length)
    try:
        _rsa(key).verify(signature, message, form, _HASHES[digest])
    except InvalidSignature:
        return False
    return True


def _verify_pkcs1(key: RsaKey, digest: Digest, message: bytes, signature: bytes) -> bool:
    """The unpadded block is compared whole with both forms of DigestInfo, with NULL and without (RFC 8017,
    A.2.4): a published master list lacks it, and no library in use takes that form by itself."""
    try:
        found = _rsa(key).recover_data_from_signature(signature, padding.PKCS1v15(), None)
    except InvalidSignature:
        return False
    hashed = digest.of(message)
    return found in (_digest_info(digest, b"\x05\0", hashed), _digest_info(digest, b"", hashed))


def _digest_info(digest: Digest, null: bytes, hashed: bytes) -> bytes:
    algorithm = asn1.encode(asn1.SEQUENCE, asn1.encode(asn1.OID, _DIGEST_OCTETS[digest]), null)
    return asn1.encode(asn1.SEQUENCE, algorithm, asn1.encode(asn1.OCTET_STRING, hashed))


def _rsa(key: RsaKey) -> RSAPublicKey:
    try:
        return RSAPublicNumbers(key.e, key.n).public_key()
    except ValueError as error:  # a modulus or exponent that OpenSSL does not take
        raise UnsupportedError(f"RSA key: {error}") from error


def _der(signature: bytes) -> tuple[int, int] | None:
    """(r, s) of Ecdsa-Sig-Value; None for octets that are none."""
    try:
        fields = asn1.read(signature, "ECDSA signature").fields("ECDSA signature")
        pair = fields.take(asn1.INTEGER).integer(), fields.take(asn1.INTEGER).integer()
        fields.end()
    except MalformedError:
        return None
    return pair


def _plain(key: EcKey, signature: bytes) -> tuple[int, int] | None:
    """(r, s) written one after the other (TR-03111, 5.2.1)."""
    size = key.curve.order_size
    if len(signature) != 2 * size:
        return None
    return int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
