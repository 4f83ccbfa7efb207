"""What a document says about its holder that an officer of second line should know: a convention document, a
holder without a state, a minor.  Facts with what they ask of the officer; nothing here weighs anybody up."""

from collections.abc import Iterator
from datetime import date

from dashboard.views.language import Coded, Speaker
from lane_controller.messages.parts import Document

ADULT_YEARS = 18
"""UN Convention on the Rights of the Child, article 1."""

OF_CODE = {"PR": "convention_refugee", "PS": "convention_stateless", "PT": "alien_document"}
"""The second letter of a travel document's code (ICAO Doc 9303-5, harmonised)."""
OF_NATIONALITY = {
    "XXA": "convention_stateless",
    "XXB": "convention_refugee",
    "XXC": "refugee_other",
    "XXX": "nationality_unspecified",
}
"""Codes for persons without a defined nationality (ICAO Doc 9303-3, 5)."""
OF_ISSUER = ("UNO", "UNA", "UNK", "XPO", "XOM", "EUE", "XXA", "XXB", "XXC", "XXX")
"""Issuers that are no state."""


NOTES = (
    *dict.fromkeys((*OF_CODE.values(), *OF_NATIONALITY.values())),
    "issuer_no_state",
    "minor",
    "minor_alone",
    "age_unknown",
)


def notes(speaker: Speaker, documents: tuple[Document, ...], on: date) -> tuple[Coded, ...]:
    """For the documents of a passage, on the day of the passage, each once."""
    codes = dict.fromkeys(_codes(documents, on))
    return tuple(speaker.coded("second_line_note", code) for code in codes)


def _codes(documents: tuple[Document, ...], on: date) -> Iterator[str]:
    ages = [years(one.birth, on) for one in documents]
    for one in documents:
        if one.nationality in OF_NATIONALITY:
            yield OF_NATIONALITY[one.nationality]
        if one.kind in OF_CODE:
            yield OF_CODE[one.kind]
        if one.issuer in OF_ISSUER:
            yield "issuer_no_state"
    minors = [age for age in ages if age is not None and age < ADULT_YEARS]
    if minors:
        yield "minor"
        if len(minors) == len(documents):
            yield "minor_alone"
    if any(age is None for age in ages):
        yield "age_unknown"


def years(birth: str, on: date) -> int | None:
    """Whole years; None where the document does not tell the day."""
    try:
        born = date.fromisoformat(birth)
    except ValueError:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
