"""The chip's directories and files: SELECT and READ BINARY (ISO/IEC 7816-4, 11; Doc 9303-10, 3.6).

SELECT EMRTD 00 A4 04 0C 07 A0000002471001      READ BINARY     00 B0 offset(2) Le
SELECT EF    00 A4 02 0C 02 FID                 by short id.    00 B0 80+SFI offset(1) Le
SELECT MF    three forms, see behaviour         odd             00 B1 P1 P2 Lc 54 len offset Le
"""

from simulators.card.access_rules import may_read
from simulators.card.apdu import (
    END_OF_FILE,
    FILE_DEACTIVATED,
    NO_CURRENT_FILE,
    OFFSET_OUTSIDE,
    OK,
    SECURITY_NOT_SATISFIED,
    UNKNOWN_INSTRUCTION,
    WRONG_DATA,
    WRONG_LE,
    WRONG_LENGTH,
    WRONG_PARAMETERS,
    Answer,
    Command,
    Refused,
)
from simulators.card.behaviour import MasterFileForm, OverLength
from simulators.card.der import length, tlv
from simulators.card.file_content import FileContent
from simulators.card.personalisation import EF_DIR, EMRTD_APPLICATION, MASTER_FILE, FileKey
from simulators.card.session import State
from simulators.card.tlv import unwrap

EMRTD = bytes.fromhex("A0000002471001")
"""The application's identifier."""

SELECT, READ, READ_ODD = 0xA4, 0xB0, 0xB1
_ALL = (256, 65536)
"""An Le of zeros: whatever there is."""


def select(state: State, command: Command) -> Answer:
    """SELECT.  Raises Refused."""
    if state.behaviour.refuses_le_at_select and command.le is not None:
        raise Refused(WRONG_LENGTH)
    if command.p2 not in (0x00, 0x04, 0x0C):
        raise Refused(WRONG_PARAMETERS)
    match command.p1, command.data:
        case 0x04, _:
            return _select_application(state, command)
        case 0x00, b"" | b"\x3f\x00":
            return _select_master_file(state, command)
        case 0x00 | 0x02, data if len(data) == 2:
            return _select_file(state, command, (state.session.directory, int.from_bytes(data, "big")))
        case 0x00 | 0x02, _:
            raise Refused(WRONG_LENGTH)
        case _:
            raise Refused(WRONG_PARAMETERS)


def read(state: State, command: Command) -> Answer:
    """READ BINARY, even instruction.  Raises Refused."""
    if command.data or command.le is None:
        raise Refused(WRONG_LENGTH)
    if command.p1 & 0x80:
        if command.p1 & 0x60:
            raise Refused(WRONG_PARAMETERS)
        offset = command.p2
    else:
        offset = command.p1 << 8 | command.p2
    content = _readable(state, file_read(state, command))
    asked = _allowed(state, command.le, state.room)
    return _piece(state, content, offset, asked, exact=command.le not in _ALL)


def read_odd(state: State, command: Command) -> Answer:
    """READ BINARY with an odd instruction: any offset, and the answer's header counts.  Raises Refused."""
    if not state.behaviour.odd_read:
        raise Refused(UNKNOWN_INSTRUCTION)
    if command.le is None:
        raise Refused(WRONG_LENGTH)
    try:
        offset = int.from_bytes(unwrap(command.data, 0x54), "big")
    except ValueError:
        raise Refused(WRONG_DATA) from None
    content = _readable(state, file_read(state, command))
    most = _allowed(state, command.le, state.room)
    asked = max(most - 1 - len(length(most)), 0)
    piece = _piece(state, content, offset, asked, exact=command.le not in _ALL)
    return Answer(tlv(0x53, piece.data), piece.status)


def file_read(state: State, command: Command) -> FileKey | None:
    """The file that a READ BINARY means: the current one, or by short identifier, or (odd instructions) by
    identifier; None when no file is current.  Raises Refused for one that is not there."""
    parameters = command.p1 << 8 | command.p2
    if command.ins == READ:
        return _by_short_identifier(state, command.p1 & 0x1F) if command.p1 & 0x80 else state.session.file
    if parameters == 0:
        return state.session.file
    if parameters < 0x1F:
        return _by_short_identifier(state, parameters)
    file = (state.session.directory, parameters)
    if file not in state.memory.files:
        raise Refused(state.behaviour.absent)
    return file


