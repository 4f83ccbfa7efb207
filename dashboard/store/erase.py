"""Personal data: where they stand in any JSON of ours, and taking them out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from lane_controller.messages.parts import PERSONAL_KEYS, PICTURE_KEYS


@dataclass(frozen=True, slots=True)
class EraseOrder:
    """From a `journal.erased`: of the events up to `sequences_to`, those of `passages` (all when empty)."""

    sequences_to: int
    passages: frozenset[int]

    @classmethod
    def of(cls, data: dict[str, Any]) -> "EraseOrder":
        return cls(int(data["sequences_to"]), frozenset(data.get("passages") or ()))

    @classmethod
    def of_older(cls, data: dict[str, Any]) -> "list[tuple[str, EraseOrder]]":
        """And what it says of older journals of its lane, which can't say it themselves any more."""
        return [(one["journal"], cls.of(one)) for one in data.get("set_aside") or ()]

    @classmethod
    def of_row(cls, sequences_to: int, passages: str) -> "EraseOrder":
        return cls(sequences_to, frozenset(json.loads(passages)))

    def covers(self, sequence: int, passage: int | None) -> bool:
        return sequence <= self.sequences_to and (not self.passages or passage in self.passages)


def without_personal(value: Any) -> Any:
    """The same JSON with null under every personal key that held something."""
    if isinstance(value, dict):
        record = cast(dict[str, Any], value)
        return {
            key: None if key in PERSONAL_KEYS else without_personal(inner) for key, inner in record.items()
        }
    if isinstance(value, list | tuple):
        return [without_personal(inner) for inner in cast(list[Any], value)]
    return value


def pictures_in(value: Any) -> Iterator[str]:
    """Hashes of pictures that an event refers to."""
    if isinstance(value, dict):
        for key, inner in cast(dict[str, Any], value).items():
            if key in PICTURE_KEYS and isinstance(inner, str):
                yield inner
            else:
                yield from pictures_in(inner)
    elif isinstance(value, list):
        for inner in cast(list[Any], value):
            yield from pictures_in(inner)
