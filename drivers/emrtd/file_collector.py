"""The files of one chip, gathered over as many sessions as it takes, each byte once."""

import hashlib
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from drivers.emrtd.channel import Channel
from drivers.emrtd.elementary_files import CARD_ACCESS, DATA_GROUPS, SOD, ElementaryFile
from drivers.emrtd.errors import ProtocolError, SessionLost, StatusError
from drivers.emrtd.files import FileReader
from drivers.emrtd.read_policy import ReadPolicy
from drivers.emrtd.reading import OnProgress, Phase, Progress, Reading, Refusal, RefusalReason, Step
from drivers.emrtd.status_words import ABSENT, NOT_ALLOWED

IDENTIFYING = (SOD, DATA_GROUPS[1])
"""What tells one document from another: the issuer's signature over its hashes, and whose it is."""


class FileCollector:
    """Fills `reading` with files and why others are not there, and tells of the progress."""

    def __init__(
        self,
        channel: Channel,
        policy: ReadPolicy,
        reading: Reading,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channel, self._policy, self._reading, self._clock = channel, policy, reading, clock
        self._partial: dict[ElementaryFile, bytearray] = {}
        self._cost_a_session: set[ElementaryFile] = set()
        self._phase = Phase.CARD_ACCESS
        self.on_progress: OnProgress = lambda _progress: None
        self.files = FileReader(channel, policy)
        """The present session's."""

    def begin(self) -> None:
        """A new session begins.  What earlier ones brought stays only if this one can be seen to be of the
        same document."""
        self.files = FileReader(self._channel, self._policy)
        reading = self._reading
        known = reading.files.keys() | reading.refused.keys()
        if not (known >= set(IDENTIFYING) and reading.files.keys() & set(IDENTIFYING)):
            reading.access = None
            reading.files.clear()
            reading.refused.clear()
            self._partial.clear()

    def identify(self, file: ElementaryFile) -> None:
        """Read an identifying file; where an earlier session has read it, all over again.  ProtocolError if
        it is another one now."""
        reading = self._reading
        if file not in reading.files:
            self.read(file)
            return
        data = bytearray()
        self.files.read_into(file, data, self._told_of(file))
        if bytes(data) != reading.files[file]:
            raise ProtocolError(f"{file} is not what it was before the chip was lost: it is another chip")

    def read_card_access(self, read: Callable[[FileReader], bytes | None]) -> bytes | None:
        """EF.CardAccess, which every session needs, None where there is none to be had: why stands in the
        reading if the chip gave one that cannot be read.  ProtocolError where it is not what it was."""
        try:
            data = read(self.files)
        except ProtocolError:
            data = None
            self._reading.refused[CARD_ACCESS] = Refusal(RefusalReason.BROKEN)
        before = self._reading.files.get(CARD_ACCESS)
        if self._reading.access is not None and data != before:
            raise ProtocolError(
                "EF.CardAccess is not what it was before the chip was lost: it is another chip"
            )
        if data is not None:
            self._reading.files[CARD_ACCESS] = data
        return data

    def read(self, file: ElementaryFile) -> bytes | None:
        """The file, from before or from the chip; None where the chip refuses it, and why in the reading."""
        reading = self._reading
        if file in reading.files or file in reading.refused:
            return reading.files.get(file)
        data, asked = self._partial.setdefault(file, bytearray()), (self._policy.le, self._policy.by_sfi)
        try:
            self._read_into(file, data)
        except SessionLost as error:
            # Once more, and as often as the policy learns of it: one such file must not cost all the others.
            if (self._policy.le, self._policy.by_sfi) == asked and file not in IDENTIFYING:
                if file in self._cost_a_session:
                    reading.refused[file] = Refusal(RefusalReason.SESSION_LOST, error.status)
                self._cost_a_session.add(file)
            raise
        if file in reading.refused:
            return None
        reading.files[file] = bytes(self._partial.pop(file))
        return reading.files[file]

    def compare(self, group: int, digest: str, listed: bytes) -> None:
        """Whether a biometric group has the listed hash; its bytes are overwritten and nobody sees them."""
        file, data = DATA_GROUPS[group], bytearray()
        try:
            self._read_into(file, data)
            if file not in self._reading.refused:
                found = hashlib.new(digest, data, usedforsecurity=False).digest()
                self._reading.biometrics[group] = found == listed
        finally:
            data[:] = bytes(len(data))

    def forget_partial(self) -> None:
        """Overwrite files of which a part is here."""
        for data in self._partial.values():
            data[:] = bytes(len(data))
        self._partial.clear()

    @contextmanager
    def phase(self, phase: Phase) -> Generator[None]:
        """Tell that the phase begins, and note what it took, however it ends."""
        self._phase = phase
        self.on_progress(Progress(phase))
        begun, apdus = self._clock(), self._channel.apdus
        try:
            yield
        finally:
            before = self._reading.steps.get(phase, Step())
            self._reading.steps[phase] = Step(
                before.duration_ms + (self._clock() - begun) * 1000,
                before.apdus + self._channel.apdus - apdus,
            )

    def _read_into(self, file: ElementaryFile, data: bytearray) -> None:
        try:
            self.files.read_into(file, data, self._told_of(file))
        except StatusError as error:
            self._reading.refused[file] = _refusal(error.status)
        except ProtocolError:
            # Without what tells whose document it is there is nothing to go on with.
            if self._channel.over or file in IDENTIFYING:
                raise
            self._reading.refused[file] = Refusal(RefusalReason.BROKEN)

    def _told_of(self, file: ElementaryFile) -> Callable[[int, int], None]:
        return lambda done, total: self.on_progress(Progress(self._phase, file, done, total))


def _refusal(status: int) -> Refusal:
    if status in ABSENT:
        return Refusal(RefusalReason.ABSENT, status)
    return Refusal(RefusalReason.NO_RIGHT if status == NOT_ALLOWED else RefusalReason.STATUS, status)
