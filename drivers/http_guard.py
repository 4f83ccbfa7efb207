"""Who posts to a listener: a token (RFC 6750), a password as it is (RFC 7617), or a digest of it (RFC 7616).

Digest is offered with SHA-256 and with MD5, which most cameras know alone, `qop` being `auth`.  A nonce is
ours by its own MAC, lives for minutes, and each of its counts is taken once: what was heard on the wire can't
be sent again.
"""

import base64
import hashlib
import hmac
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from urllib.request import parse_http_list, parse_keqv_list

from drivers.http_exchange import Refused, Request

REALM = "borderlane"
NONCE_S = 300.0
"""After this a sender gets a new nonce, without having been wrong."""
_HASHES = {"SHA-256": "sha256", "MD5": "md5"}
_COUNT = re.compile(r"[0-9a-fA-F]{8}")


class Unproved(Refused):
    """401.  `wrong` where a proof was given that is none, not where it was only to be asked for."""

    def __init__(self, wanted: str, challenges: Sequence[str], *, wrong: bool) -> None:
        super().__init__(
            401, f"who are you? {wanted}", headers=[("WWW-Authenticate", one) for one in challenges]
        )
        self.wrong = wrong


class Guard(ABC):
    """One sender."""

    @abstractmethod
    def check(self, request: Request) -> None:
        """Raises Unproved, with what the sender must answer, unless the request proves who sent it."""


class _Fixed(Guard):
    """A sender who says the same each time."""

    def __init__(self, proof: bytes, challenge: str, wanted: str) -> None:
        self._proof, self._challenge, self._wanted = proof, challenge, wanted

    def check(self, request: Request) -> None:
        given = request.fields.get(b"authorization", b"")
        if not hmac.compare_digest(given, self._proof):
            raise Unproved(self._wanted, [self._challenge], wrong=bool(given))


class Bearer(_Fixed):
    """`Authorization: Bearer TOKEN`."""

    def __init__(self, token: str) -> None:
        super().__init__(b"Bearer " + token.encode(), "Bearer", "Authorization: Bearer TOKEN")


class Basic(_Fixed):
    """`Authorization: Basic` with user and password."""

    def __init__(self, user: str, password: str) -> None:
        proof = b"Basic " + base64.b64encode(f"{user}:{password}".encode())
        super().__init__(proof, f'Basic realm="{REALM}", charset="UTF-8"', "basic authentication")


class Digest(Guard):
    """`Authorization: Digest` with user and password."""

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password
        self._key = secrets.token_bytes(32)
        self._counts: dict[str, int] = {}

    def check(self, request: Request) -> None:
        said = request.fields.get(b"authorization", b"")
        given = _digest_fields(said)
        if given is None or not self._proves(request, given):
            raise Unproved("digest authentication", self._challenges(stale=False), wrong=bool(said))
        nonce, count = given["nonce"], int(given["nc"], 16)
        if self._age_s(nonce) > NONCE_S or count <= self._counts.get(nonce, 0):
            raise Unproved("that nonce is used up", self._challenges(stale=True), wrong=False)
        self._counts[nonce] = count
        for old in [known for known in self._counts if self._age_s(known) > NONCE_S]:
            del self._counts[old]

    def _proves(self, request: Request, given: dict[str, str]) -> bool:
        """Whether somebody who knows the password made this for this request, at any time."""
        hashed = _HASHES.get(given.get("algorithm", "MD5").upper())
        nonce, target = given.get("nonce", ""), request.target.decode("latin-1")
        if (
            hashed is None
            or given.get("username") != self._user
            or given.get("realm") != REALM
            or given.get("uri") != target
            or given.get("qop") != "auth"
            or not _COUNT.fullmatch(given.get("nc", ""))
            or not self._is_ours(nonce)
        ):
            return False
        who = _hash(hashed, f"{self._user}:{REALM}:{self._password}")
        what = _hash(hashed, f"{request.method.decode('latin-1')}:{target}")
        wanted = _hash(hashed, f"{who}:{nonce}:{given['nc']}:{given.get('cnonce', '')}:auth:{what}")
        return hmac.compare_digest(wanted.encode(), given.get("response", "").encode())

    def _challenges(self, *, stale: bool) -> tuple[str, ...]:
        fresh = f"{int(time.monotonic()):x}.{secrets.token_hex(8)}"
        nonce, more = f"{fresh}.{self._mac(fresh)}", ", stale=true" if stale else ""
        return tuple(
            f'Digest realm="{REALM}", nonce="{nonce}", algorithm={name}, qop="auth"{more}' for name in _HASHES
        )

    def _is_ours(self, nonce: str) -> bool:
        fresh, _, mac = nonce.rpartition(".")
        return hmac.compare_digest(mac.encode(), self._mac(fresh).encode())

    def _mac(self, fresh: str) -> str:
        return hmac.new(self._key, fresh.encode(), "sha256").hexdigest()[:32]

    def _age_s(self, nonce: str) -> float:
        """Of a nonce that is ours, in seconds."""
        return time.monotonic() - int(nonce.partition(".")[0], 16)


def _hash(name: str, text: str) -> str:
    return hashlib.new(name, text.encode(), usedforsecurity=name != "md5").hexdigest()


def _digest_fields(authorization: bytes) -> dict[str, str] | None:
    """The fields of a digest, None for anything else."""
    kind, _, rest = authorization.decode("utf-8", "replace").partition(" ")
    if kind.lower() != "digest":
        return None
    try:
        return {name.lower(): value for name, value in parse_keqv_list(parse_http_list(rest)).items()}
    except (ValueError, IndexError):
        return None
