"""Where a thing stands in a camera's JSON: `plate.number`, `results.0.plate`, or `results.*.plate`.

Names are separated by dots and counted from 0 in a list.  One `*` stands for each entry of a list: a message
then tells as many vehicles as the list has.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, cast

from pydantic import AfterValidator

STEPS_MAX = 12
EACH_MAX = 16
"""Vehicles of one message."""
MARKS_MAX = 20_000
"""Commas and opening brackets of a text: what it costs to read grows with these, not with its bytes, most of
which are a picture's."""


def _checked(path: str) -> str:
    steps = path.split(".")
    if not all(steps) or len(steps) > STEPS_MAX or path != path.strip():
        raise ValueError(f"a path of at most {STEPS_MAX} names with dots between, such as plate.number")
    if steps.count("*") > 1:
        raise ValueError("at most one * in a path")
    return path


JsonPath = Annotated[str, AfterValidator(_checked)]


def list_of(path: str) -> str:
    """The path of the list that `*` goes through; "" without one."""
    return path.partition("*")[0].rstrip(".") if "*" in path.split(".") else ""


def load(data: bytes) -> object:
    """The JSON in a text.  Raises ValueError, which says what is wrong with it."""
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MARKS_MAX:
        raise ValueError(f"JSON with more than {MARKS_MAX} values")
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no UTF-8: {error.reason} at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise ValueError("JSON that is nested too deep") from None


def _refuse(constant: str) -> object:
    raise ValueError(f"JSON has no {constant}")


def at(message: object, path: str, index: int = 0) -> object:
    """What stands at a path, `*` being `index`; None for nothing."""
    found = message
    for step in path.split("."):
        if isinstance(found, dict):
            found = cast("dict[str, Any]", found).get(step)
        elif isinstance(found, list) and (step == "*" or (step.isascii() and step.isdigit())):
            entries = cast("list[Any]", found)
            place = index if step == "*" else int(step[:9])
            found = entries[place] if place < len(entries) else None
        else:
            return None
    return found


def each(message: object, path: str) -> Iterator[int]:
    """The indices that `*` in a path takes in this message: 0 without one."""
    if "*" not in path.split("."):
        yield 0
        return
    through = list_of(path)
    found = at(message, through) if through else message
    if isinstance(found, list):
        yield from range(min(len(cast("list[Any]", found)), EACH_MAX))
