"""One chip inspected over a transport of its own: what a document leaves behind for the next one."""

from datetime import UTC, datetime

from drivers.document_reader.chip_inspection import inspect
from drivers.document_reader.chips import ChipTerms, PrintedZone
from drivers.emrtd.portraits.decode import Decoder
from drivers.emrtd.trust_store import TrustStore
from tests.chip.meeting import PACE_GM, Meeting, document

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_no_document_is_shown_by_the_decoder_of_another() -> None:
    meeting = Meeting(document(access={"pace": [PACE_GM]}))
    page, terms = PrintedZone(meeting.document.mrz, AT.date()), ChipTerms(TrustStore(()), AT, 1, 1)
    with Decoder() as decoder:
        decoder.warm_up()
        used = decoder._child
        found = inspect(
            meeting.exchange,
            page,
            terms,
            reconnect=meeting.reconnect,
            look=lambda: None,
            decoder=decoder,
        )
        assert found.portrait
        assert used is not None
        assert used.returncode is not None
        assert decoder._child is not used
