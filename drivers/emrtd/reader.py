"""One chip read from end to end: the steps in the order that lets a lane decide early.

EF.CardAccess, access control, EF.SOD, DG1, then the chip's proof of its own keys; the rest, and the face
last. After a lost tag, or a session that the chip gave up, all proofs are made anew and reading goes on
where it broke, if EF.SOD and DG1 are what they were: otherwise another chip came.  Nothing is judged here.
"""

import secrets
import time
from collections.abc import Callable, Sequence

from drivers.emrtd import access_control, proofs, security_object
from drivers.emrtd.access_control import Opened
from drivers.emrtd.access_key import AccessKey, MrzKey
from drivers.emrtd.apdu import Random, Transport
from drivers.emrtd.biometrics import Biometrics, Terms, read_and_compare
from drivers.emrtd.channel import Channel
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.chip_authentication import ChipAuthenticationResult
from drivers.emrtd.elementary_files import (
    ATR_INFO,
    CARD_ACCESS,
    CARD_SECURITY,
    COM,
    DATA_GROUPS,
    SOD,
)
from drivers.emrtd.errors import (
    AccessRefused,
    EmrtdError,
    MalformedError,
    ProtocolError,
    SessionLost,
    StatusError,
    TagLost,
    UnsupportedError,
)
from drivers.emrtd.file_collector import FileCollector
from drivers.emrtd.lds import atr_info, com, dg14
from drivers.emrtd.lds.security_infos import Mapping, PaceInfo, SecurityInfo, of_type
from drivers.emrtd.read_policy import ReadPolicy
from drivers.emrtd.reading import AccessProtocol, Interruption, OnProgress, Phase, Reading
from drivers.emrtd.security_object import SecurityObject

LOST_TAGS_MAX = 2
"""Times that a document may leave the field and come back within one reading."""
SESSIONS_MAX = 8
"""Sessions in all: a chip that loses them over long answers needs some before it is known."""

_APART = frozenset({1, 2, 3, 4, 14, 15})
"""Groups that have their own place in the order."""
_GUESSED = (1, 2, 14, 15)
"""Groups that are tried where no list can be read."""
_EXTENDED_DEFAULT = 1024
"""Octets of an answer where a chip says that it takes extended lengths, but not how long."""


class _ProofLost(ProtocolError):
    """A proof failed and took the session with it; the rest is still to be read, as evidence."""


