"""Everything a chip can do wrong, each by name and by the step at which it does it.

A fault has one place in the way of an answer: the field (nothing comes back), the file that is read, the
plain answer, secure messaging, or the octets sent.  Steps are named in `steps`; patterns with * take several.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from secrets import token_bytes
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from simulators.card.apdu import Answer
from simulators.card.der import length
from simulators.card.file_content import FileContent
from simulators.card.steps import known_step


class FaultName(StrEnum):
    """`value` means what each line says, and nothing where it says nothing."""

    TORN = "torn"
    """The chip leaves the field; the next power on finds it whole."""
    STALL = "stall"
    """No answer, ever again until power off."""
    SLOW = "slow"
    """The answer takes `value` ms more."""
    OTHER_CARD = "other_card"
    """From here on the reader sees another identifier and ATS: a second card in the field."""

    LYING_LENGTH = "lying_length"
    """The file's length field says `value` bytes more than there are (less, if negative)."""
    ENDLESS = "endless"
    """The file says 2 GiB and goes on and on, its content again and again."""
    ANNOUNCED = "announced"
    """The file's length field says `value` bytes, 1 GiB without one; there are no more than before."""
    NESTED = "nested"
    """The file is one data object in another, `value` deep (1000 without)."""

    STATUS = "status"
    """The command is not done and answered with the status `value`."""
    SHORT = "short"
    """`value` bytes are missing at the end of the data (1 without)."""
    EXTRA = "extra"
    """One byte too many at the end of the data."""
    FLIPPED_DATA = "flipped_data"
    """The bits of byte number `value` of the data are turned."""

    COUNTER_REPEATED = "counter_repeated"
    """The answer goes out under the counter of its command."""
    COUNTER_SKIPPED = "counter_skipped"
    """The answer goes out under the counter after the right one."""

    BARE_STATUS = "bare_status"
    """Only the status `value` (9000 without), unprotected, whatever the session."""
    UNPROTECTED = "unprotected"
    """Data and status in the clear, whatever the session."""
    FLIPPED_MAC = "flipped_mac"
    """One bit of the MAC is wrong."""
    FLIPPED_BYTE = "flipped_byte"
    """The bits of byte number `value` of the octets sent are turned."""
    DROPPED_BYTE = "dropped_byte"
    """Byte number `value` of the octets sent is missing."""
    OUTER_STATUS = "outer_status"
    """The status that is sent in the clear is `value`, whatever the protected one says."""
    CUT = "cut"
    """`value` octets are missing at the end of what is sent (1 without)."""
    REPLAYED = "replayed"
    """The last answer once more."""
    NOISE = "noise"
    """`value` octets of noise (64 without)."""


_OF_FILES = {FaultName.LYING_LENGTH, FaultName.ENDLESS, FaultName.ANNOUNCED, FaultName.NESTED}


@dataclass(frozen=True, slots=True)
class Fault:
    """`name` at the `nth` command that is such a `step`, and for `times` of them; 0: for ever after.

    The count goes on when the chip is powered off and on again.  What is wrong with a file is always wrong.
    A step that no command is, is refused (ValueError).
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: FaultName
    step: Annotated[str, AfterValidator(known_step)] = "*"
    nth: Annotated[int, Field(ge=1)] = 1
    times: Annotated[int, Field(ge=0)] = 1
    value: int | None = None

    def __post_init__(self) -> None:
        known_step(self.step)


@dataclass(slots=True)
class FaultPlan:
    """A chip's faults, and how often each one's step came."""

    faults: tuple[Fault, ...] = ()
    seen: dict[int, int] = field(default_factory=dict[int, int])

    def due(self, step: str) -> dict[FaultName, Fault]:
        """The faults of this command, by name; counts it."""
        found: dict[FaultName, Fault] = {}
        for place, fault in enumerate(self.faults):
            if fnmatchcase(step, fault.step):
                count = self.seen[place] = self.seen.get(place, 0) + 1
                over = fault.times and count >= fault.nth + fault.times
                if fault.name in _OF_FILES or (count >= fault.nth and not over):
                    found[fault.name] = fault
        return found


Due = dict[FaultName, Fault]


def spoil_answer(answer: Answer, due: Due) -> Answer:
    """The plain answer with what goes wrong in it."""
    data = answer.data
    if fault := due.get(FaultName.FLIPPED_DATA):
        data = _flipped(data, fault.value or 0)
    if fault := due.get(FaultName.SHORT):
        data = data[: -(fault.value or 1)]
    if FaultName.EXTRA in due:
        data += b"\x00"
    return Answer(data, answer.status)


def spoil_octets(octets: bytes, plain: Answer, last: bytes, due: Due) -> bytes:
    """What is sent; `last` is the answer before."""
    for name, fault in due.items():
        match name:
            case FaultName.BARE_STATUS:
                octets = (fault.value or 0x9000).to_bytes(2, "big")
            case FaultName.UNPROTECTED:
                octets = plain.octets()
            case FaultName.FLIPPED_MAC:
                octets = _flipped(octets, len(octets) - 3, bits=0x01)
            case FaultName.FLIPPED_BYTE:
                octets = _flipped(octets, fault.value or 0)
            case FaultName.DROPPED_BYTE:
                place = fault.value or 0
                octets = octets[:place] + octets[place + 1 :]
            case FaultName.OUTER_STATUS:
                octets = octets[:-2] + (fault.value or 0x9000).to_bytes(2, "big")
            case FaultName.CUT:
                octets = octets[: -(fault.value or 1)]
            case FaultName.REPLAYED:
                octets = last or octets
            case FaultName.NOISE:
                octets = token_bytes(fault.value or 64)
            case _:
                pass
    return octets


def spoil_file(octets: bytes, due: Due) -> FileContent:
    """The file as it reads with what goes wrong in it; a file is one object with a tag."""
    tag_size, size_size, size = _header(octets)
    tag, body = octets[:tag_size], octets[tag_size + size_size :]
    if fault := due.get(FaultName.LYING_LENGTH):
        octets = tag + length(max(size + (1 if fault.value is None else fault.value), 0)) + body
    elif fault := due.get(FaultName.ANNOUNCED):
        octets = tag + length(fault.value or 1 << 30) + body
    elif fault := due.get(FaultName.NESTED):
        octets = tag + length(len(inside := _nested(fault.value or 1000))) + inside
    if FaultName.ENDLESS in due:
        return FileContent(tag + length((1 << 31) - 1) + body, endless=True)
    return FileContent(octets)


def _nested(depth: int) -> bytes:
    inside = b""
    for _ in range(depth):
        inside = b"\x30" + length(len(inside)) + inside
    return inside


def _flipped(data: bytes, place: int, bits: int = 0xFF) -> bytes:
    if not 0 <= place < len(data):
        return data
    return data[:place] + bytes([data[place] ^ bits]) + data[place + 1 :]


def _header(content: bytes) -> tuple[int, int, int]:
    """Bytes of the tag, bytes of the length field, and what the length field says."""
    tag_size = 2 if content[:1] and content[0] & 0x1F == 0x1F else 1
    first = content[tag_size] if len(content) > tag_size else 0
    if first < 0x80:
        return tag_size, 1, first
    count = first & 0x7F
    return tag_size, 1 + count, int.from_bytes(content[tag_size + 1 : tag_size + 1 + count], "big")
