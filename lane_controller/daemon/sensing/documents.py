"""What was presented at a document reader, as facts."""

from datetime import date

import mrz
from drivers.document_reader import CardInserted, CardRemoved, DocumentReading, MrzRead, Unreadable
from lane_controller.lane.facts import CardSeen, DocumentRead
from lane_controller.messages.parts import Document, Reason, Stamp
from mrz.names import latin

ATR_MAX = 33
"""ISO/IEC 7816-3: an ATR has at most 33 bytes."""


def sense(reading: DocumentReading, device: str, at: Stamp) -> DocumentRead | CardSeen | None:
    """The fact of one reading; None for a page's picture, which is read elsewhere first."""
    if isinstance(reading, MrzRead):
        return read_lines(reading.lines, device, at)
    if isinstance(reading, CardInserted):
        return CardSeen(at, device, True, reading.atr[:ATR_MAX].hex(), reading.emrtd)
    if isinstance(reading, CardRemoved):
        return CardSeen(at, device, False, "", None)
    if isinstance(reading, Unreadable):
        return DocumentRead(at, device, None, Reason(code=reading.reason))
    return None


def read_lines(lines: tuple[str, ...], device: str, at: Stamp) -> DocumentRead:
    """Parse an MRZ's lines.  Lines that no format has are an unreadable document, never an error."""
    try:
        parsed = mrz.parse(lines, reference=at.utc.date())
    except mrz.MrzError:
        return DocumentRead(at, device, None, Reason(code="bad_lines"))
    return DocumentRead(at, device, message_of(parsed, at.utc.date()))


def document_in(reading: mrz.Reading, reference: date) -> tuple[Document | None, str]:
    """The document in a page's picture, with the engine's doubts, or why there is none: `no_zone`,
    `unreadable`."""
    if reading.status is None:
        return None, "no_zone"
    if reading.document is None or reading.status is mrz.Status.UNREADABLE:
        return None, "unreadable"
    document = message_of(reading.document, reference)
    doubtful = tuple(dict.fromkeys(doubt.field for doubt in reading.doubtful))
    return document.model_copy(update={"status": str(reading.status), "doubtful": doubtful}), ""


def message_of(parsed: mrz.Document, reference: date) -> Document:
    """The part of a parsed document that a lane needs to know (`reference` is the day it was read)."""
    surname, given_names = latin(parsed.names)
    return Document(
        kind=parsed.code.value,
        format=parsed.format,
        issuer=parsed.issuer.value,
        number=parsed.number.value,
        nationality=parsed.nationality.value,
        surname=surname,
        given_names=given_names,
        birth=parsed.birth.iso,
        sex=parsed.sex.value,
        expiry=None if parsed.expiry is None else parsed.expiry.iso,
        status=parsed.status,
        wrong_check_digits=tuple(check.field for check in parsed.wrong_check_digits),
        doubtful=parsed.doubtful,
        lines=parsed.lines,
    )
