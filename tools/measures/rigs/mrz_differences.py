"""Why other parsers of zones are wrong where they differ from ours: by parser, group of zones and field.

`REASONS` holds what was looked at; a difference that is not in it misses a target of `make measure`.
"""

_MVD = "orders MVD 851/2017 and 773/2020"
_NO_EXPIRY = f"refuses the filler for the check digit of a date that is not there ({_MVD})"
_SERIES = f"leaves out the series' fourth digit, which stands in the optional data ({_MVD})"
_NPM = {
    "Russian internal passport": {
        "accepted": "follows from the fields below",
        "checks": _NO_EXPIRY,
        "expiry": "gives the fillers as a date; there is none",
        "number": _SERIES,
        "given_names": "refuses the digits, which stand for Cyrillic letters there (Ч is 3)",
        "surname": "refuses the digits, which stand for Cyrillic letters there (Э is 6)",
    },
    "a state that is in no list": {
        "accepted": "refuses the zone; lists age, so an unknown state is a remark and no error",
        "issuer": "withholds what is printed",
        "nationality": "withholds what is printed",
    },
    "old French card": {
        "accepted": "follows from the number's parts",
        "nationality": "gives none; the card is issued to nationals only",
        "number": "gives the last five of twelve characters; the check digit is over all twelve",
    },
    "visa, MRV-A": {
        "accepted": "follows from the check digits",
        "checks": "reads a passport: takes optional data for two check digits that a visa has not (9303-7)",
    },
    "visa, MRV-B": {
        "accepted": "follows from the check digits",
        "checks": "reads a card: takes optional data for a composite that a visa has not (9303-7)",
    },
    "unknown parts of the birth date": {
        "accepted": "the visas among them are read as passports or cards",
        "checks": "the visas among them are read as passports or cards",
    },
    "worked example, state UTO": {
        "accepted": "does not know the standard's own specimen state",
        "checks": "reads the visa among them as a passport",
        "issuer": "does not know the standard's own specimen state",
        "nationality": "does not know the standard's own specimen state",
    },
}
_LONG = {
    "accepted": "follows from the check digits",
    "checks": "takes the filler of a long number for its check digit (9303-5 note j, 9303-6)",
    "number": "gives the first nine characters of a longer number (9303-5 note j, 9303-6)",
}
_UNKNOWN_FORMAT = "has no such format: reads a TD2"
_PYPI = {
    "Russian internal passport": {
        "accepted": "follows from the check digits, and refuses digits in names",
        "checks": _NO_EXPIRY,
        "expiry": "gives the fillers as a date; there is none",
        "number": _SERIES,
    },
    "a state that is in no list": {
        "accepted": "refuses the zone; lists age, so an unknown state is a remark and no error"
    },
    "crew member certificate": {"accepted": "refuses the code AC, which 9303-5 has"},
    "long number, TD1": _LONG,
    "long number, TD2": _LONG,
    "old French card": dict.fromkeys(
        ("accepted", "birth", "checks", "expiry", "given_names", "nationality", "number", "sex", "surname"),
        _UNKNOWN_FORMAT,
    ),
    "surname empty": {
        "accepted": "refuses a holder with one name that stands second, as Indian passports print it",
        "given_names": "gives the word None for it",
        "surname": "gives the word None for it",
    },
    "unknown parts of the birth date": {
        "accepted": "refuses fillers for unknown parts of a date (9303-3, 4.8)"
    },
    "worked example, state UTO": _LONG | {"accepted": "refuses the two long numbers among them"},
}
REASONS: dict[tuple[str, str, str], str] = {
    (parser, group, field): reason
    for parser, groups in (("npm", _NPM), ("pypi", _PYPI))
    for group, fields in groups.items()
    for field, reason in fields.items()
}
