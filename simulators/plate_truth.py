"""How many plates a lane read as they truly were, by country."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulators.fleet import Vehicle
from simulators.recorder import Event
from simulators.world import LaneWorld

Key = tuple[str, str]
"""Side, and the true plate's country."""


@dataclass(frozen=True, slots=True)
class PlatesRead:
    """Plates that stood before a lane's cameras in decided passages: `shown`, those read surely and `right`,
    those read surely and `wrong`; the others were not read surely."""

    shown: Counter[Key]
    right: Counter[Key]
    wrong: Counter[Key]


class Whose:
    """Which vehicle truly stood there when a lane began each of its passages.  Let `heard` be told the lane's
    events as they come."""

    def __init__(self, lane: LaneWorld) -> None:
        self.vehicles: dict[int, Vehicle] = {}
        """By passage."""
        self._lane = lane
        self._visits: set[int] = set()

    def heard(self, event: Event) -> None:
        if event["data"].get("type") != "passage.arrived":
            return
        if (visit := self._lane.next_of(self._visits)) is not None:
            self._visits.add(visit.number)
            self.vehicles[int(event["data"]["passage"])] = visit.vehicle


def compare(
    by_passage: Mapping[int, Sequence[Event]], whose: Mapping[int, Vehicle], sides: Sequence[str]
) -> PlatesRead:
    """`whose` says which vehicle truly stood there when each passage began.  Passages that nobody has decided
    or no vehicle began are left out, and so are missing plates."""
    found = PlatesRead(Counter(), Counter(), Counter())
    for passage, events in by_passage.items():
        decided = any(event["data"].get("type") == "passage.decided" for event in events)
        vehicle = whose.get(passage)
        if not decided or vehicle is None:
            continue
        for side in sides:
            plate = vehicle.front if side == "front" else vehicle.rear
            if plate is None:
                continue
            key = (side, plate.country)
            found.shown[key] += 1
            read = _sure(events, side)
            found.right[key] += read == plate.text
            found.wrong[key] += read not in ("", plate.text)
    return found


def _sure(events: Sequence[Event], side: str) -> str:
    """The last text that was told for sure, "" for none."""
    told = [
        str(data["plate"]["text"])
        for event in events
        if (data := event["data"]).get("type") == "passage.plate"
        and data["side"] == side
        and data.get("plate")
        and not data.get("reason")
    ]
    return told[-1] if told else ""


def text(reads: Sequence[PlatesRead]) -> str:
    """For people: `Plates read right: front 9 of 9 (KG 2 of 2, ...), rear ...; wrong 0`."""
    shown, right, wrong = (
        sum((getattr(one, name) for one in reads), Counter[Key]()) for name in ("shown", "right", "wrong")
    )
    parts: list[str] = []
    for side in ("front", "rear"):
        keys = sorted(key for key in shown if key[0] == side)
        if keys:
            of = ", ".join(f"{key[1]} {right[key]} of {shown[key]}" for key in keys)
            total = sum(right[key] for key in keys), sum(shown[key] for key in keys)
            parts.append(f"{side} {total[0]} of {total[1]} ({of})")
    return f"Plates read right: {', '.join(parts) or 'none came'}; wrong {wrong.total()}"
