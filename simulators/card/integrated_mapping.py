"""The pseudo-random number of PACE's integrated mapping (Doc 9303-11, 4.4.3.3.2 and its appendix H)."""

from simulators.card.ciphers import encrypt, key_size
from simulators.card.domain import Domain
from simulators.card.personalisation import Cipher

_SHORT = (
    bytes.fromhex("a668892a7c41e3ca739f40b057d85904"),
    bytes.fromhex("a4e136ac725f738b01c1f60217c188ad"),
)
"""c0 and c1 for 3DES and AES-128, l = 128."""
_LONG = (
    bytes.fromhex("d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676"),
    bytes.fromhex("54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"),
)
"""c0 and c1 for AES-192 and AES-256, l = 256."""


def nonce_size(cipher: Cipher) -> int:
    """Bytes of the chip's nonce: l of the cipher."""
    return len(_constants(cipher)[0])


def pseudo_random(cipher: Cipher, nonce: bytes, terminal_nonce: bytes, modulus: int) -> int:
    """R(s, t) modulo the field's prime: enough blocks of l bits to be 64 bits longer than the prime."""
    c0, c1 = _constants(cipher)
    size = key_size(cipher)
    key = encrypt(cipher, terminal_nonce, nonce)
    result = b""
    while 8 * len(result) < modulus.bit_length() + 64:
        result += encrypt(cipher, key[:size], c1)
        key = encrypt(cipher, key[:size], c0)
    return int.from_bytes(result, "big") % modulus


def integrate(domain: Domain, cipher: Cipher, nonce: bytes, terminal_nonce: bytes) -> Domain:
    """The domain with the generator that both nonces name.  Raises ValueError where there is none."""
    return domain.mapped_to(pseudo_random(cipher, nonce, terminal_nonce, domain.prime))


def _constants(cipher: Cipher) -> tuple[bytes, bytes]:
    return _SHORT if cipher in (Cipher.DES3, Cipher.AES128) else _LONG
