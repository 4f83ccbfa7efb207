"""Who may see a camera's pictures: HTTP authentication as cameras do it, basic or digest.

RFC 7617 (basic), RFC 7616 with RFC 2069's short form (digest; MD5, as nearly all cameras still ask for, or
SHA-256).
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Guard:
    """One user of one camera."""

    user: str
    password: str = field(repr=False)
    scheme: Literal["basic", "digest"] = "digest"
    realm: str = "lane camera"
    algorithm: Literal["MD5", "SHA-256"] = "MD5"
    nonce: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate."""
        if self.scheme == "basic":
            return f'Basic realm="{self.realm}"'
        return f'Digest realm="{self.realm}", nonce="{self.nonce}", algorithm={self.algorithm}, qop="auth"'

    def admits(self, method: str, authorization: str) -> bool:
        """Whether an Authorization header proves the password for a request of this method."""
        if self.scheme == "basic":
            proof = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return secrets.compare_digest(authorization.encode(), f"Basic {proof}".encode())
        given = {key: value for key, value, _ in _DIGEST.findall(authorization)}
        given |= {key: bare for key, value, bare in _DIGEST.findall(authorization) if not value}
        if given.get("username") != self.user or given.get("nonce") != self.nonce:
            return False
        secret = self._hash(f"{self.user}:{self.realm}:{self.password}")
        request = self._hash(f"{method}:{given.get('uri', '')}")
        middle = f"{given.get('nc')}:{given.get('cnonce')}:{given['qop']}:" if "qop" in given else ""
        expected = self._hash(f"{secret}:{self.nonce}:{middle}{request}")
        return secrets.compare_digest(expected, given.get("response", ""))

    def _hash(self, text: str) -> str:
        if self.algorithm == "SHA-256":
            return hashlib.sha256(text.encode()).hexdigest()
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


_DIGEST = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,"]+))')
