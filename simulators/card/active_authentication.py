"""Active authentication's signatures (Doc 9303-11, 6.1; ISO/IEC 9796-2, digital signature scheme 1)."""

import hashlib

from simulators.card import der
from simulators.card.curves import curve
from simulators.card.domain import Random
from simulators.card.personalisation import EcActiveKey, RsaActiveKey
from simulators.card.pki import signing
from simulators.card.pki.keys import EcKey

_TRAILERS = {"sha1": "33cc", "sha256": "34cc", "sha512": "35cc", "sha384": "36cc", "sha224": "38cc"}


def sign(key: RsaActiveKey | EcActiveKey, challenge: bytes, random: Random) -> bytes:
    """The chip's signature over a terminal's challenge."""
    if isinstance(key, RsaActiveKey):
        return _sign_rsa(key, challenge, random)
    signer = EcKey(curve(key.group), key.private)
    if key.der_answer:
        r, s = signing.ecdsa(signer, key.hash_name, challenge)
        return der.sequence(der.integer(r), der.integer(s))
    return signing.plain(signer, key.hash_name, challenge)


def trailer(key: RsaActiveKey) -> bytes:
    """One byte for SHA-1, else the hash's number and CC."""
    one_byte = key.hash_name == "sha1" and not key.two_byte_trailer
    return b"\xbc" if one_byte else bytes.fromhex(_TRAILERS[key.hash_name])


def representative(first_part: bytes, challenge: bytes, hash_name: str, end: bytes) -> bytes:
    """F: the recoverable part M1, and the hash of M1 and the challenge, between header and trailer."""
    return b"\x6a" + first_part + hashlib.new(hash_name, first_part + challenge).digest() + end


def _sign_rsa(key: RsaActiveKey, challenge: bytes, random: Random) -> bytes:
    size, end = (key.modulus.bit_length() + 7) // 8, trailer(key)
    first_part = random(size - 1 - hashlib.new(key.hash_name).digest_size - len(end))
    message = int.from_bytes(representative(first_part, challenge, key.hash_name, end), "big")
    signature = pow(message, key.private_exponent, key.modulus)
    # Of the two square-like candidates the standard sends the smaller.
    return min(signature, key.modulus - signature).to_bytes(size, "big")
