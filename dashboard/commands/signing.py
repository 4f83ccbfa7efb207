"""The site's signing key: the lane verifies the very bytes that were signed."""

import base64
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lane_controller.messages.command import Command, LiveRequest, SignedCommand


class KeyRefused(Exception):
    """The signing key cannot be used; the message says why and what to do."""


class Signer:
    """An Ed25519 key (RFC 8032) and the name under which the lanes know its public half."""

    def __init__(self, key: Ed25519PrivateKey, key_id: str) -> None:
        self._key = key
        self.key_id = key_id

    @classmethod
    def load(cls, path: Path, key_id: str) -> "Signer":
        """Reads a PKCS #8 PEM file.  Raises KeyRefused."""
        try:
            mode = path.stat().st_mode
            text = path.read_bytes()
        except OSError as error:
            raise KeyRefused(f"{path}: cannot be read ({error.strerror})") from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyRefused(
                f"{path}: others may read the key that opens barriers (mode {stat.S_IMODE(mode):o}); "
                f"run: chmod 600 {path}"
            )
        try:
            key = load_pem_private_key(text, None)
        except (ValueError, TypeError):
            raise KeyRefused(f"{path}: is no unencrypted private key in PEM") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyRefused(f"{path}: is no Ed25519 key; make one with openssl genpkey -algorithm ed25519")
        return cls(key, key_id)

    @property
    def secret(self) -> bytes:
        """The key's bytes, for deriving other secrets of this site."""
        return self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    def sign(self, asked: Command | LiveRequest) -> SignedCommand:
        payload = asked.model_dump_json().encode()
        return SignedCommand(
            key_id=self.key_id,
            payload=base64.b64encode(payload).decode(),
            signature=base64.b64encode(self._key.sign(payload)).decode(),
        )