def _select_application(state: State, command: Command) -> Answer:
    exists = any(directory == EMRTD_APPLICATION for directory, _ in state.memory.files)
    if command.data != EMRTD or not exists:
        raise Refused(state.behaviour.absent)
    if state.behaviour.application_needs_terminal and not state.session.rights:
        raise Refused(SECURITY_NOT_SATISFIED)
    state.session.directory, state.session.file = EMRTD_APPLICATION, None
    return _control_information(command, tlv(0x84, EMRTD))


def _select_master_file(state: State, command: Command) -> Answer:
    form = MasterFileForm.IDENTIFIER if command.data else MasterFileForm.BARE
    if command.p2 == 0x00:
        form = MasterFileForm.ZERO
    if form not in state.behaviour.master_file_forms:
        raise Refused(WRONG_PARAMETERS)
    state.session.directory, state.session.file = MASTER_FILE, None
    return _control_information(command, tlv(0x83, b"\x3f\x00"))


def _select_file(state: State, command: Command, file: FileKey) -> Answer:
    if file not in state.memory.files:
        raise Refused(state.behaviour.absent)
    if not may_read(state, file) and not state.behaviour.selects_locked:
        raise Refused(SECURITY_NOT_SATISFIED)
    state.session.file = file
    size = len(state.memory.files[file]).to_bytes(3, "big")
    answer = _control_information(command, tlv(0x80, size) + tlv(0x83, file[1].to_bytes(2, "big")))
    deactivated = file in state.behaviour.deactivated
    return Answer(answer.data, FILE_DEACTIVATED) if deactivated else answer


def _control_information(command: Command, inside: bytes) -> Answer:
    """File control parameters, only where P2 and Le ask for them."""
    wanted = command.le is not None and command.p2 != 0x0C
    return Answer(tlv(0x62 if command.p2 == 0x04 else 0x6F, inside)) if wanted else Answer()


def _by_short_identifier(state: State, identifier: int) -> FileKey:
    directory = state.session.directory
    if directory == MASTER_FILE and not state.behaviour.short_identifiers_in_master_file:
        raise Refused(WRONG_PARAMETERS)
    for file in state.memory.files:
        if file[0] == directory and _short_identifier(file) == identifier:
            return file
    raise Refused(state.behaviour.absent)


def _short_identifier(file: FileKey) -> int:
    """Doc 9303-10, 3.6: the last five bits, but EF.DIR's is 1E."""
    return 0x1E if file == EF_DIR else file[1] & 0x1F


def _readable(state: State, file: FileKey | None) -> FileContent:
    """The file's content; it becomes the current one.  Raises Refused."""
    if file is None or file not in state.memory.files:
        raise Refused(NO_CURRENT_FILE)
    if not may_read(state, file):
        raise Refused(SECURITY_NOT_SATISFIED)
    state.session.file = file
    return state.view(state.memory.files[file])


def _allowed(state: State, le: int, room: int) -> int:
    """How many bytes may go at once of the `le` asked for.  Raises Refused for an exact Le beyond that."""
    most = min(room, state.behaviour.read_max or room)
    if le <= most:
        return le
    habit = state.behaviour.over_length
    if (le in _ALL and habit is not OverLength.OUTSIDE) or habit is OverLength.FEWER:
        return most
    state.session.slips = state.behaviour.loses_session_when_refusing
    if habit is OverLength.EXACT and most < 256:
        raise Refused(WRONG_LE | most)
    raise Refused(OFFSET_OUTSIDE if habit is OverLength.OUTSIDE else WRONG_LENGTH)


def _piece(state: State, content: FileContent, offset: int, asked: int, *, exact: bool) -> Answer:
    """So many bytes from an offset.  Raises Refused past the end."""
    if offset >= content.size:
        raise Refused(OFFSET_OUTSIDE)
    left = content.size - offset
    if asked > left and exact:
        if state.behaviour.exact_at_end and left < 256:
            raise Refused(WRONG_LE | left)
        return Answer(content.piece(offset, left), END_OF_FILE)
    return Answer(content.piece(offset, asked), OK)
