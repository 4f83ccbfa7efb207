"""Signatures in the forms in which states make them, and in those in which forgers do."""

import hashlib
from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from drivers.emrtd import asn1, curves, public_keys, signatures
from drivers.emrtd.errors import MalformedError, UnsupportedError
from drivers.emrtd.public_keys import EcKey, ForbiddenKey, RsaKey
from drivers.emrtd.signatures import Digest, Padding, Scheme
from tests.emrtd import small_pki as pki
from tests.emrtd.small_pki import der, integer, oid

MESSAGE = b"to whom it may concern"
PKCS1 = Scheme(Padding.PKCS1, Digest.SHA256)
ECDSA = Scheme(Padding.ECDSA, Digest.SHA256)
SHA256_OID = oid(pki.SHA256)


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def public() -> RsaKey:
    numbers = rsa_key().public_key().public_numbers()
    return RsaKey(numbers.n, numbers.e)


def raised(block: bytes) -> bytes:
    """The block under the private key, whatever it is."""
    numbers = rsa_key().private_numbers()
    power = pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n)
    return power.to_bytes(256, "big")


def padded(info: bytes, fill: int | None = None, after: bytes = b"") -> bytes:
    filling = 256 - 3 - len(info) - len(after) if fill is None else fill
    block = b"\0\1" + b"\xff" * filling + b"\0" + info + after
    return block + bytes(256 - len(block))


def digest_info(null: bytes = b"\5\0", hashed: bytes | None = None) -> bytes:
    digest = hashlib.sha256(MESSAGE).digest() if hashed is None else hashed
    return der(0x30, der(0x30, SHA256_OID, null), der(0x04, digest))


def test_pkcs1_is_taken_with_the_null_and_without() -> None:
    """RFC 8017, A.2.4: both forms of DigestInfo are to be accepted."""
    made = rsa_key().sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    assert signatures.verify(public(), PKCS1, MESSAGE, made)
    for null in (b"\5\0", b""):
        assert signatures.verify(public(), PKCS1, MESSAGE, raised(padded(digest_info(null))))
    assert not signatures.verify(public(), PKCS1, MESSAGE + b"!", made)


@pytest.mark.parametrize(
    "block",
    [
        padded(digest_info(), fill=8),  # what is left lies behind the hash: the forgery for exponent 3
        padded(digest_info(), after=b"\0" * 40),
        padded(digest_info(b"\5\0\5\0")),
        padded(digest_info(b"\4\0")),
        padded(digest_info(hashed=b"\0" * 32)),
        padded(hashlib.sha256(MESSAGE).digest()),
        b"\0\2" + padded(digest_info())[2:],
        b"\0\1" + b"\xff" * 7 + b"\0" + digest_info() + bytes(256 - 10 - len(digest_info())),
    ],
)
def test_a_padded_block_that_differs_anywhere_is_refused(block: bytes) -> None:
    assert not signatures.verify(public(), PKCS1, MESSAGE, raised(block))


def test_a_signature_of_another_length_or_over_the_modulus_is_refused() -> None:
    made = rsa_key().sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    larger = int.from_bytes(made, "big") + public().n
    for wrong in (b"", made[1:], b"\0" + made, made + b"\0", larger.to_bytes(257, "big"), b"\xff" * 256):
        assert not signatures.verify(public(), PKCS1, MESSAGE, wrong)
        assert not signatures.verify(public(), Scheme(Padding.PSS, Digest.SHA256), MESSAGE, wrong)


@pytest.mark.parametrize("digest", Digest)
def test_pss_is_verified_with_its_own_hash_mask_and_salt(digest: Digest) -> None:
    function = {
        Digest.SHA1: hashes.SHA1(),
        Digest.SHA224: hashes.SHA224(),
        Digest.SHA256: hashes.SHA256(),
        Digest.SHA384: hashes.SHA384(),
        Digest.SHA512: hashes.SHA512(),
    }[digest]
    form = padding.PSS(padding.MGF1(hashes.SHA1()), 11)
    made = rsa_key().sign(MESSAGE, form, function)
    scheme = Scheme(Padding.PSS, digest, Digest.SHA1, 11)
    assert signatures.verify(public(), scheme, MESSAGE, made)
    for other in (
        Scheme(Padding.PSS, digest, Digest.SHA512, 11),
        Scheme(Padding.PSS, digest, Digest.SHA1, 12),
        Scheme(Padding.PKCS1, digest),
    ):
        assert not signatures.verify(public(), other, MESSAGE, made)


def pss(*fields: bytes) -> asn1.Element:
    return asn1.read(der(0x30, oid("1.2.840.113549.1.1.10"), der(0x30, *fields)), "algorithm")


def test_pss_parameters_have_the_defaults_of_rfc_4055() -> None:
    assert signatures.read_scheme(pss()) == Scheme(Padding.PSS, Digest.SHA1, Digest.SHA1, 20)
    bare = asn1.read(der(0x30, oid("1.2.840.113549.1.1.10")), "algorithm")
    assert signatures.read_scheme(bare) == Scheme(Padding.PSS, Digest.SHA1, Digest.SHA1, 20)
    sha256 = der(0x30, SHA256_OID)
    mask = der(0xA1, der(0x30, oid("1.2.840.113549.1.1.8"), sha256))
    full = signatures.read_scheme(pss(der(0xA0, sha256), mask, der(0xA2, integer(32)), der(0xA3, integer(1))))
    assert full == Scheme(Padding.PSS, Digest.SHA256, Digest.SHA256, 32)
    for wrong in (
        der(0xA3, integer(2)),
        der(0xA2, integer(-1)),
        der(0xA2, integer(100_000)),
        der(0xA1, der(0x30, oid("1.2.3"), sha256)),
        der(0xA0, der(0x30, oid("1.2.840.113549.2.5"))),  # MD5
    ):
        with pytest.raises(UnsupportedError):
            signatures.read_scheme(pss(wrong))


