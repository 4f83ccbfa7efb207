"""Passive authentication: whether a state signed these data (Doc 9303-11, 5.1; Doc 9303-12, 7).

Every question is a `Check` of its own; `verdict` says in one word what they come to.  Passed means that the
data are the issuer's, not that the chip is: see chip and active authentication.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from drivers.emrtd import issuing_states, revocation, security_object, signed_data, signer_checks
from drivers.emrtd.certificates import Certificate
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.errors import EmrtdError, MalformedError, UnsupportedError
from drivers.emrtd.lds import card_security
from drivers.emrtd.public_keys import EcKey, ForbiddenKey
from drivers.emrtd.security_object import ContentTypeError, SecurityObject
from drivers.emrtd.signed_data import SignedData
from drivers.emrtd.trust.defect_list import Defect, DefectType
from drivers.emrtd.trust.deviation_list import Deviation, DeviationType, DocumentFacts
from drivers.emrtd.trust_store import Path, TrustStore

SIGNERS_MAX = 4
"""Certificates tried that fit one signer identifier; a document has one."""
PROTECTED_GROUPS = frozenset({1, 2, 14, 15})
"""Data groups whose wrong hash no deviation list explains away: identity, face, and the chip's keys."""


class DataVerdict(StrEnum):
    VERIFIED = "verified"
    FAILED = "failed"
    NOT_VERIFIABLE = "not_verifiable"


DATA_CHECKS = ("signature", "chain", "key_usage", "validity", "revocation")
"""The checks that decide, with those of the hashes (`hash_dg1`...) and an `issuer` that fails.  `trust_store`
and `defects` are judged beside them."""


@dataclass(frozen=True, slots=True)
class Authentication:
    """What passive authentication found.  `security_object`, `signer`, `path` and `content` are the parsed
    parts, as far as there are any: read `verdict` before relying on them."""

    checks: tuple[Check, ...]
    security_object: SecurityObject | None = None
    signer: Certificate | None = None
    path: Path | None = None
    content: bytes | None = field(default=None, repr=False)
    deviations: tuple[Deviation, ...] = ()
    defects: tuple[Defect, ...] = ()

    @property
    def verdict(self) -> DataVerdict:
        return data_verdict(self.checks)

    @property
    def genuine_groups(self) -> frozenset[int]:
        """Data groups whose bytes, as given, the issuer signed; empty unless the verdict is `verified`."""
        if self.verdict is not DataVerdict.VERIFIED:
            return frozenset()
        passed = {check.name for check in self.checks if check.outcome is Outcome.PASSED}
        return frozenset(group for group in security_object.GROUPS if f"hash_dg{group}" in passed)


def data_verdict(checks: Iterable[Check]) -> DataVerdict:
    """What the checks say of the data.

    Failed: any of them is, or the signer is another state's than the document.  Not verifiable: one that is
    needed is open.  A revocation that is open leaves the data verified, and so do files that were not given.
    """
    given = list(checks)
    relevant = [each for each in given if each.name in DATA_CHECKS or each.name.startswith("hash_dg")]
    foreign = any(each.name == "issuer" and each.outcome is Outcome.FAILED for each in given)
    if foreign or any(each.outcome is Outcome.FAILED for each in relevant):
        return DataVerdict.FAILED
    needed = {"signature", "chain", "key_usage", "validity"}
    passed = {each.name for each in relevant if each.outcome is Outcome.PASSED}
    still_open = any(each.outcome is Outcome.INCONCLUSIVE and each.name != "revocation" for each in relevant)
    return DataVerdict.VERIFIED if needed <= passed and not still_open else DataVerdict.NOT_VERIFIABLE


def keys_in_use(found: Authentication) -> tuple[bool, bool]:
    """Whether the keys of chip and of active authentication still count: an authority may have published that
    they are known to others.  After an unknown defect of authentication neither does (TR-03129-2, 7)."""
    chip = active = True
    for defect in found.defects:
        if not defect.of_authentication:
            continue
        if defect.kind == DefectType.CHIP_AUTHENTICATION_KEY_REVOKED:
            chip = False
        elif defect.kind == DefectType.ACTIVE_AUTHENTICATION_KEY_REVOKED:
            active = False
        elif defect.kind != DefectType.CERTIFICATE_REPLACED:
            chip = active = False
    if any(each.kind is DeviationType.ACTIVE_AUTHENTICATION_KEY_COMPROMISED for each in found.deviations):
        active = False
    return chip, active


