"""EF.CardSecurity, which holds the key of chip authentication mapping: who signed it, and what it is worth.

Doc 9303-11, 4.4.3.5.  It is signed like EF.SOD, often by another signer, and names no document.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from drivers.emrtd import consistency, issuing_states
from drivers.emrtd.certificates import Certificate
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.elementary_files import CARD_ACCESS, CARD_SECURITY, ElementaryFile
from drivers.emrtd.errors import EmrtdError
from drivers.emrtd.lds import card_security
from drivers.emrtd.passive_authentication import DataVerdict, authenticate_card_security, keys_in_use
from drivers.emrtd.trust_store import TrustStore


def counts(data: bytes, store: TrustStore, at: datetime) -> bool:
    """Whether a key of the file proves anything of its chip: a trusted state signed it, and no authority has
    given the key up.  For a reader, which asks for another proof where it does not."""
    found = authenticate_card_security(data, store, at)
    return found.verdict is DataVerdict.VERIFIED and keys_in_use(found)[0]


def judge(
    files: Mapping[ElementaryFile, bytes], store: TrustStore, at: datetime, signer: Certificate | None
) -> tuple[Check, Check]:
    """Checks `card_security` (who signed it) and `card_security_consistency`.

    `signer` is EF.SOD's: nothing but its state ties EF.CardSecurity to these data, and whoever has drawn the
    key out of one chip could lay that chip's file beside any document's.
    """
    name, other = "card_security", "card_security_consistency"
    data = files.get(CARD_SECURITY)
    if data is None:
        return (
            Check(name, Outcome.NOT_PERFORMED, "file_not_given"),
            Check(other, Outcome.NOT_PERFORMED, "no_card_security"),
        )
    found = authenticate_card_security(data, store, at)
    outcome = {
        DataVerdict.VERIFIED: Outcome.PASSED,
        DataVerdict.FAILED: Outcome.FAILED,
        DataVerdict.NOT_VERIFIABLE: Outcome.INCONCLUSIVE,
    }[found.verdict]
    telling = max(found.checks, key=lambda each: _weight(each, outcome))
    reason = "verified" if outcome is Outcome.PASSED else telling.reason
    check = Check(name, outcome, reason, {"check": telling.name} if reason != "verified" else {})
    if outcome is Outcome.PASSED:
        if signer is not None and found.signer is not None and not _of_one_state(signer, found.signer):
            check = Check(name, Outcome.FAILED, "signed_by_another_state")
        elif not keys_in_use(found)[0]:
            check = Check(name, Outcome.INCONCLUSIVE, "keys_given_up")
    if check.outcome is Outcome.FAILED or found.content is None:
        return check, Check(other, Outcome.NOT_PERFORMED, "not_signed")
    try:
        infos = card_security.parse_content(found.content)
    except EmrtdError:
        return replace(check, outcome=Outcome.FAILED, reason="malformed", details={}), Check(
            other, Outcome.NOT_PERFORMED, "malformed"
        )
    return check, consistency.card_security(files.get(CARD_ACCESS), infos)


def _weight(check: Check, outcome: Outcome) -> tuple[bool, bool]:
    """How much a check tells of why the whole has this outcome; an open revocation decides nothing."""
    decides = check.name != "revocation" or check.outcome is Outcome.FAILED
    return check.outcome is outcome and decides, check.outcome is not Outcome.PASSED and decides


def _of_one_state(first: Certificate, second: Certificate) -> bool:
    one, other = (each.subject.country or each.issuer.country for each in (first, second))
    return issuing_states.of_one_state(one, other)