def ec_key() -> EcKey:
    numbers = pki.key("ec").public_key().public_numbers()
    return EcKey(curves.by_name("secp256r1"), (numbers.x, numbers.y))


def test_ecdsa_is_taken_in_der_and_plain_as_its_identifier_says() -> None:
    made = pki.sign("ec", MESSAGE)
    r, s = decode_dss_signature(made)
    plain = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert signatures.verify(ec_key(), ECDSA, MESSAGE, made)
    plainly = Scheme(Padding.ECDSA_PLAIN, Digest.SHA256)
    assert signatures.verify(ec_key(), plainly, MESSAGE, plain)
    assert not signatures.verify(ec_key(), ECDSA, MESSAGE, plain)
    assert not signatures.verify(ec_key(), plainly, MESSAGE, made)
    assert not signatures.verify(ec_key(), ECDSA, MESSAGE + b"!", made)


def test_ecdsa_numbers_out_of_their_range_are_refused() -> None:
    """r = s = 0 passed in a widely used library once (CVE-2022-21449)."""
    n = curves.by_name("secp256r1").n
    r, s = decode_dss_signature(pki.sign("ec", MESSAGE))
    for pair in ((0, 0), (0, s), (r, 0), (n, s), (r, n), (r + n, s), (r, s + n), (-r, s), (r, -s)):
        assert not signatures.verify(ec_key(), ECDSA, MESSAGE, der(0x30, integer(pair[0]), integer(pair[1])))
    for junk in (b"", b"\x30\0", der(0x30, integer(r)), der(0x30, integer(r), integer(s), integer(1))):
        assert not signatures.verify(ec_key(), ECDSA, MESSAGE, junk)


def test_the_hash_comes_from_the_signer_where_the_identifier_is_the_bare_key_s() -> None:
    made = pki.sign("ec", MESSAGE)
    bare = signatures.read_scheme(asn1.read(der(0x30, oid("1.2.840.10045.2.1")), "algorithm"))
    assert signatures.verify(ec_key(), bare, MESSAGE, made, Digest.SHA256)
    assert not signatures.verify(ec_key(), bare, MESSAGE, made, Digest.SHA1)
    with pytest.raises(UnsupportedError, match="names no hash"):
        signatures.verify(ec_key(), bare, MESSAGE, made)


def test_a_scheme_under_a_key_of_another_kind_is_unsupported() -> None:
    for key, scheme in ((public(), ECDSA), (ec_key(), PKCS1), (ec_key(), Scheme(Padding.PSS, Digest.SHA256))):
        assert not signatures.fits(key, scheme)
        with pytest.raises(UnsupportedError):
            signatures.verify(key, scheme, MESSAGE, b"\0" * 64)


def rsa_spki(n: int, e: int) -> bytes:
    bits = der(0x03, b"\0", der(0x30, integer(n), integer(e)))
    return der(0x30, der(0x30, oid("1.2.840.113549.1.1.1"), b"\5\0"), bits)


def test_rsa_keys_that_anybody_could_sign_for_are_forbidden() -> None:
    n = public().n
    assert public_keys.read(rsa_spki(n, 65537)) == public()
    for wrong in ((n, 1), (n, 0), (n, 4), (n, 1 << 70 | 1), (n + 1, 3), (n >> 1100, 3), ((1 << 8300) + 1, 3)):
        with pytest.raises(ForbiddenKey):
            public_keys.read(rsa_spki(*wrong))


def test_a_compressed_point_is_the_same_key() -> None:
    numbers = pki.key("ec").public_key().public_numbers()
    head = der(0x30, oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"))
    x = numbers.x.to_bytes(32, "big")
    for sign in (2, 3):
        found = public_keys.read(der(0x30, head, der(0x03, b"\0" + bytes([sign]) + x)))
        assert isinstance(found, EcKey)
        assert (found.point == (numbers.x, numbers.y)) == (sign - 2 == numbers.y & 1)
    for junk in (b"", b"\4", b"\4" + x, b"\0", b"\5" + x):
        with pytest.raises(MalformedError):
            public_keys.read(der(0x30, head, der(0x03, b"\0" + junk)))
    with pytest.raises(UnsupportedError):
        public_keys.read(
            der(0x30, der(0x30, oid("1.2.840.10045.2.1"), oid("1.2.3.4")), der(0x03, b"\0\4" + x))
        )


def test_keys_of_every_curve_agree_with_pyca_where_it_has_them() -> None:
    for kind in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.BrainpoolP384R1(), ec.BrainpoolP512R1()):
        private = ec.derive_private_key(0xC0FFEE, kind)
        numbers = private.public_key().public_numbers()
        found = public_keys.read(
            private.public_key().public_bytes(pki.Encoding.DER, pki.PublicFormat.SubjectPublicKeyInfo)
        )
        assert isinstance(found, EcKey)
        assert found.point == (numbers.x, numbers.y)
        made = private.sign(MESSAGE, ec.ECDSA(hashes.SHA512()))
        assert signatures.verify(found, Scheme(Padding.ECDSA, Digest.SHA512), MESSAGE, made)
