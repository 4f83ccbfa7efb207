"""Active authentication (Doc 9303-11, 6.1): RSA after ISO/IEC 9796-2 and ECDSA, from the right chip and
others."""

import hashlib
import json
import secrets
from collections.abc import Callable
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from drivers.emrtd import active_authentication, asn1, curves, libcrypto, object_identifiers, public_keys
from drivers.emrtd.channel import Channel
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.curves import CURVES, Curve
from drivers.emrtd.lds import security_infos
from drivers.emrtd.public_keys import EcKey, RsaKey
from tests.emrtd.material import DATA, hexadecimal, needs_data, vectors
from tests.emrtd.secured_end import both_ends

CHALLENGE = bytes.fromhex("0102030405060708")
TRAILERS = {"sha1": "bc", "sha256": "34cc", "sha512": "35cc", "sha384": "36cc", "sha224": "38cc"}


def signed_rsa(key: rsa.RSAPrivateKey, name: str, challenge: bytes = CHALLENGE, **changes: bytes) -> bytes:
    """S of ISO/IEC 9796-2 scheme 1, M1 filling the modulus; `changes` put wrong things into F."""
    numbers = key.private_numbers()
    size = key.key_size // 8
    trailer = changes.get("trailer", bytes.fromhex(TRAILERS[name]))
    recovered = secrets.token_bytes(size - 1 - hashlib.new(name).digest_size - len(trailer))
    hashed = hashlib.new(name, recovered + challenge).digest()
    representative = changes.get("header", b"\x6a") + recovered + hashed + trailer
    opened = int.from_bytes(representative, "big")
    return pow(opened, numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def spki_of(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_of(key: rsa.RSAPrivateKey) -> RsaKey:
    numbers = key.public_key().public_numbers()
    return RsaKey(numbers.n, numbers.e)


def signed_ec(curve: Curve, private: int, name: str) -> tuple[int, int]:
    """A signature (TR-03111, 4.2.1.1)."""
    nonce = secrets.randbelow(curve.n - 1) + 1
    point = libcrypto.multiply(curve, nonce, curve.generator)
    assert point is not None
    digest = hashlib.new(name, CHALLENGE).digest()
    hashed = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.n.bit_length())
    r = point[0] % curve.n
    return r, pow(nonce, -1, curve.n) * (hashed + r * private) % curve.n


def ec_key(curve: Curve, private: int) -> EcKey:
    point = libcrypto.multiply(curve, private, curve.generator)
    assert point is not None
    return EcKey(curve, point)


def plain(curve: Curve, signature: tuple[int, int]) -> bytes:
    return b"".join(half.to_bytes(curve.order_size, "big") for half in signature)


def info(arc: int) -> tuple[security_infos.SecurityInfo, ...]:
    """DG14 with an ActiveAuthenticationInfo that names ecdsa-plain-signatures of that number."""
    oids = [object_identifiers.encode(oid) for oid in ("2.23.136.1.1.5", f"0.4.0.127.0.7.1.1.4.1.{arc}")]
    first, last = (asn1.encode(0x06, oid) for oid in oids)
    return security_infos.parse(asn1.encode(0x31, asn1.encode(0x30, first, b"\x02\x01\x01", last)))


def judged(key: public_keys.PublicKey, signature: bytes, *infos: security_infos.SecurityInfo) -> Check:
    return active_authentication.verify(key, infos, CHALLENGE, signature)


@needs_data
@pytest.mark.parametrize("at", range(5), ids=("sha1", "sha224", "sha256", "sha384", "sha512"))
def test_recovered_messages_are_taken_apart(at: int) -> None:
    """Challenge, F, M1 and hash of each of the five hashes (ISO/IEC 9796-2)."""
    octets = hexadecimal(vectors("icao_and_chip_traces")["active_auth_rsa_decodeF"])
    challenge, representative, recovered, hashed = octets[4 * at : 4 * at + 4]
    parts = active_authentication.split(representative)
    assert parts is not None
    name, *rest = parts
    assert rest == [recovered, hashed]
    assert hashlib.new(name, recovered + challenge).digest() == hashed


@needs_data
@pytest.mark.parametrize("name", TRAILERS)
def test_the_specimen_of_the_bsi_signs_with_its_published_key(name: str) -> None:
    """TR-03105-5: DG15 holds RSA of 1024 bits."""
    folder = DATA / "bsi_tr03105_5"
    spki = asn1.read((folder / "Datagroup15.bin").read_bytes(), "DG15").content
    published = json.loads((folder / "specimen_keys.json").read_text())["active_authentication_pkcs8"]
    private = load_der_private_key(bytes.fromhex(published), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert spki_of(private) == spki
    key = public_keys.read(spki)
    assert isinstance(key, RsaKey)
    check = judged(key, signed_rsa(private, name))
    assert (check.name, check.outcome) == ("active_authentication", Outcome.PASSED)
    assert check.details["hash"] == name


@pytest.mark.parametrize("name", TRAILERS)
def test_both_representatives_of_a_signature_hold(name: str) -> None:
    """A signer may give S or n - S (ISO/IEC 9796-2, annex A); the last digit tells which."""
    private = rsa_key(1024)
    key = key_of(private)
    signature = signed_rsa(private, name)
    other = (key.n - int.from_bytes(signature, "big")).to_bytes(key.size, "big")
    assert judged(key, signature).outcome is Outcome.PASSED
    assert judged(key, other).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda key: signed_rsa(key, "sha1", b"another1"), "signature_wrong"),
        (lambda key: signed_rsa(key, "sha256", header=b"\x4b"), "signature_malformed"),
        (lambda key: signed_rsa(key, "sha256", header=b"\x6b"), "signature_malformed"),
        (lambda key: signed_rsa(key, "sha256", trailer=b"\x33\xcc"), "signature_wrong"),
        (lambda key: signed_rsa(key, "sha256", trailer=b"\x99\xcc"), "signature_malformed"),
        (lambda key: signed_rsa(key, "sha1")[:-1], "signature_malformed"),
        (lambda key: b"\0" + signed_rsa(key, "sha1"), "signature_malformed"),
        (lambda key: b"", "signature_malformed"),
        (lambda key: bytes(128), "signature_malformed"),
        (lambda key: b"\xff" * 128, "signature_malformed"),
        (lambda key: secrets.token_bytes(128), "signature_malformed"),
    ],
)
def test_a_wrong_rsa_signature_is_none(change: Callable[[rsa.RSAPrivateKey], bytes], reason: str) -> None:
    check = judged(key_of(rsa_key(1024)), change(rsa_key(1024)))
    assert (check.outcome, check.reason) == (Outcome.FAILED, reason)


