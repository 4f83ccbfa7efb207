"""The chip in a reader that pcscd knows: the reader chosen, its card waited for, the chip read to its end."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from drivers.document_reader.chip_endings import ENDINGS, Ending, ending_of
from drivers.document_reader.pcsc_readers import NoReader, TooManyReaders, choose, siblings
from drivers.document_reader.pcsc_service import Context, PcscError
from drivers.document_reader.pcsc_slot import ReaderLost, Slot
from drivers.emrtd.access_key import AccessKey
from drivers.emrtd.errors import LibraryMissing
from drivers.emrtd.reader import ChipReader
from drivers.emrtd.reading import Interruption, Progress, Reading

WAIT_S = 20.0
"""For a document to be laid on the reader."""
READ_S = 120.0
"""For all of a chip: the slowest known takes a fourth of it."""
_LOOK_S = 0.5
_PLUG_IN = "plug the reader in; pcsc_scan -r lists what pcscd knows"


class NotReached(Exception):
    """There is nothing to read from; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Ended:
    """What there is of the chip, and why not all of it was read; None where it was."""

    reading: Reading
    early: Ending | None


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of what happens: `waits` with the reader's name, `progresses` with what there is so far,
    `lost` when the chip left the field."""

    waits: Callable[[str], None]
    progresses: Callable[[Progress, Reading], None]
    lost: Callable[[], None]


Counts = Callable[[bytes], bool]


def read(pattern: str, key: AccessKey, told: Told, counts: Counts) -> Ended:
    """Read the chip in the one reader whose name the pattern finds; `counts` is the chip reader's
    `card_security_counts`.  Blocking.  Raises NotReached."""
    try:
        context = Context()
    except PcscError as error:
        raise _not_reached(error) from None
    try:
        names = context.readers()
        name = choose(names, pattern)
        _wait(context, name, told)
        slot = Slot(context, name, siblings(names, name), time.monotonic() + READ_S, Event())
        return _read(slot, key, told, counts)
    except NoReader as error:
        raise NotReached(str(error), _PLUG_IN) from None
    except TooManyReaders as error:
        raise NotReached(str(error), "--reader with more of its name; '00$' takes the first slot") from None
    except (PcscError, ReaderLost) as error:
        raise _not_reached(error) from None
    finally:
        context.release()


def _wait(context: Context, name: str, told: Told) -> None:
    until, known, waits = time.monotonic() + WAIT_S, 0, False
    while True:
        status = context.status(name, known, _LOOK_S)
        if status is not None:
            if status.present:
                return
            if status.reader_gone:
                raise NotReached(f"{name} is gone", _PLUG_IN)
            known = status.state
        if not waits:
            waits = True
            told.waits(name)
        if time.monotonic() > until:
            raise NotReached(f"no document came onto {name} in {WAIT_S:g} s", "lay it on with its chip down")


def _read(slot: Slot, key: AccessKey, told: Told, counts: Counts) -> Ended:
    def reconnect() -> None:
        told.lost()
        slot.reconnect()

    def on_progress(progress: Progress) -> None:
        told.progresses(progress, chip.reading)
        if progress.file is None:
            slot.look()

    chip = ChipReader(
        slot,
        key,
        reconnect=reconnect,
        response_max=slot.response_max(),
        card_security_counts=counts,
    )
    ending: Ending | None = None
    try:
        slot.connect()
        chip.run(on_progress)
        slot.look()
        slot.same_to_the_end()
    except (ReaderLost, LibraryMissing):
        raise
    except ENDINGS as error:
        ending = ending_of(error)
    finally:
        key.forget()
        slot.close()
    if ending is not None and chip.reading.interrupted is None:
        chip.reading.interrupted = Interruption.STOPPED  # after its last file, or before its first
    return Ended(chip.reading, ending)


def _not_reached(error: PcscError | ReaderLost) -> NotReached:
    if isinstance(error, PcscError) and error.code == 0:
        return NotReached(str(error), "apt install libpcsclite1")
    return NotReached(f"PC/SC: {error}", "systemctl restart pcscd; on Debian: apt install pcscd")
