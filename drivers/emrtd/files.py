"""Selecting and reading files (Doc 9303-10, 3.6; ISO/IEC 7816-4, 11.2): exactly their bytes, once, never
past the end, since some chips lose the session over that.

A file begins with a tag and its length.  Those are read first; what they announce is bounded before more is
read."""

from collections.abc import Callable

from drivers.emrtd import tlv
from drivers.emrtd.apdu import CommandApdu, ResponseApdu
from drivers.emrtd.channel import Channel
from drivers.emrtd.elementary_files import Directory, ElementaryFile
from drivers.emrtd.errors import MalformedError, ProtocolError, SessionLost, StatusError, TagLost
from drivers.emrtd.read_policy import ReadPolicy
from drivers.emrtd.status_words import (
    DEACTIVATED,
    END_OF_FILE,
    NOT_ALLOWED,
    OFFSET_PAST_END,
    SUCCESS,
    WRONG_LENGTH,
)

APPLICATION = bytes.fromhex("A0000002471001")
"""Application identifier of the eMRTD (9303-10, 3.2)."""

_HEADER_FIRST, _HEADER_MAX = 4, 6
"""Octets of tag and length that do for files under 64 kB, and the most that any has."""
_PLAIN_OFFSET_MAX = 0x7FFF
_OFFSET, _DISCRETIONARY = 0x54, 0x53
"""Objects of the odd form: where to read, and what was read."""
_SFI_OFFSET_MAX = 0xFF
_CRUMB, _CRUMBS_MAX = 16, 32
"""Answers in the middle of a file shorter than this, and how many of them are borne."""
_READ_STATUSES = (SUCCESS, END_OF_FILE, DEACTIVATED)
_LE_REFUSED = (WRONG_LENGTH, OFFSET_PAST_END)

Progress = Callable[[int, int], None]
"""Told of the bytes that are there and of all that are expected, after each answer."""


def _no_progress(_done: int, _total: int) -> None: ...


