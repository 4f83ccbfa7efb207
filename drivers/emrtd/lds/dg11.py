"""DG11: further personal details of the holder (9303-10, 4.7.11)."""

from dataclasses import dataclass

from drivers.emrtd.lds import details
from drivers.emrtd.lds.details import Details
from drivers.emrtd.lds.templates import digits_of, parts_of, text_of

FULL_NAME, OTHER_NAME, PERSONAL_NUMBER, BIRTH_DATE, BIRTH_PLACE = 0x5F0E, 0x5F0F, 0x5F10, 0x5F2B, 0x5F11
ADDRESS, TELEPHONE, PROFESSION, TITLE, SUMMARY = 0x5F42, 0x5F12, 0x5F13, 0x5F14, 0x5F15
CITIZENSHIP_PROOF, OTHER_DOCUMENTS, CUSTODY = 0x5F16, 0x5F17, 0x5F18
_KNOWN = frozenset(
    {FULL_NAME, OTHER_NAME, PERSONAL_NUMBER, BIRTH_DATE, BIRTH_PLACE, ADDRESS, TELEPHONE, PROFESSION, TITLE}
    | {SUMMARY, CITIZENSHIP_PROOF, OTHER_DOCUMENTS, CUSTODY}
)


@dataclass(frozen=True, slots=True, repr=False)
class Dg11:
    """Empty where the issuer wrote nothing.  Names are as written: primary and secondary identifier apart by
    `<<`.  `birth_date` is CCYYMMDD, None if absent or in no known form (the bytes are in `details`)."""

    full_name: str
    other_names: tuple[str, ...]
    personal_number: str
    birth_date: str | None
    birth_place: tuple[str, ...]
    address: tuple[str, ...]
    telephone: str
    profession: str
    title: str
    summary: str
    citizenship_proof: bytes
    other_documents: tuple[str, ...]
    custody: str
    details: Details


def parse(data: bytes) -> Dg11:
    """Raises MalformedError if the file is not DG11 at all."""
    found = details.parse(data, 11, _KNOWN)
    return Dg11(
        full_name=text_of(found.first(FULL_NAME)),
        other_names=tuple(text_of(name) for name in found.all(OTHER_NAME)),
        personal_number=text_of(found.first(PERSONAL_NUMBER)),
        birth_date=digits_of(found.first(BIRTH_DATE)),
        birth_place=parts_of(found.first(BIRTH_PLACE)),
        address=parts_of(found.first(ADDRESS)),
        telephone=text_of(found.first(TELEPHONE)),
        profession=text_of(found.first(PROFESSION)),
        title=text_of(found.first(TITLE)),
        summary=text_of(found.first(SUMMARY)),
        citizenship_proof=found.first(CITIZENSHIP_PROOF),
        other_documents=parts_of(found.first(OTHER_DOCUMENTS)),
        custody=text_of(found.first(CUSTODY)),
        details=found,
    )
