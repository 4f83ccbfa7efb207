"""Documents by name: one profile a protocol, and one a state with what its chips were seen to do.

A profile is a document file without holder and number.  Its states' quirks come from public issue trackers
and published samples; the documents themselves are Utopia's, but where the code is the quirk.
"""

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from simulators.card.document import Document
from simulators.card.document_file import DocumentError, Layer, from_layers, parse
from simulators.people import Traveller


@cache
def profile_names() -> tuple[str, ...]:
    """All profiles: states' by their code as the MRZ has it, in small letters."""
    found = (entry.name for entry in files("simulators.card.profiles").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


@cache
def _layer(folder: str, name: str) -> Layer:
    text = files(folder).joinpath(name).read_text("utf-8")
    where = f"{folder.removeprefix('simulators.card').removeprefix('.')}/{name}".removeprefix("/")
    return Layer(where, parse(text, where), text)


def document(name: str, over: dict[str, Any] | None = None) -> Document:
    """The specimen's document under a profile, with `over`'s tables over both.  Raises DocumentError."""
    if name not in profile_names():
        raise DocumentError(f"profile {name!r}: there is none, expected one of {', '.join(profile_names())}")
    profile = _layer("simulators.card.profiles", f"{name}.toml")
    over_it = Layer(f"tables over {profile.where}", over or {})
    return from_layers([_layer("simulators.card", "specimen.toml"), profile, over_it])


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
