"""What a travel document's chip answers before anybody has proved to know its printed data.

Written from ISO/IEC 7816-4 and ICAO Doc 9303-10 and -11, and from what chips were seen to do where the
standards leave a choice: the eMRTD application can be selected, its files exist but read "not authenticated",
a challenge is given to anybody, and a wrong answer to it is refused.  Access control and the data groups are
another file's.
"""

import random
from dataclasses import dataclass, field

EMRTD = bytes.fromhex("A0000002471001")

OK = b"\x90\x00"
WRONG_KEY = b"\x63\x00"
WRONG_LENGTH = b"\x67\x00"
NOT_AUTHENTICATED = b"\x69\x82"
NO_FILE_SELECTED = b"\x69\x86"
NOT_FOUND = b"\x6a\x82"
WRONG_PARAMETERS = b"\x6a\x86"
UNKNOWN_INSTRUCTION = b"\x6d\x00"
UNKNOWN_CLASS = b"\x6e\x00"

_FILES = {0x011E, 0x0101, 0x0102, 0x010E, 0x010F, 0x011D}
"""EF.COM, DG1, DG2, DG14, DG15, EF.SOD: a passport that offers BAC and no PACE (so no EF.CardAccess)."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command APDU taken apart (ISO/IEC 7816-4, 5.1).  `data` is empty where there is none."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes


def parse_command(apdu: bytes) -> Command | None:
    """None when the lengths do not fit each other: the chip then answers 6700."""
    if len(apdu) < 4:
        return None
    head, body = apdu[:4], apdu[4:]
    if len(body) <= 1:
        return Command(*head, data=b"")
    if body[0] == 0 and len(body) >= 3:
        # Extended: 00 Le Le, or 00 Lc Lc data [Le Le].
        length = int.from_bytes(body[1:3], "big")
        if len(body) == 3:
            return Command(*head, data=b"")
        rest = body[3:]
        return Command(*head, data=rest[:length]) if len(rest) in (length, length + 2) else None
    length, rest = body[0], body[1:]
    return Command(*head, data=rest[:length]) if length and len(rest) in (length, length + 1) else None


@dataclass
class LockedChip:
    """A chip that nobody has unlocked.

    `emrtd` False makes it some other card (a bank's): the application is not found.  `seed` repeats its
    challenges and its random identifier.  `mute` leaves every command unanswered.
    """

    atr: bytes = bytes.fromhex("3B80800101")
    emrtd: bool = True
    mute: bool = False
    seed: int = 0
    selected: bool = field(default=False, init=False)
    file_selected: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        self._challenged = False
        self._identifier = b"\x08" + self._draw.randbytes(3)

    def power(self, on: bool) -> None:
        """All state is gone with the power; a contactless chip then shows another random identifier."""
        self.selected = self.file_selected = self._challenged = False
        if not on:
            self._identifier = b"\x08" + self._draw.randbytes(3)

    def answer(self, command: bytes) -> bytes | None:
        """Response APDU to a command APDU, always at least two bytes; None when mute."""
        if self.mute:
            return None
        parsed = parse_command(command)
        if parsed is None:
            return WRONG_LENGTH
        if parsed.cla == 0xFF:
            # For the reader, which answers with the chip's identifier (PC/SC part 3); vpcd hands it on.
            is_identifier = (parsed.ins, parsed.p1, parsed.p2) == (0xCA, 0, 0)
            return self._identifier + OK if is_identifier else UNKNOWN_INSTRUCTION
        if parsed.cla not in (0x00, 0x0C):
            return UNKNOWN_CLASS
        if parsed.ins != 0x82:
            self._challenged = False
        match parsed.ins:
            case 0xA4:
                return self._select(parsed)
            case 0xB0 | 0xB1:
                return self._read(parsed)
            case 0x84:
                return self._challenge()
            case 0x82:
                return self._authenticate(parsed)
            case _:
                return UNKNOWN_INSTRUCTION

    def _select(self, command: Command) -> bytes:
        if command.p1 == 0x04:
            # By name (Doc 9303-10: 00 A4 04 0C 07 A0000002471001, without Le).
            found = self.emrtd and command.data == EMRTD
            if found:
                self.selected, self.file_selected = True, False
            return OK if found else NOT_FOUND
        if command.p1 == 0x00 and command.data in (b"", b"\x3f\x00"):
            self.selected = self.file_selected = False
            return OK
        if command.p1 not in (0x00, 0x02):
            return WRONG_PARAMETERS
        if len(command.data) != 2:
            return WRONG_LENGTH
        if not self.selected or int.from_bytes(command.data, "big") not in _FILES:
            return NOT_FOUND
        # Whether a locked file can be selected differs by chip; this one refuses as soon as that.
        return NOT_AUTHENTICATED

    def _read(self, command: Command) -> bytes:
        if not self.selected:
            return NO_FILE_SELECTED
        by_short_identifier = command.ins == 0xB0 and command.p1 & 0x80
        return NOT_AUTHENTICATED if by_short_identifier else NO_FILE_SELECTED

    def _challenge(self) -> bytes:
        if not self.selected:
            return UNKNOWN_INSTRUCTION
        self._challenged = True
        return self._draw.randbytes(8) + OK

    def _authenticate(self, command: Command) -> bytes:
        if not self._challenged:
            return b"\x69\x85"
        self._challenged = False
        return WRONG_KEY if len(command.data) == 40 else WRONG_LENGTH
