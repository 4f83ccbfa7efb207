"""Block ciphers, MACs and the key derivation of secure messaging (Doc 9303-11, 9.7 and 9.8)."""

import hashlib

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Block
from cryptography.hazmat.primitives.ciphers import modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from simulators.card.personalisation import Cipher

FOR_ENCRYPTION, FOR_MAC, FOR_PASSWORD = 1, 2, 3
"""Counters of the key derivation."""

MAC_SIZE = 8


def block_size(cipher: Cipher) -> int:
    """Bytes of a block."""
    return 8 if cipher is Cipher.DES3 else 16


def key_size(cipher: Cipher) -> int:
    """Bytes of a key; 3DES has two single keys."""
    return {Cipher.DES3: 16, Cipher.AES128: 16, Cipher.AES192: 24, Cipher.AES256: 32}[cipher]


def derive_key(cipher: Cipher, secret: bytes, counter: int) -> bytes:
    """The key derivation function of Doc 9303-11, 9.7.1: the hash goes with the key's length."""
    wide = cipher in (Cipher.AES192, Cipher.AES256)
    digest = (hashlib.sha256 if wide else hashlib.sha1)(secret + counter.to_bytes(4, "big"))
    return digest.digest()[: key_size(cipher)]


def encrypt_block(cipher: Cipher, key: bytes, block: bytes) -> bytes:
    """One block or several, each by itself."""
    encryptor = Block(_algorithm(cipher, key), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(block) + encryptor.finalize()


def encrypt(cipher: Cipher, key: bytes, data: bytes, iv: bytes = b"") -> bytes:
    """CBC over whole blocks; without `iv` it is zero."""
    mode = modes.CBC(iv or bytes(block_size(cipher)))
    encryptor = Block(_algorithm(cipher, key), mode).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(cipher: Cipher, key: bytes, data: bytes, iv: bytes = b"") -> bytes:
    """CBC over whole blocks; without `iv` it is zero.  Raises ValueError for a broken block."""
    mode = modes.CBC(iv or bytes(block_size(cipher)))
    decryptor = Block(_algorithm(cipher, key), mode).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def pad(data: bytes, size: int) -> bytes:
    """Padding method 2 of ISO/IEC 9797-1: always at least one byte."""
    return data + b"\x80" + bytes(-(len(data) + 1) % size)


def unpad(data: bytes) -> bytes:
    """Raises ValueError when there is no such padding."""
    stripped = data.rstrip(b"\x00")
    if stripped[-1:] != b"\x80":
        raise ValueError("the padding is wrong")
    return stripped[:-1]


def mac(cipher: Cipher, key: bytes, data: bytes) -> bytes:
    """Eight bytes: the retail MAC (ISO/IEC 9797-1, algorithm 3) over whole blocks, or CMAC cut to eight.

    The retail MAC's padding is the caller's; CMAC needs none, but secure messaging pads all the same.
    """
    if cipher is not Cipher.DES3:
        authenticator = CMAC(AES(key))
        authenticator.update(data)
        return authenticator.finalize()[:MAC_SIZE]
    left, right = _single_des(key[:8]), _single_des(key[8:16])
    chained = encrypt(Cipher.DES3, left, data)[-8:]
    decryptor = Block(TripleDES(right), modes.ECB()).decryptor()  # noqa: S305
    inner = decryptor.update(chained) + decryptor.finalize()
    return encrypt_block(Cipher.DES3, left, inner)


def _single_des(key: bytes) -> bytes:
    """A key with which 3DES is DES."""
    return key * 3


def _algorithm(cipher: Cipher, key: bytes) -> AES | TripleDES:
    if cipher is Cipher.DES3:
        return TripleDES(key + key[:8] if len(key) == 16 else key)
    return AES(key)
