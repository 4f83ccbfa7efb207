"""What a reading is worth, by the rules of Doc 9303-11 and 12 alone: the data verified, the chip genuine."""

from datetime import UTC, datetime

from drivers.emrtd import certificates, passive_authentication
from drivers.emrtd.check import Outcome
from drivers.emrtd.elementary_files import CARD_ACCESS, CARD_SECURITY, DATA_GROUPS, SOD
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds import card_access, dg14
from drivers.emrtd.passive_authentication import DataVerdict
from drivers.emrtd.reading import Reading
from drivers.emrtd.trust_store import Holding, Role, TrustStore
from simulators.card.document import Document
from simulators.card.national import national_pki

AT = datetime(2026, 6, 1, tzinfo=UTC)


def trust_in(document: Document) -> TrustStore:
    """A store that holds the document's authority and nothing else."""
    anchors = national_pki(document).anchors
    return TrustStore([Holding(certificates.read(anchor), Role.ANCHOR) for anchor in anchors], refreshed=AT)


def data_verdict(reading: Reading, store: TrustStore) -> DataVerdict:
    return _authenticated(reading, store).verdict


def is_genuine(reading: Reading, store: TrustStore) -> bool:
    """Whether one may say that this is the chip the issuer made: data verified, a key that they cover
    proved, and nothing denied, failed or weakened."""
    data = _authenticated(reading, store)
    checks = (reading.chip_authentication_mapping, reading.chip_authentication, reading.active_authentication)
    mapping, chip, active = (check.outcome is Outcome.PASSED for check in checks)
    if any(check.outcome is Outcome.FAILED for check in checks) or reading.refused:
        return False
    signed = data.genuine_groups
    if not _ways_in_agree(reading, 14 in signed):
        return False
    if mapping:
        file = reading.files[CARD_SECURITY]
        found = passive_authentication.authenticate_card_security(file, store, AT)
        mapping = found.verdict is DataVerdict.VERIFIED
    return data.verdict is DataVerdict.VERIFIED and (
        mapping or (chip and 14 in signed) or (active and 15 in signed)
    )


def _authenticated(reading: Reading, store: TrustStore) -> passive_authentication.Authentication:
    groups = {number: reading.files[file] for number, file in DATA_GROUPS.items() if file in reading.files}
    return passive_authentication.authenticate(reading.files.get(SOD, b""), groups, store, AT)


def _ways_in_agree(reading: Reading, signed: bool) -> bool:
    """EF.CardAccess, which nobody signs, says what DG14 says of PACE."""
    if not signed:
        return True
    try:
        offered = card_access.parse(reading.files[CARD_ACCESS]) if CARD_ACCESS in reading.files else ()
        return not card_access.pace_differs(offered, dg14.parse(reading.files[DATA_GROUPS[14]]))
    except MalformedError:
        return False
