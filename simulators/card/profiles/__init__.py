"""Documents by name: one profile a protocol, and one a state with what its chips were seen to do.

A profile is a document file without holder and number.  Its states' quirks come from public issue trackers
and published samples; the documents themselves are Utopia's, but where the code is the quirk.
"""

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from simulators.card.document import Document
from simulators.card.document_file import DocumentError, from_tables, merged, parse
from simulators.people import Traveller


@cache
def profile_names() -> tuple[str, ...]:
    """All profiles: states' by their code as the MRZ has it, in small letters."""
    found = (entry.name for entry in files("simulators.card.profiles").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def _tables(name: str) -> dict[str, Any]:
    if name not in profile_names():
        raise DocumentError(f"profile {name!r}: there is none, expected one of {', '.join(profile_names())}")
    source = files("simulators.card.profiles").joinpath(f"{name}.toml")
    return parse(source.read_text("utf-8"), f"profiles/{name}.toml")


@cache
def _specimen() -> dict[str, Any]:
    source = files("simulators.card").joinpath("specimen.toml")
    return parse(source.read_text("utf-8"), "specimen.toml")


def document(name: str, over: dict[str, Any] | None = None) -> Document:
    """The specimen's document under a profile, with `over`'s tables over both.  Raises DocumentError."""
    return from_tables(merged(merged(_specimen(), _tables(name)), over or {}), f"profiles/{name}.toml")


_VALID_FOR = timedelta(days=3652)
"""From issue to expiry, about ten years."""


def travellers_document(name: str, traveller: Traveller, issued: date | None = None) -> Document:
    """The chip of a traveller's document under a profile, with the page that the traveller carries.

    `issued` decides which of the state's signers signed it; without it, some ten years before the expiry.
    Raises DocumentError, and ValueError for a document without an expiry.
    """
    carried = traveller.document
    if carried.expiry is None:
        raise ValueError("a document without an expiry has no chip")
    return document(
        name,
        {
            "holder": {
                "surname": traveller.surname,
                "given_names": traveller.given_names,
                "nationality": traveller.nationality,
                "sex": traveller.sex,
                "birth": traveller.birth,
                "full_name": "",
                "personal_number": "",
                "place_of_birth": "",
                "address": "",
                "telephone": "",
                "profession": "",
            },
            "page": {
                "code": carried.kind,
                "issuer": carried.issuer,
                "number": carried.number,
                "issued": issued or carried.expiry - _VALID_FOR,
                "expires": carried.expiry,
                "lines": carried.lines,
            },
            "portrait": {"seed": traveller.birth.toordinal()},
        },
    )
