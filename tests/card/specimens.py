"""A specimen document for the tests, with whatever tables a test wants to differ."""

from datetime import date
from typing import Any

from simulators.card.document import Document
from simulators.card.document_file import merged

SPECIMEN: dict[str, Any] = {
    "holder": {"surname": "ERIKSSON", "given_names": "ANNA MARIA", "sex": "F", "birth": date(1974, 8, 12)},
    "page": {"number": "L898902C3"},
    "portrait": {"bytes": 3000, "width": 120, "height": 160},
}


def specimen(**tables: Any) -> Document:
    return Document.model_validate(merged(SPECIMEN, tables))
