"""DG12: further details of the document (9303-10, 4.7.12)."""

from dataclasses import dataclass

from drivers.emrtd.lds import details
from drivers.emrtd.lds.details import Details
from drivers.emrtd.lds.templates import digits_of, text_of

AUTHORITY, ISSUE_DATE, OTHER_PERSON, ENDORSEMENTS, TAX_EXIT = 0x5F19, 0x5F26, 0x5F1A, 0x5F1B, 0x5F1C
FRONT, REAR, PERSONALISED, SYSTEM_SERIAL = 0x5F1D, 0x5F1E, 0x5F55, 0x5F56
_KNOWN = frozenset(
    {AUTHORITY, ISSUE_DATE, OTHER_PERSON, ENDORSEMENTS, TAX_EXIT, FRONT, REAR, PERSONALISED, SYSTEM_SERIAL}
)


@dataclass(frozen=True, slots=True, repr=False)
class Dg12:
    """Empty where the issuer wrote nothing.  `issue_date` is CCYYMMDD and `personalised` CCYYMMDDhhmmss, None
    if absent or in no known form (the bytes are in `details`); `front` and `rear` are undecoded pictures."""

    authority: str
    issue_date: str | None
    other_persons: tuple[str, ...]
    endorsements: str
    tax_exit: str
    front: bytes
    rear: bytes
    personalised: str | None
    system_serial: str
    details: Details


def parse(data: bytes) -> Dg12:
    """Raises MalformedError if the file is not DG12 at all."""
    found = details.parse(data, 12, _KNOWN)
    return Dg12(
        authority=text_of(found.first(AUTHORITY)),
        issue_date=digits_of(found.first(ISSUE_DATE)),
        other_persons=tuple(text_of(name) for name in found.all(OTHER_PERSON)),
        endorsements=text_of(found.first(ENDORSEMENTS)),
        tax_exit=text_of(found.first(TAX_EXIT)),
        front=found.first(FRONT),
        rear=found.first(REAR),
        personalised=digits_of(found.first(PERSONALISED)),
        system_serial=text_of(found.first(SYSTEM_SERIAL)),
        details=found,
    )
