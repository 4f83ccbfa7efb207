"""The TOML file of a document: read, laid over another, and every mistake said by file, line and key."""

import tomllib
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ValidationError

from simulators.card.contradictions import contradictions
from simulators.card.document import Document
from simulators.mistakes import mistakes
from simulators.toml_places import dotted, line_of, lines_of


class DocumentError(Exception):
    """A document that cannot be made; one line a mistake: `file:line: key: what; expected what`."""


def parse(text: str, where: str) -> dict[str, Any]:
    """The tables of a TOML text that stands in `where`.  Raises DocumentError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"{where}: not TOML: {error}") from None


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables of `under` with what `over` says instead; lists are replaced."""
    found = dict(under)
    for key, value in over.items():
        below = found.get(key)
        found[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return found


def from_tables(tables: Mapping[str, Any], where: str, text: str = "") -> Document:
    """The document that the tables say, of which `text` shows the lines.  Raises DocumentError with every
    mistake."""
    try:
        document = Document.model_validate(tables)
        found = list(contradictions(document))
    except ValidationError as error:
        document, found = None, list(mistakes(error.errors(), _keys(Document)))
    if document is None or found:
        lines = lines_of(text)
        raise DocumentError(
            "\n".join(f"{where}:{line_of(place, lines)}: {dotted(place)}: {said}" for place, said in found)
        )
    return document


def _keys(table: type[object]) -> set[str]:
    """All keys that may stand in a table or below it."""
    found: set[str] = set()
    for name, hint in get_type_hints(table).items():
        found.add(name)
        for part in (hint, *get_args(hint)):
            if isinstance(part, type) and (issubclass(part, BaseModel) or is_dataclass(part)):
                found |= _keys(part)
    return found


def load(path: Path) -> Document:
    """The document of a file.  Raises DocumentError with every mistake, OSError when it can't be read."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}:1: not UTF-8 at byte {error.start}") from None
    return from_tables(parse(text, str(path)), str(path), text)
