"""Whether a signer or one of its issuers was revoked (Doc 9303-12, 7.1.4; RFC 5280, 6.3).

Missing, stale, foreign or unreadable lists leave the question open: never "not revoked".
"""

from datetime import datetime
from functools import partial

from drivers.emrtd.certificates import Certificate
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.errors import EmrtdError
from drivers.emrtd.trust.crl import Crl, Revocation
from drivers.emrtd.trust.defect_list import DefectType
from drivers.emrtd.trust_store import Path, TrustStore


def check(signer: Certificate, path: Path, store: TrustStore, at: datetime) -> Check:
    """Check `revocation` of a signer and of the issuers on its path."""
    if not path.certificates:
        return Check("revocation", Outcome.NOT_PERFORMED, "no_path")
    for defect in store.statements.defects(signer, store.find_path):
        if defect.kind == DefectType.CERTIFICATE_REVOKED:
            return Check("revocation", Outcome.FAILED, "revoked_by_defect_list", {"status": defect.status})
    # A revoked issuer stops all that it signed, whatever its own list says of the signer.
    for each, issuer in reversed(list(zip((signer, *path.certificates), _issuers(path), strict=True))):
        if (found := _revoked(each, issuer, store)) is not None:
            details: dict[str, object] = {"revoked_at": found.when.date().isoformat(), "why": found.reason}
            details["serial"] = format(each.serial, "x")
            reason = "signer_revoked" if each is signer else "issuer_revoked"
            return Check("revocation", Outcome.FAILED, reason, details)
    return _current(signer, path.issuer, store, at)


def _issuers(path: Path) -> tuple[Certificate, ...]:
    """The issuer of the signer and of each certificate of the path; the anchor's is itself."""
    return (*path.certificates, path.anchor)


def _revoked(certificate: Certificate, issuer: Certificate, store: TrustStore) -> Revocation | None:
    """Its entry in any list that its issuer signed, old ones too: a revocation is not taken back."""
    for crl in _lists(certificate, issuer, store):
        try:
            if (found := crl.revoked.get(certificate.serial)) is not None:
                return found
        except EmrtdError:
            continue
    return None


def _current(signer: Certificate, issuer: Certificate, store: TrustStore, at: datetime) -> Check:
    """Whether a list that is still current says so: of the newest one that can be read."""
    lists = sorted(_lists(signer, issuer, store), key=lambda crl: crl.this_update)
    if not lists:
        held = any(store.statements.holds_any(name) for name in (signer.issuer, issuer.subject))
        return Check("revocation", Outcome.INCONCLUSIVE, "crl_not_trusted" if held else "crl_missing")
    newest = lists[-1]
    details: dict[str, object] = {"this_update": newest.this_update.date().isoformat()}
    if newest.next_update is not None:
        details["next_update"] = newest.next_update.date().isoformat()
    if not _readable(newest):
        return Check("revocation", Outcome.INCONCLUSIVE, "crl_unreadable", details)
    if newest.stale(at):
        return Check("revocation", Outcome.INCONCLUSIVE, "crl_stale", details)
    return Check("revocation", Outcome.PASSED, "not_revoked", details)


def _lists(certificate: Certificate, issuer: Certificate, store: TrustStore) -> list[Crl]:
    """By the name of the issuer that the certificate states and by the one that its issuer has: where a state
    writes them differently, the issuer was found by its key."""
    names = {name.key: name for name in (certificate.issuer, issuer.subject)}.values()
    return [
        crl for name in names for crl in store.statements.lists_of(name, partial(store.authorities, name))
    ]


def _readable(crl: Crl) -> bool:
    try:
        len(crl.revoked)
    except EmrtdError:
        return False
    return True
