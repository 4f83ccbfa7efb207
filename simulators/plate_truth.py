"""How many plates a lane read as they truly were, by country."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulators.fleet import Vehicle
from simulators.recorder import Event

Key = tuple[str, str]
"""Side, and the true plate's country."""


@dataclass(frozen=True, slots=True)
class PlatesRead:
    """Plates that stood before a lane's cameras in decided passages: `shown`, those read surely and `right`,
    those read surely and `wrong`; the others were not read surely."""

    shown: Counter[Key]
    right: Counter[Key]
    wrong: Counter[Key]


def compare(
    by_passage: Mapping[int, Sequence[Event]], came: Sequence[Vehicle], sides: Sequence[str]
) -> PlatesRead:
    """`came` are the vehicles in the order in which they truly arrived.  A tailgater may be taken into the
    passage ahead of it or leave a ghost behind: then the vehicle in turn is the nearest one whose
    front plate was read.  Passages that nobody has decided are left out, and so are missing plates."""
    found = PlatesRead(Counter(), Counter(), Counter())
    turn = 0
    for _, events in sorted(by_passage.items()):
        decided = any(event["data"].get("type") == "passage.decided" for event in events)
        vehicle, turn = _whose(events, came, turn)
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


def _whose(events: Sequence[Event], came: Sequence[Vehicle], turn: int) -> tuple[Vehicle | None, int]:
    """Whose passage it is, and whose turn is next."""
    read = _sure(events, "front")
    for at in (turn, turn + 1, turn + 2, turn - 1):
        if 0 <= at < len(came) and (front := came[at].front) is not None and front.text == read:
            return came[at], at + 1
    return (came[turn], turn + 1) if turn < len(came) else (None, turn)


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
