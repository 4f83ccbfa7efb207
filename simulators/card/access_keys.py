"""Keys that the printed page opens a chip with (Doc 9303-11, 4.3.2 and 4.4.4.1; Doc 9303-3, 4.9)."""

import hashlib

from simulators.card.ciphers import FOR_PASSWORD, derive_key
from simulators.card.personalisation import AccessSecrets, Cipher

PASSWORD_MRZ, PASSWORD_CAN = 1, 2
"""References of passwords in PACE's MSE:Set AT."""


def check_digit(text: str) -> str:
    """Weights 7, 3, 1; digits are themselves, A is 10, the filler 0."""
    values = (0 if each == "<" else int(each, 36) for each in text)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def mrz_information(secrets: AccessSecrets) -> bytes:
    """Document number, birth and expiry, each with its check digit."""
    fields = (secrets.number.ljust(9, "<"), secrets.birth, secrets.expiry)
    return "".join(each + check_digit(each) for each in fields).encode("ascii")


def document_number(secrets: AccessSecrets) -> bytes:
    """The number with its check digit: what terminal authentication knows the chip by after BAC."""
    number = secrets.number.ljust(9, "<")
    return (number + check_digit(number)).encode("ascii")


def bac_seed(secrets: AccessSecrets) -> bytes:
    """Kseed of basic access control."""
    return hashlib.sha1(mrz_information(secrets)).digest()[:16]  # noqa: S324


def pace_key(secrets: AccessSecrets, password: int, cipher: Cipher) -> bytes | None:
    """K_pi; None for a password that the document has not."""
    if password == PASSWORD_MRZ:
        shared = hashlib.sha1(mrz_information(secrets)).digest()  # noqa: S324
    elif password == PASSWORD_CAN and secrets.can is not None:
        shared = secrets.can.encode("latin-1")
    else:
        return None
    return derive_key(cipher, shared, FOR_PASSWORD)
