"""The thread that watches one slot of one reader, and what it leaves for the event loop."""

import asyncio
import contextlib
import threading
import time

from drivers.document_reader.pcsc_readers import NoReader, TooManyReaders, choose, usb_id
from drivers.document_reader.pcsc_service import Context, PcscError, ReaderStatus
from drivers.errors import DeviceError, DeviceRefused, DeviceUnavailable

WATCH_S = 1.0
"""One wait for a change: the thread gives a sign of life this often, and ends within this after `stop`."""
STALLED_S = 2.5
"""Without a sign of the thread for so long, pcscd hangs."""
CHANGES_MAX = 64
"""Changes that may wait; the oldest goes first, since the newest says what is in the reader."""


class SlotWatcher:
    """Opens the reader that is meant and reports each change of it, until stopped or the reader is lost.

    `opened` is done once the reader was found, or has the DeviceError that says why not.  `changes` holds
    each status, the present one first, and at last the DeviceError that ended it.
    """

    def __init__(self, name: str, pattern: str, usb: str) -> None:
        self.reader = ""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.changes: asyncio.Queue[ReaderStatus | DeviceError] = asyncio.Queue(CHANGES_MAX)
        self._name, self._pattern, self._usb = name, pattern, usb
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._seen_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"{name}-slot", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs still: up to `WATCH_S` after `stop`."""
        return self._thread.is_alive()

    @property
    def stalled(self) -> bool:
        """Whether the thread hangs in a pcscd that does not answer."""
        return self.alive and time.monotonic() - self._seen_at > STALLED_S

    def stop(self) -> None:
        """Ask it to end; returns at once."""
        self._stopping.set()
        self.opened.cancel()

    def _run(self) -> None:
        try:
            context = Context()
            try:
                self.reader = self._choose(context)
                self._tell(None)
                self._watch(context)
            finally:
                context.release()
        except DeviceError as error:
            self._tell(error)
        except PcscError as error:
            self._tell(self._lost(error))

    def _choose(self, context: Context) -> str:
        names = context.readers()
        ids: dict[str, str] = {}
        if self._usb:
            for name in names:
                channel = context.channel(name)
                found = usb_id(channel) if channel is not None else None
                if found:
                    ids[name] = found
        try:
            return choose(names, self._pattern, self._usb, ids)
        except NoReader as error:
            raise DeviceUnavailable(self._name, str(error), hint="is the reader plugged in?") from error
        except TooManyReaders as error:
            raise DeviceRefused(
                self._name, str(error), hint="say which by `reader` or `usb`; \\b00$ takes the first slot"
            ) from error

    def _watch(self, context: Context) -> None:
        known = 0
        while not self._stopping.is_set():
            self._seen_at = time.monotonic()
            status = context.status(self.reader, known, WATCH_S)
            if status is None:
                continue
            if status.reader_gone:
                raise DeviceUnavailable(self._name, f"{self.reader} is gone", hint="is it plugged in?")
            known = status.state
            self._tell(status)

    def _lost(self, error: PcscError) -> DeviceError:
        if error.reader_gone:
            return DeviceUnavailable(self._name, f"{self.reader} is gone: {error}", hint="is it plugged in?")
        hint = "is pcscd running? systemctl status pcscd" if error.service_gone else ""
        return DeviceUnavailable(self._name, f"PC/SC failed: {error}", hint=hint)

    def _tell(self, what: ReaderStatus | DeviceError | None) -> None:
        # A closed event loop has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._told, what)

    def _told(self, what: ReaderStatus | DeviceError | None) -> None:
        if what is None:
            if not self.opened.done():
                self.opened.set_result(None)
            return
        if isinstance(what, DeviceError) and not self.opened.done():
            self.opened.set_exception(what)
            return
        if self.changes.full():
            self.changes.get_nowait()
        self.changes.put_nowait(what)