def authenticate(
    sod: bytes,
    files: Mapping[int, bytes],
    store: TrustStore,
    at: datetime,
    *,
    facts: DocumentFacts | None = None,
    issuing_state: str | None = None,
) -> Authentication:
    """Judges EF.SOD and the data groups that were read.

    `files`: by number, each the whole file with tag and length, as read.  `at`: the moment of judging, aware.
    `facts` serve to find deviations of the issuer; `issuing_state` is DG1's.  Raises nothing of its own for
    whatever the bytes are (LibraryMissing only, where this machine lacks libcrypto).
    """
    try:
        read = security_object.read(sod)
    except ContentTypeError as error:
        return _unread(Outcome.FAILED, "content_type_not_permitted", {"type": error.content_type})
    except UnsupportedError as error:
        return _unread(Outcome.INCONCLUSIVE, "algorithm_unknown", {"what": str(error)})
    except MalformedError as error:
        return _unread(Outcome.FAILED, "sod_malformed", {"what": str(error)})
    facts = facts or DocumentFacts()
    result = _judge_signer(read.signed, store, at, facts)
    hashes = tuple(_hash_checks(read, files, result.deviations))
    issuer = _issuer(result, issuing_state, facts)
    age = signer_checks.store_age(store, at)
    return Authentication(
        checks=(*result.checks, *hashes, issuer, *_defects(result.defects), age),
        security_object=read,
        signer=result.signer,
        path=result.path,
        content=read.signed.content,
        deviations=result.deviations,
        defects=result.defects,
    )


def authenticate_card_security(data: bytes, store: TrustStore, at: datetime) -> Authentication:
    """Judges EF.CardSecurity, which is signed like EF.SOD (Doc 9303-11, 4.4.3.5).

    Its `content`, SecurityInfos, is to be relied on only if the verdict is `verified`."""
    try:
        signed = signed_data.read(data, "EF.CardSecurity")
    except MalformedError as error:
        return _unread(Outcome.FAILED, "card_security_malformed", {"what": str(error)})
    if signed.content_type != card_security.CONTENT_TYPE:
        return _unread(Outcome.FAILED, "content_type_not_permitted", {"type": signed.content_type})
    result = _judge_signer(signed, store, at, DocumentFacts())
    return Authentication(
        checks=(*result.checks, *_defects(result.defects), signer_checks.store_age(store, at)),
        signer=result.signer,
        path=result.path,
        content=signed.content,
        deviations=result.deviations,
        defects=result.defects,
    )


def _unread(outcome: Outcome, reason: str, details: Mapping[str, object]) -> Authentication:
    rest = (Check(name, Outcome.NOT_PERFORMED, "no_signed_data") for name in DATA_CHECKS[1:])
    return Authentication((Check("signature", outcome, reason, details), *rest))


def _judge_signer(
    signed: SignedData, store: TrustStore, at: datetime, facts: DocumentFacts
) -> Authentication:
    """The checks of the signature and of who made it."""
    candidates = signed.signers(store.signers(signed.signer))[:SIGNERS_MAX]
    if not candidates:
        details = {"unreadable_certificates": signed.unreadable_certificates}
        missing = Check("signature", Outcome.INCONCLUSIVE, "signer_certificate_missing", details)
        rest = (Check(name, Outcome.NOT_PERFORMED, "no_signer") for name in DATA_CHECKS[1:])
        return Authentication((missing, *rest))
    tried = [(signer, path := store.path(signer), _signature(signed, signer, path)) for signer in candidates]
    # Two certificates may fit one identifier; the one that made the signature and is trusted decides.
    signer, path, signature = max(
        tried, key=lambda each: (each[2].outcome is Outcome.PASSED, bool(each[1].certificates))
    )
    anchored = bool(path.certificates)
    deviations = store.statements.deviations(signer, facts, store.find_path) if anchored else ()
    defects = store.statements.defects(signer, store.find_path) if anchored else ()
    return Authentication(
        checks=(
            _explained(signature, deviations, DeviationType.SECURITY_OBJECT_SIGNATURE_WRONG),
            signer_checks.chain(path, store),
            signer_checks.key_usage(signer, path),
            signer_checks.validity(signer, path, at),
            revocation.check(signer, path, store, at),
        ),
        signer=signer,
        path=path,
        deviations=deviations,
        defects=defects,
    )


