"""Where each field stands: the formats of ICAO Doc 9303-4 to -7 and the old French card, as tables.

Lines, columns and ranges count from 1 and include both ends, as the standard's own tables do.
"""

from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    """The shape of a zone; the value is what configuration, JSON and events say."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRV_A = "MRV-A"
    MRV_B = "MRV-B"
    FR_ID = "FR-ID"


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `first` to `last` of `line`."""

    line: int
    first: int
    last: int

    def of(self, lines: tuple[str, ...]) -> str:
        return lines[self.line - 1][self.first - 1 : self.last]

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class CheckPlace:
    """A check digit: where it stands and what it is computed over, joined in this order."""

    field: str
    at: Place
    over: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    format: Format
    line_count: int
    width: int
    fields: dict[str, Place]
    checks: tuple[CheckPlace, ...]

    def covered(self, line: int, column: int) -> bool:
        """Whether some check digit is computed over this character."""
        return any(
            place.line == line and place.first <= column <= place.last
            for check in self.checks
            for place in check.over
        )

    def covers(self, field: str) -> bool:
        """Whether check digits are computed over every character of the field."""
        place = self.fields[field]
        return all(self.covered(place.line, column) for column in range(place.first, place.last + 1))


def _check(field: str, at: tuple[int, int], *over: tuple[int, int, int]) -> CheckPlace:
    line, column = at
    return CheckPlace(field, Place(line, column, column), tuple(Place(*place) for place in over))


def _second_line(width: int, optional_last: int, names_last: int) -> dict[str, Place]:
    """The fields that TD2, TD3, MRV-A and MRV-B share (9303-4, -6, -7)."""
    return {
        "code": Place(1, 1, 2),
        "issuer": Place(1, 3, 5),
        "names": Place(1, 6, names_last),
        "number": Place(2, 1, 9),
        "nationality": Place(2, 11, 13),
        "birth": Place(2, 14, 19),
        "sex": Place(2, 21, 21),
        "expiry": Place(2, 22, 27),
        "optional_1": Place(2, 29, optional_last),
    }


_SHARED_CHECKS = (
    _check("number", (2, 10), (2, 1, 9)),
    _check("birth", (2, 20), (2, 14, 19)),
    _check("expiry", (2, 28), (2, 22, 27)),
)

LAYOUTS: dict[Format, Layout] = {
    Format.TD1: Layout(
        Format.TD1,
        3,
        30,
        {
            "code": Place(1, 1, 2),
            "issuer": Place(1, 3, 5),
            "number": Place(1, 6, 14),
            "optional_1": Place(1, 16, 30),
            "birth": Place(2, 1, 6),
            "sex": Place(2, 8, 8),
            "expiry": Place(2, 9, 14),
            "nationality": Place(2, 16, 18),
            "optional_2": Place(2, 19, 29),
            "names": Place(3, 1, 30),
        },
        (
            _check("number", (1, 15), (1, 6, 14)),
            _check("birth", (2, 7), (2, 1, 6)),
            _check("expiry", (2, 15), (2, 9, 14)),
            _check("composite", (2, 30), (1, 6, 30), (2, 1, 7), (2, 9, 15), (2, 19, 29)),
        ),
    ),
    Format.TD2: Layout(
        Format.TD2,
        2,
        36,
        _second_line(36, 35, 36),
        (*_SHARED_CHECKS, _check("composite", (2, 36), (2, 1, 10), (2, 14, 20), (2, 22, 35))),
    ),
    Format.TD3: Layout(
        Format.TD3,
        2,
        44,
        _second_line(44, 42, 44),
        (
            *_SHARED_CHECKS,
            _check("optional_1", (2, 43), (2, 29, 42)),
            _check("composite", (2, 44), (2, 1, 10), (2, 14, 20), (2, 22, 43)),
        ),
    ),
    # Visas have neither a composite nor a check digit over optional data: weaker than any other format.
    Format.MRV_A: Layout(Format.MRV_A, 2, 44, _second_line(44, 44, 44), _SHARED_CHECKS),
    Format.MRV_B: Layout(Format.MRV_B, 2, 36, _second_line(36, 36, 36), _SHARED_CHECKS),
    # French identity card 1988 to 2021: surname and given names on different lines, no expiry, and one check
    # digit over everything before it.
    Format.FR_ID: Layout(
        Format.FR_ID,
        2,
        36,
        {
            "code": Place(1, 1, 2),
            "issuer": Place(1, 3, 5),
            "names": Place(1, 6, 30),
            "optional_1": Place(1, 31, 36),
            "number": Place(2, 1, 12),
            "given_names": Place(2, 14, 27),
            "birth": Place(2, 28, 33),
            "sex": Place(2, 35, 35),
        },
        (
            _check("number", (2, 13), (2, 1, 12)),
            _check("birth", (2, 34), (2, 28, 33)),
            _check("composite", (2, 36), (1, 1, 36), (2, 1, 35)),
        ),
    ),
}


def layout_of(lines: tuple[str, ...]) -> Layout | None:
    """The layout that these lines have, by count, width and the first characters; None for no layout."""
    widths = {len(line) for line in lines}
    if len(lines) == 3 and widths == {30}:
        return LAYOUTS[Format.TD1]
    if len(lines) != 2 or len(widths) != 1:
        return None
    visa = lines[0].startswith("V")
    if widths == {44}:
        return LAYOUTS[Format.MRV_A if visa else Format.TD3]
    if widths == {36}:
        # The French card of today is a TD1, so these letters on two lines are always the old card.
        if lines[0].startswith("IDFRA"):
            return LAYOUTS[Format.FR_ID]
        return LAYOUTS[Format.MRV_B if visa else Format.TD2]
    return None
