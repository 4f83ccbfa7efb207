"""What pydantic finds wrong with something that a person wrote, in words that say what to write instead."""

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from simulators.toml_places import Location


def mistakes(errors: Sequence[ErrorDetails], keys: Collection[str]) -> Iterator[tuple[Location, str]]:
    """Where each mistake is, and what it is.  `keys` are those that could have been meant."""
    places = [error["loc"] for error in errors]
    for error in errors:
        here = error["loc"]
        # A list whose only element is wrong counts as empty: the element's own mistake says it all.
        if error["type"] == "too_short" and any(here == other[: len(here)] != other for other in places):
            continue
        yield here[:-1] if here[-1:] == ("[key]",) else here, _said(error, keys)


def keys_of(model: type[BaseModel]) -> set[str]:
    """All keys that may stand anywhere in this model."""
    schema: dict[str, Any] = model.model_json_schema()
    return {key for part in (schema, *schema.get("$defs", {}).values()) for key in part.get("properties", ())}


def _said(error: ErrorDetails, keys: Collection[str]) -> str:
    found, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden" | "unexpected_keyword_argument":
            close = get_close_matches(str(error["loc"][-1]), keys, 1, 0.75)
            return f"there is no such key{f'; did you mean {close[0]!r}?' if close else ''}"
        case "missing":
            return "is missing"
        case "literal_error" | "enum":
            return f"found {found!r}, expected {context['expected']}"
        case "string_pattern_mismatch":
            return f"found {found!r}, expected the form {context['pattern']}"
        case "value_error":
            return str(context["error"])
        case _:
            said = error["msg"]
            return said if isinstance(found, dict | list | tuple) else f"{said}; found {found!r}"
