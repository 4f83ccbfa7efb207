"""What an operator had on the screen, as an opaque token.

The lane must know the last event that an operator saw, but the number itself would show in its jumps that
something hidden happened between.  So pages carry it sealed (AES-SIV, RFC 5297: equal numbers give equal
tokens, and nobody can make or read one).
"""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class BadToken(Exception):
    """Not a token of ours, or of another lane or journal."""


class Seal:
    """`secret` is the signing key's bytes: tokens outlive a restart of the dashboard."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESSIV(HKDF(SHA256(), 64, None, b"borderlane seen").derive(secret))

    def seal(self, lane: str, journal: str, sequence: int) -> str:
        about = [f"{lane}\n{journal}".encode()]
        return (
            base64.urlsafe_b64encode(self._cipher.encrypt(str(sequence).encode(), about)).decode().rstrip("=")
        )

    def open(self, token: str, lane: str, journal: str) -> int:
        """The sequence; raises BadToken."""
        about = [f"{lane}\n{journal}".encode()]
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            return int(self._cipher.decrypt(sealed, about))
        except (InvalidTag, binascii.Error, ValueError):
            raise BadToken from None
