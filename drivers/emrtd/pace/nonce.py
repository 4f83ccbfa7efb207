"""The nonce that only who knows the password can read (Doc 9303-11, section 4.4.3.3 and 9.7.3)."""

from drivers.emrtd import ciphers
from drivers.emrtd.ciphers import COUNTER_PASSWORD, Cipher
from drivers.emrtd.errors import ProtocolError

_LENGTH_MIN, _LENGTH_MAX = 16, 64


def length(cipher: Cipher) -> int:
    """Octets of a nonce as integrated mapping takes it: whole blocks, not less than a key (appendix B.1)."""
    return 32 if cipher in (Cipher.AES192, Cipher.AES256) else 16


def decrypt(cipher: Cipher, password: bytes, encrypted: bytes) -> bytes:
    """s of z under K-pi = KDF(f(password), 3).  A wrong password gives another number, not an error."""
    # The chip chooses how many blocks (section 4.4.1); a shorter one could be guessed without the password.
    if len(encrypted) % cipher.block or not _LENGTH_MIN <= len(encrypted) <= _LENGTH_MAX:
        raise ProtocolError(f"an encrypted nonce of {len(encrypted)} bytes under {cipher.label}")
    return ciphers.decrypt_cbc(cipher, ciphers.derive_key(cipher, password, COUNTER_PASSWORD), encrypted)
