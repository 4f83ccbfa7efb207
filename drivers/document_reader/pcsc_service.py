"""PC/SC, typed: the few calls of pcsc-lite (through pyscard's low level) that the drivers make.

Every call may block and is made in a thread.  A context belongs to one thread at a time; a call that hangs in
a card blocks its own context only, so watching and talking use one each.
"""

import importlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from drivers.document_reader.pcsc_properties import (
    EXTENDED_OVER,
    GET_FEATURE_REQUEST,
    apdu_data_max,
    properties_control,
)

STATE_UNKNOWN, STATE_UNAVAILABLE, STATE_PRESENT, STATE_MUTE = 0x0004, 0x0008, 0x0020, 0x0200
_SCOPE_SYSTEM, _SHARE_EXCLUSIVE, _SHARE_SHARED, _SHARE_DIRECT = 2, 1, 2, 3
_LEAVE_CARD, _RESET_CARD = 0, 1
_PROTOCOL_T0, _PROTOCOL_T1 = 1, 2
_ATTRIBUTE_CHANNEL_ID = 0x20110

SUCCESS = 0
NO_SERVICE, SERVICE_STOPPED, COMMUNICATION_ERROR = 0x8010001D, 0x8010001E, 0x80100013
UNKNOWN_READER, READER_UNAVAILABLE, NO_READERS = 0x80100009, 0x80100017, 0x8010002E
INVALID_HANDLE, TIMEOUT = 0x80100003, 0x8010000A


class PcscError(Exception):
    """A call failed; `code` is the SCARD code (0 where the library itself is missing)."""

    def __init__(self, call: str, code: int, text: str) -> None:
        super().__init__(f"{call}: {text} (0x{code:08X})" if code else f"{call}: {text}")
        self.code = code

    @property
    def service_gone(self) -> bool:
        """Whether pcscd itself is not there (any more), rather than a reader or a card."""
        return self.code in (0, NO_SERVICE, SERVICE_STOPPED, COMMUNICATION_ERROR, INVALID_HANDLE)

    @property
    def reader_gone(self) -> bool:
        return self.code in (UNKNOWN_READER, READER_UNAVAILABLE, NO_READERS)


@cache
def _api() -> Any:
    """pyscard's functions; loading them needs libpcsclite.  Raises PcscError when that is missing."""
    try:
        return importlib.import_module("smartcard.scard")
    except ImportError as error:
        raise PcscError(
            "pyscard", 0, f"can't be loaded: {error}; on Debian: apt install libpcsclite1"
        ) from error


def _check(call: str, result: int) -> None:
    code = result & 0xFFFFFFFF
    if code != SUCCESS:
        raise PcscError(call, code, str(_api().SCardGetErrorMessage(result)).strip().rstrip("."))


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """`state` has flags in its low half and in its high half a count of insertions and removals; `atr` is
    empty without a card, and for a card that told none."""

    state: int
    atr: bytes

    @property
    def present(self) -> bool:
        return bool(self.state & STATE_PRESENT)

    @property
    def mute(self) -> bool:
        return bool(self.state & STATE_MUTE)

    @property
    def reader_gone(self) -> bool:
        return bool(self.state & (STATE_UNKNOWN | STATE_UNAVAILABLE))

    @property
    def events(self) -> int:
        """How often a card came or went since pcscd knows the reader (modulo 65,536)."""
        return self.state >> 16


