"""What a zone says: the document as data, each field as printed and as understood."""

from dataclasses import dataclass
from enum import StrEnum

from mrz.dates import MrzDate
from mrz.layouts import Format
from mrz.national import PersonalNumber


class Status(StrEnum):
    """How far a reading may be trusted; from best to worst."""

    VERIFIED = "verified"
    """All check digits hold and nothing else is in doubt."""
    CORRECTED = "corrected"
    """As verified, after characters were replaced; each is named."""
    DOUBTFUL = "doubtful"
    """Some fields are not sure; they are named."""
    INCONSISTENT = "inconsistent"
    """The print does not hold its own check digits: a sign of forgery, never mended."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Text:
    """`printed` with its fillers, as in the zone; `value` without them, or the plain form."""

    printed: str
    value: str


@dataclass(frozen=True, slots=True)
class Names:
    """Primary identifier (surname) and secondary identifier (given names), components split by one space.

    `secondary` is "" for a holder with one name.  `truncated`: the field is full to its last position, so
    that components may be cut, shortened to initials or missing (Doc 9303-4, 4.2.3): compare by prefix.
    The `national` parts are the spelling in the state's own script where the print can be turned back without
    loss (Russian internal passport: surname; name and patronymic), else "".
    """

    printed: str
    primary: str
    secondary: str
    truncated: bool
    national_primary: str = ""
    national_secondary: str = ""

    @property
    def may_be_cut(self) -> tuple[str, ...]:
        """Components that may not be whole, where the field is full; further ones may be missing behind them.

        Doc 9303-4, 4.2.3: the field ends in the last component, components may be reduced to initials, and
        the primary identifier is cut where only an initial of the secondary has room behind it.
        """
        if not self.truncated:
            return ()
        primary, secondary = self.primary.split(), self.secondary.split()
        every = primary + secondary
        cut = [word for word in every if len(word) == 1] + every[-1:]
        if primary and len(secondary) == 1 and len(secondary[0]) == 1:
            cut.append(primary[-1])
        return tuple(word for word in dict.fromkeys(every) if word in cut)


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """One check digit: `found` as printed at line and column (from 1), `expected` as computed.

    `holds` is not always `expected == found`: over an empty field some issuers print `<`, which is right
    for optional data (Doc 9303-4) and accepted with a remark for dates.
    """

    field: str
    line: int
    column: int
    expected: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd that is not a check digit, as a code: see `REMARKS`."""

    code: str
    field: str


REMARKS = {
    "impossible_date": "the characters are no date",
    "digit_in_name": "a digit where the format has letters only",
    "not_a_letter": "a digit in a code that has letters only",
    "not_a_sex": "another character than M, F or <",
    "names_without_separator": "no << between surname and given names",
    "names_split_again": "a second << between names, often a filler misread",
    "no_primary_name": "the surname is empty",
    "empty_names": "no name at all",
    "empty_number": "no document number",
    "filler_inside": "a filler between the characters of a number",
    "unknown_state": "a state code that is not in the list",
    "unknown_document_code": "a document code that fits neither format nor list",
    "filler_check_digit": "a filler in place of the check digit of an empty date or number",
    "old_state_code": "a state code that is no longer issued",
    "specimen": "the code of specimens (UTO)",
    "personal_number_differs": "a national personal number contradicts birth, sex or its own control digit",
}

_DOUBTFUL = frozenset(
    {
        "impossible_date",
        "digit_in_name",
        "not_a_letter",
        "not_a_sex",
        "names_split_again",
        "empty_names",
        "empty_number",
    }
)


@dataclass(frozen=True, slots=True)
class Document:
    """One travel document, as its zone states it.

    `issued` and `issuing_unit` are stated only by the Russian internal passport; `expiry` is None where the
    format has none (old French card) or the document leaves it out (Russian internal passport).  `code.value`
    is the document code without fillers, `sex.value` is `M`, `F` or "" (unspecified), `number.value` is the
    whole number without fillers, also where it runs on into the optional data.  `optional` holds the optional
    data fields in order, without what belongs to a long number.  Dates: see `mrz.dates.CENTURY_RULES`.
    """

    format: Format
    lines: tuple[str, ...]
    code: Text
    issuer: Text
    number: Text
    nationality: Text
    names: Names
    birth: MrzDate
    sex: Text
    expiry: MrzDate | None
    optional: tuple[Text, ...]
    check_digits: tuple[CheckDigit, ...]
    remarks: tuple[Remark, ...]
    personal_numbers: tuple[PersonalNumber, ...] = ()
    issued: MrzDate | None = None
    issuing_unit: str = ""

    @property
    def wrong_check_digits(self) -> tuple[CheckDigit, ...]:
        return tuple(check for check in self.check_digits if not check.holds)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Names of fields whose characters can't be what the format puts there."""
        return tuple(dict.fromkeys(remark.field for remark in self.remarks if remark.code in _DOUBTFUL))

    @property
    def status(self) -> Status:
        """`inconsistent`, `doubtful` or `verified`, from the text alone.

        No check digit covers names, states, nationality, sex and code: the text of a verified zone can still
        hold a misread name.  A reader of pictures adds its own doubt (`Reading`).
        """
        if self.wrong_check_digits:
            return Status.INCONSISTENT
        return Status.DOUBTFUL if self.doubtful else Status.VERIFIED

    @property
    def fields(self) -> dict[str, str]:
        """The understood values by field name, for tables and JSON; dates as ISO 8601 with `XX`.

        The century is chosen by `mrz.dates.CENTURY_RULES`.  A personal number is a state's own, not ICAO's;
        `personal_number_contradicts` names what it disagrees with (`birth`, `sex`, `control`), "" where
        nothing does.
        """
        values = {
            "code": self.code.value,
            "issuer": self.issuer.value,
            "number": self.number.value,
            "nationality": self.nationality.value,
            "surname": self.names.primary,
            "given_names": self.names.secondary,
            "birth": self.birth.iso,
            "sex": self.sex.value,
        }
        if self.expiry is not None:
            values["expiry"] = self.expiry.iso
        for place, text in enumerate(self.optional, 1):
            values[f"optional_{place}"] = text.value
        if self.names.national_primary:
            values["surname_national"] = self.names.national_primary
            values["given_names_national"] = self.names.national_secondary
        if self.issued is not None:
            values["issued"] = self.issued.iso
            values["issuing_unit"] = self.issuing_unit
        for number in self.personal_numbers[:1]:
            values["personal_number"] = number.value
            values["personal_number_kind"] = f"{number.kind}, national"
            values["personal_number_contradicts"] = ", ".join(number.contradictions)
        return values

    @property
    def printed(self) -> dict[str, str]:
        """The characters as they stand in the zone, fillers too, by the names of `fields` that have a place
        of their own; surname and given names share the field `names`."""
        values = {
            "code": self.code.printed,
            "issuer": self.issuer.printed,
            "number": self.number.printed,
            "nationality": self.nationality.printed,
            "names": self.names.printed,
            "birth": self.birth.printed,
            "sex": self.sex.printed,
        }
        if self.expiry is not None:
            values["expiry"] = self.expiry.printed
        for place, text in enumerate(self.optional, 1):
            values[f"optional_{place}"] = text.printed
        if self.issued is not None:
            values["issued"] = self.issued.printed
        return values
