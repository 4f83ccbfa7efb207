"""MT-SICS answers out of a byte stream.  Sans-I/O: bytes in, typed answers out.

    S S      38250 kg     S, stable or D dynamic, weight in 10 characters right-aligned, unit
    S +   S -   S I       over range, under range, not executable now
    TA A      15000 kg    tare;  T S ..., Z A, TAC A, I4 A "serial" likewise
    ES   ET   EL          syntax, transmission, logic error

Lines end with CR LF.  Source: `docs/sources.md` 28; the width of the weight is unverified there, and demanded
here: it is the only thing that shows a lost digit.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from drivers.scale.belief import FrameRefused

LINE_BYTES_MAX = 64
END = b"\r\n"
UNITS_KG = {b"kg": Decimal(1), b"t": Decimal(1000)}
WEIGHT = re.compile(rb"(S [SD]|T S|TA A) (?=.{10} )( *-?[0-9]+(?:\.[0-9]+)?) ([a-z]{1,3})")
PLAIN = re.compile(rb"(S|T|TA|TAC|Z) ([-+AIL])")
IDENTITY = re.compile(rb'I4 A "([ -!#-~]*)"')
ERRORS = ("ES", "ET", "EL")


class Command(Enum):
    """What the driver asks.  The answer's first word is the command's, but for `CANCEL`, answered as `I4`."""

    WEIGHT_NOW = "SI"
    TARE_VALUE = "TA"
    ZERO = "Z"
    CANCEL = "@"


@dataclass(frozen=True, slots=True)
class Answer:
    """`kind` is the command answered ("S", "TA", "Z", "I4") or an error ("ES", "ET", "EL"); `status` its
    second word ("S", "D", "A", "I", "+", "-", "L"), "" for an error.  `weight_kg` where it has one, net as
    displayed; `text` the identity's.  `raw` is the line with its end."""

    kind: str
    status: str
    weight_kg: Decimal | None
    text: str
    raw: bytes


def read_line(line: bytes) -> Answer:
    """One line without its CR LF.  Raises FrameRefused."""
    raw = line + END
    if found := WEIGHT.fullmatch(line):
        kind, _, status = found[1].decode("ascii").partition(" ")
        if found[3] not in UNITS_KG:
            raise FrameRefused(
                f"the terminal weighs in {found[3].decode('ascii')}",
                hint="set the terminal to kilograms or tonnes",
            )
        return Answer(kind, status, Decimal(found[2].decode("ascii").strip()) * UNITS_KG[found[3]], "", raw)
    if found := PLAIN.fullmatch(line):
        return Answer(found[1].decode("ascii"), found[2].decode("ascii"), None, "", raw)
    if found := IDENTITY.fullmatch(line):
        return Answer("I4", "A", None, found[1].decode("ascii"), raw)
    if line.decode("latin-1") in ERRORS:
        return Answer(line.decode("ascii"), "", None, "", raw)
    raise FrameRefused("this is no answer")


@dataclass(frozen=True, slots=True)
class Refused:
    """A damaged line, or one that does not fit (`hint` says what to check)."""

    raw: bytes
    reason: str
    hint: str = ""


class LineStream:
    """Feeds on bytes, gives answers and, in their place, what was refused."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Answer | Refused]:
        """What these bytes complete, oldest first."""
        self._buffer += data
        *lines, rest = bytes(self._buffer).split(END)
        self._buffer = bytearray(rest)
        found: list[Answer | Refused] = []
        for line in lines:
            try:
                found.append(read_line(line))
            except FrameRefused as refused:
                found.append(Refused(line + END, refused.reason, refused.hint))
        if len(self._buffer) > LINE_BYTES_MAX:
            found.append(Refused(bytes(self._buffer), f"no line end in {LINE_BYTES_MAX} bytes"))
            self._buffer.clear()
        return found


def write_command(command: Command) -> bytes:
    """The bytes that ask for it."""
    return command.value.encode("ascii") + END
