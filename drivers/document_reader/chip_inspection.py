"""One chip read and judged, over any transport: what is the same for every reader of chips.

Blocking: it runs in the thread that holds the card.
"""

import time
from collections.abc import Callable

from drivers.document_reader.chip_print import compare, key_of
from drivers.document_reader.chips import ChipInspected, ChipTerms, PrintedZone
from drivers.emrtd import signed_card_security
from drivers.emrtd.apdu import Transport
from drivers.emrtd.check import Check
from drivers.emrtd.elementary_files import DATA_GROUPS
from drivers.emrtd.errors import EmrtdError, MalformedError
from drivers.emrtd.lds import dg1, dg2
from drivers.emrtd.portraits.decode import Decoder
from drivers.emrtd.reader import ChipReader
from drivers.emrtd.reading import Progress, Reading
from drivers.emrtd.verdict import judge


def inspect(
    transport: Transport,
    printed: PrintedZone,
    terms: ChipTerms,
    *,
    reconnect: Callable[[], None],
    look: Callable[[], None],
    decoder: Decoder,
    response_max: int | None = None,
) -> ChipInspected:
    """Open the chip with the page's key, read it, judge it; `response_max` is the card reader's, as in
    `ChipReader`.

    `look` is called when a phase begins and at the end; what it raises ends the reading.  Raises what
    `ChipReader.run` raises, and NoKey."""
    begun_s = time.monotonic()
    reader = ChipReader(
        transport,
        key_of(printed),
        reconnect=reconnect,
        response_max=response_max,
        biometrics=terms.biometrics,
        card_security_counts=lambda file: signed_card_security.counts(file, terms.trust, terms.at),
    )
    reading = reader.run(lambda progress: _began(progress, look))
    look()
    lines, check = _zone(reading, printed)
    verdict = judge(reading, terms.trust, terms.at, printed=check)
    fields = check.details.get("fields", ()) if check is not None else ()
    return ChipInspected(
        verdict=verdict,
        lines=lines,
        differs=tuple(str(name) for name in fields) if isinstance(fields, list) else (),
        trust=terms.trust.digest,
        portrait=_portrait(reading, decoder),
        duration_ms=round((time.monotonic() - begun_s) * 1000, 1),
        apdus=reading.apdus,
    )


def _began(progress: Progress, look: Callable[[], None]) -> None:
    if progress.file is None:
        look()


def _zone(reading: Reading, printed: PrintedZone) -> tuple[tuple[str, ...], Check | None]:
    """DG1's lines and how they compare; no lines, and no comparison, where it is no zone."""
    try:
        lines = dg1.parse(reading.files[DATA_GROUPS[1]]).lines
    except (KeyError, MalformedError):
        return (), None
    return lines, compare(printed, lines)


def _portrait(reading: Reading, decoder: Decoder) -> bytes:
    """The first face that can be shown; b"" for none: what a face lacks is not the chip's failure."""
    data = reading.files.get(DATA_GROUPS[2])
    if data is None:
        return b""
    try:
        faces = dg2.parse(data).faces
    except EmrtdError:
        return b""
    try:
        return decoder.first(faces).jpeg
    except EmrtdError:
        return b""
    finally:
        decoder.renew()
