"""The files of an eMRTD chip and where each lies (Doc 9303-10, 3.9 to 3.11 and 4.7)."""

from dataclasses import dataclass
from enum import Enum

_SMALL, _LARGE = 32 << 10, 512 << 10
"""Most bytes of a file that are read: pictures and biometrics, DG2 to DG4 and DG7, may be large."""


class Directory(Enum):
    """A dedicated file; the same identifiers name other files in each."""

    MASTER_FILE = "MF"
    EMRTD = "eMRTD"


@dataclass(frozen=True, slots=True)
class ElementaryFile:
    """`fid` is its file identifier, `sfi` its short one.  `tag` is that of the one object which the file
    is, and which says how long it is; None where the file is no such object and is read up to
    `size_max`."""

    name: str
    directory: Directory
    fid: int
    sfi: int
    tag: int | None
    size_max: int = _SMALL

    def __str__(self) -> str:
        return self.name


ATR_INFO = ElementaryFile("EF.ATR/INFO", Directory.MASTER_FILE, 0x2F01, 0x01, None, 223)
DIR = ElementaryFile("EF.DIR", Directory.MASTER_FILE, 0x2F00, 0x1E, None, 223)
CARD_ACCESS = ElementaryFile("EF.CardAccess", Directory.MASTER_FILE, 0x011C, 0x1C, 0x31)
CARD_SECURITY = ElementaryFile("EF.CardSecurity", Directory.MASTER_FILE, 0x011D, 0x1D, 0x30)
COM = ElementaryFile("EF.COM", Directory.EMRTD, 0x011E, 0x1E, 0x60)
SOD = ElementaryFile("EF.SOD", Directory.EMRTD, 0x011D, 0x1D, 0x77)
CVCA = ElementaryFile("EF.CVCA", Directory.EMRTD, 0x011C, 0x1C, None, 36)

_TAGS = (0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70)
_LARGE_GROUPS = frozenset({2, 3, 4, 5, 7})

DATA_GROUPS = {
    number: ElementaryFile(
        f"EF.DG{number}",
        Directory.EMRTD,
        0x0100 + number,
        number,
        tag,
        _LARGE if number in _LARGE_GROUPS else _SMALL,
    )
    for number, tag in enumerate(_TAGS, start=1)
}
"""DG1 to DG16 by number."""
