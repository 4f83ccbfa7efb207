"""What an inspection comes to: whether the data are the issuer's, and whether the chip is the one it made.

Pure: takes what was read, the trust store and the moment, and gives every check in the order of an inspection
(Doc 9303-11; BSI TR-03135) and two words.  "Genuine" is said only where the data are verified whole and the
chip has proved a private key whose public one these data cover; whatever was denied, weakened or failed
forbids it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from drivers.emrtd import consistency, passive_authentication, proofs, signed_card_security
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.elementary_files import CARD_ACCESS, COM, DATA_GROUPS, SOD
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds import dg1, dg12
from drivers.emrtd.lds.dg1 import Dg1
from drivers.emrtd.pace import mapping_chip_authentication
from drivers.emrtd.passive_authentication import Authentication, DataVerdict, data_verdict
from drivers.emrtd.reading import AccessProtocol, Interruption, Reading
from drivers.emrtd.trust.deviation_list import DocumentFacts
from drivers.emrtd.trust_store import TrustStore

PRINTED_MRZ = "printed_mrz"
PROOFS = (
    mapping_chip_authentication.NAME,
    proofs.CHIP_AUTHENTICATION,
    proofs.ACTIVE_AUTHENTICATION,
)
_FORBID = frozenset({*PROOFS, "files", "pace_consistency", "card_security", "card_security_consistency"})
"""Checks of which none may have failed if the chip is to be more than a failure."""


class ChipVerdict(StrEnum):
    GENUINE = "genuine"
    FAILED = "failed"
    NOT_PROVED = "not_proved"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`checks` in their order.  `zone` is DG1 where it can be read, verified or not; `authentication` what
    passive authentication parsed."""

    data: DataVerdict
    chip: ChipVerdict
    checks: tuple[Check, ...]
    zone: Dg1 | None = field(repr=False)
    authentication: Authentication = field(repr=False)


def judge(
    reading: Reading,
    store: TrustStore,
    at: datetime,
    *,
    printed: Check | None = None,
    at_rest: bool = False,
) -> Verdict:
    """The verdict on one reading at a moment (aware).

    `printed`: what comparing DG1 with the printed zone gave, all fields.  `at_rest`: these are files without
    a chip; what they lack was not denied.  Raises nothing of its own, whatever the files hold (LibraryMissing
    only, where this machine lacks libcrypto).
    """
    groups = {number: reading.files[file] for number, file in DATA_GROUPS.items() if file in reading.files}
    zone = _zone(groups)
    found = _authenticated(reading, groups, store, at, zone)
    checks = _with_biometrics(found.checks, reading.biometrics)
    data = data_verdict(checks)
    listed = found.security_object.groups if found.security_object is not None else ()
    denied = {number for number, file in DATA_GROUPS.items() if file in reading.refused}
    hash_holds = any(each.name == "hash_dg14" and each.outcome is Outcome.PASSED for each in checks)
    security, infos_agree = signed_card_security.judge(reading.files, store, at, found.signer)
    first, later = _split(checks)
    ordered = (
        _access(reading, at_rest),
        *_interruption(reading),
        *first,
        *later,
        printed or _not_compared(reading, zone, at_rest),
        *_proofs(reading, at_rest),
        security,
        consistency.files(listed, denied, at_rest=at_rest),
        consistency.pace(
            reading.files.get(CARD_ACCESS),
            groups.get(14) if hash_holds else None,
            read_from_chip=not at_rest,
        ),
        infos_agree,
        consistency.com(reading.files.get(COM), listed),
        *_terminal(reading),
        consistency.expiry(zone, at.date()),
    )
    chip = _chip(ordered, data, found)
    if reading.interrupted is not None and chip is ChipVerdict.GENUINE:
        chip = ChipVerdict.NOT_PROVED  # what came last was not the chip's word, or not all of it
    return Verdict(data, chip, ordered, zone, found)


def _zone(groups: Mapping[int, bytes]) -> Dg1 | None:
    try:
        return dg1.parse(groups[1]) if 1 in groups else None
    except MalformedError:
        return None


def _authenticated(
    reading: Reading, groups: Mapping[int, bytes], store: TrustStore, at: datetime, zone: Dg1 | None
) -> Authentication:
    if SOD not in reading.files:
        outcome = Outcome.FAILED if SOD in reading.refused else Outcome.NOT_PERFORMED
        missing = Check("signature", outcome, "security_object_missing")
        rest = (Check(name, Outcome.NOT_PERFORMED, "no_signed_data") for name in _AFTER_SIGNATURE)
        return Authentication((missing, *rest))
    facts = DocumentFacts(
        code=zone.document_code if zone else None,
        number=zone.document_number if zone else None,
        issued=_issued(groups.get(12)),
    )
    state = zone.issuer if zone else None
    sod = reading.files[SOD]
    return passive_authentication.authenticate(sod, groups, store, at, facts=facts, issuing_state=state)


_AFTER_SIGNATURE = passive_authentication.DATA_CHECKS[1:]


def _issued(data: bytes | None) -> date | None:
    try:
        text = dg12.parse(data).issue_date if data is not None else None
        return date.fromisoformat(text) if text is not None and len(text) == 8 else None
    except (MalformedError, ValueError):
        return None


