"""Command APDUs taken apart, and the status words a chip answers with (ISO/IEC 7816-4, 5.1 and 5.6)."""

from dataclasses import dataclass

OK = 0x9000
END_OF_FILE = 0x6282
FILE_DEACTIVATED = 0x6283
AUTHENTICATION_FAILED = 0x6300
WRONG_LENGTH = 0x6700
SECURITY_NOT_SATISFIED = 0x6982
BLOCKED = 0x6983
CONDITIONS_NOT_SATISFIED = 0x6985
NO_CURRENT_FILE = 0x6986
SECURE_OBJECTS_MISSING = 0x6987
SECURE_OBJECTS_WRONG = 0x6988
WRONG_DATA = 0x6A80
FILE_NOT_FOUND = 0x6A82
WRONG_PARAMETERS = 0x6A86
REFERENCED_DATA_NOT_FOUND = 0x6A88
OFFSET_OUTSIDE = 0x6B00
WRONG_LE = 0x6C00
UNKNOWN_INSTRUCTION = 0x6D00
UNKNOWN_CLASS = 0x6E00


class Refused(Exception):
    """The chip refuses a command with `status`."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Command:
    """A command APDU.  `le` is the most bytes of answer that are asked for, None where none are; `extended`
    tells the form with three-byte lengths."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None
    extended: bool = False

    @property
    def chained(self) -> bool:
        """Whether more of the same command follows."""
        return bool(self.cla & 0x10)

    @property
    def secured(self) -> bool:
        """Whether secure messaging is claimed, with the header in the MAC."""
        return self.cla & 0x0C == 0x0C


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command comes to, before secure messaging."""

    data: bytes = b""
    status: int = OK

    def octets(self) -> bytes:
        return self.data + self.status.to_bytes(2, "big")


def parse_command(apdu: bytes) -> Command | None:
    """None when the lengths do not fit each other: the chip then answers 6700."""
    if len(apdu) < 4:
        return None
    (cla, ins, p1, p2), body = apdu[:4], apdu[4:]
    if not body:
        return Command(cla, ins, p1, p2)
    if len(body) == 1:
        return Command(cla, ins, p1, p2, le=body[0] or 256)
    if body[0]:
        length, rest = body[0], body[1:]
        if len(rest) not in (length, length + 1):
            return None
        le = None if len(rest) == length else rest[-1] or 256
        return Command(cla, ins, p1, p2, data=rest[:length], le=le)
    if len(body) < 3:
        return None
    length, rest = int.from_bytes(body[1:3], "big"), body[3:]
    if not rest:
        return Command(cla, ins, p1, p2, le=length or 65536, extended=True)
    if not length or len(rest) not in (length, length + 2):
        return None
    le = None if len(rest) == length else int.from_bytes(rest[-2:], "big") or 65536
    return Command(cla, ins, p1, p2, data=rest[:length], le=le, extended=True)
