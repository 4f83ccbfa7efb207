"""Personal data: where they stand in any JSON of ours, and taking them out."""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, cast

from lane_controller.messages.parts import PERSONAL_KEYS


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


class EraseOrders:
    """All that is known, by journal.  An event is asked for its order once, and nearly always is newer than
    all of them: that answer costs nothing however many there are."""

    def __init__(self) -> None:
        self._orders: defaultdict[tuple[str, str], list[EraseOrder]] = defaultdict(list)
        self._up_to: dict[tuple[str, str], int] = {}

    def clear(self) -> None:
        self._orders.clear()
        self._up_to.clear()

    def add(self, lane: str, journal: str, order: EraseOrder) -> None:
        self._orders[lane, journal].append(order)
        self._up_to[lane, journal] = max(order.sequences_to, self._up_to.get((lane, journal), 0))

    def cover(self, lane: str, journal: str, sequence: int, passage: int | None) -> bool:
        """Whether an event's personal data are ordered to go."""
        if sequence > self._up_to.get((lane, journal), 0):
            return False
        return any(order.covers(sequence, passage) for order in self._orders[lane, journal])


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
