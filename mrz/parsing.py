"""Lines of text in, a document out.

Shape and alphabet are conditions: lines that break them are no zone and raise `MrzError`.  Everything that
a printed zone can have wrong (check digits, impossible dates, unknown codes) is reported in the document,
because the lane has to see it: a document that fails its own check digits is evidence.
"""

from collections.abc import Sequence
from datetime import date

from mrz import codes, russian
from mrz.check_digits import ALPHABET, FILLER, check_digit
from mrz.dates import MrzDate, parse_date
from mrz.document import CheckDigit, Document, Names, Remark, Text
from mrz.errors import MrzError
from mrz.layouts import LAYOUTS, CheckPlace, Format, Layout, layout_of
from mrz.national import personal_numbers

_ALLOWED = frozenset(ALPHABET + FILLER)
_SHAPES = ", ".join(
    dict.fromkeys(f"{layout.line_count} lines of {layout.width}" for layout in LAYOUTS.values())
)


def parse(lines: str | Sequence[str], *, reference: date | None = None) -> Document:
    """The document that the lines state, by ICAO Doc 9303-3 to -7.

    `lines` are two or three lines of `A-Z 0-9 <`, or one text with line breaks; space around a line and
    empty lines are ignored.  `reference` is the date against which centuries are chosen (today, or the day
    of the reading), by the rules in `mrz.dates.CENTURY_RULES`; without it years keep an unknown century.

    Raises MrzError when the lines have no format's shape or a character outside the alphabet; nothing else.
    """
    checked = checked_lines(lines)
    layout = layout_of(checked)
    if layout is None:
        found = " + ".join(str(len(line)) for line in checked) or "nothing"
        raise MrzError(f"no format has this shape: found {found} characters, expected {_SHAPES}")
    if layout.format is Format.TD3 and checked[0].startswith("PNRUS"):
        return _Parser(checked, layout, reference).russian_internal_passport()
    if layout.format is Format.FR_ID:
        return _Parser(checked, layout, reference).old_french_card()
    return _Parser(checked, layout, reference).document()


def checked_lines(lines: str | Sequence[str]) -> tuple[str, ...]:
    """The lines without the space around them and without empty ones.  Raises MrzError on a character
    outside `A-Z 0-9 <`; the shape is not looked at."""
    given = lines.splitlines() if isinstance(lines, str) else lines
    checked = tuple(stripped for line in given if (stripped := line.strip()))
    for number, line in enumerate(checked, 1):
        for column, character in enumerate(line, 1):
            if character not in _ALLOWED:
                raise MrzError(f"{character!r} is not in A-Z 0-9 <", line=number, column=column)
    return checked


