"""What an authority's register answers to each question, from plain rows."""

import re
from collections.abc import Iterable
from typing import Any

from rapidfuzz import fuzz

from simulators.registers.draw import Draw

Row = dict[str, Any]

SIMILAR_MIN = 70.0
"""Token-set similarity in per cent from which a name is a candidate."""


class BadQuestion(ValueError):
    """The question has not the shape of its kind."""


def answer(kind: str, question: Row, rows: Iterable[Row], draw: Draw | None) -> list[Row]:
    """The hits, the surest first.  Raises BadQuestion."""
    try:
        match kind:
            case "booking" | "watchlist_plate" | "declaration":
                plate = _plain(question["plate"])
                return [row for row in rows if plate and _plain(row["plate"]) == plate]
            case "lost_documents":
                return [row for row in rows if _same_document(question, row)]
            case "watchlist_person":
                return _persons(question, list(rows))
            case "draw":
                return [_drawn(question, draw)]
            case _:
                raise BadQuestion(f"unknown kind {kind!r}")
    except (KeyError, TypeError, AttributeError) as error:
        raise BadQuestion(f"{kind}: {error!r} is missing or no text") from error


def _plain(text: str) -> str:
    return re.sub(r"\W", "", text.upper())


def _same_document(question: Row, row: Row) -> bool:
    number = _plain(question["number"])
    return (
        bool(number)
        and number == _plain(row["number"])
        and _plain(question["issuer"]) == _plain(row["issuer"])
    )


def _persons(question: Row, rows: list[Row]) -> list[Row]:
    name = f"{question['surname']} {question['given_names']}".upper()
    exact = [row for row in rows if _same_document(question, row)]
    scored = [
        (max((fuzz.token_set_ratio(name, listed.upper()) for listed in row["names"]), default=0.0), row)
        for row in rows
        if row not in exact
    ]
    similar = [row for score, row in sorted(scored, key=lambda entry: -entry[0]) if score >= SIMILAR_MIN]
    return exact + similar[:50]


def _drawn(question: Row, draw: Draw | None) -> Row:
    if draw is None:
        raise BadQuestion("no draw is held here")
    passage = question["passage"]
    if isinstance(passage, bool) or not isinstance(passage, int) or not 0 <= passage < 2**63:
        raise BadQuestion("passage is no passage number")
    selected, proof = draw.select(question["lane"], passage)
    return {"selected": selected, "proof": proof}
