"""What a chip says in one place against what it says in another: hidden files, weakened offers, lists that
differ.

Files that nobody signs (EF.COM, EF.CardAccess) are held against those that the issuer signed.
"""

from collections.abc import Collection, Iterable
from datetime import date

from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds import card_access as card_access_file
from drivers.emrtd.lds import com as com_file
from drivers.emrtd.lds import dg14 as dg14_file
from drivers.emrtd.lds.dg1 import Dg1
from drivers.emrtd.lds.security_infos import PaceInfo, SecurityInfo, of_type

NEED_RIGHTS = frozenset({3, 4})
"""Data groups that a chip denies whoever has no right to them."""
AUTHENTICATION_GROUPS = frozenset({14, 15})
"""Data groups without which a copied chip has no key to prove."""


def files(listed: Iterable[int], denied: Collection[int], *, at_rest: bool) -> Check:
    """Check `files`: the chip gives every file that EF.SOD lists (Doc 9303-11, 5.1)."""
    if at_rest:
        return Check("files", Outcome.NOT_PERFORMED, "files_at_rest")
    hidden = sorted((set(listed) - NEED_RIGHTS) & set(denied))
    if not hidden:
        return Check("files", Outcome.PASSED, "all_given")
    of_keys = AUTHENTICATION_GROUPS & set(hidden)
    reason = "authentication_files_hidden" if of_keys else "listed_files_denied"
    return Check("files", Outcome.FAILED, reason, {"groups": hidden})


def pace(card_access: bytes | None, dg14: bytes | None, *, read_from_chip: bool) -> Check:
    """Check `pace_consistency`: EF.CardAccess offers what DG14, under the issuer's hash, says it offers.

    `dg14` is None where it was not read or its hash does not hold.  Older issuers repeat nothing in DG14.
    """
    name = "pace_consistency"
    if card_access is None and not read_from_chip:
        return Check(name, Outcome.NOT_PERFORMED, "card_access_not_given")
    if dg14 is None:
        return Check(name, Outcome.NOT_PERFORMED, "no_signed_dg14")
    try:
        offered = card_access_file.parse(card_access) if card_access is not None else ()
    except MalformedError:
        return Check(name, Outcome.FAILED, "card_access_malformed")
    try:
        signed = dg14_file.parse(dg14)
    except MalformedError:
        return Check(name, Outcome.INCONCLUSIVE, "dg14_malformed")
    if not of_type(signed, PaceInfo):
        if of_type(offered, PaceInfo):
            return Check(name, Outcome.INCONCLUSIVE, "dg14_does_not_repeat_pace")
        return Check(name, Outcome.PASSED, "no_pace")
    if card_access is None:
        return Check(name, Outcome.FAILED, "card_access_hidden")
    if different := card_access_file.pace_differs(offered, signed):
        return Check(name, Outcome.FAILED, "offers_differ", {"identifiers": list(different)})
    return Check(name, Outcome.PASSED, "offers_agree")


def card_security(card_access: bytes | None, signed: tuple[SecurityInfo, ...]) -> Check:
    """Check `card_security_consistency`: EF.CardSecurity, signed, repeats the ways of PACE that EF.CardAccess
    offers."""
    name = "card_security_consistency"
    if card_access is None:
        return Check(name, Outcome.NOT_PERFORMED, "card_access_not_given")
    try:
        missing = card_access_file.missing_from(card_access_file.parse(card_access), signed)
    except MalformedError:
        return Check(name, Outcome.FAILED, "card_access_malformed")
    if missing:
        return Check(name, Outcome.FAILED, "not_in_card_security", {"identifiers": list(missing)})
    return Check(name, Outcome.PASSED, "offers_agree")


def com(data: bytes | None, listed: Collection[int]) -> Check:
    """Check `com`: EF.COM lists what EF.SOD lists.  Nobody signs it, so a difference is only reported."""
    if data is None:
        return Check("com", Outcome.NOT_PERFORMED, "file_not_given")
    try:
        found = com_file.parse(data)
    except MalformedError:
        return Check("com", Outcome.INCONCLUSIVE, "malformed")
    missing, more = sorted(set(listed) - set(found.groups)), sorted(set(found.groups) - set(listed))
    details: dict[str, object] = {}
    if found.unknown_tags:
        details["unknown_tags"] = [f"{tag:X}" for tag in found.unknown_tags]
    if missing or more:
        return Check(
            "com", Outcome.INCONCLUSIVE, "lists_differ", details | {"missing": missing, "more": more}
        )
    return Check("com", Outcome.PASSED, "lists_agree", details)


def expiry(zone: Dg1 | None, today: date) -> Check:
    """Check `expiry`: DG1's date of expiry has not passed; the document is good through that day.

    The zone states no century: a date lies between 50 years ago and 49 years ahead.
    """
    if zone is None:
        return Check("expiry", Outcome.NOT_PERFORMED, "no_dg1")
    day = expiry_day(zone.expiry, today)
    if day is None:
        return Check("expiry", Outcome.INCONCLUSIVE, "date_unreadable")
    if day < today:
        return Check("expiry", Outcome.FAILED, "expired", {"days_since": (today - day).days})
    return Check("expiry", Outcome.PASSED, "not_expired")


def expiry_day(text: str, today: date) -> date | None:
    """The day that YYMMDD states, None if it states none."""
    if not (text.isascii() and text.isdigit()):
        return None
    year = today.year - 50 + (int(text[:2]) - (today.year - 50)) % 100
    try:
        return date(year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
