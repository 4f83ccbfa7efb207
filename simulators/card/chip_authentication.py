"""Chip authentication, version 1, from the chip's side (Doc 9303-11, 6.2; TR-03110-1, 3.4).

By MSE:Set KAT (3DES) one command carries the terminal's key; by MSE:Set AT a second one, GENERAL
AUTHENTICATE, does.  Either way the answer still goes out under the old keys.
"""

from simulators.card.apdu import REFERENCED_DATA_NOT_FOUND, WRONG_DATA, Refused
from simulators.card.der import oid_value
from simulators.card.domain import domain
from simulators.card.personalisation import ChipAuthenticationKey, Cipher
from simulators.card.secure_messaging import SecureMessaging


def choose(
    keys: tuple[ChipAuthenticationKey, ...], protocol: bytes | None, key_id: bytes | None
) -> ChipAuthenticationKey:
    """The static key that a terminal means by the value of a protocol's OID (None: by MSE:Set KAT, which
    knows 3DES only) and by a key's identifier.  Raises Refused."""
    fit = [
        key
        for key in keys
        if (key.cipher is Cipher.DES3 if protocol is None else oid_value(key.oid) == protocol)
    ]
    if not fit:
        raise Refused(WRONG_DATA)
    if key_id is not None:
        fit = [key for key in fit if key.key_id == int.from_bytes(key_id, "big")]
    elif len(fit) > 1:
        fit = [key for key in fit if key.key_id is None]
    if not fit:
        raise Refused(REFERENCED_DATA_NOT_FOUND)
    return fit[0]


def agree(key: ChipAuthenticationKey, terminal_key: bytes) -> tuple[SecureMessaging, bytes]:
    """The new session, and the terminal's key compressed, as terminal authentication names it.

    Raises Refused with 6A80 for a key that is not of the chip's group.
    """
    group = domain(key.group)
    try:
        secret = group.secret(key.private, terminal_key)
    except ValueError:
        raise Refused(WRONG_DATA) from None
    return SecureMessaging.from_secret(key.cipher, secret), group.compress(terminal_key)
