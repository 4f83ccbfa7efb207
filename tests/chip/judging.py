"""What a reading comes to, with the trust folder that the simulated state publishes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

from drivers.emrtd import verdict
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.elementary_files import DATA_GROUPS
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds import dg1
from drivers.emrtd.reading import Reading
from drivers.emrtd.trust import folder
from drivers.emrtd.trust_store import TrustStore
from drivers.emrtd.verdict import Verdict
from simulators.card.document import Document
from simulators.card.trust import trust_files

ISSUED_TO_READ_DAYS = 90


def trust_of(files: Mapping[str, bytes], at: date) -> TrustStore:
    """The store of a trust folder that holds these files."""
    with TemporaryDirectory() as made:
        for name, content in files.items():
            (Path(made) / name).write_bytes(content)
        return folder.load(Path(made), moment(at))


def moment(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def own_trust(document: Document, at: date) -> TrustStore:
    """What the document's own state publishes on that day."""
    return trust_of(trust_files(document, at), at)


def judged(reading: Reading, document: Document, at: date, store: TrustStore | None = None) -> Verdict:
    """The verdict on that day, the printed page being the document's."""
    known = own_trust(document, at) if store is None else store
    return verdict.judge(reading, known, moment(at), printed=printed(reading, document))


def printed(reading: Reading, document: Document) -> Check:
    """What comparing DG1 with the page gives."""
    try:
        same = dg1.parse(reading.files.get(DATA_GROUPS[1], b"")).lines == document.mrz
    except MalformedError:
        same = False
    return Check(verdict.PRINTED_MRZ, Outcome.PASSED if same else Outcome.FAILED, "compared")
