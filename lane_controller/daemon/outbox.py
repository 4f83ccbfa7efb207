"""What of a journal still has to reach a store.

Nothing is deleted on send: `sent` runs ahead, the journal's cursor follows the store's acknowledgement alone,
down too when a store was restored, and what was sent and not acknowledged in time is sent again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lane_controller.daemon.journal import Journal, StoredEvent
from lane_controller.messages.command import Ack, Reply
from lane_controller.messages.envelope import BATCH_BYTES_MAX, BATCH_EVENTS_MAX
from lane_controller.messages.events import CommandAnswered
from lane_controller.messages.parts import PICTURE_KEYS
from lane_controller.messages.pictures import pictures_in
from lane_controller.messages.words import Audience

PROBE_EVENTS = BATCH_EVENTS_MAX
IN_FLIGHT_EVENTS_MAX = 4 * BATCH_EVENTS_MAX
"""Sent and not acknowledged: one batch while nobody is known to listen, twice as many with every
acknowledgement; no more, so that 200 lanes that catch up together do not overrun the dashboard's queue."""
ACK_S = 5.0
ACK_LONGEST_S = 60.0
"""Without an acknowledgement for so long all is sent again; twice as long each time."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A message for one audience: a JSON array of envelopes, oldest first."""

    audience: Audience
    payload: bytes
    events: tuple[StoredEvent, ...]


class Outbox:
    """The unsent part of one journal.  Times are seconds of any clock that does not jump."""

    def __init__(self, journal: Journal, *, set_aside: bool = False) -> None:
        """`set_aside`: an older journal, which another machine may go on writing if its disk was cloned."""
        self.journal, self._set_aside = journal, set_aside
        self.sent = journal.acknowledged
        self._window = PROBE_EVENTS
        self._waiting_since_s: float | None = None
        self._patience_s = ACK_S

    @property
    def backlog(self) -> int:
        """Events that no store has acknowledged."""
        return self.journal.last_sequence - self.journal.acknowledged

    def connected(self) -> None:
        """A new connection: nobody knows what of the sent arrived."""
        self.sent = self.journal.acknowledged
        self._window, self._waiting_since_s, self._patience_s = PROBE_EVENTS, None, ACK_S

    def next(self) -> list[Batch]:
        """The next batches to send, marked as sent; [] when there is nothing, or too much is in flight."""
        room = self._window - (self.sent - self.journal.acknowledged)
        if self.sent >= self.journal.last_sequence or room <= 0:
            return []
        events = self.journal.events_after(self.sent, min(room, BATCH_EVENTS_MAX))[:BATCH_EVENTS_MAX]
        if events:
            self.sent = events[-1].sequence
        return list(batches(events, self.journal))

    def check_patience(self, now_s: float) -> float:
        """Send again what was not acknowledged in time; returns the seconds until that is next due."""
        if self.sent <= self.journal.acknowledged:
            self._waiting_since_s = None
            return self._patience_s
        if self._waiting_since_s is None:
            self._waiting_since_s = now_s
        left_s = self._waiting_since_s + self._patience_s - now_s
        if left_s > 0:
            return left_s
        self.sent, self._window, self._waiting_since_s = self.journal.acknowledged, PROBE_EVENTS, None
        self._patience_s = min(2 * self._patience_s, ACK_LONGEST_S)
        return 0.0

    def acknowledge(self, ack: Ack) -> None:
        """Follow the store.  Raises ValueError when it has events that this journal has not: the journal's
        tail was lost."""
        before = self.journal.acknowledged
        sequence = max(ack.contiguous, self.journal.anchor_sequence)
        if self._set_aside:
            sequence = min(sequence, self.journal.last_sequence)
        if sequence != before or ack.store != self.journal.store:
            self.journal.acknowledge(ack.store, sequence)
        if sequence < before:
            self.sent = min(self.sent, sequence)
        elif sequence > before:
            self.sent = max(self.sent, sequence)
            self._window = min(2 * self._window, IN_FLIGHT_EVENTS_MAX)
            self._waiting_since_s, self._patience_s = None, ACK_S


def batches(events: Sequence[StoredEvent], journal: Journal) -> Iterable[Batch]:
    """Events as messages: by audience, each under 64 KiB and of 100 events at most."""
    for audience in dict.fromkeys(event.audience for event in events):
        held: list[StoredEvent] = []
        parts: list[bytes] = []
        size = 2
        for event in events:
            if event.audience is not audience:
                continue
            envelope = event.envelope(journal.site, journal.lane, journal.id).model_dump_json().encode()
            if parts and size + len(envelope) + 1 >= BATCH_BYTES_MAX:
                yield Batch(audience, _array(parts), tuple(held))
                held, parts, size = [], [], 2
            held.append(event)
            parts.append(envelope)
            size += len(envelope) + 1
        yield Batch(audience, _array(parts), tuple(held))


def _array(parts: list[bytes]) -> bytes:
    return b"[" + b",".join(parts) + b"]"


def replies(events: Iterable[StoredEvent]) -> list[Reply]:
    """The answers to commands among recorded events."""
    found: list[Reply] = []
    for event in events:
        if event.data.get("type") == "command.answered":
            answered = CommandAnswered.model_validate(event.data)
            found.append(
                Reply(
                    id=answered.command,
                    answer=answered.answer,
                    reasons=answered.reasons,
                    sequence=event.sequence,
                )
            )
    return found


def pictures(events: Iterable[StoredEvent]) -> list[str]:
    """The pictures that recorded events name, by their SHA-256, each once: of an event its own first, then
    those of what is inside of it."""
    named: dict[str, None] = {}
    for event in events:
        own = (event.data.get(key) for key in sorted(PICTURE_KEYS, reverse=True))
        named |= dict.fromkeys(name for name in own if isinstance(name, str))
        named |= dict.fromkeys(pictures_in(event.data))
    return list(named)
