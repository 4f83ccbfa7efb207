"""A document's data in, the lines of a correct zone out: the opposite of parsing, for all formats."""

from dataclasses import dataclass
from datetime import date

from mrz import russian
from mrz.check_digits import ALPHABET, FILLER, check_digit
from mrz.dates import print_date
from mrz.document import Document
from mrz.errors import MrzError
from mrz.layouts import LAYOUTS, CheckPlace, Format, Layout, Place


@dataclass(frozen=True, slots=True)
class Fields:
    """What a zone states, before it is laid out.

    Names are Latin letters with spaces, hyphens and apostrophes (transliterate first: `mrz.names`); for the
    Russian internal passport (`code` "PN", `issuer` "RUS", TD3) they may be Cyrillic, the number has the
    series' four digits and six more, and `issued` and `issuing_unit` are printed.  Dates are a `date` or the
    six printed characters (`74<<<<` for a year alone); an empty one is printed as fillers.  `sex` is `M`, `F`
    or "".  On the old French card `optional_1` is department and office, and there is no expiry.
    """

    format: Format
    code: str
    issuer: str
    number: str
    nationality: str
    surname: str
    given_names: str
    birth: date | str
    sex: str
    expiry: date | str = ""
    optional_1: str = ""
    optional_2: str = ""
    issued: date | str = ""
    issuing_unit: str = ""


def format_lines(document: Fields | Document) -> tuple[str, ...]:
    """Two or three lines with all check digits, by ICAO Doc 9303-3 to -7.

    Names that do not fit are shortened as Doc 9303-4, 4.2.3 asks: something of the given names always shows,
    and the field's last position then holds a letter.  The check digit over empty optional data is printed
    as `0`, which every reader accepts.  Raises MrzError, naming the field, for what can't be printed.
    """
    fields = document if isinstance(document, Fields) else _fields_of(document)
    layout = LAYOUTS[fields.format]
    sheet = [[FILLER] * layout.width for _ in range(layout.line_count)]
    texts = _russian_texts(fields) if _is_russian_internal(fields) else _texts(fields, layout)
    for field, text in texts.items():
        place = layout.fields[field]
        _put(sheet, place, text, field)
    long_tail = _long_tail(fields, layout)
    for check in layout.checks:
        if check.field == "number" and long_tail:
            continue
        digit = check_digit(_joined(sheet, check))
        if _is_russian_internal(fields) and check.field == "expiry":
            digit = FILLER
        _put(sheet, check.at, digit, check.field)
    return tuple("".join(line) for line in sheet)


def _texts(fields: Fields, layout: Layout) -> dict[str, str]:
    """Printed text by field; shorter than its place where fillers follow."""
    tail = _long_tail(fields, layout)
    number = _plain(fields.number, "number")
    optional_1 = _plain(fields.optional_1, "optional_1")
    texts = {
        "code": _plain(fields.code, "code"),
        "issuer": _plain(fields.issuer, "issuer"),
        "number": number[:9] if tail else number,
        "birth": _date(fields.birth, "birth"),
        "sex": fields.sex,
        "optional_1": f"{tail}{FILLER}{optional_1}".rstrip(FILLER) if tail else optional_1,
    }
    if layout.format is Format.FR_ID:
        texts["names"] = _name(fields.surname, "surname")[: len(layout.fields["names"])]
        texts["given_names"] = _name(fields.given_names, "given_names")[: len(layout.fields["given_names"])]
        return texts
    texts["names"] = join_names(
        _name(fields.surname, "surname"),
        _name(fields.given_names, "given_names"),
        len(layout.fields["names"]),
    )
    texts["nationality"] = _plain(fields.nationality, "nationality")
    texts["expiry"] = _date(fields.expiry, "expiry")
    if "optional_2" in layout.fields:
        texts["optional_2"] = _plain(fields.optional_2, "optional_2")
    elif fields.optional_2:
        raise MrzError(f"optional_2: {layout.format} has one field of optional data only")
    return texts


def join_names(primary: str, secondary: str, room: int) -> str:
    """Both identifiers in a field of `room` characters, shortened as Doc 9303-4, 4.2.3 asks where needed.

    `primary` and `secondary` have their components split by one filler.
    """
    whole = f"{primary}{FILLER * 2}{secondary}" if secondary else primary
    if len(whole) <= room:
        return whole
    if secondary and len(primary) > room - 3:
        # One letter of the given names is kept, so that the reader sees that there are some.
        return f"{_cut(primary, room - 3)}{FILLER * 2}{secondary[0]}"
    return _cut(whole, room)


