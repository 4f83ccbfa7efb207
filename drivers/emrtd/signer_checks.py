"""Whether the certificates of a path may be used, and at that date (Doc 9303-12, 7.1; RFC 5280, 6.1)."""

from datetime import datetime
from itertools import pairwise

from drivers.emrtd.certificates import (
    DEVIATION_LIST_SIGNER,
    DIGITAL_SIGNATURE,
    MASTER_LIST_SIGNER,
    Certificate,
)
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.trust_store import Path, Role, TrustStore

_OTHER_USES = ("2.23.136.1.1.", "1.3.6.1.5.5.7.3.")
"""Extended key usages that no document signer has: those of Doc 9303 (seals, lists) and of RFC 5280, which
the certificates of a state's servers carry under the same root (Doc 9303-12, 7.1.1)."""


def chain(path: Path, store: TrustStore) -> Check:
    """Check `chain`: the signer leads to a trusted root."""
    if not path.certificates:
        outcome = Outcome.FAILED if path.forbidden else Outcome.INCONCLUSIVE
        return Check("chain", outcome, path.reason)
    anchor = path.anchor
    details: dict[str, object] = {
        "anchor": anchor.subject.text,
        "fingerprint": anchor.fingerprint,
        "sources": list(store.sources(anchor)),
    }
    if (links := len(path.certificates) - 1) > 0:
        details["links"] = links
    return Check("chain", Outcome.PASSED, "anchored", details)


def key_usage(signer: Certificate, path: Path) -> Check:
    """Check `key_usage`: the signer is for documents and no CA, its issuers are CAs for certificates."""
    try:
        if signer.is_ca:
            return Check("key_usage", Outcome.FAILED, "signer_is_a_ca")
        if signer.key_usage is not None and DIGITAL_SIGNATURE not in signer.key_usage:
            return Check("key_usage", Outcome.FAILED, "signer_may_not_sign")
        uses = signer.extended_key_usage
        if {MASTER_LIST_SIGNER, DEVIATION_LIST_SIGNER} & set(uses):
            return Check("key_usage", Outcome.FAILED, "signer_for_lists_only")
        if any(use.startswith(_OTHER_USES) for use in uses):
            return Check("key_usage", Outcome.FAILED, "signer_for_other_uses", {"uses": list(uses)})
        if not all(issuer.may_sign_certificates for issuer in path.certificates):
            return Check("key_usage", Outcome.FAILED, "issuer_may_not_sign_certificates")
    except MalformedError:
        return Check("key_usage", Outcome.INCONCLUSIVE, "extension_malformed")
    for each in (signer, *path.certificates):
        if each.unknown_critical:
            details = {"extension": each.unknown_critical[0]}
            return Check("key_usage", Outcome.INCONCLUSIVE, "critical_extension_unknown", details)
    return Check("key_usage", Outcome.PASSED, "for_documents")


def validity(signer: Certificate, path: Path, at: datetime) -> Check:
    """Check `validity`: the signer is valid at `at`, and each certificate was made while its issuer was.

    A root that has ended since is no fault: its documents outlive it by years.
    """
    details: dict[str, object] = {
        "not_before": signer.not_before.date().isoformat(),
        "not_after": signer.not_after.date().isoformat(),
    }
    if at > signer.not_after:
        return Check("validity", Outcome.INCONCLUSIVE, "signer_expired", details)
    if at < signer.not_before:
        return Check("validity", Outcome.INCONCLUSIVE, "signer_not_yet_valid", details)
    for below, issuer in pairwise((signer, *path.certificates)):
        if (reason := _made_outside(below, issuer)) is not None:
            return Check("validity", Outcome.INCONCLUSIVE, reason, details)
    if path.certificates and at > path.issuer.not_after:
        return Check("validity", Outcome.PASSED, "valid_issuer_ended_since", details)
    return Check("validity", Outcome.PASSED, "valid", details)


def store_age(store: TrustStore, at: datetime) -> Check:
    """Check `trust_store`: how long ago anything was last imported.  An old store is still used."""
    details: dict[str, object] = {"digest": store.digest} if store.digest else {}
    anchors = sum(each.role is Role.ANCHOR and each.removed is None for each in store.holdings.values())
    details["anchors"] = anchors
    if not anchors:
        return Check("trust_store", Outcome.INCONCLUSIVE, "empty", details)
    if store.refreshed is None:
        return Check("trust_store", Outcome.NOT_PERFORMED, "age_unknown", details)
    days = (at - store.refreshed).days
    details["days"] = days
    if days < -1:  # by a clock that was set back, what has expired would be valid again
        return Check("trust_store", Outcome.INCONCLUSIVE, "ahead_of_clock", details)
    if days > STORE_OLD_DAYS:
        return Check("trust_store", Outcome.INCONCLUSIVE, "old", details)
    return Check("trust_store", Outcome.PASSED, "ageing" if days > STORE_AGEING_DAYS else "fresh", details)


STORE_AGEING_DAYS, STORE_OLD_DAYS = 30, 90
"""A warning and an alarm: CRLs are due every 90 days (Doc 9303-12, 4.3)."""


def _made_outside(below: Certificate, issuer: Certificate) -> str | None:
    if not issuer.not_before <= below.not_before <= issuer.not_after:
        return "made_outside_issuer_validity"
    try:
        start, end = issuer.private_key_period
    except MalformedError:
        return None  # said in no known form: as good as not said
    if (start is not None and below.not_before < start) or (end is not None and below.not_before > end):
        return "made_outside_issuer_key_period"
    return None
