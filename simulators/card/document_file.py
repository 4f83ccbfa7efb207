"""The TOML file of a document: read, laid over another, and every mistake said by file, line and key."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ValidationError

from simulators.card.contradictions import contradictions
from simulators.card.document import Document
from simulators.mistakes import mistakes
from simulators.toml_places import Location, dotted, line_of, lines_of


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


@dataclass(frozen=True, slots=True)
class Layer:
    """Tables laid over others.  `where` names them; `text` shows their lines, "" where no file has them."""

    where: str
    tables: Mapping[str, Any]
    text: str = ""

    def depth(self, place: Location) -> int:
        """How much of a place there is in it."""
        here: Any = self.tables
        for depth, part in enumerate(place):
            try:
                here = here[part]
            except (LookupError, TypeError):
                return depth
        return len(place)

    def named(self, place: Location) -> str:
        """Where in it the place is, for the beginning of a line."""
        return f"{self.where}:{line_of(place, lines_of(self.text))}" if self.text else self.where


def from_layers(layers: Sequence[Layer]) -> Document:
    """The document that the layers say, the later over the earlier.  Raises DocumentError with every mistake,
    each where the last layer says it that has so much of its place."""
    tables: dict[str, Any] = {}
    for layer in layers:
        tables = merged(tables, layer.tables)
    try:
        document = Document.model_validate(tables)
        found = list(contradictions(document))
    except ValidationError as error:
        document, found = None, list(mistakes(error.errors(), _keys(Document)))
    if document is None or found:
        said: list[str] = []
        for place, what in found:
            layer = max(reversed(layers), key=lambda layer, place=place: layer.depth(place))
            said.append(f"{layer.named(place)}: {dotted(place)}: {what}")
        raise DocumentError("\n".join(said))
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
    return from_layers([Layer(str(path), parse(text, str(path)), text)])
