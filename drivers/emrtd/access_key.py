"""The secrets that are printed on a document and open its chip (Doc 9303-11, 4.3.2 and 9.7.2).

They are given as values, already read and checked; nothing here guesses.  No key shows in a repr or a
message."""

import hashlib
import re

from drivers.emrtd.errors import MalformedError

_WEIGHTS = (7, 3, 1)
_NUMBER_LENGTH = 9
"""A document number is filled up to this; a longer one (TD1) stands whole, the rest in the optional data."""


class MrzKey:
    """Document number, date of birth and date of expiry of the machine-readable zone, each without its check
    digit; dates as YYMMDD, `<` where a part is unknown.

    MalformedError for characters that no zone has; the message does not repeat them."""

    password_reference = 0x01
    """What MSE:Set AT names this password by (9303-11, 4.4.4.1)."""

    def __init__(self, document_number: str, date_of_birth: str, date_of_expiry: str) -> None:
        number = document_number.rstrip("<").ljust(_NUMBER_LENGTH, "<")
        if not re.fullmatch(r"(?=<*[A-Z0-9])[A-Z0-9<]{9,22}", number, re.ASCII):
            raise MalformedError("the access key's document number is not 1 to 22 characters A-Z, 0-9 or <")
        for name, value in (("birth", date_of_birth), ("expiry", date_of_expiry)):
            if not re.fullmatch(r"[0-9<]{6}", value, re.ASCII):
                raise MalformedError(f"the access key's date of {name} is not six digits YYMMDD")
        fields = (number, date_of_birth, date_of_expiry)
        self._information = bytearray("".join(part + check_digit(part) for part in fields).encode("ascii"))
        self._number_length = len(number)

    def __repr__(self) -> str:
        return "MrzKey(...)"

    @property
    def information(self) -> bytes:
        """The three fields with their check digits (9303-11, 4.3.2: MRZ information)."""
        return bytes(self._information)

    @property
    def document_number(self) -> bytes:
        """Document number with check digit: ID_IC of terminal authentication after BAC (TR-03110-1, 4.4)."""
        return bytes(self._information[: self._number_length + 1])

    def bac_seed(self) -> bytes:
        """Kseed of basic access control: 16 octets (9303-11, 9.7.2)."""
        return self.pace_password()[:16]

    def pace_password(self) -> bytes:
        """f(password) of PACE: 20 octets (9303-11, 9.7.3)."""
        return hashlib.sha1(self._information, usedforsecurity=False).digest()

    def forget(self) -> None:
        """Overwrite the key; it opens nothing more."""
        self._information[:] = bytes(len(self._information))


class CanKey:
    """The card access number: six digits on the front of the document.  MalformedError for anything else."""

    password_reference = 0x02

    def __init__(self, can: str) -> None:
        if not re.fullmatch(r"[0-9]{6}", can, re.ASCII):
            raise MalformedError("the card access number is not six digits")
        self._can = bytearray(can.encode("ascii"))

    def __repr__(self) -> str:
        return "CanKey(...)"

    def pace_password(self) -> bytes:
        """f(password) of PACE: the digits as characters (9303-11, 9.7.3)."""
        return bytes(self._can)

    def forget(self) -> None:
        """Overwrite the key; it opens nothing more."""
        self._can[:] = bytes(len(self._can))


AccessKey = MrzKey | CanKey


def check_digit(characters: str) -> str:
    """Check digit of Doc 9303-3 (4.9): weights 7 3 1, digits as they are, A to Z as 10 to 35, `<` as 0."""
    total = 0
    for place, character in enumerate(characters):
        value = 0 if character == "<" else int(character, 36)
        total += value * _WEIGHTS[place % len(_WEIGHTS)]
    return str(total % 10)