class Context:
    """A connection to pcscd.  Raises PcscError from every method but `release`."""

    def __init__(self) -> None:
        result, self._handle = _api().SCardEstablishContext(_SCOPE_SYSTEM)
        _check("SCardEstablishContext", result)

    def release(self) -> None:
        """Let go of it; errors don't matter any more."""
        _api().SCardReleaseContext(self._handle)

    def readers(self) -> tuple[str, ...]:
        """Names of all readers' slots; empty when there is none."""
        result, names = _api().SCardListReaders(self._handle, [])
        if result & 0xFFFFFFFF == NO_READERS:
            return ()
        _check("SCardListReaders", result)
        return tuple(names)

    def status(self, reader: str, known: int = 0, wait_s: float = 0.0) -> ReaderStatus | None:
        """The reader's status once it differs from the state `known` (0: nothing is known); None when it
        did not within `wait_s`."""
        result, found = _api().SCardGetStatusChange(self._handle, int(wait_s * 1000), [(reader, known)])
        if result & 0xFFFFFFFF == TIMEOUT:
            return None
        _check("SCardGetStatusChange", result)
        _, state, atr = found[0]
        return ReaderStatus(int(state), bytes(atr))

    def connect(self, reader: str, *, alone: bool = False) -> "Card":
        """Power and open the card in the reader; shared with other programs, or `alone`."""
        share = _SHARE_EXCLUSIVE if alone else _SHARE_SHARED
        result, handle, protocol = _api().SCardConnect(
            self._handle, reader, share, _PROTOCOL_T0 | _PROTOCOL_T1
        )
        _check("SCardConnect", result)
        return Card(handle, int(protocol))

    def channel(self, reader: str) -> int | None:
        """SCARD_ATTR_CHANNEL_ID, where a reader is plugged in; None when its driver does not say.  Works
        without a card."""
        result, handle, _ = _api().SCardConnect(self._handle, reader, _SHARE_DIRECT, 0)
        if result & 0xFFFFFFFF != SUCCESS:
            return None
        try:
            result, value = _api().SCardGetAttrib(handle, _ATTRIBUTE_CHANNEL_ID)
        finally:
            _api().SCardDisconnect(handle, _LEAVE_CARD)
        if result & 0xFFFFFFFF != SUCCESS or len(value) < 4:
            return None
        return int.from_bytes(bytes(value[:4]), "little")

    def response_max(self, reader: str) -> int | None:
        """Octets of the longest answer that the reader passes on, status word and all; None where its driver
        does not say that it takes more than short ones.  Works without a card."""
        result, handle, _ = _api().SCardConnect(self._handle, reader, _SHARE_DIRECT, 0)
        if result & 0xFFFFFFFF != SUCCESS:
            return None
        try:
            code = properties_control(_control(handle, _api().SCARD_CTL_CODE(GET_FEATURE_REQUEST)))
            size = apdu_data_max(_control(handle, code)) if code is not None else None
        finally:
            _api().SCardDisconnect(handle, _LEAVE_CARD)
        return size + 2 if size is not None and size > EXTENDED_OVER else None


def _control(handle: Any, code: int) -> bytes:
    """What the reader's driver answers; b"" where it does not know the question."""
    result, answer = _api().SCardControl(handle, code, [])
    return bytes(answer) if result & 0xFFFFFFFF == SUCCESS else b""


class Card:
    """An open card."""

    def __init__(self, handle: Any, protocol: int) -> None:
        self._handle = handle
        self._protocol = protocol

    def transmit(self, command: bytes) -> bytes:
        """The response APDU.  Blocks for as long as the card does.  Raises PcscError."""
        result, response = _api().SCardTransmit(self._handle, self._protocol, list(command))
        _check("SCardTransmit", result)
        return bytes(response)

    def reset(self) -> None:
        """Reset the card and keep it for us alone: what others agreed on with it is forgotten.  Raises
        PcscError."""
        result, protocol = _api().SCardReconnect(
            self._handle, _SHARE_EXCLUSIVE, _PROTOCOL_T0 | _PROTOCOL_T1, _RESET_CARD
        )
        _check("SCardReconnect", result)
        self._protocol = int(protocol)

    def disconnect(self, *, reset: bool = False) -> None:
        """Let go of it and leave it powered, or `reset` it; errors don't matter any more."""
        _api().SCardDisconnect(self._handle, _RESET_CARD if reset else _LEAVE_CARD)