def _cut(text: str, room: int) -> str:
    """The first `room` characters, the last of them a letter: that says that something is missing.

    Where the cut falls on a border, the last component of two letters or more gives one up, so that the next
    component's initial moves in.
    """
    if not text[:room].endswith(FILLER):
        return text[:room]
    for place in range(room - 1, 0, -1):
        if FILLER not in text[place - 1 : place + 1]:
            return (text[:place] + text[place + 1 :])[:room]
    return text[:room]


def _is_russian_internal(fields: Fields) -> bool:
    return fields.format is Format.TD3 and (fields.code, fields.issuer) == ("PN", "RUS")


def _russian_texts(fields: Fields) -> dict[str, str]:
    """Orders MVD 851/2017 and 773/2020: see `mrz.russian` and the parser."""
    number = _plain(fields.number, "number")
    if len(number) != 10 or not number.isdigit():
        raise MrzError("number: expected the series' four digits and six more")
    surname = _name(russian.encode(fields.surname), "surname")
    *given, last = [_name(word, "given_names") for word in russian.encode(fields.given_names).split()] or [""]
    names = f"{surname}{FILLER * 2}{FILLER.join(given or [last])}"
    if given:
        # Surname and name stay whole up to 37 characters; else they are cut there and the patronymic's
        # initial follows.
        names = f"{_cut(names, 37)}{FILLER}{last if len(names) <= 37 else last[0]}"
    unit = _plain(fields.issuing_unit, "issuing_unit").replace(FILLER, "")
    return {
        "code": fields.code,
        "issuer": fields.issuer,
        "names": names[:39],
        "number": number[0:3] + number[4:10],
        "nationality": _plain(fields.nationality, "nationality"),
        "birth": _date(fields.birth, "birth"),
        "sex": fields.sex,
        "expiry": _date(fields.expiry, "expiry"),
        "optional_1": number[3] + _date(fields.issued, "issued") + unit,
    }


def _long_tail(fields: Fields, layout: Layout) -> str:
    """What of a number over nine characters opens the optional data, with its check digit; else ""."""
    number = _plain(fields.number, "number")
    if len(number) <= 9 or layout.format not in (Format.TD1, Format.TD2):
        return ""
    if FILLER in number:
        raise MrzError("number: a number over nine characters can't hold a space or hyphen")
    return number[9:] + check_digit(number)


def _fields_of(document: Document) -> Fields:
    optional = [text.printed.rstrip(FILLER) for text in document.optional]
    russian_internal = document.lines[0].startswith("PNRUS")
    number = document.number.value if russian_internal else document.number.printed.rstrip(FILLER)
    return Fields(
        format=document.format,
        code=document.code.value,
        issuer=document.issuer.value,
        number=number,
        nationality=document.nationality.value,
        surname=document.names.primary,
        given_names=document.names.secondary,
        birth=document.birth.printed,
        sex=document.sex.value,
        expiry=document.expiry.printed if document.expiry else "",
        optional_1=optional[0] if optional else "",
        optional_2=optional[1] if len(optional) > 1 else "",
        issued=document.issued.printed if document.issued else "",
        issuing_unit=document.issuing_unit,
    )


def _joined(sheet: list[list[str]], check: CheckPlace) -> str:
    lines = tuple("".join(line) for line in sheet)
    return "".join(place.of(lines) for place in check.over)


def _put(sheet: list[list[str]], place: Place, text: str, field: str) -> None:
    if len(text) > len(place):
        raise MrzError(f"{field}: {len(text)} characters, room for {len(place)}")
    sheet[place.line - 1][place.first - 1 : place.first - 1 + len(text)] = text


def _plain(text: str, field: str) -> str:
    """Upper case, spaces and hyphens as fillers (Doc 9303-3, 4.6)."""
    plain = text.upper().replace(" ", FILLER).replace("-", FILLER)
    for character in plain:
        if character not in ALPHABET + FILLER:
            raise MrzError(f"{field}: {character!r} can't be printed in a zone; transliterate it first")
    return plain


def _name(text: str, field: str) -> str:
    """Components split by one filler, apostrophes dropped."""
    plain = _plain(text.translate({ord(mark): None for mark in "'’ʻʼ`"}), field)
    return FILLER.join(part for part in plain.split(FILLER) if part)


def _date(day: date | str, field: str) -> str:
    if isinstance(day, date):
        return print_date(day)
    if day and len(day) != 6:
        raise MrzError(f"{field}: a date has six characters, found {len(day)}")
    return _plain(day, field) or FILLER * 6
