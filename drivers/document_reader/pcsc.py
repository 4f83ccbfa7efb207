"""Chips over PC/SC: card in, card out, its ATR, whether it is an eMRTD; and when asked to, the chip read.

Device: any reader that pcscd knows (CCID readers, and the RF part of many full-page readers).  Two threads:
one watches the slot by SCardGetStatusChange and reports, one at a time talks to a card, so that a card which
stalls blocks its own slot and nothing else.  When pcscd dies, the context dies with it: the driver says so
and takes a new one when it is opened again (pyscard's own monitor never comes back).

SELECT of the eMRTD application, ICAO Doc 9303-10, by ISO/IEC 7816-4:

    00 A4 04 0C 07 A0 00 00 02 47 10 01        no Le: some chips refuse the command with one
"""

import asyncio
import contextlib
import re
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar, TypeVar

from pydantic import AfterValidator, Field

from drivers.device import Grade, Options
from drivers.document_reader import CardInserted, CardRemoved, Unreadable
from drivers.document_reader.chips import ChipReader, ChipReading, ChipTerms, ChipUnread, PrintedZone
from drivers.document_reader.pcsc_reading import read_slot
from drivers.document_reader.pcsc_service import Context, PcscError, ReaderStatus
from drivers.document_reader.pcsc_watcher import WATCH_S, SlotWatcher
from drivers.emrtd.portraits.decode import Decoder
from drivers.errors import DeviceError, DeviceTimeout, DeviceUnavailable

SELECT_EMRTD = bytes.fromhex("00A4040C07A0000002471001")
SELECT_S = 3.0
"""What a chip may take to answer; the slowest seen take half a second to their first answer."""
OPEN_S = 3.0
LEFT_S = 1.0
"""Past its time a reading ends by itself with the answer it waits for; after this much more it hangs."""

T = TypeVar("T")

_NOT_FOUND = {0x6A82, 0x6A81, 0x6D00, 0x6E00, 0x6999}
"""Status words of a card that lives and has no such application."""


@dataclass(slots=True)
class _Field:
    """What is in the field: `number` counts the cards that came, `served` is for which page it was read."""

    number: int = 0
    emrtd: bool | None = None
    mute: bool = False
    present: bool = False
    served: tuple[int, tuple[str, ...]] | None = None

    def readable_for(self, printed: PrintedZone) -> bool:
        if not self.present or self.mute or self.emrtd is False:
            return False
        return self.served is None or self.served[0] != self.number or self.served[1] == printed.lines

    def why_none(self) -> ChipUnread:
        if self.present and self.mute:
            return ChipUnread("chip_mute")
        if self.present and self.emrtd is False:
            return ChipUnread("no_emrtd")
        return ChipUnread("no_chip")


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    return text


class PcscOptions(Options):
    """Which reader.  With neither, the only one there is (or the only contactless one)."""

    reader: Annotated[str, AfterValidator(_pattern)] = ""
    """A regular expression found in the reader's name."""
    usb: Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{4}:[0-9A-Fa-f]{4})?$")] = ""
    """The reader's USB id as `lsusb` prints it, e.g. "1C6A:7050"."""


def emrtd_from(response: bytes) -> bool | None:
    """What the answer to SELECT says: True an eMRTD, False another card, None can't be told."""
    if len(response) < 2:
        return None
    status = int.from_bytes(response[-2:], "big")
    if status == 0x9000 or status >> 8 == 0x61 or status in (0x6282, 0x6283):
        return True
    return False if status in _NOT_FOUND else None


