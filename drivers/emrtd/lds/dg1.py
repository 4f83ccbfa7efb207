"""DG1: the machine-readable zone as the issuer wrote it into the chip (9303-10, 4.7.1)."""

from dataclasses import dataclass, field

from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds.templates import open_group

MRZ = 0x5F1F
_LINES = {90: ("TD1", 30), 72: ("TD2", 36), 88: ("TD3", 44)}
_EXPIRY = {"TD1": (1, 8), "TD2": (1, 21), "TD3": (1, 21)}
"""Line (from 0) and column of the date of expiry."""
_CHARACTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")


@dataclass(frozen=True, slots=True)
class Dg1:
    """`document_format` is TD1, TD2 or TD3; `mrz` its characters without line ends.  What they mean is for
    who knows machine-readable zones; only what a verdict needs is cut out here."""

    document_format: str
    mrz: str = field(repr=False)

    @property
    def lines(self) -> tuple[str, ...]:
        width = _LINES[len(self.mrz)][1]
        return tuple(self.mrz[at : at + width] for at in range(0, len(self.mrz), width))

    @property
    def document_code(self) -> str:
        """Such as P, ID or I, without filler."""
        return self.mrz[:2].rstrip("<")

    @property
    def issuer(self) -> str:
        """The issuing state or organization as printed, such as KAZ or D."""
        return self.mrz[2:5].rstrip("<")

    @property
    def document_number(self) -> str:
        """Without filler and check digit; a long one of TD1, which goes on in the optional data, whole."""
        if self.document_format != "TD1":
            return self.lines[1][:9].rstrip("<")
        number, digit, rest = self.mrz[5:14], self.mrz[14], self.mrz[15:30].split("<", 1)[0]
        return number + rest[:-1] if digit == "<" and rest else number.rstrip("<")

    @property
    def expiry(self) -> str:
        """The date of expiry as six characters YYMMDD, unread."""
        line, column = _EXPIRY[self.document_format]
        return self.lines[line][column : column + 6]


def parse(data: bytes) -> Dg1:
    """Raises MalformedError."""
    mrz = open_group(data, 1).get(MRZ).value
    if len(mrz) not in _LINES:
        raise MalformedError(f"DG1: a zone of {len(mrz)} characters, expected 72, 88 or 90")
    if not _CHARACTERS.issuperset(mrz):
        raise MalformedError("DG1: characters that no machine-readable zone has")
    return Dg1(_LINES[len(mrz)][0], mrz.decode("ascii"))
