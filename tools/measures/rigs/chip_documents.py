"""The documents whose chips are measured, and the least that reading each one takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from simulators.card.attacks.specimen import Specimen, genuine
from simulators.card.document import Document
from simulators.card.personalisation import (
    EF_CARD_ACCESS,
    EF_CARD_SECURITY,
    EF_COM,
    EF_SOD,
    FileKey,
    data_group,
)

LE = 223
"""Bytes of one answer: what fits a short frame under AES, and what every chip is known to take."""
PORTRAIT_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Way:
    """One way into a chip, `cipher` also that of its chip authentication.  `protocol` are the APDUs that the
    standards have for getting in, for selecting the application and for chip authentication."""

    name: str
    pace: str
    cipher: str
    protocol: int

    @property
    def in_des(self) -> bool:
        return self.cipher == "3DES"


_PACE, _SELECT, _BAC = 5, 1, 2
_CHIP_DES, _CHIP_AES = 2, 3
"""MSE:Set KAT, or MSE:Set AT and GENERAL AUTHENTICATE; then the command that proves the new keys."""
WAYS = (
    Way("bac", "", "3DES", _SELECT + _BAC + _CHIP_DES),
    Way("pace-gm", "ECDH-GM AES-128 brainpoolP256r1", "AES-128", _PACE + _SELECT + _CHIP_AES),
    Way("pace-im", "ECDH-IM AES-128 brainpoolP256r1", "AES-128", _PACE + _SELECT + _CHIP_AES),
    # The mapping proves the chip already, so that no chip authentication follows.
    Way("pace-cam", "ECDH-CAM AES-128 brainpoolP256r1", "AES-128", _PACE + _SELECT),
)


@cache
def specimen(name: str) -> Specimen:
    """The document of a way, as its state made it."""
    way = next(way for way in WAYS if way.name == name)
    parts: dict[str, Any] = {
        "holder": {"surname": "ERIKSSON", "given_names": "ANNA MARIA", "birth": "1974-08-12", "sex": "F"},
        "page": {"number": "L898902C3", "issued": "2025-06-16", "expires": "2035-06-15"},
        "portrait": {"bytes": PORTRAIT_BYTES},
        "chip_authentication": [{"cipher": way.cipher}],
    }
    if way.pace:
        parts["access"] = {"pace": [way.pace], "can": "500540"}
    if "CAM" in way.pace:
        parts["chip_authentication_mapping"] = {}
    return genuine(Document.model_validate(parts))


def least_apdus(way: Way, files: Mapping[FileKey, bytes]) -> int:
    """APDUs without which nobody reads this chip: the protocols', and each file in answers of `LE` bytes as
    if its length were known before.  Where there is no EF.CardAccess, one to learn that."""
    read: list[FileKey] = [EF_COM, EF_SOD, *(data_group(number) for number in (1, 2, 14))]
    if "CAM" in way.pace:
        read.append(EF_CARD_SECURITY)
    card_access = len(files.get(EF_CARD_ACCESS, b"\0"))
    sizes = [card_access, *(len(files[file]) for file in read)]
    return way.protocol + sum(-(-size // LE) for size in sizes)
