"""Making signatures: RSA with PKCS#1 1.5 and PSS (RFC 8017), ECDSA (TR-03111), and their identifiers.

Everything is repeatable: ECDSA's numbers are those of RFC 6979, PSS's salts come from the message.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from simulators.card import der
from simulators.card.pki.keys import EC_PUBLIC_KEY, RSA_ENCRYPTION, RSASSA_PSS, EcKey, RsaKey, SigningKey

HASHES: dict[str, str] = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha224": "2.16.840.1.101.3.4.2.4",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
"""Doc 9303's hashes and MD5, which is only there to be refused."""

_RSA = {"md5": 4, "sha1": 5, "sha224": 14, "sha256": 11, "sha384": 12, "sha512": 13}
_ECDSA = {"sha1": "1", "sha224": "3.1", "sha256": "3.2", "sha384": "3.3", "sha512": "3.4"}
_MGF1 = "1.2.840.113549.1.1.8"


def digest(hash_name: str, data: bytes) -> bytes:
    return hashlib.new(hash_name, data, usedforsecurity=False).digest()


def hash_identifier(hash_name: str, *, null: bool = True) -> bytes:
    """AlgorithmIdentifier of a hash; both forms of its parameters occur (RFC 8017, A.2.4)."""
    return der.sequence(der.oid(HASHES[hash_name]), der.NULL if null else b"")


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a key signs: `family` rsa, pss or ecdsa.

    `mask_hash` and `salt_length` (bytes) are PSS's, by default those of `hash_name`.  `null` False leaves the
    NULL out of RSA's DigestInfo and of hash identifiers.  `bare` names only the key's type as the signature's
    algorithm in a signer info, the hash then stands beside it.
    """

    family: str
    hash_name: str
    mask_hash: str = ""
    salt_length: int = -1
    null: bool = True
    bare: bool = False

    def identifier(self) -> bytes:
        """AlgorithmIdentifier of the signature."""
        if self.family == "ecdsa":
            name = EC_PUBLIC_KEY if self.bare else f"1.2.840.10045.4.{_ECDSA[self.hash_name]}"
            return der.sequence(der.oid(name))
        if self.family == "rsa":
            name = RSA_ENCRYPTION if self.bare else f"1.2.840.113549.1.1.{_RSA[self.hash_name]}"
            return der.sequence(der.oid(name), der.NULL)
        # RFC 4055, 3.1: what equals its default (SHA-1, 20 bytes) is left out.
        parts: list[bytes] = []
        if self.hash_name != "sha1":
            parts.append(der.explicit(0, hash_identifier(self.hash_name, null=self.null)))
        if self._mask != "sha1":
            mask = der.sequence(der.oid(_MGF1), hash_identifier(self._mask, null=self.null))
            parts.append(der.explicit(1, mask))
        if self._salt != 20:
            parts.append(der.explicit(2, der.integer(self._salt)))
        return der.sequence(der.oid(RSASSA_PSS), der.sequence(*parts))

    @property
    def _mask(self) -> str:
        return self.mask_hash or self.hash_name

    @property
    def _salt(self) -> int:
        return self.salt_length if self.salt_length >= 0 else hashlib.new(self.hash_name).digest_size

    def sign(self, key: SigningKey, message: bytes) -> bytes:
        """The signature as certificates and CMS carry it.  Raises ValueError when key and family differ."""
        if isinstance(key, RsaKey) and self.family == "rsa":
            return self._pkcs1(key, message)
        if isinstance(key, RsaKey) and self.family == "pss":
            return self._pss(key, message)
        if isinstance(key, EcKey) and self.family == "ecdsa":
            r, s = ecdsa(key, self.hash_name, message)
            return der.sequence(der.integer(r), der.integer(s))
        raise ValueError(f"a key of {type(key).__name__} does not sign with {self.family}")

    def _pkcs1(self, key: RsaKey, message: bytes) -> bytes:
        info = der.sequence(
            hash_identifier(self.hash_name, null=self.null), der.octets(digest(self.hash_name, message))
        )
        padded = b"\x00\x01" + b"\xff" * (key.size - len(info) - 3) + b"\x00" + info
        return key.power(int.from_bytes(padded, "big")).to_bytes(key.size, "big")

    def _pss(self, key: RsaKey, message: bytes) -> bytes:
        """EMSA-PSS (RFC 8017, 9.1.1)."""
        bits = key.n.bit_length() - 1
        size = (bits + 7) // 8
        salt = hashlib.shake_256(b"salt" + message).digest(self._salt)
        hashed = digest(self.hash_name, bytes(8) + digest(self.hash_name, message) + salt)
        if size < len(salt) + len(hashed) + 2:
            raise ValueError(f"a key of {bits + 1} bits is too short for {self.hash_name} with this salt")
        block = bytes(size - len(salt) - len(hashed) - 2) + b"\x01" + salt
        mask = _mgf1(self._mask, hashed, len(block))
        masked = int.from_bytes(block, "big") ^ int.from_bytes(mask, "big")
        masked &= (1 << (bits - 8 * (len(hashed) + 1))) - 1
        encoded = masked.to_bytes(len(block), "big") + hashed + b"\xbc"
        return key.power(int.from_bytes(encoded, "big")).to_bytes(key.size, "big")


def _mgf1(hash_name: str, seed: bytes, size: int) -> bytes:
    blocks = (digest(hash_name, seed + counter.to_bytes(4, "big")) for counter in range(size // 16 + 1))
    return b"".join(blocks)[:size]


def ecdsa(key: EcKey, hash_name: str, message: bytes) -> tuple[int, int]:
    """(r, s).  A hash longer than the order is cut to its leftmost bits (TR-03111, 4.2.1)."""
    on = key.curve
    hashed = digest(hash_name, message)
    excess = max(0, len(hashed) * 8 - on.n.bit_length())
    number = int.from_bytes(hashed, "big") >> excess
    for nonce in _nonces(key, hash_name, number):
        point = on.multiply(nonce, on.base)
        assert point is not None
        r = point[0] % on.n
        s = pow(nonce, -1, on.n) * (number + r * key.private) % on.n
        if r and s:
            return r, s
    raise AssertionError("RFC 6979 gives numbers without end")


def plain(key: EcKey, hash_name: str, message: bytes) -> bytes:
    """r || s, each of the order's length, as card-verifiable certificates carry it."""
    size = key.curve.order_size
    return b"".join(part.to_bytes(size, "big") for part in ecdsa(key, hash_name, message))


