"""The terminal's key in a PKCS #11 token, which signs and never gives it away; named by a URI (RFC 7512).

pkcs11:token=lane;object=inspection?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/lane/pin
"""

import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import MGF, Mechanism, ObjectClass
from pkcs11.exceptions import PKCS11Error

from drivers.emrtd import card_verifiable
from drivers.emrtd.card_verifiable import Role
from drivers.emrtd.errors import MalformedError, TerminalKeyError
from drivers.emrtd.signatures import Digest, Padding, Scheme
from drivers.emrtd.terminal_authentication import Sign, TerminalKey

_PATH, _QUERY = {"token", "serial", "object", "id", "type"}, {"module-path", "pin-source"}
_PKCS1 = {
    Digest.SHA1: Mechanism.SHA1_RSA_PKCS,
    Digest.SHA256: Mechanism.SHA256_RSA_PKCS,
    Digest.SHA512: Mechanism.SHA512_RSA_PKCS,
}
_PSS = {
    Digest.SHA1: (Mechanism.SHA_1, MGF.SHA1),
    Digest.SHA256: (Mechanism.SHA256, MGF.SHA256),
    Digest.SHA512: (Mechanism.SHA512, MGF.SHA512),
}


@dataclass(frozen=True)
class KeyUri:
    """What a URI says: which key, in which token, behind which module, opened by a PIN from which file."""

    module_path: str
    token: str | None
    serial: bytes | None
    label: str | None
    key_id: bytes | None = field(repr=False)
    pin_source: str | None

    @classmethod
    def read(cls, uri: str) -> "KeyUri":
        """MalformedError, which says what is missing or not known."""
        scheme, _, rest = uri.partition(":")
        if scheme != "pkcs11":
            raise MalformedError("terminal key: the URI does not begin with pkcs11:")
        path, _, query = rest.partition("?")
        where, how = _attributes(path, ";", _PATH), _attributes(query, "&", _QUERY)
        if "module-path" not in how:
            raise MalformedError("terminal key: the URI has no module-path, the token's library")
        if not {"object", "id"} & where.keys():
            raise MalformedError("terminal key: the URI names no key, expected object or id")
        if where.get("type", b"private") != b"private":
            raise MalformedError("terminal key: the URI is of another type than private")
        return cls(
            how["module-path"].decode(),
            _text(where.get("token")),
            where.get("serial"),
            _text(where.get("object")),
            where.get("id"),
            _text(how.get("pin-source")),
        )


def load(uri: str, certificates: Iterable[bytes]) -> TerminalKey:
    """The key of this URI, with the certificates that are to lead to it; a terminal's is among them.

    MalformedError for a URI or certificate that cannot be read.  The token is first asked when it signs,
    which raises TerminalKeyError where it does not have the key or does not let us use it."""
    named = KeyUri.read(uri)
    read = tuple(card_verifiable.read(data) for data in certificates)
    schemes = [certificate.key.scheme for certificate in read if certificate.role is Role.TERMINAL]
    if len(schemes) != 1:
        raise MalformedError(f"terminal key: {len(schemes)} terminal certificates, expected one")
    return TerminalKey(read, _signer(named, schemes[0]))


def _signer(named: KeyUri, scheme: Scheme) -> Sign:
    def sign(message: bytes) -> bytes:
        try:
            token = pkcs11.lib(named.module_path).get_token(**_token_filter(named))
            with token.open(user_pin=_pin(named.pin_source)) as session:
                key: Any = session.get_key(ObjectClass.PRIVATE_KEY, label=named.label, id=named.key_id)
                return _signed(key, scheme, message)
        except (PKCS11Error, RuntimeError, OSError) as error:
            what = str(error) or type(error).__name__
            raise TerminalKeyError(f"terminal key in a token: {what} ({named.module_path})") from error

    return sign


def _signed(key: Any, scheme: Scheme, message: bytes) -> bytes:
    digest = scheme.digest or Digest.SHA256
    if scheme.padding is Padding.ECDSA_PLAIN:
        return key.sign(digest.of(message), mechanism=Mechanism.ECDSA)
    if scheme.padding is Padding.PKCS1:
        return key.sign(message, mechanism=_PKCS1[digest])
    parameters = (*_PSS[digest], scheme.salt_length)
    return key.sign(digest.of(message), mechanism=Mechanism.RSA_PKCS_PSS, mechanism_param=parameters)


def _token_filter(named: KeyUri) -> dict[str, Any]:
    wanted: Mapping[str, Any] = {"token_label": named.token, "token_serial": named.serial}
    return {name: value for name, value in wanted.items() if value is not None}


def _pin(source: str | None) -> str | None:
    """The PIN in its file, read anew each time, so that it need not be kept."""
    if source is None:
        return None
    return Path(source.removeprefix("file:").removeprefix("//")).read_text("utf-8").strip()


def _attributes(text: str, separator: str, known: set[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in filter(None, text.split(separator)):
        name, equals, value = part.partition("=")
        if name == "pin-value":
            raise MalformedError(
                "terminal key: a PIN in the URI is for everybody to read; use pin-source=FILE"
            )
        if name not in known or not equals or name in found:
            raise MalformedError(f"terminal key: the URI's {name!r} is not known, empty or there twice")
        found[name] = urllib.parse.unquote_to_bytes(value)
    return found


def _text(octets: bytes | None) -> str | None:
    return None if octets is None else octets.decode("utf-8", "replace")
