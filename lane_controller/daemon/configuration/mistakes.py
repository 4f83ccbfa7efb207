"""A mistake in a configuration: where it is, what was found, what was expected."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lane_controller.daemon.configuration.toml_lines import Path as KeyPath

FOUND_MAX = 60


@dataclass(frozen=True, slots=True)
class Mistake:
    path: KeyPath
    text: str
    """`found X, expected Y` or another sentence that says what to do."""
    line: int = 0

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'file'}: {self.text}"


class ConfigurationError(Exception):
    """All mistakes of one file, in its order; `str` is one line a mistake, `FILE:LINE: KEY: …`."""

    def __init__(self, file: str, mistakes: Iterable[Mistake]) -> None:
        self.file = file
        self.mistakes = sorted(mistakes, key=lambda mistake: mistake.line)
        super().__init__("\n".join(f"{file}:{mistake.line}: {mistake}" for mistake in self.mistakes))


def did_you_mean(word: object, known: Iterable[str], *, listing: bool = True) -> str:
    """` (did you mean X?)`, or (with `listing`) the known words when there are few, or nothing."""
    words = sorted(known)
    close = difflib.get_close_matches(str(word), words, n=1, cutoff=0.6)
    if close:
        return f" (did you mean {close[0]}?)"
    return f" (known: {', '.join(words)})" if listing and 0 < len(words) <= 12 else ""


def shown(value: object) -> str:
    """A found value, short enough for a line."""
    text = repr(value)
    return text if len(text) <= FOUND_MAX else f"{text[: FOUND_MAX - 3]}..."


def translate(error: ValidationError, at: KeyPath, model: type[BaseModel]) -> list[Mistake]:
    """pydantic's errors as mistakes under the key path `at`."""
    return [_translate(detail, at, model) for detail in error.errors(include_url=False)]


def _translate(detail: ErrorDetails, at: KeyPath, model: type[BaseModel]) -> Mistake:
    place = (*at, *(key for key in detail["loc"] if key != "[key]"))
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return Mistake(place, "this key is required")
    if kind == "extra_forbidden":
        known = _known_keys(model, detail["loc"][:-1])
        return Mistake(place, f"unknown key{did_you_mean(place[-1], known)}")
    if kind == "value_error" and "error" in context:
        expected = str(context["error"])
    else:
        expected = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    text = f"found {shown(detail['input'])}, expected {expected}"
    if kind in ("enum", "literal_error"):
        text += did_you_mean(detail["input"], _words(expected), listing=False)
    return Mistake(place, text)


def _words(expected: str) -> list[str]:
    """The words out of pydantic's `'a', 'b' or 'c'`."""
    return expected.split("'")[1::2]


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the (nested) table at `loc`."""
    for key in loc:
        field = model.model_fields.get(str(key))
        inner = field.annotation if field else None
        if inner is None or not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return list(model.model_fields)