class FileReader:
    """Reads files over one session of `channel` by `policy`.  A fresh chip is in the master file."""

    def __init__(self, channel: Channel, policy: ReadPolicy) -> None:
        self._channel, self._policy = channel, policy
        self._directory = Directory.MASTER_FILE
        self._selected: ElementaryFile | None = None

    def select_application(self) -> None:
        """Select the eMRTD application, without Le: German chips refuse one.  StatusError where it is
        refused."""
        self._channel.expect(CommandApdu(0x00, 0xA4, 0x04, 0x0C, APPLICATION), what="SELECT the eMRTD")
        self._entered(Directory.EMRTD)

    def selection_lost(self) -> None:
        """Another protocol selected a file: name the next one anew."""
        self._selected = None

    def read(self, file: ElementaryFile) -> bytes:
        """The whole file as the chip gives it.  Raises what `read_into` does."""
        data = bytearray()
        self.read_into(file, data)
        return bytes(data)

    def read_into(self, file: ElementaryFile, so_far: bytearray, progress: Progress = _no_progress) -> None:
        """The whole file into a buffer that its owner can overwrite.

        Bytes are added to `so_far` as they come, and those already there are not read again: after a lost
        tag the same call goes on where it broke.  StatusError where the chip refuses (absent, no right),
        ProtocolError where it lies about a length, TagLost and SessionLost as the channel raises them;
        after a SessionLost over a long answer the policy asks for less."""
        if file.directory is not self._directory:
            raise ValueError(f"{file} lies in the {file.directory.value}, which is not selected")
        if file.tag is None:
            so_far[:] = self._read_unframed(file)
            return
        total = self._read_header(file, so_far)
        crumbs = 0
        while len(so_far) < total:
            progress(len(so_far), total)
            crumbs += self._read_some(file, so_far, total) < _CRUMB and len(so_far) < total
            if crumbs > _CRUMBS_MAX:
                raise ProtocolError(f"{file}: the chip gives the file in crumbs")
        del so_far[total:]
        progress(total, total)

    def _entered(self, directory: Directory) -> None:
        self._directory, self._selected = directory, None

    def _read_unframed(self, file: ElementaryFile) -> bytes:
        """A file that does not say its length: one answer, which ends with the file or at `size_max`."""
        response = self._read_binary(file, 0, min(file.size_max, self._policy.le))
        if response.status not in _READ_STATUSES:
            raise StatusError(f"READ BINARY {file}", response.status)
        return response.data

    def _read_header(self, file: ElementaryFile, data: bytearray) -> int:
        """Read tag and length unless `data` has them; the bytes of the whole file."""
        while (header := self._header(file, data)) is None:
            wanted = _HEADER_FIRST if len(data) < _HEADER_FIRST else _HEADER_MAX
            self._read_some(file, data, wanted)
        if header.tag != file.tag:
            raise ProtocolError(f"{file} begins with tag {header.tag:02X}, expected {file.tag:02X}")
        if header.total > file.size_max:
            raise ProtocolError(
                f"{file} announces {header.total} bytes, more than the {file.size_max} such a file may have"
            )
        return header.total

    def _header(self, file: ElementaryFile, data: bytearray) -> tlv.Header | None:
        try:
            header = tlv.read_header(data)
        except MalformedError as error:
            raise ProtocolError(f"{file} does not begin with a tag and a length: {error}") from error
        if header is None and len(data) >= _HEADER_MAX:
            raise ProtocolError(f"{file}: tag and length do not end within {_HEADER_MAX} bytes")
        return header

    def _read_some(self, file: ElementaryFile, data: bytearray, until: int) -> int:
        """One answer's worth of the file at the end of `data`, up to `until`; how many bytes that were."""
        offset = len(data)
        while True:
            le = self._le(offset, until)
            try:
                response = self._read_binary(file, offset, le)
            except SessionLost:
                self._ask_for_less(le, until)
                raise
            except TagLost:
                # A card reader that can't pass on a long answer looks like a document that went away.
                if le > self._policy.le:
                    self._policy.lower(le)
                raise
            if response.status not in _LE_REFUSED or not self._ask_for_less(le, until):
                break
        past_end = response.status == OFFSET_PAST_END and offset >= _HEADER_FIRST
        if response.status not in _READ_STATUSES and not past_end:
            raise StatusError(f"READ BINARY {file} at {offset}", response.status)
        data += response.data
        ended = past_end or not response.data or response.status == END_OF_FILE
        if ended and len(data) < until and (until > _HEADER_MAX or len(data) == offset):
            raise ProtocolError(f"{file} ends at {len(data)} bytes, but {until} are announced or needed")
        if len(response.data) < le and not ended:
            self._policy.learn(len(response.data))
        self._policy.proved = max(self._policy.proved, len(response.data))
        return len(response.data)

    def _le(self, offset: int, until: int) -> int:
        """Bytes of the file to ask for; the odd form's answer holds the header of its object besides."""
        left, policy = until - offset, self._policy
        room = policy.le_large if policy.le_large is not None and left > policy.le else policy.le
        if offset > _PLAIN_OFFSET_MAX:
            room -= len(tlv.build(_DISCRETIONARY, bytes(room))) - room
        return min(left, room)

    def _ask_for_less(self, le: int, until: int) -> bool:
        """Whether a shorter wish may help; a header's few bytes are refused for other reasons."""
        return until > _HEADER_MAX and self._policy.lower(le)

    def _read_binary(self, file: ElementaryFile, offset: int, le: int) -> ResponseApdu:
        if self._selected is not file:
            if self._policy.by_sfi and offset <= _SFI_OFFSET_MAX:
                response = self._read_by_sfi(file, offset, le)
                if response.status in _READ_STATUSES:
                    return response
                self._select(file)
                # The file is there, so it was the form that the chip did not take.  Some take it in the
                # application but not for EF.CardAccess, so that only a session teaches.
                if self._channel.secure is not None and response.status != NOT_ALLOWED:
                    self._policy.by_sfi = False
            else:
                self._select(file)
        if offset <= _PLAIN_OFFSET_MAX:
            return self._channel.send(CommandApdu(0x00, 0xB0, offset >> 8, offset & 0xFF, le=le))
        return self._read_odd(file, offset, le)

    def _read_by_sfi(self, file: ElementaryFile, offset: int, le: int) -> ResponseApdu:
        """A read that also selects the file, where the chip takes that form."""
        try:
            response = self._channel.send(CommandApdu(0x00, 0xB0, 0x80 | file.sfi, offset, le=le))
        except SessionLost:
            self._policy.by_sfi = False
            raise
        if response.status in _READ_STATUSES:
            self._selected = file
        return response

    def _select(self, file: ElementaryFile) -> None:
        self._selected = None
        command = CommandApdu(0x00, 0xA4, 0x02, 0x0C, file.fid.to_bytes(2, "big"))
        response = self._channel.send(command)
        # 62xx warns of a state of the file, as Malaysian chips do of one that reads well.
        if response.status != SUCCESS and response.status >> 8 != 0x62:
            raise StatusError(f"SELECT {file}", response.status)
        self._selected = file

    def _read_odd(self, file: ElementaryFile, offset: int, le: int) -> ResponseApdu:
        """READ BINARY with an offset object (INS B1): the bytes come in an object 53, whose header is
        counted in Le (ISO/IEC 7816-4, 11.2.3)."""
        where = tlv.build(_OFFSET, offset.to_bytes(2 if offset <= 0xFFFF else 3, "big"))
        size = len(tlv.build(_DISCRETIONARY, bytes(le)))
        response = self._channel.send(CommandApdu(0x00, 0xB1, 0x00, 0x00, where, le=size))
        if response.status not in _READ_STATUSES or not response.data:
            return response
        try:
            node = tlv.read(response.data)
        except MalformedError as error:
            raise ProtocolError(f"READ BINARY {file} at {offset}: no object 53 in the answer") from error
        if node.tag != _DISCRETIONARY or len(node.value) > le:
            raise ProtocolError(f"READ BINARY {file} at {offset}: no object 53 of at most {le} bytes")
        return ResponseApdu(node.value, response.status)
