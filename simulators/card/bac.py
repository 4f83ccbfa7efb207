"""Basic access control from the chip's side (Doc 9303-11, 4.3)."""

import hmac

from simulators.card.access_keys import bac_seed
from simulators.card.ciphers import FOR_ENCRYPTION, FOR_MAC, decrypt, derive_key, encrypt, mac, pad
from simulators.card.domain import Random
from simulators.card.personalisation import AccessSecrets, Cipher
from simulators.card.secure_messaging import SecureMessaging

CHALLENGE_SIZE = 8
TOKEN_SIZE = 40
"""E_IFD and M_IFD."""


def authenticate(
    secrets: AccessSecrets, challenge: bytes, token: bytes, random: Random
) -> tuple[bytes, SecureMessaging] | None:
    """The chip's answer to EXTERNAL AUTHENTICATE and the session; None when the terminal's key is wrong.

    `challenge` is the one the chip gave, `token` the terminal's 40 bytes.
    """
    seed = bac_seed(secrets)
    encryption, authentication = (
        derive_key(Cipher.DES3, seed, counter) for counter in (FOR_ENCRYPTION, FOR_MAC)
    )
    cryptogram, sent = token[:32], token[32:]
    if not hmac.compare_digest(mac(Cipher.DES3, authentication, pad(cryptogram, 8)), sent):
        return None
    plain = decrypt(Cipher.DES3, encryption, cryptogram)
    terminal_challenge, returned, terminal_key = plain[:8], plain[8:16], plain[16:]
    if returned != challenge:
        return None
    key = random(16)
    answer = encrypt(Cipher.DES3, encryption, challenge + terminal_challenge + key)
    shared = bytes(left ^ right for left, right in zip(terminal_key, key, strict=True))
    counter = int.from_bytes(challenge[4:] + terminal_challenge[4:], "big")
    session = SecureMessaging.from_secret(Cipher.DES3, shared, counter)
    return answer + mac(Cipher.DES3, authentication, pad(answer, 8)), session
