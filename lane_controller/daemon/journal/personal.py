"""Personal data are taken out of a fact and its events before the row is hashed, and put back when read."""

import json
from collections.abc import Iterable
from typing import Any, cast

from lane_controller.messages.parts import PERSONAL_KEYS

Path = tuple[str | int, ...]
Found = list[tuple[Path, Any]]


def split(value: Any, path: Path, found: Found) -> Any:
    """A copy of `value` (JSON as Python objects) with every personal value replaced by None; what was taken
    out is added to `found` with its path.  Parts that hold nothing personal are shared, not copied."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        changed: dict[str, Any] | None = None
        for key, inner in items.items():
            if key in PERSONAL_KEYS:
                if inner is None:
                    continue
                found.append(((*path, key), inner))
                kept = None
            elif isinstance(inner, (dict, list)):
                kept = split(inner, (*path, key), found)
                if kept is inner:
                    continue
            else:
                continue
            changed = changed or dict(items)
            changed[key] = kept
        return items if changed is None else changed
    if isinstance(value, list):
        elements = cast("list[Any]", value)
        parts = [split(inner, (*path, index), found) for index, inner in enumerate(elements)]
        return elements if all(a is b for a, b in zip(parts, elements, strict=True)) else parts
    return value


def join(parts: dict[str, Any], found: Iterable[tuple[Iterable[str | int], Any]]) -> None:
    """Put personal values back into `parts` (`fact` and `events`), in place.

    Raises ValueError when a path leads nowhere."""
    for path, personal in found:
        *way, last = path
        place: Any = parts
        try:
            for key in way:
                place = place[key]
            place[last] = personal
        except (KeyError, IndexError, TypeError):
            raise ValueError(f"no place {'.'.join(map(str, path))} in this row") from None


def encode(found: Found) -> bytes:
    return dump(found).encode()


def decode(data: bytes) -> list[tuple[list[str | int], Any]]:
    return [(path, value) for path, value in json.loads(data)]


def dump(value: Any) -> str:
    """Compact JSON, keys in order.  Raises ValueError on NaN and infinities, which JSON does not have."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