class _Parser:
    """One zone on its way to a document: gathers remarks and check digits as fields are understood."""

    def __init__(self, lines: tuple[str, ...], layout: Layout, reference: date | None) -> None:
        self.lines = lines
        self.layout = layout
        self.reference = reference
        self.remarks: list[Remark] = []

    def document(self) -> Document:
        number, optional, number_check = self._number()
        checks = tuple(
            number_check if place.field == "number" and number_check else self._check(place)
            for place in self.layout.checks
        )
        return self._assemble(
            number=number,
            names=self._names(self._printed("names")),
            expiry=self._date("expiry"),
            optional=optional,
            check_digits=checks,
        )

    def russian_internal_passport(self) -> Document:
        """Orders MVD 851/2017 and 773/2020: the series' fourth digit, issue date and unit in the optional
        data, no expiry, digits in names."""
        line = self.lines[1]
        names = self._names(self._printed("names"), digits=russian.DIGITS)
        number = Text(line[0:9], (line[0:3] + line[28] + line[3:9]).replace(FILLER, ""))
        self._remark_empty_number(number)
        return self._assemble(
            number=number,
            names=Names(
                names.printed,
                names.primary,
                names.secondary,
                names.truncated,
                russian.decode(names.primary),
                russian.decode(names.secondary),
            ),
            expiry=self._date("expiry") if line[21:27].strip(FILLER) else None,
            optional=(),
            check_digits=tuple(self._check(place) for place in self.layout.checks),
            issued=self._parsed_date(line[29:35], "issued"),
            issuing_unit=line[35:41].replace(FILLER, ""),
        )

    def old_french_card(self) -> Document:
        """2 x 36, 1988 to 2021: surname and given names on different lines, issued to nationals only."""
        surname, given = self._printed("names"), self._printed("given_names")
        if any(character.isdigit() for character in surname + given):
            self._remark("digit_in_name", "names")
        if not surname.strip(FILLER):
            self._remark("no_primary_name", "names")
        number = self._text("number")
        self._remark_empty_number(number)
        return self._assemble(
            number=number,
            names=Names(
                surname + given,
                _components(surname),
                _components(given),
                not (surname.endswith(FILLER) and given.endswith(FILLER)),
            ),
            expiry=None,
            optional=(self._text("optional_1"),),
            check_digits=tuple(self._check(place) for place in self.layout.checks),
            nationality=Text("", "FRA"),
        )

    def _assemble(
        self,
        *,
        number: Text,
        names: Names,
        expiry: MrzDate | None,
        optional: tuple[Text, ...],
        check_digits: tuple[CheckDigit, ...],
        nationality: Text | None = None,
        issued: MrzDate | None = None,
        issuing_unit: str = "",
    ) -> Document:
        code = self._text("code")
        issuer = self._state("issuer")
        birth = self._date("birth")
        sex = self._sex()
        if not codes.fits_layout(code.value, self.layout.format):
            self._remark("unknown_document_code", "code")
        numbers = personal_numbers(
            issuer.value, tuple(text.printed for text in optional), birth.printed, sex.value
        )
        if any(personal.contradicts for personal in numbers):
            self._remark("personal_number_differs", "optional_1")
        nationality = nationality or self._state("nationality")
        return Document(
            format=self.layout.format,
            lines=self.lines,
            code=code,
            issuer=issuer,
            number=number,
            nationality=nationality,
            names=names,
            birth=birth,
            sex=sex,
            expiry=expiry,
            optional=optional,
            check_digits=check_digits,
            remarks=tuple(dict.fromkeys(self.remarks)),
            personal_numbers=numbers,
            issued=issued,
            issuing_unit=issuing_unit,
        )

    def _remark(self, code: str, field: str) -> None:
        self.remarks.append(Remark(code, field))

    def _remark_empty_number(self, number: Text) -> None:
        if not number.value:
            self._remark("empty_number", "number")

    def _printed(self, field: str) -> str:
        return self.layout.fields[field].of(self.lines)

    def _text(self, field: str) -> Text:
        printed = self._printed(field)
        return Text(printed, _components(printed))

    def _state(self, field: str) -> Text:
        printed = self._printed(field)
        value = printed.rstrip(FILLER)
        if any(character.isdigit() for character in value):
            self._remark("not_a_letter", field)
        elif codes.is_specimen(value):
            self._remark("specimen", field)
        elif codes.is_former_state(value):
            self._remark("old_state_code", field)
        elif codes.state_name(value) is None:
            self._remark("unknown_state", field)
        return Text(printed, value)

    def _sex(self) -> Text:
        printed = self._printed("sex")
        if printed not in "MF<":
            self._remark("not_a_sex", "sex")
        return Text(printed, printed if printed in "MF" else "")

    def _date(self, field: str) -> MrzDate:
        return self._parsed_date(self._printed(field), field)

    def _parsed_date(self, printed: str, field: str) -> MrzDate:
        parsed = parse_date(printed, field, self.reference)
        if not parsed.possible:
            self._remark("impossible_date", field)
        return parsed

    def _names(self, printed: str, digits: str = "") -> Names:
        """Doc 9303-3, 4.6: primary `<<` secondary, components split by one filler; `digits` are the digits
        that may stand in names."""
        if any(character.isdigit() and character not in digits for character in printed):
            self._remark("digit_in_name", "names")
        text = printed.rstrip(FILLER)
        primary, separator, secondary = text.partition(FILLER * 2)
        if not text:
            self._remark("empty_names", "names")
        elif not primary:
            self._remark("no_primary_name", "names")
        elif not separator and FILLER in text and text != printed:
            self._remark("names_without_separator", "names")
        if FILLER * 2 in secondary.lstrip(FILLER):
            self._remark("names_split_again", "names")
        return Names(printed, _components(primary), _components(secondary), not printed.endswith(FILLER))

    def _number(self) -> tuple[Text, tuple[Text, ...], CheckDigit | None]:
        """Number, optional data without what belongs to it, and the check digit of a long number.

        Doc 9303-5 note j and 9303-6: of more than nine characters the first nine stay, a filler stands in
        the check digit's place, and the rest with the check digit opens the optional data.
        """
        optional = [
            self._printed(field) for field in ("optional_1", "optional_2") if field in self.layout.fields
        ]
        printed = self._printed("number")
        check: CheckDigit | None = None
        place = next(place for place in self.layout.checks if place.field == "number")
        tail = optional[0].partition(FILLER)[0]
        if (
            self.layout.format in (Format.TD1, Format.TD2)
            and place.at.of(self.lines) == FILLER
            and FILLER not in printed
            and len(tail) >= 2
        ):
            printed += tail[:-1]
            at = self.layout.fields["optional_1"]
            expected = check_digit(printed)
            check = CheckDigit(
                "number", at.line, at.first + len(tail) - 1, expected, tail[-1], expected == tail[-1]
            )
            optional[0] = optional[0][len(tail) + 1 :]
        number = Text(printed, printed.replace(FILLER, ""))
        self._remark_empty_number(number)
        if FILLER in printed.strip(FILLER) or (printed.startswith(FILLER) and number.value):
            self._remark("filler_inside", "number")
        return number, tuple(Text(text, _components(text)) for text in optional), check

    def _check(self, place: CheckPlace) -> CheckDigit:
        data = "".join(part.of(self.lines) for part in place.over)
        expected, found = check_digit(data), place.at.of(self.lines)
        holds = found == expected
        if found == FILLER and not data.strip(FILLER):
            # Doc 9303-4 allows it over empty optional data; for dates some issuers print it all the same.
            holds = True
            if place.field != "optional_1":
                self._remark("filler_check_digit", place.field)
        return CheckDigit(place.field, place.at.line, place.at.first, expected, found, holds)


def _components(printed: str) -> str:
    """Words of a field: runs of fillers become one space."""
    return " ".join(word for word in printed.split(FILLER) if word)
