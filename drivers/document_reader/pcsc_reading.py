"""One reading of the chip in a PC/SC slot, from taking the card to letting go of it, and how it may end."""

import threading
import time
from collections.abc import Callable

from drivers.document_reader.chips import ChipReading, ChipTerms, ChipUnread, PrintedZone
from drivers.document_reader.pcsc_readers import siblings
from drivers.document_reader.pcsc_service import Context, PcscError
from drivers.emrtd.portraits.decode import Decoder


def read_slot(
    reader: str, printed: PrintedZone, terms: ChipTerms, withdrawn: threading.Event, decoder: Decoder
) -> ChipReading:
    """Read the chip that is in the slot now.  Blocking; raises only what is a bug."""
    until_s = time.monotonic() + terms.read_s
    try:
        context = Context()
    except PcscError:
        return ChipUnread("chip_reader_lost")
    try:
        others = siblings(context.readers(), reader)
        return _told(lambda: _read(context, reader, others, until_s, printed, terms, withdrawn, decoder))
    except PcscError:
        return ChipUnread("chip_reader_lost")
    finally:
        context.release()


def _read(
    context: Context,
    reader: str,
    others: tuple[str, ...],
    until_s: float,
    printed: PrintedZone,
    terms: ChipTerms,
    withdrawn: threading.Event,
    decoder: Decoder,
) -> ChipReading:
    from drivers.document_reader.chip_inspection import inspect
    from drivers.document_reader.pcsc_slot import Slot

    slot = Slot(context, reader, others, until_s, withdrawn)
    try:
        response_max = slot.response_max()
        slot.connect()
        found = inspect(
            slot,
            printed,
            terms,
            reconnect=slot.reconnect,
            look=slot.look,
            decoder=decoder,
            response_max=response_max,
        )
        slot.same_to_the_end()
    finally:
        slot.close()
    return found


def _told(read: Callable[[], ChipReading]) -> ChipReading:
    """What was read, or why nothing was."""
    from drivers.document_reader.chip_endings import ENDINGS, ending_of

    try:
        return read()
    except ENDINGS as error:
        return ChipUnread(ending_of(error).reason)
