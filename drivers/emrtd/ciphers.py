"""Ciphers, message authentication codes and key derivation of Doc 9303-11 (section 9.7 and 9.8).

Keys may be given as bytearray, so that their owner can overwrite them when the session ends.
"""

import hashlib
from enum import Enum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as _Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC

from drivers.emrtd.errors import ProtocolError

Octets = bytes | bytearray

COUNTER_ENC, COUNTER_MAC, COUNTER_PASSWORD = 1, 2, 3
"""Counters of the key derivation function (9303-11, 9.7.1): KSenc, KSmac, and K-pi of PACE."""

MAC_LENGTH = 8
"""Octets of every MAC of secure messaging and of PACE's tokens."""


class Cipher(Enum):
    """A symmetric cipher of secure messaging: its value is (name, key octets, block octets)."""

    DES3 = ("3DES", 16, 8)
    AES128 = ("AES-128", 16, 16)
    AES192 = ("AES-192", 24, 16)
    AES256 = ("AES-256", 32, 16)

    @property
    def label(self) -> str:
        return self.value[0]

    @property
    def key_length(self) -> int:
        """Octets of a key; two-key 3DES has 16 with its parity bits."""
        return self.value[1]

    @property
    def block(self) -> int:
        """Octets of a block."""
        return self.value[2]


def _algorithm(cipher: Cipher, key: Octets) -> AES | TripleDES:
    if len(key) != cipher.key_length:
        raise ValueError(f"{cipher.label} takes a key of {cipher.key_length} octets, got {len(key)}")
    return AES(key) if cipher is not Cipher.DES3 else TripleDES(bytes(key + key[:8]))


def encrypt_cbc(cipher: Cipher, key: Octets, data: Octets, iv: bytes | None = None) -> bytes:
    """CBC without padding; the initial vector is zero unless given.  `data` must be whole blocks."""
    context = _Cipher(_algorithm(cipher, key), CBC(iv or bytes(cipher.block))).encryptor()
    return context.update(data) + context.finalize()


def decrypt_cbc(cipher: Cipher, key: Octets, data: Octets, iv: bytes | None = None) -> bytes:
    """The inverse of `encrypt_cbc`."""
    context = _Cipher(_algorithm(cipher, key), CBC(iv or bytes(cipher.block))).decryptor()
    return context.update(data) + context.finalize()


def encrypt_block(cipher: Cipher, key: Octets, block: Octets) -> bytes:
    """One block on its own (ECB): AES secure messaging makes its initial vectors so (9303-11, 9.8.6.1)."""
    context = _Cipher(_algorithm(cipher, key), ECB()).encryptor()  # noqa: S305 one block, as the standard has it
    return context.update(block) + context.finalize()


def mac(cipher: Cipher, key: Octets, data: Octets) -> bytes:
    """8 octets: for 3DES the retail MAC (ISO/IEC 9797-1 algorithm 3 with DES, padding method 2 applied here),
    for AES the first half of CMAC, which pads in its own way (NIST SP 800-38B)."""
    if cipher is Cipher.DES3:
        return _retail_mac(key, pad(data, 8))
    context = CMAC(AES(key))
    context.update(bytes(data))
    return context.finalize()[:MAC_LENGTH]


def _retail_mac(key: Octets, padded: bytes) -> bytes:
    """Single DES in CBC under the first half of the key, the last block under both halves: E-D-E is what
    algorithm 3 ends in, so that the last step is one block of two-key 3DES."""
    if len(key) != Cipher.DES3.key_length:
        raise ValueError(f"the retail MAC takes a key of 16 octets, got {len(key)}")
    chained = bytes(8)
    if len(padded) > 8:
        single = _Cipher(TripleDES(bytes(key[:8] * 3)), CBC(bytes(8))).encryptor()
        chained = (single.update(padded[:-8]) + single.finalize())[-8:]
    return encrypt_cbc(Cipher.DES3, key, padded[-8:], iv=chained)


def pad(data: Octets, block: int) -> bytes:
    """Padding method 2 of ISO/IEC 9797-1: 80, then 00 up to whole blocks; always at least one octet."""
    return bytes(data) + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data: bytes, block: int) -> bytes:
    """Take that padding off.  ProtocolError if it is not there or longer than one block."""
    stripped = data.rstrip(b"\0")
    if not stripped.endswith(b"\x80") or len(data) - len(stripped) >= block:
        raise ProtocolError("decrypted data do not end in the padding of ISO/IEC 9797-1 method 2")
    return stripped[:-1]


def derive_key(cipher: Cipher, secret: Octets, counter: int) -> bytes:
    """KDF(K, c) of 9303-11 (9.7.1): SHA-1 for 3DES and AES-128, SHA-256 for AES-192 and AES-256, over the
    secret and the counter as four octets, cut to the key's length.  3DES keys get odd parity, as the
    standard prints them."""
    name = "sha1" if cipher in (Cipher.DES3, Cipher.AES128) else "sha256"
    key = hashlib.new(name, bytes(secret) + counter.to_bytes(4, "big")).digest()[: cipher.key_length]
    return with_odd_parity(key) if cipher is Cipher.DES3 else key


def with_odd_parity(key: Octets) -> bytes:
    """The key with the lowest bit of each octet set so that the octet has an odd number of ones (FIPS
    46-3)."""
    return bytes(octet & 0xFE | (octet >> 1).bit_count() + 1 & 1 for octet in key)
