"""Dates in the print of a page, in the orders and languages in which documents print them."""

import re
from collections.abc import Iterator
from datetime import date

from mrz.visual.recognising import Word

MONTHS = (
    ("JAN", "ЯНВ", "ҚАҢ", "YAN"),
    ("FEB", "ФЕВ", "АҚП", "FEW"),
    ("MAR", "МАР", "НАУ", "MART"),
    ("APR", "АПР", "СӘУ"),
    ("MAY", "МАЙ", "МАМ", "MAÝ"),
    ("JUN", "ИЮН", "МАУ", "IYUN"),
    ("JUL", "ИЮЛ", "ШІЛ", "IYUL"),
    ("AUG", "АВГ", "ТАМ", "AVG", "AWG"),
    ("SEP", "СЕН", "ҚЫР", "SENT"),
    ("OCT", "ОКТ", "ҚАЗ", "OKT"),
    ("NOV", "НОЯ", "ҚАР", "NOYA", "NOÝ"),
    ("DEC", "ДЕК", "ЖЕЛ", "DEK"),
)
"""Beginnings of the months' names: English, Russian, Kazakh, Uzbek and Turkmen (general knowledge)."""
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[ ./-]{1,2}(\d{1,2})[ ./-]{1,2}(\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?!\d)")
_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})[ ./-]{0,2}([^\W\d_]{3,})(?:\s?/\s?[^\W\d_]{3,})?[ ./-]{0,2}(\d{4}|\d{2})(?!\d)"
)


def dates_in(words: tuple[Word, ...]) -> Iterator[tuple[date, float, str]]:
    """Each date, the least of its words' figures, and its text.  Two digits of a year give both centuries."""
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    for line in lines.values():
        text = " ".join(word.text for word in line).upper()
        for pattern, order in ((_ISO, (0, 1, 2)), (_NUMBERS, (2, 1, 0)), (_NAMED, (2, 1, 0))):
            for match in pattern.finditer(text):
                year, month, day = (match.groups()[place] for place in order)
                sure = min((word.sure for word in line if word.text.upper() in match.group()), default=0.0)
                if len(day) < 2:
                    sure = 0.0  # documents print two digits: one of them was lost
                for found in _dates(year, _month(month), day):
                    yield found, sure, match.group()


def _month(text: str) -> int:
    """1 to 12; 0 for what is no month."""
    if text.isdigit():
        return int(text)
    return next((number for number, names in enumerate(MONTHS, 1) if text.startswith(names)), 0)


def _dates(year: str, month: int, day: str) -> Iterator[date]:
    for full in (int(year),) if len(year) == 4 else (1900 + int(year), 2000 + int(year)):
        try:
            yield date(full, month, int(day))
        except ValueError:
            continue
