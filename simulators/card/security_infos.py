"""What a chip says that it can do: EF.CardAccess, DG14 and what EF.CardSecurity signs (Doc 9303-11, 9.2)."""

from collections.abc import Iterable

from simulators.card import der
from simulators.card.personalisation import STANDARD_GROUPS, ChipAuthenticationKey, PaceOffer
from simulators.card.pki import keys
from simulators.card.pki.keys import DhKey, EcKey

_BSI = "0.4.0.127.0.7"
_TERMINAL_AUTHENTICATION = f"{_BSI}.2.2.2"
_PUBLIC_KEY_DH, _PUBLIC_KEY_ECDH = f"{_BSI}.2.2.1.1", f"{_BSI}.2.2.1.2"
_STANDARD_PARAMETERS = f"{_BSI}.1.2"
_ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
_PLAIN_ECDSA = f"{_BSI}.1.1.4.1"
_PLAIN_HASHES = {"sha1": 1, "sha224": 2, "sha256": 3, "sha384": 4, "sha512": 5}


def security_infos(infos: Iterable[bytes]) -> bytes:
    """SecurityInfos, a SET OF."""
    return der.set_of(*infos)


def pace_info(offer: PaceOffer) -> bytes:
    return der.sequence(der.oid(offer.oid), der.integer(2), der.integer(offer.parameter_id))


def chip_authentication_info(key: ChipAuthenticationKey) -> bytes:
    return der.sequence(der.oid(key.oid), der.integer(1), _key_id(key.key_id))


def chip_authentication_public_key_info(public: bytes, key_id: int | None, *, elliptic: bool) -> bytes:
    """`public` is a SubjectPublicKeyInfo."""
    name = _PUBLIC_KEY_ECDH if elliptic else _PUBLIC_KEY_DH
    return der.sequence(der.oid(name), public, _key_id(key_id))


def terminal_authentication_info(file_id: int | None = None) -> bytes:
    """`file_id` where EF.CVCA stands elsewhere than 011C."""
    place = der.sequence(der.octets(file_id.to_bytes(2, "big"))) if file_id is not None else b""
    return der.sequence(der.oid(_TERMINAL_AUTHENTICATION), der.integer(1), place)


def active_authentication_info(hash_name: str) -> bytes:
    """Which hash an ECDSA key of DG15 signs with."""
    algorithm = der.oid(f"{_PLAIN_ECDSA}.{_PLAIN_HASHES[hash_name]}")
    return der.sequence(der.oid(_ACTIVE_AUTHENTICATION), der.integer(1), algorithm)


def unknown_info() -> bytes:
    """A protocol that nobody knows: readers must pass it over."""
    return der.sequence(der.oid(f"{_BSI}.2.2.99.1"), der.integer(1))


def agreement_key(form: str, owner: str) -> DhKey | EcKey:
    """The static key that `form` asks for: `modp2048-256 [pkcs3]`, or CURVE with `explicit`, `standard`, ...

    `standard` (the parameter id instead of parameters) changes only how it is announced, see `public`.
    Raises ValueError for a form that is unknown.
    """
    name, *words = form.split() or [""]
    if name.startswith("modp"):
        if words not in ([], ["pkcs3"]) or name not in STANDARD_GROUPS.values():
            raise ValueError(f"key {form!r}: expected modp1024-160, modp2048-224 or modp2048-256, [pkcs3]")
        return keys.dh_key(name, owner, x942=not words)
    key = keys.signing_key(" ".join(word for word in form.split() if word != "standard"), owner, "")
    if not isinstance(key, EcKey):
        raise ValueError(f"key {form!r} is no key to agree with")
    return key


def active_key(form: str, owner: str) -> keys.SigningKey:
    """The key of DG15 that `form` asks for, as in `keys.signing_key`.  Raises ValueError."""
    # Of the odd sizes only one test key each is committed.
    label = "a" if form.startswith(("rsa-1280", "rsa-1536", "rsa-1792")) else "c"
    return keys.signing_key(form, owner, label)


def public(form: str, key: DhKey | EcKey) -> bytes:
    """SubjectPublicKeyInfo of a key as `form` wants it announced."""
    if isinstance(key, EcKey) and "standard" in form.split():
        number = next(number for number, name in STANDARD_GROUPS.items() if name == key.curve.name)
        algorithm = der.sequence(der.oid(_STANDARD_PARAMETERS), der.integer(number))
        return der.sequence(algorithm, der.bits(key.key_bits()))
    return key.public()


def _key_id(key_id: int | None) -> bytes:
    return b"" if key_id is None else der.integer(key_id)