def _nonces(key: EcKey, hash_name: str, number: int) -> Iterator[int]:
    """RFC 6979, 3.2."""
    n = key.curve.n
    size = key.curve.order_size
    secret = key.private.to_bytes(size, "big") + (number % n).to_bytes(size, "big")
    width = hashlib.new(hash_name).digest_size
    v, k = b"\x01" * width, bytes(width)
    for mark in (b"\x00", b"\x01"):
        k = hmac.digest(k, v + mark + secret, hash_name)
        v = hmac.digest(k, v, hash_name)
    while True:
        stream = b""
        while len(stream) < size:
            v = hmac.digest(k, v, hash_name)
            stream += v
        candidate = int.from_bytes(stream[:size], "big") >> (size * 8 - n.bit_length())
        if 0 < candidate < n:
            yield candidate
        k = hmac.digest(k, v + b"\x00", hash_name)
        v = hmac.digest(k, v, hash_name)


def scheme(form: str, key: SigningKey) -> Scheme:
    """The scheme that `form` asks for: a hash alone (`sha256`: the key's usual scheme), or `pss-sha256`,
    `rsa-sha1`, `ecdsa-sha384`.  Raises ValueError."""
    family, _, hash_name = form.rpartition("-")
    if not family:
        family = "ecdsa" if isinstance(key, EcKey) else "pss" if key.pss_only else "rsa"
    if hash_name not in HASHES or family not in ("rsa", "pss", "ecdsa"):
        raise ValueError(f"signature {form!r} is none of HASH, rsa-HASH, pss-HASH, ecdsa-HASH")
    if (family == "ecdsa") != isinstance(key, EcKey):
        raise ValueError(f"signature {form!r} does not go with a key of {type(key).__name__}")
    if family == "ecdsa" and hash_name not in _ECDSA:
        raise ValueError(f"signature {form!r}: no ECDSA is defined with {hash_name} (TR-03111, 5.2.1)")
    return Scheme(family, hash_name)
