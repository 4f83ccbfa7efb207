"""What the print for people says beside what the zone says, field by field.

A field *agrees* when its very value stands somewhere in the print: characters that recognition confuses (O
and 0) count as one, a name in national letters counts by the sets of its spellings, a date in the orders in
which documents print it.  It *differs* when nothing agrees, and something surely read stands there that is
nearly its value: another digit in a number of the same shape, another part in a date, another letter in a
name.  Anything else is *not read*.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rapidfuzz.distance import JaroWinkler, Levenshtein

from mrz.dates import MrzDate
from mrz.document import Document
from mrz.errors import MrzError
from mrz.picture import Image, load
from mrz.reading import Reading
from mrz.transliteration import spellings, to_mrz
from mrz.transliteration import words as name_words
from mrz.visual.dates import dates_in
from mrz.visual.recognising import Word, languages_of, words_above

SURE_MIN = 85.0
"""Of the recogniser's figure: below it a difference may be its own error."""
_NEAR = 0.86
"""Jaro-Winkler similarity from which a word may be a name's other spelling."""
_ONE = str.maketrans("OQDIZSGB", "00012568")
"""Characters that recognition of running text can't tell apart, on one side."""
_ISSUED_YEARS = (1, 2, 3, 5, 7, 10)
"""Documents are issued for so many years: a date that long before the expiry is that of issue."""


class Outcome(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_READ = "not_read"


@dataclass(frozen=True, slots=True)
class VisualField:
    """`field` as in `Document.fields`; `read` is the print that was taken for it, "" where nothing was."""

    field: str
    outcome: Outcome
    read: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`languages` were read with, `missing` are not installed: then less is read, and nothing is wrong."""

    fields: tuple[VisualField, ...]
    languages: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def outcomes(self) -> dict[str, str]:
        return {each.field: str(each.outcome) for each in self.fields}


def compare(image: Image, reading: Reading) -> Comparison | None:
    """The page's print beside its zone; None where `reading` has no document to compare.

    `image` is the picture that was read, or another of the same size (the visible one of a page whose
    infrared one was read).  Takes seconds of CPU: call it in a process that may be killed.  Raises ImageError
    as `mrz.read` does, EngineError without tesseract.
    """
    if reading.document is None:
        return None
    languages, missing = languages_of(reading.document.issuer.value)
    words = words_above(load(image), reading, languages)
    return Comparison(compare_words(words, reading.document), languages, missing)


def compare_words(words: Iterable[Word], document: Document) -> tuple[VisualField, ...]:
    """Number, names and dates of a document beside the words of its page."""
    words = tuple(words)
    return (
        _number(words, document.number.value),
        _name("surname", words, document.names.primary, document),
        _name("given_names", words, document.names.secondary, document),
        _date("birth", words, document.birth, document),
        _date("expiry", words, document.expiry, document),
    )


def _number(words: tuple[Word, ...], number: str) -> VisualField:
    if not number:
        return VisualField("number", Outcome.NOT_READ)
    wanted = number.translate(_ONE)
    best = VisualField("number", Outcome.NOT_READ)
    for text, sure in _runs(words):
        read = text.translate(_ONE)
        if read == wanted or (len(wanted) >= 6 and wanted in read):
            return VisualField("number", Outcome.AGREES, text)
        if len(read) == len(wanted) and sure >= SURE_MIN and Levenshtein.distance(read, wanted) <= 2:
            best = VisualField("number", Outcome.DIFFERS, text)
    return best


def _runs(words: tuple[Word, ...]) -> Iterator[tuple[str, float]]:
    """Each word and each row of two or three neighbours, letters and digits only, with the least figure."""
    plain = [(re.sub(r"[^0-9A-Z]", "", word.text.upper()), word) for word in words]
    for start in range(len(plain)):
        for length in (1, 2, 3):
            run = plain[start : start + length]
            if (
                len(run) == length
                and len({word.line for _, word in run}) == 1
                and all(text for text, _ in run)
            ):
                yield "".join(text for text, _ in run), min(word.sure for _, word in run)


def _name(field: str, words: tuple[Word, ...], printed: str, document: Document) -> VisualField:
    components = printed.split()
    if not components:
        return VisualField(field, Outcome.NOT_READ)
    seen: list[tuple[frozenset[str], Word, str]] = []
    for word in words:
        for part in name_words(word.text.strip('.,:;/|()[]«»"')):
            seen.append((_spelt(part), word, part))
    differing = ""
    for component in components:
        cut = component in document.names.may_be_cut
        if any(component in spelt or (cut and _begins(spelt, component)) for spelt, _, _ in seen):
            continue
        near = [
            part
            for spelt, word, part in seen
            if word.sure >= SURE_MIN and not cut and _is_near(spelt, component)
        ]
        if not near:
            return VisualField(field, Outcome.NOT_READ)
        differing = near[0]
    return VisualField(field, Outcome.DIFFERS if differing else Outcome.AGREES, differing or printed)


def _spelt(part: str) -> frozenset[str]:
    """How a printed word may stand in a zone: in Latin letters as it is and without its marks."""
    try:
        plain = {to_mrz(part)}
    except MrzError:
        plain = set[str]()
    return spellings(part) | plain


def _begins(spelt: frozenset[str], component: str) -> bool:
    return any(whole.startswith(component) for whole in spelt)


def _is_near(spelt: frozenset[str], component: str) -> bool:
    return any(
        len(one) >= 4
        and abs(len(one) - len(component)) <= 1
        and JaroWinkler.similarity(one, component) >= _NEAR
        for one in spelt
    )


def _date(field: str, words: tuple[Word, ...], stated: MrzDate | None, document: Document) -> VisualField:
    wanted = stated.earliest() if stated is not None and stated.month and stated.day else None
    if wanted is None:
        return VisualField(field, Outcome.NOT_READ)
    others = {
        other.earliest() for other in (document.birth, document.expiry, document.issued) if other is not None
    }
    best = VisualField(field, Outcome.NOT_READ)
    for found, sure, text in dates_in(words):
        if found == wanted:
            return VisualField(field, Outcome.AGREES, text)
        if sure >= SURE_MIN and found not in others and _is_another(found, wanted, field):
            best = VisualField(field, Outcome.DIFFERS, text)
    return best


def _is_another(found: date, wanted: date, field: str) -> bool:
    """Whether exactly one of day, month and year is another one, and it is not the day of issue."""
    same = (found.year == wanted.year) + (found.month == wanted.month) + (found.day == wanted.day)
    issued = field == "expiry" and wanted.year - found.year in _ISSUED_YEARS
    return same == 2 and not issued
