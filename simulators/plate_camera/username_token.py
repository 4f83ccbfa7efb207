"""WS-UsernameToken as a camera checks it: OASIS WSS Username Token Profile 1.0, password digests."""

import base64
import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree import ElementTree

WINDOW_S = 5.0
"""As cameras are known to do: a message from further off their own clock is refused."""


@dataclass(slots=True)
class TokenGuard:
    """One user; `refused` says why the last message was."""

    user: str
    password: str = field(repr=False)
    refused: str = ""
    _nonces: deque[str] = field(default_factory=lambda: deque[str](maxlen=1000))

    def admits(self, message: ElementTree.Element, now_s: float) -> bool:
        """Whether a message proves the password, at `now_s` by the camera's clock."""
        told = {one.tag.rpartition("}")[2]: one.text or "" for one in message.iter()}
        created, nonce = told.get("Created", ""), told.get("Nonce", "")
        self.refused = self._wrong(told, created, nonce, now_s)
        self._nonces.append(nonce)
        return not self.refused

    def _wrong(self, told: dict[str, str], created: str, nonce: str, now_s: float) -> str:
        if not created or not nonce:
            return "no token"
        made = base64.b64decode(nonce) + created.encode() + self.password.encode()
        wanted = base64.b64encode(hashlib.sha1(made, usedforsecurity=False).digest()).decode()
        if told.get("Username") != self.user or not hmac.compare_digest(wanted, told.get("Password", "")):
            return "wrong password"
        at_s = datetime.strptime(created, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()
        if abs(at_s - now_s) > WINDOW_S:
            return f"{at_s - now_s:.0f} s off the camera's clock"
        return "sent before" if nonce in self._nonces else ""