class Driver(ChipReader):
    """Yields CardInserted once the application was selected (or could not be), CardRemoved, and Unreadable
    `card_mute` for a card that does not answer.  A card that is in when the reader is opened is reported; one
    that was in when the reader was lost is first told removed, for nobody saw whether it stayed."""

    model: ClassVar[str] = "PC/SC reader (any that pcscd knows)"
    grade: ClassVar[Grade] = Grade.SIMULATED
    options_type: ClassVar[type[Options]] = PcscOptions

    def __init__(self, name: str, options: PcscOptions) -> None:
        super().__init__(name, options)
        self._options = options
        self._watcher: SlotWatcher | None = None
        self._stopped: list[SlotWatcher] = []
        self._idle = asyncio.Event()
        self._idle.set()
        self._told_in = False
        self._field = _Field()
        self._changed = asyncio.Event()
        self._reading = asyncio.Lock()
        self._decoder = Decoder()

    async def open(self) -> None:
        await self.close()
        self._stopped = [watcher for watcher in self._stopped if watcher.alive]
        if any(watcher.stalled for watcher in self._stopped):
            # Each try would leave one more thread in a pcscd that answers nobody.
            raise DeviceTimeout(self.name, "pcscd does not answer", hint="restart pcscd")
        self._watcher = watcher = SlotWatcher(self.name, self._options.reader, self._options.usb)
        try:
            async with asyncio.timeout(OPEN_S):
                await asyncio.shield(watcher.opened)
        except TimeoutError:
            await self.close()
            raise DeviceTimeout(
                self.name, f"pcscd did not answer in {OPEN_S:g} s", hint="restart pcscd"
            ) from None
        except DeviceError:
            await self.close()
            raise

    async def close(self) -> None:
        watcher, self._watcher = self._watcher, None
        self._left()
        if watcher:
            watcher.stop()
            self._stopped.append(watcher)
            # It waits for a portrait that is being decoded.
            threading.Thread(target=self._decoder.close, name=f"{self.name}-portrait", daemon=True).start()

    async def identify(self) -> str:
        return self._watcher.reader if self._watcher else ""

    async def readings(self) -> AsyncIterator[CardInserted | CardRemoved | Unreadable]:
        watcher = self._watcher
        if watcher is None:
            raise DeviceUnavailable(self.name, "the reader is not open")
        if self._told_in:
            self._told_in = False
            yield CardRemoved(watcher.reader)
        present, events = False, 0
        while True:
            status = await self._next(watcher)
            # A card that was changed between two looks shows by the count alone.
            swapped = present and status.present and status.events != events
            if present and (swapped or not status.present):
                self._told_in = False
                self._left()
                yield CardRemoved(watcher.reader)
            if status.present and (swapped or not present):
                self._told_in = True
                for reading in await self._inserted(watcher.reader, status):
                    yield reading
            present, events = status.present, status.events

    async def _next(self, watcher: SlotWatcher) -> ReaderStatus:
        while True:
            try:
                async with asyncio.timeout(WATCH_S):
                    found = await watcher.changes.get()
            except TimeoutError:
                if watcher.stalled:
                    raise DeviceTimeout(self.name, "pcscd does not answer", hint="restart pcscd") from None
                continue
            if isinstance(found, DeviceError):
                raise found
            return found

    async def _inserted(self, reader: str, status: ReaderStatus) -> list[CardInserted | Unreadable]:
        emrtd, mute = None, status.mute
        if not mute:
            try:
                emrtd = await self._talk(lambda: _select(reader), SELECT_S)
            except TimeoutError:
                mute = True
        field = self._field
        field.number, field.emrtd, field.mute, field.present = field.number + 1, emrtd, mute, True
        self._changed.set()
        inserted = CardInserted(reader, status.atr, emrtd)
        return [inserted, Unreadable("card_mute", status.atr)] if mute else [inserted]

    def _left(self) -> None:
        self._field.present = False
        self._changed.set()

    async def read_chip(self, printed: PrintedZone, terms: ChipTerms) -> ChipReading:
        async with self._reading:
            try:
                async with asyncio.timeout(terms.wait_s):
                    await self._until_readable(printed)
            except TimeoutError:
                return self._field.why_none()
            watcher, field = self._watcher, self._field
            if watcher is None:
                return ChipUnread("chip_reader_lost")
            reader, withdrawn, decoder = watcher.reader, threading.Event(), self._decoder
            field.served = (field.number, printed.lines)
            try:
                return await self._talk(
                    lambda: read_slot(reader, printed, terms, withdrawn, decoder), terms.read_s + LEFT_S
                )
            except TimeoutError:
                return ChipUnread("chip_too_slow")
            finally:
                withdrawn.set()

    async def _until_readable(self, printed: PrintedZone) -> None:
        while not self._field.readable_for(printed):
            self._changed.clear()
            await self._changed.wait()

    async def _talk(self, work: Callable[[], T], within_s: float) -> T:
        """Let the one thread that talks to the card do this, once it is back from what it did before: a card
        that stalls holds no second one.  TimeoutError when it does not come back in time."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def back(settle: Callable[[], None]) -> None:
            self._idle.set()
            if not answer.done():
                settle()

        def talk() -> None:
            try:
                value = work()
            except Exception as error:
                settle = partial(answer.set_exception, error)
            else:
                settle = partial(answer.set_result, value)
            # A closed event loop has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(back, settle)

        async with asyncio.timeout(within_s):
            await self._idle.wait()
            self._idle.clear()
            threading.Thread(target=talk, name=f"{self.name}-card", daemon=True).start()
            return await answer


def _select(reader: str) -> bool | None:
    """With a context of its own, in a thread of its own.  What can't be told is None."""
    try:
        context = Context()
    except PcscError:
        return None
    try:
        card = context.connect(reader)
        try:
            return emrtd_from(card.transmit(SELECT_EMRTD))
        finally:
            card.disconnect()
    except PcscError:
        return None  # torn out, or held by another program
    finally:
        context.release()
