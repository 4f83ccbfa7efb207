"""What a personalised chip holds: its files, the secrets that open it, and the keys that prove it genuine.

Plain values only.  Whoever personalises (document, PKI) fills them in; the chip reads them and never changes
them.  Integers are unsigned, byte strings are as they stand in the chip's memory.  Groups and ciphers go by
name, so that neither side needs the other's arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

MASTER_FILE = "MF"
EMRTD_APPLICATION = "EMRTD"
"""The two directories.  The same file identifier in both is two different files (Doc 9303-10, 3)."""

FileKey = tuple[str, int]
"""Directory and file identifier."""

EF_ATR_INFO: FileKey = (MASTER_FILE, 0x2F01)
EF_DIR: FileKey = (MASTER_FILE, 0x2F00)
EF_CARD_ACCESS: FileKey = (MASTER_FILE, 0x011C)
EF_CARD_SECURITY: FileKey = (MASTER_FILE, 0x011D)
EF_COM: FileKey = (EMRTD_APPLICATION, 0x011E)
EF_SOD: FileKey = (EMRTD_APPLICATION, 0x011D)
EF_CVCA: FileKey = (EMRTD_APPLICATION, 0x011C)


def data_group(number: int) -> FileKey:
    """Where data group `number`, 1 to 16, stands."""
    if not 1 <= number <= 16:
        raise ValueError(f"there is no data group {number}: 1 to 16")
    return (EMRTD_APPLICATION, 0x0100 + number)


STANDARD_GROUPS: Mapping[int, str] = {
    0: "modp1024-160",
    1: "modp2048-224",
    2: "modp2048-256",
    8: "secp192r1",
    9: "brainpoolP192r1",
    10: "secp224r1",
    11: "brainpoolP224r1",
    12: "secp256r1",
    13: "brainpoolP256r1",
    14: "brainpoolP320r1",
    15: "secp384r1",
    16: "brainpoolP384r1",
    17: "brainpoolP512r1",
    18: "secp521r1",
}
"""Standardised domain parameters by parameter id (Doc 9303-11, 9.5.1): RFC 5114 2.1 to 2.3, then curves."""


class Cipher(StrEnum):
    """Secure messaging's ciphers, in the order of the last arc of the protocols' OIDs, from 1."""

    DES3 = "3DES"
    AES128 = "AES-128"
    AES192 = "AES-192"
    AES256 = "AES-256"

    @property
    def arc(self) -> int:
        return tuple(Cipher).index(self) + 1


class PaceMapping(StrEnum):
    """How PACE turns the nonce into a generator, with the kind of group (Doc 9303-11, 4.4.3)."""

    DH_GM = "DH-GM"
    ECDH_GM = "ECDH-GM"
    DH_IM = "DH-IM"
    ECDH_IM = "ECDH-IM"
    ECDH_CAM = "ECDH-CAM"

    @property
    def arc(self) -> int:
        """The arc under 0.4.0.127.0.7.2.2.4."""
        return {"DH-GM": 1, "ECDH-GM": 2, "DH-IM": 3, "ECDH-IM": 4, "ECDH-CAM": 6}[self.value]


@dataclass(frozen=True, slots=True)
class PaceOffer:
    """One PACEInfo: what the chip takes in MSE:Set AT.  `parameter_id` is a key of STANDARD_GROUPS."""

    mapping: PaceMapping
    cipher: Cipher
    parameter_id: int

    @property
    def oid(self) -> str:
        return f"0.4.0.127.0.7.2.2.4.{self.mapping.arc}.{self.cipher.arc}"

    @property
    def group(self) -> str:
        return STANDARD_GROUPS[self.parameter_id]


@dataclass(frozen=True, slots=True)
class AccessSecrets:
    """What the printed page tells: the MRZ's key fields and the card access number.

    `number` is the whole document number as printed, without fillers and without its check digit; `birth` and
    `expiry` are YYMMDD as printed.  `can` is None where the document has none.
    """

    number: str
    birth: str
    expiry: str
    can: str | None = None

    def __repr__(self) -> str:
        return "AccessSecrets(...)"


@dataclass(frozen=True, slots=True)
class ChipAuthenticationKey:
    """One static key of chip authentication, version 1.

    `group` is a value of STANDARD_GROUPS.  `key_id` is None where the security infos name none.  `cipher` is
    the one of its ChipAuthenticationInfo; a document that leaves the info out means 3DES (`announced` False).
    """

    group: str
    private: int = field(repr=False)
    cipher: Cipher
    key_id: int | None = None
    announced: bool = True

    @property
    def is_elliptic(self) -> bool:
        return not self.group.startswith("modp")

    @property
    def oid(self) -> str:
        """The protocol's, id-CA-(DH|ECDH)-cipher."""
        return f"0.4.0.127.0.7.2.2.3.{2 if self.is_elliptic else 1}.{self.cipher.arc}"


@dataclass(frozen=True, slots=True)
class ChipAuthenticationMappingKey:
    """The static key of PACE with chip authentication mapping; EF.CardSecurity holds its public half."""

    group: str
    private: int = field(repr=False)
    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class RsaActiveKey:
    """An active authentication key for ISO/IEC 9796-2, digital signature scheme 1 (Doc 9303-11, 6.1).

    `hash_name` is as hashlib writes it.  With "sha1" the trailer is BC, unless `two_byte_trailer`.
    """

    modulus: int
    public_exponent: int
    private_exponent: int = field(repr=False)
    hash_name: str = "sha256"
    two_byte_trailer: bool = False


@dataclass(frozen=True, slots=True)
class EcActiveKey:
    """An active authentication key for ECDSA.  The answer is r || s (TR-03111), or DER if `der_answer`."""

    group: str
    private: int = field(repr=False)
    hash_name: str = "sha256"
    der_answer: bool = False


@dataclass(frozen=True, slots=True)
class TerminalTrust:
    """What terminal authentication starts from (TR-03110-1).

    `certificates`: the CVCA certificates stored in the chip, 7F21 with their header, the current one first.
    `current_date`: the chip's idea of today, which later certificates move forward.
    """

    certificates: tuple[bytes, ...]
    current_date: date


@dataclass(frozen=True, slots=True)
class Personalisation:
    """One chip as it leaves the personaliser.

    `files` are whole files, tag and length included.  `secrets` open it; `bac` and `pace` say by which
    protocols, and with neither everything but `protected_groups` reads freely (Belgium's first issue).
    `protected_groups` are the data groups that need terminal authentication.
    """

    files: Mapping[FileKey, bytes] = field(repr=False)
    secrets: AccessSecrets
    bac: bool = True
    pace: tuple[PaceOffer, ...] = ()
    chip_authentication: tuple[ChipAuthenticationKey, ...] = ()
    chip_authentication_mapping: ChipAuthenticationMappingKey | None = None
    active_authentication: RsaActiveKey | EcActiveKey | None = None
    terminal_trust: TerminalTrust | None = None
    protected_groups: frozenset[int] = frozenset({3, 4})
