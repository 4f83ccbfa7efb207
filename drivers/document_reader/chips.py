"""What a reader of chips is asked, and what it says: one chip, inspected against its document's page."""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from drivers.document_reader import DocumentReader

if TYPE_CHECKING:
    from drivers.emrtd.biometrics import Biometrics
    from drivers.emrtd.trust_store import TrustStore
    from drivers.emrtd.verdict import Verdict


@dataclass(frozen=True, slots=True)
class PrintedZone:
    """The machine-readable zone as it was read from the page, lines without terminators.

    `doubtful` names the fields of it that are not sure (`mrz.Document.printed` has the names): a difference
    there accuses nobody.  `reference` is the day by which its dates get their century."""

    lines: tuple[str, ...] = field(repr=False)
    reference: date
    doubtful: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChipTerms:
    """Judged against `trust` at the moment `at` (aware).  A chip must be in the field within `wait_s` and
    read within `read_s` from then, both in seconds.  With `biometrics` fingers and iris are read as well,
    compared with their hash, and forgotten."""

    trust: "TrustStore"
    at: datetime
    wait_s: float
    read_s: float
    biometrics: "Biometrics | None" = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ChipInspected:
    """A chip that was read.  `lines` are DG1's, whether verified or not; `differs` names the fields in which
    they are not the page's.  `trust` is the SHA-256 of the trust store's file, `portrait` a fresh JPEG, b""
    where the chip gave none that can be shown."""

    verdict: "Verdict" = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    differs: tuple[str, ...]
    trust: str
    portrait: bytes = field(repr=False)
    duration_ms: float
    apdus: int


@dataclass(frozen=True, slots=True)
class ChipUnread:
    """No chip was read; `reason` is a code:

    `no_chip` none came into the field in time; `no_emrtd` only cards without the application; `chip_mute` one
    that does not answer; `chip_refused_page` the page's zone does not open it; `chip_no_key` the page states
    no key; `chip_lost` taken away too early; `chip_too_slow`; `chip_unsupported`; `chip_protocol_broken` it
    answered what no chip of a state answers, or another one came back; `two_cards`; `chip_reader_lost` and
    `chip_library_missing` about ourselves."""

    reason: str


ChipReading = ChipInspected | ChipUnread


class ChipReader(DocumentReader):
    """A document reader that also reads chips when asked to.

    `read_chip` reads one chip at most, the one that is in the field or comes into it in time; a chip that
    was read for one document is not read for another before it was taken away and put back.  It raises
    nothing but its cancellation, after which nothing more is sent to the chip.  Nothing of what was read is
    logged, and no key outlives the reading."""

    @abstractmethod
    async def read_chip(self, printed: PrintedZone, terms: ChipTerms) -> ChipReading:
        """Read and judge the chip of the document with this page."""
