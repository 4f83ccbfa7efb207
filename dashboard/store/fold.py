"""What an event says about a lane, a passage or an alarm: named registers, the highest sequence wins.

A view is a set of registers, each holding the sequence that wrote it.  Merging takes the newer of two, so
the order in which events arrive, and how often, makes no difference.  Personal data stay under the keys of
`PERSONAL_KEYS` inside the values, so that an erase order finds them here as in the events.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.store.incoming import IncomingEvent

VIEWS_VERSION = 2
"""Raised when the rules below change: the views of an older store are then made again at its start."""

REGISTERS_MAX = 1000
"""A view keeps at most so many registers, the first by name, so that a lane gone mad fills nothing."""

ALARM_NAME_MAX = 128

Registers = dict[str, tuple[int, Any]]
"""Name to (sequence, value); the value is JSON."""


@dataclass(slots=True)
class Entry:
    """One register of one view: of the lane, of the passage `key`, or of the alarm `key`."""

    of: Literal["lane", "passage", "alarm"]
    key: str
    name: str
    value: Any


def merge(registers: Registers, name: str, sequence: int, value: Any) -> bool:
    """Writes a register unless a newer event wrote it; whether anything changed."""
    before = registers.get(name)
    if before is not None and before[0] >= sequence:
        return False
    if before is None and len(registers) >= REGISTERS_MAX:
        last = max(registers)
        if name > last:
            return False
        del registers[last]
    registers[name] = (sequence, value)
    return True


def entries(event: IncomingEvent) -> list[Entry]:
    """The registers that a readable event writes."""
    data = event.data
    kind = event.type
    stamp = {"time_us": event.time_us, "boot": event.boot, "mono_s": event.mono_s}
    if kind in _LANE:
        name = _LANE[kind]
        found = [Entry("lane", "", name, {**data, **stamp})]
        if kind == "lane.started":
            # After a start the arm is unknown until the end switches say.
            found.append(Entry("lane", "", "arm", {"arm": "unknown", **stamp}))
        return found
    if kind == "device.changed":
        return [Entry("lane", "", f"device.{data['device']}", {**data, **stamp})]
    if kind == "presence.changed":
        return [Entry("lane", "", f"presence.{data['device']}", {**data, **stamp})]
    if kind == "shift.offered":
        # Before hand-overs had pages each was for one lane.
        offer = {name: data.get(name) for name in ("hand_over", "by", "to")}
        lanes = data.get("lanes") or [data["lane"]]
        return [Entry("lane", "", f"offer.{lane}", {**offer, **stamp}) for lane in lanes]
    if kind.startswith("alarm."):
        return [
            Entry(
                "alarm", str(data["alarm"])[:ALARM_NAME_MAX], kind.removeprefix("alarm."), {**data, **stamp}
            )
        ]
    if event.passage is None:
        return []
    officers = [
        Entry("passage", str(event.passage), f"officer.{name}", {"operator": name, **stamp})
        for name in _officers(kind, data)
    ]
    if kind in _PASSAGE:
        return [Entry("passage", str(event.passage), _PASSAGE[kind](data), {**data, **stamp}), *officers]
    return officers


def _officers(kind: str, data: dict[str, Any]) -> list[str]:
    """Who decided on a passage or gave its lane a command about it."""
    if kind not in ("passage.decided", "command.answered"):
        return []
    return [str(data[who]["operator"])[:64] for who in ("by", "second") if data.get(who)]


_LANE = {
    "lane.started": "started",
    "lane.faulted": "faulted",
    "lane.mode_changed": "mode",
    "lane.shift_changed": "shift",
    "lane.lamp_changed": "lamp",
    "barrier.moved": "arm",
}

_PASSAGE: dict[str, Callable[[dict[str, Any]], str]] = {
    "passage.arrived": lambda data: "arrived",
    "passage.plate": lambda data: f"plate.{data['side']}",
    "passage.document": lambda data: f"document.{int(data['person']):03}",
    "passage.chip": lambda data: f"chip.{int(data['person']):03}",
    "passage.card": lambda data: f"card.{data['device']}",
    "passage.weight": lambda data: "weight",
    "passage.persons": lambda data: "persons",
    "passage.check": lambda data: f"check.{data['result']['check']}.{data['result'].get('subject', '')}",
    "passage.decided": lambda data: "decision",
    "passage.hit": lambda data: f"hit.{data['register_kind']}",
    "passage.ended": lambda data: "ended",
    "barrier.withheld": lambda data: f"withheld.{data['movement']}",
}
"""Numbers are zero-padded so that names sort."""


def alarm_standing(registers: Registers) -> bool:
    """A lane clears an alarm when its condition ends, or with its acknowledgement when it happened once."""
    return "raised" in registers and "cleared" not in registers
