"""The chip against the page: the key that the page states, and whether DG1 says what is printed.

ICAO Doc 9303-11, 4.3 and 9303-10, 4.7.1.  A key that opens the chip ties them no further than number, birth
and expiry: every other field is compared here, as text.
"""

from typing import TYPE_CHECKING

import mrz
from drivers.document_reader.chips import PrintedZone
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.verdict import PRINTED_MRZ

if TYPE_CHECKING:
    from drivers.emrtd.access_key import MrzKey

CHECK_DIGITS = "check_digits"
"""The name of what differs outside every field."""


class NoKey(Exception):
    """The page states no access key: it is no zone, or has no date of expiry."""


def key_of(printed: PrintedZone) -> "MrzKey":
    """The access key that the page states.  Raises NoKey; LibraryMissing where libcrypto is not there."""
    from drivers.emrtd.access_key import MrzKey
    from drivers.emrtd.errors import MalformedError

    try:
        page = mrz.parse(printed.lines, reference=printed.reference)
        if page.expiry is None:
            raise NoKey
        whole = page.number.printed.rstrip("<")
        # A filler within a number counts (9303-3, 4.6); a long one of TD1 goes on in the optional data.
        number = whole if "<" in whole else page.number.value
        return MrzKey(number, page.birth.printed, page.expiry.printed)
    except (mrz.MrzError, MalformedError) as error:
        raise NoKey from error


def compare(printed: PrintedZone, lines: tuple[str, ...]) -> Check:
    """Check `printed_mrz`: DG1's `lines` are those of the page, in every character of every field."""
    if lines == printed.lines:
        return Check(PRINTED_MRZ, Outcome.PASSED, "zones_agree")
    try:
        page = mrz.parse(printed.lines, reference=printed.reference)
        chip = mrz.parse(lines, reference=printed.reference)
    except mrz.MrzError:
        return Check(PRINTED_MRZ, Outcome.FAILED, "zone_not_readable")
    if page.format != chip.format:
        return Check(
            PRINTED_MRZ, Outcome.FAILED, "formats_differ", {"page": page.format, "chip": chip.format}
        )
    fields = differing(page, chip)
    sure = [field for field in fields if field not in printed.doubtful]
    if sure == [CHECK_DIGITS] and len(fields) > 1:
        sure = []  # a misread field is covered by check digits that do not hold on it
    if not sure:
        return Check(PRINTED_MRZ, Outcome.INCONCLUSIVE, "print_not_sure", {"fields": fields})
    return Check(PRINTED_MRZ, Outcome.FAILED, "zones_differ", {"fields": fields})


def differing(page: mrz.Document, chip: mrz.Document) -> list[str]:
    """Names of the fields whose characters differ, fillers too."""
    there, here = page.printed, chip.printed
    fields = [name for name in {**there, **here} if there.get(name) != here.get(name)]
    digits = [[check.found for check in one.check_digits] for one in (page, chip)]
    return [*fields, CHECK_DIGITS] if digits[0] != digits[1] or not fields else fields