def test_no_flipped_bit_of_a_signature_passes() -> None:
    private = rsa_key(1024)
    signature = signed_rsa(private, "sha256")
    for place in range(0, 1024, 11):
        flipped = bytearray(signature)
        flipped[place // 8] ^= 1 << place % 8
        assert judged(key_of(private), bytes(flipped)).outcome is Outcome.FAILED


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_ecdsa_on_every_curve(curve: Curve) -> None:
    """Plain r || s (TR-03111); a hash that is longer than the order counts with its leftmost bits."""
    private = secrets.randbelow(curve.n - 1) + 1
    key = ec_key(curve, private)
    for arc, name in ((1, "sha1"), (3, "sha256"), (5, "sha512")):
        signature = plain(curve, signed_ec(curve, private, name))
        check = judged(key, signature, *info(arc))
        assert check.outcome is Outcome.PASSED
        assert (check.details["hash"], check.details["hash_inferred"]) == (name, False)
        assert active_authentication.verify(key, info(arc), b"another1", signature).outcome is Outcome.FAILED
        flipped = bytes([signature[0] ^ 1]) + signature[1:]
        assert judged(key, flipped, *info(arc)).outcome is Outcome.FAILED


def test_a_hash_that_dg14_does_not_name_is_inferred_and_said() -> None:
    """Portuguese cards: P-384 with SHA-256, and no ActiveAuthenticationInfo."""
    curve = curves.by_name("secp384r1")
    check = judged(ec_key(curve, 4711), plain(curve, signed_ec(curve, 4711, "sha256")))
    assert check.outcome is Outcome.PASSED
    assert (check.details["hash"], check.details["hash_inferred"]) == ("sha256", True)


def test_the_hash_that_dg14_names_is_the_only_one() -> None:
    curve = curves.by_name("brainpoolP256r1")
    signature = plain(curve, signed_ec(curve, 4711, "sha1"))
    assert judged(ec_key(curve, 4711), signature, *info(3)).outcome is Outcome.FAILED


def test_der_signatures_are_read_too() -> None:
    curve = curves.by_name("secp256r1")
    key = ec_key(curve, 4711)
    r, s = signed_ec(curve, 4711, "sha256")
    encoded = encode_dss_signature(r, s)
    assert judged(key, encoded).outcome is Outcome.PASSED
    for broken in (encoded[:-1], encoded + b"\0", encode_dss_signature(r, 0), b"", b"\x30\x80", bytes(64)):
        assert judged(key, broken).outcome is Outcome.FAILED


class SigningChip:
    """Answers INTERNAL AUTHENTICATE within a session."""

    def __init__(
        self, sign: Callable[[bytes], bytes], status: int = 0x9000, cipher: Cipher | None = None
    ) -> None:
        self.sign, self.status = sign, status
        self.sent: list[bytes] = []
        self.wanted: int | None = None
        self.channel = Channel(self)
        self.end = None
        if cipher is not None:
            self.channel.secure, self.end = both_ends(cipher)

    def __call__(self, raw: bytes) -> bytes:
        self.sent.append(raw)
        if self.end is None:
            return self.sign(raw[5:13]) + self.status.to_bytes(2, "big")
        header, data, self.wanted = self.end.open(raw)
        assert header[1:] == b"\x88\0\0"
        assert len(data) == 8
        answer = self.sign(data) if self.status == 0x9000 else b""
        return self.end.close(answer, self.status)


@pytest.mark.parametrize(
    ("bits", "cipher", "wanted", "extended"),
    [
        (1024, None, 256, False),
        (1024, Cipher.AES128, 256, False),
        (1792, Cipher.DES3, 256, False),
        (1792, Cipher.AES256, 224, True),
        (2048, Cipher.AES256, 256, True),
        (2048, Cipher.DES3, 256, True),
    ],
)
def test_a_long_signature_is_asked_for_by_its_length(
    bits: int, cipher: Cipher | None, wanted: int, extended: bool
) -> None:
    """231 octets fit a short protected answer under 3DES, 223 under AES; beyond, extended length is
    needed."""
    private = rsa_key(bits)
    chip = SigningChip(lambda challenge: signed_rsa(private, "sha256", challenge), cipher=cipher)
    check = active_authentication.run(chip.channel, spki_of(private), (), secrets.token_bytes)
    assert (check.outcome, check.details["bits"]) == (Outcome.PASSED, bits)
    (raw,) = chip.sent
    assert (raw[4] == 0) is extended
    if cipher is not None:
        assert chip.wanted == wanted


def test_each_challenge_is_fresh() -> None:
    private = rsa_key(1024)
    chip = SigningChip(lambda challenge: signed_rsa(private, "sha1", challenge))
    for _ in range(3):
        active_authentication.run(chip.channel, spki_of(private), (), secrets.token_bytes)
    assert len({raw[5:13] for raw in chip.sent}) == 3


def test_a_replayed_signature_fails() -> None:
    private = rsa_key(1024)
    recorded = signed_rsa(private, "sha1", b"recorded")
    check = active_authentication.run(
        SigningChip(lambda _: recorded).channel, spki_of(private), (), secrets.token_bytes
    )
    assert (check.outcome, check.reason) == (Outcome.FAILED, "signature_wrong")


@pytest.mark.parametrize("status", [0x6D00, 0x6982, 0x6A88, 0x6700])
def test_a_chip_with_a_key_that_does_not_sign_has_failed(status: int) -> None:
    """A clone carries DG15, because the EF.SOD lists it, and says that it cannot sign."""
    chip = SigningChip(lambda _: b"", status, Cipher.AES128)
    check = active_authentication.run(chip.channel, spki_of(rsa_key(1024)), (), secrets.token_bytes)
    assert (check.outcome, check.reason) == (Outcome.FAILED, "chip_refuses")
    assert check.details["status"] == f"{status:04X}"


def rsa_spki(n: int, e: int) -> bytes:
    def positive(value: int) -> bytes:
        return asn1.encode(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))

    numbers = asn1.encode(0x30, positive(n), positive(e))
    algorithm = asn1.encode(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return asn1.encode(0x30, algorithm, asn1.encode(0x03, b"\0", numbers))


@pytest.mark.parametrize(
    ("spki", "outcome", "reason"),
    [
        (rsa_spki((1 << 767) + 1, 65537), Outcome.FAILED, "forbidden_key"),
        (rsa_spki((1 << 1023) + 1, 1), Outcome.FAILED, "forbidden_key"),
        (b"", Outcome.FAILED, "malformed_key"),
        (b"\x30\x00", Outcome.FAILED, "malformed_key"),
        (bytes.fromhex("300a30050603290101030100"), Outcome.INCONCLUSIVE, "unsupported_key"),
    ],
)
def test_a_key_that_must_not_be_used_is_not_challenged(spki: bytes, outcome: Outcome, reason: str) -> None:
    chip = SigningChip(lambda _: b"")
    check = active_authentication.run(chip.channel, spki, (), secrets.token_bytes)
    assert (check.outcome, check.reason) == (outcome, reason)
    assert not chip.sent