def _with_biometrics(checks: tuple[Check, ...], biometrics: Mapping[int, bool | None]) -> tuple[Check, ...]:
    """DG3 and DG4 are hashed where they are read and are never here: their checks come from there."""
    outcomes = {
        f"hash_dg{number}": (Outcome.PASSED, "hash_matches") if holds else (Outcome.FAILED, "hash_wrong")
        for number, holds in biometrics.items()
        if holds is not None
    }
    return tuple(
        replace(each, outcome=outcomes[each.name][0], reason=outcomes[each.name][1])
        if each.name in outcomes
        else each
        for each in checks
    )


def _terminal(reading: Reading) -> tuple[Check, ...]:
    """Only where fingers and iris were to be read; the purpose is on record with it."""
    if reading.purpose is None:
        return ()
    check = reading.terminal_authentication
    return (replace(check, details={"purpose": reading.purpose, **check.details}),)


def _split(checks: Iterable[Check]) -> tuple[list[Check], list[Check]]:
    """Signature to revocation and what was published against them; then the hashes and the issuer."""
    first: list[Check] = []
    later: list[Check] = []
    for each in checks:
        (later if each.name == "issuer" or each.name.startswith("hash_") else first).append(each)
    return first, later


def _access(reading: Reading, at_rest: bool) -> Check:
    """Check `access`: how the chip was opened.  A fall to a weaker way than it offers is never silent."""
    access = reading.access
    if access is None:
        return Check("access", Outcome.NOT_PERFORMED, "files_at_rest" if at_rest else "not_opened")
    details: dict[str, object] = {"protocol": access.protocol.value}
    for name, value in (("cipher", access.cipher), ("domain", access.domain)):
        if value is not None:
            details[name] = value
    if access.by_can:
        details["by_can"] = True
    if access.pace_not_taken is not None:
        fallen = access.protocol in (AccessProtocol.BAC, AccessProtocol.NONE)
        reason = "pace_not_taken" if fallen else "weaker_pace_taken"
        if not access.pace_offered:
            reason = "card_access_unreadable"
        return Check("access", Outcome.INCONCLUSIVE, reason, details | {"why": access.pace_not_taken})
    if access.protocol is AccessProtocol.NONE:
        return Check("access", Outcome.INCONCLUSIVE, "no_access_control", details)
    return Check("access", Outcome.PASSED, access.protocol.value, details)


def _interruption(reading: Reading) -> tuple[Check, ...]:
    """Check `reading`, there only where it ended before its end."""
    if reading.interrupted is None:
        return ()
    broken = reading.interrupted is Interruption.PROTOCOL_BROKEN
    outcome = Outcome.FAILED if broken else Outcome.INCONCLUSIVE
    return (Check("reading", outcome, reading.interrupted.value),)


def _not_compared(reading: Reading, zone: Dg1 | None, at_rest: bool) -> Check:
    """Check `printed_mrz` where nothing was compared: a chip that keeps DG1 is no page without a zone."""
    if at_rest or zone is not None:
        return Check(PRINTED_MRZ, Outcome.NOT_PERFORMED, "no_printed_zone")
    if DATA_GROUPS[1] in reading.files:
        return Check(PRINTED_MRZ, Outcome.NOT_PERFORMED, "zone_not_readable")
    return Check(PRINTED_MRZ, Outcome.NOT_PERFORMED, "dg1_not_read")


def _proofs(reading: Reading, at_rest: bool) -> tuple[Check, ...]:
    if at_rest:
        return tuple(Check(name, Outcome.NOT_PERFORMED, "files_at_rest") for name in PROOFS)
    return reading.chip_authentication_mapping, reading.chip_authentication, reading.active_authentication


def _chip(checks: Iterable[Check], data: DataVerdict, found: Authentication) -> ChipVerdict:
    outcomes = {each.name: each for each in checks}
    failed = {each.name: each.reason for each in outcomes.values() if each.outcome is Outcome.FAILED}
    if {name for name in failed if name in _FORBID} - _only_denied(failed):
        return ChipVerdict.FAILED
    if data is not DataVerdict.VERIFIED or "files" in failed:
        return ChipVerdict.NOT_PROVED
    passed = {each.name for each in outcomes.values() if each.outcome is Outcome.PASSED}
    mapping, chip, active = PROOFS
    usable_chip, usable_active = passive_authentication.keys_in_use(found)
    # EF.CardSecurity is signed by the state, not for this document: that it is this document's way of
    # opening, DG14 says under the document's own signature.  Else one chip's key would serve for any.
    mapping_is_its_own = (
        "pace_consistency" in passed and outcomes["pace_consistency"].reason == "offers_agree"
    )
    proved = (
        (mapping in passed and "card_security" in passed and mapping_is_its_own and usable_chip)
        or (chip in passed and "hash_dg14" in passed and usable_chip)
        or (active in passed and "hash_dg15" in passed and usable_active)
    )
    return ChipVerdict.GENUINE if proved else ChipVerdict.NOT_PROVED


def _only_denied(failed: Mapping[str, str]) -> set[str]:
    """A denied file that holds no key says nothing of the chip's keys; it only forbids "genuine"."""
    return {"files"} if failed.get("files") == "listed_files_denied" else set()
