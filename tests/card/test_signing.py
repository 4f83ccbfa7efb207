"""The simulators' signatures, judged by OpenSSL's library where it knows the curve, else by the equation."""

import itertools

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from simulators.card import curves
from simulators.card.pki import keys, signing

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
MESSAGE = b"eContent or signedAttrs"


@pytest.mark.parametrize("hash_name", HASHES)
@pytest.mark.parametrize("bits", [1280, 2048, 3072])
def test_openssl_accepts_rsa_signatures(bits: int, hash_name: str) -> None:
    key = keys.rsa_key(bits)
    public = load_der_public_key(key.public())
    assert isinstance(public, rsa.RSAPublicKey)
    hashed = HASHES[hash_name]
    public.verify(signing.scheme(hash_name, key).sign(key, MESSAGE), MESSAGE, padding.PKCS1v15(), hashed)
    signature = signing.Scheme("pss", hash_name).sign(key, MESSAGE)
    public.verify(signature, MESSAGE, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)


def test_openssl_accepts_pss_with_another_mask_hash_and_salt() -> None:
    key = keys.rsa_key(6144)
    public = load_der_public_key(key.public())
    assert isinstance(public, rsa.RSAPublicKey)
    signature = signing.Scheme("pss", "sha512", mask_hash="sha1", salt_length=20).sign(key, MESSAGE)
    public.verify(signature, MESSAGE, padding.PSS(padding.MGF1(hashes.SHA1()), 20), hashes.SHA512())


@pytest.mark.parametrize(("name", "hash_name"), list(itertools.product(curves.curve_names(), HASHES)))
def test_ecdsa_holds_on_every_curve_with_every_hash(name: str, hash_name: str) -> None:
    key = keys.ec_key(name, "test")
    on = key.curve
    r, s = signing.ecdsa(key, hash_name, MESSAGE)
    hashed = signing.digest(hash_name, MESSAGE)
    number = int.from_bytes(hashed, "big") >> max(0, len(hashed) * 8 - on.n.bit_length())
    w = pow(s, -1, on.n)
    point = on.add(on.multiply(number * w % on.n, on.base), on.multiply(r * w % on.n, key.point))
    assert point is not None
    assert point[0] % on.n == r
    if name[:5] == "secp2" or name in ("secp384r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"):
        public = load_der_public_key(key.public())
        assert isinstance(public, ec.EllipticCurvePublicKey)
        signature = signing.Scheme("ecdsa", hash_name).sign(key, MESSAGE)
        public.verify(signature, MESSAGE, ec.ECDSA(HASHES[hash_name]))


def test_ecdsa_gives_the_example_of_rfc_6979() -> None:
    """RFC 6979, A.2.5: P-256, SHA-256, message "sample"."""
    on = curves.curve("secp256r1")
    key = keys.EcKey(on, 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721)
    r, s = signing.ecdsa(key, "sha256", b"sample")
    assert r == 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
    assert s == 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8


def test_a_digest_without_null_is_another_signature_of_the_same_form() -> None:
    key = keys.rsa_key(2048)
    opened = pow(
        int.from_bytes(signing.Scheme("rsa", "sha256", null=False).sign(key, MESSAGE), "big"), key.e, key.n
    )
    info = opened.to_bytes(key.size, "big")
    assert info[:2] == b"\x00\x01"
    assert info.endswith(
        bytes.fromhex("00302F300B0609608648016503040201 0420") + signing.digest("sha256", MESSAGE)
    )


def test_a_scheme_says_which_key_does_not_suit_it() -> None:
    with pytest.raises(ValueError, match="does not sign with rsa"):
        signing.Scheme("rsa", "sha256").sign(keys.ec_key("secp256r1", "test"), MESSAGE)
    with pytest.raises(ValueError, match="does not go with a key of RsaKey"):
        signing.scheme("ecdsa-sha256", keys.rsa_key(2048))
    with pytest.raises(ValueError, match="1024 bits is too short for sha512"):
        signing.Scheme("pss", "sha512").sign(keys.rsa_key(1024), MESSAGE)
    with pytest.raises(ValueError, match="none of HASH"):
        signing.scheme("sha3-256", keys.rsa_key(2048))
