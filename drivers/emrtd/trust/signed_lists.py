"""Who may sign a list of certificates, deviations or defects (Doc 9303-12, 8 to 10; TR-03129-2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from drivers.emrtd import signed_data
from drivers.emrtd.certificates import DIGITAL_SIGNATURE, Certificate
from drivers.emrtd.errors import EmrtdError, MalformedError
from drivers.emrtd.signed_data import SignedData

SIZE_MAX = 32 << 20

FindPath = Callable[[Certificate], tuple[Certificate, ...]]
"""From a certificate to its issuers, nearest first, the trusted anchor last; empty where there is no path."""


class UntrustedList(EmrtdError):
    """A list whose signature is not one to act on: it is ignored whole.  `reason` is a code."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ListSigner:
    """Who signed a list.  `path`: the issuers of `certificate`, the trusted anchor last."""

    certificate: Certificate
    path: tuple[Certificate, ...]
    signed_at: datetime | None

    @property
    def anchor(self) -> Certificate:
        return self.path[-1]


def read(data: bytes, what: str, content_type: str) -> SignedData:
    """The signed list of that type.  Raises MalformedError."""
    signed = signed_data.read(data, what, SIZE_MAX)
    if signed.content_type != content_type:
        raise MalformedError(f"{what}: content {signed.content_type}, not {content_type}")
    return signed


def check(
    signed: SignedData, what: str, find_path: FindPath, at: datetime | None, extended_key_usage: str | None
) -> ListSigner:
    """The signer of the list, whose signature and whose path to an anchor hold.

    Other certificates that come along in the list vouch for nothing.  `extended_key_usage` must be the
    signer's where one is asked for.  A signer that has expired since is taken: the list's age is judged by
    itself.  Raises UntrustedList.
    """
    reason: str | None = "signer_certificate_missing"
    for signer in signed.signers():
        if not signed_data.verified_by(signed, signer):
            reason = "signature_wrong"
            continue
        if (reason := _unfit(signer, at, extended_key_usage)) is not None:
            continue
        if not (path := find_path(signer)):
            reason = "no_anchor"
            continue
        if not all(issuer.may_sign_certificates for issuer in path):
            reason = "issuer_may_not_sign_certificates"
            continue
        return ListSigner(signer, path, signed.signing_time)
    raise UntrustedList(what, reason or "no_anchor")


def _unfit(signer: Certificate, at: datetime | None, extended_key_usage: str | None) -> str | None:
    try:
        if extended_key_usage is not None and extended_key_usage not in signer.extended_key_usage:
            return "signer_not_for_this_list"
        if signer.key_usage is not None and DIGITAL_SIGNATURE not in signer.key_usage:
            return "signer_not_for_this_list"
        if signer.unknown_critical:
            return "critical_extension_unknown"
    except MalformedError:
        return "signer_malformed"
    return "signer_not_yet_valid" if at is not None and at < signer.not_before else None
