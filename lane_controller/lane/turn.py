"""One step in the making: the lane as it is so far, and the events emitted so far.

Mutable on purpose and only inside `step`: handlers change `turn.lane` by whole frozen values.
"""

from typing import Any

from lane_controller.lane.changed import changed
from lane_controller.lane.state import Emitted, Lane, Passage
from lane_controller.messages.command import Command
from lane_controller.messages.events import AUDIENCE, EventData
from lane_controller.messages.words import Audience, Mode

EVIDENCE_EVENTS = frozenset(
    {
        "passage.arrived",
        "passage.plate",
        "passage.document",
        "passage.chip",
        "passage.weight",
        "passage.persons",
        "passage.check",
        "passage.decided",
        "passage.hit",
    }
)
"""Events that change what a decision on the passage rests on: who clicks must have seen the last of them."""


class Turn:
    __slots__ = ("actor", "concluded", "events", "evidence_changed", "lane", "secrets_answered")

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.events: list[Emitted] = []
        self.evidence_changed = False
        self.concluded = False
        """The checks were gone through since the last decision."""
        self.secrets_answered: set[str] = set()
        """Subjects about which a register for second line answered."""
        self.actor: Command | None = None
        """The command that this step carries out, for the decision that comes of it."""

    def set(self, **changes: Any) -> None:
        self.lane = changed(self.lane, **changes)

    def set_passage(self, **changes: Any) -> None:
        """Change the passage that owns the cell; nothing where there is none."""
        if self.lane.passage is not None:
            self.lane = changed(self.lane, passage=changed(self.lane.passage, **changes))

    def set_waiting(self, **changes: Any) -> None:
        if self.lane.waiting is not None:
            self.lane = changed(self.lane, waiting=changed(self.lane.waiting, **changes))

    def emit(self, data: EventData, *, audience: Audience | None = None, passage: int | None = None) -> int:
        """Add an event and return its sequence."""
        lane = self.lane
        audience = audience or AUDIENCE.get(data.type, Audience.LANE)
        sequence = lane.sequence + 1
        self.events.append(Emitted(data, audience, passage, lane.mode is Mode.MAINTENANCE))
        self.lane = changed(lane, sequence=sequence)
        if data.type in EVIDENCE_EVENTS:
            self._note_evidence(sequence, audience, passage)
        return sequence

    def _note_evidence(self, sequence: int, audience: Audience, passage: int | None) -> None:
        for name, owner in (("passage", self.lane.passage), ("waiting", self.lane.waiting)):
            if owner is not None and owner.number == passage:
                self.lane = changed(self.lane, **{name: _seen(owner, sequence, audience)})


def _seen(passage: Passage, sequence: int, audience: Audience) -> Passage:
    if audience is Audience.LANE:
        return changed(passage, seen_lane=sequence, seen_second_line=sequence)
    return changed(passage, seen_second_line=sequence)
