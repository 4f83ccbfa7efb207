"""A card in a PC/SC slot as the transport of one chip reading: alone there, the same all the time, in time.

What pyscard says of a card that is gone becomes TagLost, which the chip's reader can mend; what it says of
the reader or of pcscd ends the reading.  UID by PC/SC part 3, 3.2.2.1.3 (GET DATA, FF CA 00 00 00).
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from drivers.document_reader.pcsc_readers import is_contactless_atr
from drivers.document_reader.pcsc_service import Card, Context, PcscError
from drivers.emrtd.errors import TagLost

GET_UID = bytes.fromhex("FFCA000000")
BACK_S = 2.5
"""A document that slid out of the field must be back by then: pcscd alone needs half a second to see it."""
_AGAIN_S = 0.05

T = TypeVar("T")


class TwoCards(Exception):
    """More than one card in the reader, or another one than before: it is not known whose chip answers."""


class TooSlow(Exception):
    """The reading's time is over."""


class Withdrawn(Exception):
    """Nobody wants the reading any more."""


class ReaderLost(Exception):
    """The reader or pcscd is gone."""


class Slot:
    """The card in one slot, held by us alone from `connect` to `close`.

    `siblings` are the other slots of the same reader; `until_s` is of `time.monotonic()`."""

    def __init__(
        self,
        context: Context,
        reader: str,
        siblings: Sequence[str],
        until_s: float,
        withdrawn: threading.Event,
    ) -> None:
        self._context, self._reader, self._siblings = context, reader, tuple(siblings)
        self._until_s, self._withdrawn = until_s, withdrawn
        self._card: Card | None = None
        self._atr: bytes | None = None
        self._uid = b""
        self._events = 0

    def response_max(self) -> int | None:
        """The longest answer that the reader is known to pass on, None for a short one.  Ask it before
        `connect`."""
        return self._context.response_max(self._reader)

    def connect(self) -> None:
        """Take the card, waiting while it is on its way or another program holds it.  Raises TagLost when
        none is there, TwoCards for another one than before."""
        back_s = time.monotonic() + BACK_S
        while True:
            self._go_on()
            try:
                self._take()
            except TagLost:
                self.close()
                if time.monotonic() > back_s:
                    raise
                self._withdrawn.wait(_AGAIN_S)
            else:
                return

    def _take(self) -> None:
        try:
            self._card = self._context.connect(self._reader, alone=True)
            # The application may be selected still, and EF.CardAccess is to be read before it is.
            self._card.reset()
        except PcscError as error:
            _end_if_lost(error)
            raise TagLost(f"no card to talk to: {error}") from None
        status = self._asked(lambda: self._context.status(self._reader))
        if status is None or not status.present:
            raise TagLost("the card is gone")
        if self._atr not in (None, status.atr):
            raise TwoCards("the answer to reset is another one than before")
        uid = self._read_uid()
        if uid and self._uid and uid != self._uid and not (_is_random(uid) and _is_random(self._uid)):
            raise TwoCards("the card's identifier is another one than before")
        self._events, self._atr, self._uid = status.events, status.atr, uid

    def __call__(self, command: bytes) -> bytes:
        """One APDU.  TagLost, ReaderLost, TooSlow, Withdrawn."""
        self._go_on()
        card = self._card
        if card is None:
            raise TagLost("the card is gone")
        answer = self._asked(lambda: card.transmit(command))
        if not answer:
            # What vpcd says of a card that was torn out while it was asked.
            raise TagLost("the card gave no answer")
        return answer

    def reconnect(self) -> None:
        """Reset the card and take it again."""
        self.close()
        self.connect()

    def look(self) -> None:
        """That the same card is there, and alone.  Costs the card nothing."""
        self._go_on()
        status = self._asked(lambda: self._context.status(self._reader))
        if status is not None and status.present and (status.events, status.atr) != (self._events, self._atr):
            raise TwoCards("the card was changed while it was read")
        for sibling in self._siblings:
            other = self._asked(lambda sibling=sibling: self._context.status(sibling))
            if other is not None and other.present and is_contactless_atr(other.atr):
                raise TwoCards("a card in another slot of the reader")

    def same_to_the_end(self) -> None:
        """That the card still has the identifier it had: the last thing that is asked."""
        if self._uid and self._read_uid() not in (self._uid, b""):
            raise TwoCards("the card's identifier changed while it was read")

    def close(self) -> None:
        """Let go of the card and reset it: no session of ours outlives the reading.  Idempotent."""
        card, self._card = self._card, None
        if card is not None:
            card.disconnect(reset=True)

    def _read_uid(self) -> bytes:
        """b"" where the reader does not tell."""
        answer = self(GET_UID)
        return answer[:-2] if answer[-2:] == b"\x90\x00" else b""

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except PcscError as error:
            _end_if_lost(error)
            raise TagLost(f"the card is gone: {error}") from None

    def _go_on(self) -> None:
        if self._withdrawn.is_set():
            raise Withdrawn
        if time.monotonic() > self._until_s:
            raise TooSlow


def _end_if_lost(error: PcscError) -> None:
    if error.service_gone or error.reader_gone:
        raise ReaderLost(str(error)) from error


def _is_random(uid: bytes) -> bool:
    """ISO/IEC 14443-3, 6.5.4: four octets that begin with 08 are drawn anew at each activation."""
    return len(uid) == 4 and uid[0] == 0x08
