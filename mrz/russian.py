"""The reversible letter code of the Russian internal passport (`PNRUS`).

Not ICAO's transliteration: one character stands for one letter, so that the Cyrillic name can be turned back
from the zone, and nine letters are written as digits.  Source: orders MVD 851/2017 and 773/2020; Й and Ч seen
in public text, the rest of the table is unverified general knowledge.
"""

_PAIRS = "АA БB ВV ГG ДD ЕE Ё2 ЖJ ЗZ ИI ЙQ КK ЛL МM НN ОO ПP РR СS ТT УU ФF ХH ЦC Ч3 Ш4 ЩW ЪX ЫY Ь9 Э6 Ю7 Я8"
TO_CODE = {pair[0]: pair[1] for pair in _PAIRS.split()}
FROM_CODE = {code: letter for letter, code in TO_CODE.items()}

DIGITS = "".join(code for code in FROM_CODE if code.isdigit())
"""The digits that are letters here; 0, 1 and 5 never stand in a name."""


def decode(text: str) -> str:
    """The Cyrillic spelling of a name in the code, spaces kept; "" when a character is not in the code."""
    letters = [" " if character == " " else FROM_CODE.get(character) for character in text]
    return "" if None in letters else "".join(letter or "" for letter in letters)


def encode(text: str) -> str:
    """A Cyrillic name in the code; anything else (spaces, Latin letters) is left as it is."""
    return "".join(TO_CODE.get(letter, letter) for letter in text.upper())