def _signature(signed: SignedData, signer: Certificate, path: Path) -> Check:
    details: dict[str, object] = {"signer_serial": format(signer.serial, "x")}

    def result(outcome: Outcome, reason: str) -> Check:
        return Check("signature", outcome, reason, details)

    try:
        key = signer.vouched_key if path.certificates else signer.public_key
        found = signed_data.verify(signed, key)
    except ForbiddenKey as error:
        details["what"] = str(error)
        return result(Outcome.FAILED, "signer_key_forbidden")
    except UnsupportedError as error:
        details["what"] = str(error)
        return result(Outcome.INCONCLUSIVE, "algorithm_unknown")
    except MalformedError as error:
        details["what"] = str(error)
        return result(Outcome.FAILED, "signer_malformed")
    details["algorithm"] = found.algorithm
    if found.digest is not None and found.digest.weak:
        details["weak"] = found.digest.value
    if isinstance(key, EcKey):
        details["curve"] = key.curve.name
        if key.moved:
            details["curve_named_wrongly"] = True
    return result(Outcome.PASSED if found.valid else Outcome.FAILED, found.reason)


def _hash_checks(
    read: SecurityObject, files: Mapping[int, bytes], deviations: tuple[Deviation, ...]
) -> Iterable[Check]:
    for group in sorted({*read.hashes, *files}):
        name = f"hash_dg{group}"
        if group not in read.hashes:
            yield Check(name, Outcome.FAILED, "not_in_security_object")
        elif group not in files:
            yield Check(name, Outcome.NOT_PERFORMED, "file_not_given")
        elif hmac.compare_digest(read.digest.of(files[group]), read.hashes[group]):
            weak = {"weak": read.digest.value} if read.digest.weak else {}
            yield Check(name, Outcome.PASSED, "hash_matches", weak)
        else:
            wrong = Check(name, Outcome.FAILED, "hash_wrong")
            yield _explained(wrong, deviations, DeviationType.DATA_GROUP_HASH_WRONG, group)


def _explained(
    check: Check, deviations: tuple[Deviation, ...], kind: DeviationType, group: int | None = None
) -> Check:
    """A failure that the issuer itself has announced: for a group that decides nothing, it is left open."""
    known = any(each.kind is kind and each.parameter in (None, group) for each in deviations)
    if check.outcome is not Outcome.FAILED or not known:
        return check
    details = {**check.details, "deviation": kind.name.lower()}
    if group is None or group in PROTECTED_GROUPS:
        return Check(check.name, Outcome.FAILED, check.reason, details)
    return Check(check.name, Outcome.INCONCLUSIVE, f"{check.reason}_known_deviation", details)


def _issuer(result: Authentication, state: str | None, facts: DocumentFacts) -> Check:
    if result.signer is None:
        return Check("issuer", Outcome.NOT_PERFORMED, "no_signer")
    signer, path = result.signer, result.path
    anchor = path.anchor.subject.country if path is not None and path.certificates else None
    country = signer.subject.country or signer.issuer.country
    codes = _lenient(lambda: signer.document_types)
    return issuing_states.check(country, anchor, state, codes, facts.code)


def _lenient(read: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    try:
        return read()
    except EmrtdError:
        return ()


def _defects(defects: tuple[Defect, ...]) -> tuple[Check, ...]:
    """Check `defects`, where an authority has published any about this signer's documents."""
    if not defects:
        return ()
    kinds = sorted({getattr(each.kind, "name", str(each.kind)).lower() for each in defects})
    return (Check("defects", Outcome.INCONCLUSIVE, "defects_known", {"kinds": kinds}),)