class ChipReader:
    """Reads one chip, once."""

    def __init__(
        self,
        transport: Transport,
        key: AccessKey,
        *,
        reconnect: Callable[[], None] | None = None,
        random: Random = secrets.token_bytes,
        response_max: int | None = None,
        biometrics: Biometrics | None = None,
        card_security_counts: Callable[[bytes], bool] = lambda _file: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The chip stands as after a reset, nothing selected.  `reconnect` resets the chip, waiting until
        it is back in the field, and raises TagLost when it does not come; without it a lost session ends
        the reading.  `response_max` is the longest answer in octets that the card reader passes on, where
        that is known to be more than a short one.  `card_security_counts` says whether the keys of an
        EF.CardSecurity prove anything; where they do not, chip authentication follows the mapping.  The
        access key and all session keys are overwritten when `run` ends."""
        self._channel = Channel(transport)
        self._key, self._reconnect, self._random = key, reconnect, random
        self._response_max, self._biometrics = response_max, biometrics
        self._card_security_counts = card_security_counts
        self._policy = ReadPolicy()
        self.reading = Reading(purpose=biometrics.purpose if biometrics else None)
        """What there is so far: complete when `run` returns, and worth looking at when it raises."""
        self._collector = FileCollector(self._channel, self._policy, self.reading, clock)

    def run(self, on_progress: OnProgress | None = None) -> Reading:
        """Read the chip.

        AccessRefused when it does not take the key, StatusError or UnsupportedError when it is no eMRTD or
        has no way in, TagLost when it was taken away, ProtocolError when it broke the protocol or another
        chip came. That a file is missing or a proof fails is no error but a part of the reading."""
        if on_progress is not None:
            self._collector.on_progress = on_progress
        lost = 0
        self.reading.interrupted = Interruption.STOPPED
        try:
            while True:
                try:
                    self._session()
                    self.reading.interrupted = None
                    return self.reading
                except (TagLost, ProtocolError) as error:
                    lost += isinstance(error, TagLost)
                    if self._reconnect is None or not self._mends(error, lost):
                        raise
                    self._reconnect()
                    self._channel.restart()
        except EmrtdError as error:
            self.reading.interrupted = _interruption(error)
            raise
        finally:
            self._channel.secure = None
            self._key.forget()
            self._collector.forget_partial()
            self.reading.apdus = self._channel.apdus
            self.reading.bytes_sent = self._channel.bytes_sent
            self.reading.bytes_received = self._channel.bytes_received

    def _mends(self, error: TagLost | ProtocolError, lost: int) -> bool:
        """Whether a new session mends it: nothing mends an answer that is not the chip's own."""
        if self.reading.sessions >= SESSIONS_MAX:
            return False
        if isinstance(error, TagLost):
            return lost <= LOST_TAGS_MAX
        return isinstance(error, SessionLost | _ProofLost)

    def _session(self) -> None:
        """All that is still to be done, in one session from the start."""
        collector = self._collector
        self._begin()
        opened = self._open()
        with collector.phase(Phase.SECURITY_OBJECT):
            collector.identify(SOD)
        with collector.phase(Phase.MACHINE_READABLE_ZONE):
            collector.identify(DATA_GROUPS[1])
        listed = self._listed()
        with collector.phase(Phase.CHIP_AUTHENTICATION):
            infos = self._security_infos(listed)
            proof = self._prove_chip(infos)
        with collector.phase(Phase.ACTIVE_AUTHENTICATION):
            self._prove_active(listed, infos)
        with collector.phase(Phase.OTHER_FILES):
            collector.read(COM)
            for number in sorted(set(listed) - _APART):
                collector.read(DATA_GROUPS[number])
        if self._biometrics is not None:
            with collector.phase(Phase.TERMINAL_AUTHENTICATION):
                terms = Terms(infos, opened.pace, self._document_number(), proof)
                key, sod = self._biometrics.key, self._security_object()
                read_and_compare(self._channel, collector, self.reading, key, sod, terms)
            self._go_on_after(self.reading.terminal_authentication)
        with collector.phase(Phase.FACE):
            if 2 in listed:
                collector.read(DATA_GROUPS[2])

    def _begin(self) -> None:
        """A new session proves all anew; what failed before has failed."""
        reading = self.reading
        reading.sessions += 1
        self._collector.begin()
        fresh = Reading()
        for name in ("chip_authentication_mapping", "chip_authentication", "active_authentication"):
            if getattr(reading, name).outcome is not Outcome.FAILED:
                setattr(reading, name, getattr(fresh, name))

    def _open(self) -> Opened:
        reading, collector = self.reading, self._collector
        with collector.phase(Phase.CARD_ACCESS):
            card_access = collector.read_card_access(access_control.read_card_access)
            if self._response_max is not None and reading.sessions == 1:
                self._learn_lengths(self._response_max)
        with collector.phase(Phase.ACCESS_CONTROL):
            opened = access_control.run(
                self._channel,
                collector.files,
                card_access,
                self._key,
                self._random,
                unreadable=CARD_ACCESS in reading.refused,
            )
        if reading.access not in (None, opened.access):
            raise ProtocolError("the chip that came back opens in another way: it is another chip")
        reading.access = opened.access
        if opened.mapping_refused is not None:
            reading.chip_authentication_mapping = proofs.mapping_refused(opened.mapping_refused)
        if opened.pace is not None:
            if opened.access.protocol is AccessProtocol.PACE_CAM:
                with collector.phase(Phase.CARD_SECURITY):
                    file = collector.read(CARD_SECURITY)
                    reading.chip_authentication_mapping = proofs.chip_authentication_mapping(
                        opened.pace, file
                    )
            collector.files.select_application()
        return opened

    def _learn_lengths(self, response_max: int) -> None:
        """What EF.ATR/INFO says of extended lengths.  Asked in the clear, where no session is lost over
        it."""
        try:
            info = atr_info.parse(self._collector.files.read(ATR_INFO))
        except (StatusError, ProtocolError, MalformedError):
            return
        if info.extended or info.response_bytes_max:
            self._policy.allow_extended(min(response_max, info.response_bytes_max or _EXTENDED_DEFAULT))

    def _listed(self) -> Sequence[int]:
        """Data groups of the document: EF.SOD's list; where that cannot be read EF.COM's, which nobody
        signed."""
        sod = self._security_object()
        if sod is not None:
            return sod.groups
        try:
            return com.parse(self._collector.read(COM) or b"").groups
        except MalformedError:
            return _GUESSED

    def _security_object(self) -> SecurityObject | None:
        try:
            return security_object.read(self.reading.files.get(SOD, b""))
        except (MalformedError, UnsupportedError):
            return None

    def _security_infos(self, listed: Sequence[int]) -> tuple[SecurityInfo, ...]:
        data = self._collector.read(DATA_GROUPS[14]) if 14 in listed else None
        try:
            return dg14.parse(data) if data is not None else ()
        except MalformedError:
            return ()

    def _prove_chip(self, infos: Sequence[SecurityInfo]) -> ChipAuthenticationResult | None:
        reading = self.reading
        if reading.chip_authentication.outcome is Outcome.FAILED:
            return None
        if self._biometrics is None and _announces_mapping(infos) and self._mapping_proves():
            reading.chip_authentication = Check(
                proofs.CHIP_AUTHENTICATION, Outcome.NOT_PERFORMED, "not_needed"
            )
            return None
        check, result = proofs.chip_authentication(self._channel, infos, self._random)
        reading.chip_authentication = check
        self._collector.files.selection_lost()
        self._go_on_after(check)
        return result

    def _mapping_proves(self) -> bool:
        """Whether the mapping proved a key that counts: anybody can sign an EF.CardSecurity of his own."""
        file = self.reading.files.get(CARD_SECURITY)
        passed = self.reading.chip_authentication_mapping.outcome is Outcome.PASSED
        return passed and file is not None and self._card_security_counts(file)

    def _prove_active(self, listed: Sequence[int], infos: Sequence[SecurityInfo]) -> None:
        reading = self.reading
        data = self._collector.read(DATA_GROUPS[15]) if 15 in listed else None
        if reading.active_authentication.outcome is Outcome.FAILED:
            return
        if data is None:
            reading.active_authentication = Check(
                proofs.ACTIVE_AUTHENTICATION, Outcome.NOT_PERFORMED, "not_offered"
            )
            return
        proved = reading.chip_authentication.outcome is Outcome.PASSED or self._mapping_proves()
        check = proofs.active_authentication(self._channel, data, infos, self._random, proved=proved)
        reading.active_authentication = check
        self._go_on_after(check)

    def _document_number(self) -> bytes:
        return self._key.document_number if isinstance(self._key, MrzKey) else b""

    def _go_on_after(self, check: Check) -> None:
        if self._channel.over:
            raise _ProofLost(f"{check.name} failed, and the session is lost with it")


def _announces_mapping(infos: Sequence[SecurityInfo]) -> bool:
    """Whether DG14 says that this document's chip has the mapping that proves it.  EF.CardSecurity alone ties
    it to a state, not to a document: where DG14 knows nothing of it, DG14's own key is to be proved too."""
    return any(info.mapping is Mapping.CAM for info in of_type(infos, PaceInfo))


def _interruption(error: EmrtdError) -> Interruption:
    if isinstance(error, TagLost):
        return Interruption.TAG_LOST
    if isinstance(error, AccessRefused):
        return Interruption.KEY_REFUSED
    return Interruption.PROTOCOL_BROKEN if isinstance(error, ProtocolError) else Interruption.NO_WAY_IN
