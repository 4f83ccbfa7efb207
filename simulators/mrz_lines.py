"""Machine readable zones of the documents that simulated travellers carry.

Written from ICAO Doc 9303, parts 3 (4.9: check digits), 4 (TD3), 5 (TD1), 6 (TD2) and 7 (visas), and for the
Russian internal passport from order MVD 851/2017, apart from whatever reads them.
"""

from dataclasses import dataclass

FORMATS = ("TD1", "TD2", "TD3", "MRV-A", "MRV-B")

_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {
    "<": 0
}
_WEIGHTS = (7, 3, 1)


def check_digit(field: str) -> str:
    """The check digit over `field` (9303-3, 4.9).  Raises ValueError on a character outside A-Z, 0-9, `<`."""
    try:
        total = sum(_VALUES[character] * _WEIGHTS[place % 3] for place, character in enumerate(field))
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} in {field!r} has no place in an MRZ") from None
    return str(total % 10)


@dataclass(frozen=True, slots=True)
class Fields:
    """What a document states, before it is laid out.

    `code` is the document code (`P`, `PO`, `ID`, `V` ...), dates are YYMMDD with `<` for unknown parts,
    `sex` is M, F or `<`; `optional` is the (first) optional data field.  Names are in MRZ letters, parts
    separated by spaces.
    """

    code: str
    issuer: str
    number: str
    nationality: str
    surname: str
    given_names: str
    birth: str
    sex: str
    expiry: str
    optional: str = ""


def _fill(text: str, width: int) -> str:
    """`text` in `width` places, filled with `<`; a longer one is an error, never cut in silence."""
    if len(text) > width:
        raise ValueError(f"{text!r} does not fit into {width} places")
    return text.ljust(width, "<")


def names_field(surname: str, given_names: str, width: int) -> str:
    """Primary `<<` secondary, cut at the field's end (9303-4, 4.2.3)."""
    primary, secondary = surname.replace(" ", "<"), given_names.replace(" ", "<")
    return (f"{primary}<<{secondary}" if secondary else primary)[:width].ljust(width, "<")


def _number(number: str, optional: str) -> tuple[str, str, str]:
    """Number, its check digit and optional data; a number over nine places runs on (9303-5, note j)."""
    if len(number) <= 9:
        field = _fill(number, 9)
        return field, check_digit(field), optional
    return number[:9], "<", number[9:] + check_digit(number) + "<" + optional


def td3(fields: Fields) -> tuple[str, str]:
    """A passport page, 2 x 44.  The check digit over empty optional data is `<` (9303-4 allows 0 or `<`)."""
    number = _fill(fields.number, 9)
    optional = _fill(fields.optional, 14)
    optional_digit = check_digit(optional) if fields.optional else "<"
    head = number + check_digit(number)
    birth, expiry = fields.birth + check_digit(fields.birth), fields.expiry + check_digit(fields.expiry)
    composite = check_digit(head + birth + expiry + optional + optional_digit)
    first = (
        _fill(fields.code, 2) + _fill(fields.issuer, 3) + names_field(fields.surname, fields.given_names, 39)
    )
    second = head + _fill(fields.nationality, 3) + birth + fields.sex + expiry + optional
    return first, second + optional_digit + composite


def td1(fields: Fields, optional_2: str = "") -> tuple[str, str, str]:
    """An identity card, 3 x 30."""
    number, digit, optional = _number(fields.number, fields.optional)
    first = _fill(fields.code, 2) + _fill(fields.issuer, 3) + number + digit + _fill(optional, 15)
    birth, expiry = fields.birth + check_digit(fields.birth), fields.expiry + check_digit(fields.expiry)
    second = birth + fields.sex + expiry + _fill(fields.nationality, 3) + _fill(optional_2, 11)
    composite = check_digit(first[5:] + birth + expiry + second[18:29])
    return first, second + composite, names_field(fields.surname, fields.given_names, 30)


def _two_lines(fields: Fields, width: int) -> tuple[str, str, str, str, str]:
    number, digit, optional = _number(fields.number, fields.optional)
    first = _fill(fields.code, 2) + _fill(fields.issuer, 3)
    first += names_field(fields.surname, fields.given_names, width - 5)
    birth, expiry = fields.birth + check_digit(fields.birth), fields.expiry + check_digit(fields.expiry)
    return first, number + digit, birth, expiry, optional


def td2(fields: Fields) -> tuple[str, str]:
    """An official travel document, 2 x 36."""
    first, head, birth, expiry, optional = _two_lines(fields, 36)
    optional = _fill(optional, 7)
    second = head + _fill(fields.nationality, 3) + birth + fields.sex + expiry + optional
    return first, second + check_digit(head + birth + expiry + optional)


def visa(fields: Fields, form: str = "MRV-A") -> tuple[str, str]:
    """A visa, 2 x 44 (`MRV-A`) or 2 x 36 (`MRV-B`): no composite, no check digit over optional data."""
    width = {"MRV-A": 44, "MRV-B": 36}[form]
    first, head, birth, expiry, optional = _two_lines(fields, width)
    second = head + _fill(fields.nationality, 3) + birth + fields.sex + expiry
    return first, second + _fill(optional, width - len(second))


# Order MVD 851/2017, "modernised CLEAR": reversible, so some letters become digits.
_CLEAR = dict(
    zip(
        "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
        "ABVGDE2JZIQKLMNOPRSTUFHC34WXY9678",
        strict=True,
    )
)


def clear(name: str) -> str:
    """A Cyrillic name in the letters (and digits) of the Russian internal passport's MRZ."""
    return "".join(_CLEAR.get(letter, letter) for letter in name.upper())


def russian_internal(
    surname: str,
    name: str,
    patronymic: str,
    series: str,
    number: str,
    birth: str,
    sex: str,
    issued: str,
    unit: str,
) -> tuple[str, str]:
    """A Russian internal passport's page, TD3 shape, without an expiry.

    Names in Cyrillic; `series` four digits, `number` six, `unit` six, dates YYMMDD.
    """
    names = f"{clear(surname)}<<{clear(name)}<{clear(patronymic)}"[:39]
    head = series[:3] + number + check_digit(series[:3] + number)
    dated = birth + check_digit(birth)
    expiry = "<<<<<<<"
    optional = _fill(series[3] + issued + unit, 14)
    optional_digit = check_digit(optional)
    composite = check_digit(head + dated + expiry + optional + optional_digit)
    return "PNRUS" + _fill(names, 39), f"{head}RUS{dated}{sex}{expiry}{optional}{optional_digit}{composite}"
