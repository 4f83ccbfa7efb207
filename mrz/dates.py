"""Dates of an MRZ: six characters YYMMDD, parts that may be unknown, and the century they do not state.

A zone states two digits of the year, so the century is a rule and not data.  This package has no clock: the
rule is applied against a reference date that the caller gives, and without one the century stays unknown.
"""

from dataclasses import dataclass
from datetime import date

UNKNOWN = "<<"

CENTURY_RULES = {
    "birth": "the latest year that does not lie after the reference date",
    "issued": "the latest year that does not lie after the reference date",
    "expiry": "the year from 50 years before to 49 years after the reference date",
}
"""How the century is chosen, by field; stated wherever a full year is shown."""


@dataclass(frozen=True, slots=True)
class MrzDate:
    """A date as printed and as understood.

    `year` is the full year, None while the century or the year itself is unknown; `year_in_century`, `month`
    and `day` are None where the document prints `<<` (ICAO Doc 9303-3, 4.8).  `possible` is False when the
    characters are no date at all (a letter, a thirteenth month): then all parts are None.
    """

    printed: str
    year: int | None = None
    year_in_century: int | None = None
    month: int | None = None
    day: int | None = None
    possible: bool = True

    @property
    def stated(self) -> bool:
        """Whether any part of it is printed; an all-filler date states nothing."""
        return any(part is not None for part in (self.year_in_century, self.month, self.day))

    @property
    def iso(self) -> str:
        """ISO 8601 with `XX` for what is unknown: `1974-08-12`, `XX74-08-12`, `1974-XX-XX`."""
        if self.year is not None:
            year = f"{self.year:04}"
        else:
            year = "XX" + ("XX" if self.year_in_century is None else f"{self.year_in_century:02}")
        month = "XX" if self.month is None else f"{self.month:02}"
        day = "XX" if self.day is None else f"{self.day:02}"
        return f"{year}-{month}-{day}"

    def earliest(self) -> date | None:
        """The first day it can mean; None when the year is unknown."""
        if self.year is None:
            return None
        return date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date | None:
        """The last day it can mean; None when the year is unknown.  A document is valid through it."""
        if self.year is None:
            return None
        month = self.month or 12
        return date(self.year, month, self.day or _days(self.year, month))


def parse_date(printed: str, field: str, reference: date | None) -> MrzDate:
    """Six characters of a zone as a date; `field` (`birth`, `expiry`, `issued`) chooses the century rule.

    Never raises: what is no date comes back with `possible` False.
    """
    impossible = MrzDate(printed, possible=False)
    parts: list[int | None] = []
    for pair in (printed[0:2], printed[2:4], printed[4:6]):
        if pair == UNKNOWN:
            parts.append(None)
        elif len(pair) == 2 and pair.isascii() and pair.isdigit():
            parts.append(int(pair))
        else:
            return impossible
    year_in_century, month, day = parts
    if month is not None and not 1 <= month <= 12:
        return impossible
    # Without a known century or month the day is held against the longest month that is possible.
    longest = _days(2000 + (year_in_century or 0), month or 1)
    if day is not None and not 1 <= day <= longest:
        return impossible
    year = None
    if year_in_century is not None and reference is not None:
        year = _full_year(year_in_century, month, day, field, reference)
        if year is None:
            return impossible
    return MrzDate(printed, year, year_in_century, month, day)


def _full_year(
    year_in_century: int, month: int | None, day: int | None, field: str, reference: date
) -> int | None:
    """The year that the rule of `field` chooses; None when the date does not exist in any such year."""
    for century in (reference.year // 100 + 1, reference.year // 100, reference.year // 100 - 1):
        year = century * 100 + year_in_century
        if not 1 <= year <= 9999 or (day is not None and day > _days(year, month or 1)):
            continue
        if field == "expiry":
            if -50 <= year - reference.year <= 49:
                return year
        elif date(year, month or 1, day or 1) <= reference:
            return year
    return None


def _days(year: int, month: int) -> int:
    """Days of a month (`calendar.monthrange` without the cost of importing it)."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def print_date(day: date) -> str:
    """The six characters that state `day`."""
    return day.strftime("%y%m%d")
