"""National letters into the letters of a zone, by the dated tables in `mrz/data/transliteration.toml`.

One letter can become several, and one person can hold several spellings over the years: so the way back is a
guess and is never taken, and names are compared by sets of spellings (`mrz.names`).
"""

import tomllib
import unicodedata
from functools import cache
from itertools import islice, product
from pathlib import Path

from mrz.errors import MrzError

SPELLINGS_MAX = 64
"""Of one table: beyond that the rarer alternatives are left out."""
_DROPPED = "'’ʻʼ‘`´ʹ.ʿʾ"
_BETWEEN_WORDS = " -‐‑–,\u00a0"


@cache
def _tables() -> dict[str, dict[str, tuple[str, ...]]]:
    raw = tomllib.loads(Path(__file__).with_name("data").joinpath("transliteration.toml").read_text("utf-8"))
    tables: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, entries in raw.items():
        if not isinstance(entries, dict):
            continue
        table: dict[str, tuple[str, ...]] = {}
        for base in entries["based_on"]:
            table |= tables[base]
        table |= {
            letter: tuple(spelt.split()) or ("",) for letter, spelt in entries.items() if letter != "based_on"
        }
        tables[name] = table
    return tables


def tables() -> tuple[str, ...]:
    """Names of the tables, ICAO's first."""
    return ("icao", *(name for name in _tables() if name not in ("icao", "latin")))


def words(text: str) -> tuple[str, ...]:
    """A name's words: upper case, apostrophes dropped, split at spaces, hyphens and fillers."""
    plain = unicodedata.normalize("NFC", text).upper().replace("<", " ")
    for mark in _DROPPED:
        plain = plain.replace(mark, "")
    for mark in _BETWEEN_WORDS:
        plain = plain.replace(mark, " ")
    return tuple(plain.split())


def to_mrz(text: str, table: str = "icao") -> str:
    """A name as a zone prints it, words split by one space: the commonest spelling of `table`.

    Raises MrzError on a letter that no table knows (Arabic, Chinese: the state's own spelling is needed), and
    on an unknown table.
    """
    if table not in _tables():
        raise MrzError(f"no table {table!r}; known: {', '.join(tables())}")
    return " ".join("".join(options[0] for options in _letters(word, table)) for word in words(text))


def spellings(word: str, *only: str) -> frozenset[str]:
    """All ways in which some table (of `only`, where named) spells one word; the word itself where it is in
    plain Latin letters already.

    Empty when no table knows its letters.
    """
    found: set[str] = set()
    for table in only or tables():
        try:
            letters = _letters(word, table)
        except MrzError:
            continue
        found |= {"".join(parts) for parts in islice(product(*letters), SPELLINGS_MAX)}
    return frozenset(found - {""})


def _letters(word: str, table: str) -> list[tuple[str, ...]]:
    known = _tables()[table]
    return [known.get(letter) or (_without_mark(letter),) for letter in word]


def _without_mark(letter: str) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part))
    if not (plain.isascii() and plain.isalnum()):
        raise MrzError(f"no table has a spelling for {letter!r}")
    return plain
