"""The main loop: what a daemon does with each fact.

    1. step      the pure rules: the next state and its events
    2. commit    one journal row a fact, all that are waiting in one transaction
    3. act       lamps, orders and requests follow the views of the state
    4. publish   the uplink is told that there are new events

In this order, in one function (`Loop.take`).  Nothing is done or published for a fact whose row is not on the
disk; without one only these may act: light red, cancel a lowering, the status line.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from lane_controller.daemon.clock import Clock
from lane_controller.daemon.journal import Draft, EventDraft, Journal
from lane_controller.lane import state, views
from lane_controller.lane.facts import FACTS, DeadlineReached, Fact
from lane_controller.lane.state import Lane
from lane_controller.lane.step import faulted, step
from lane_controller.messages.envelope import EVENT_BYTES_MAX
from lane_controller.messages.words import Audience

log = structlog.get_logger()

Media = tuple[tuple[str, Audience, bytes], ...]

GROUP_MAX = 100
"""Facts in one commit."""
SNAPSHOT_IDLE_ROWS = 500
SNAPSHOT_ROWS = 10_000
"""A snapshot when no passage is open and this many rows are new, and at least after so many."""


class EventTooLarge(ValueError):
    """An event that no broker would carry: the rules made it, so it counts as their error."""


class Loop:
    """Owns the lane's state and its journal.

    `act(lane, facts)` and `publish()` are called after each commit; both are quick, and start what takes
    time."""

    def __init__(
        self,
        journal: Journal,
        lane: Lane | None,
        clock: Clock,
        act: Callable[[Lane, list[Fact]], None],
        publish: Callable[[], None],
    ) -> None:
        self.journal, self.lane, self.clock = journal, lane, clock
        self._act, self._publish = act, publish
        self._waiting: deque[tuple[Fact, Media]] = deque()
        self._woken = asyncio.Event()
        self._waits_since_s = 0.0
        newest = journal.newest_snapshot()
        self._snapshot_row = newest[0] if newest else journal.anchor_number

    def post(self, fact: Fact, media: Media = ()) -> None:
        """Tell the lane a fact; it is taken in the order of posting, soon."""
        if not self._waiting:
            self._waits_since_s = time.monotonic()
        self._waiting.append((fact, media))
        self._woken.set()

    @property
    def waiting(self) -> int:
        """Facts posted and not yet taken."""
        return len(self._waiting)

    @property
    def waits_s(self) -> float:
        """Real seconds since a fact was posted, or one before it committed; 0 when none waits."""
        return time.monotonic() - self._waits_since_s if self._waiting else 0.0

    def take(self, told: Sequence[tuple[Fact, Media]]) -> None:
        """The four things, in order.  Raises JournalLost, after which nothing was done."""
        lane, drafts = self.lane, list[Draft]()
        for fact, media in told:
            lane, draft = advance(lane, fact, media)
            drafts.append(draft)
        try:
            self.journal.append(drafts)
        except (ValueError, OverflowError) as error:
            self._drop_what_is_no_json(told, error)
            return
        self.lane = lane
        if lane is not None:
            self._act(lane, [fact for fact, _ in told])
        self._publish()

    def _drop_what_is_no_json(self, told: Sequence[tuple[Fact, Media]], error: Exception) -> None:
        """A value that no row can hold (NaN, half a surrogate pair, a number of 100 digits) comes from
        outside, and must not stop the lane: its fact is dropped, the others are taken one by one."""
        if len(told) > 1:
            for one in told:
                self.take([one])
        else:
            log.error("a fact that no row can hold was dropped", fact=told[0][0].kind, error=str(error))

    async def run(self) -> None:
        """Take facts as they come, and deadlines when they are due.  Raises JournalLost."""
        while True:
            try:
                async with asyncio.timeout(self._until_deadline_s()):
                    await self._woken.wait()
            except TimeoutError:
                self._post_deadline()
            self._woken.clear()
            while self._waiting:
                count = min(len(self._waiting), GROUP_MAX)
                self.take([self._waiting.popleft() for _ in range(count)])
                self._waits_since_s = time.monotonic()
            self._keep_snapshot()

    def _until_deadline_s(self) -> float | None:
        """Real seconds until the lane waits no longer."""
        due = views.next_deadline(self.lane) if self.lane is not None else None
        return None if due is None else max(0.0, due[1] - self.clock.mono_s()) / self.clock.speed

    def _post_deadline(self) -> None:
        at = self.clock.stamp()
        due = views.next_deadline(self.lane) if self.lane is not None else None
        if due is not None and due[1] <= at.mono_s:
            self.post(DeadlineReached(at, due[0]))

    def _keep_snapshot(self) -> None:
        """A shortcut for the next start, taken where it is cheap."""
        lane = self.lane
        if lane is None:
            return
        rows = self.journal.last_number - self._snapshot_row
        idle = lane.passage is None and lane.waiting is None
        if rows >= SNAPSHOT_ROWS or (idle and rows >= SNAPSHOT_IDLE_ROWS):
            self.snapshot()

    def snapshot(self) -> None:
        """Keep the state now.  Raises JournalLost."""
        if self.lane is not None:
            number = self.journal.last_number
            self.journal.snapshot(number, state.SCHEMA, state.dump(self.lane).decode())
            self._snapshot_row = number


def advance(lane: Lane | None, fact: Fact, media: Media = ()) -> tuple[Lane, Draft]:
    """The state after a fact, and the row to commit for it.

    When the rules raise, the row holds the fact and the error, and the lane goes to mode manual."""
    error = ""
    try:
        taken = step(lane, fact)
        events = _drafts(taken)
    except Exception as raised:  # whatever the rules do wrong must neither stop the daemon nor move an arm
        if lane is None:
            raise
        error = f"{type(raised).__name__}: {raised}"
        log.error("the rules could not take a fact", fact=fact.kind, exc_info=raised)
        taken = faulted(lane, fact, type(raised).__name__)
        events = _drafts(taken)
    row: dict[str, Any] = FACTS.dump_python(fact, mode="json")
    del row["at"]
    return taken.lane, Draft(fact.at, row, events, error, media)


def _drafts(taken: state.Step) -> tuple[EventDraft, ...]:
    drafts: list[EventDraft] = []
    for emitted in taken.events:
        data = emitted.data.model_dump(mode="json")
        if (
            len(str(data)) > EVENT_BYTES_MAX // 4
            and len(emitted.data.model_dump_json()) > EVENT_BYTES_MAX - 1024
        ):
            raise EventTooLarge(f"an event {emitted.data.type} is larger than {EVENT_BYTES_MAX} bytes")
        drafts.append(EventDraft(emitted.audience, data, emitted.passage, emitted.maintenance))
    return tuple(drafts)
