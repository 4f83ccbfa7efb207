"""Erasing personal data in a running lane: by order of a person at the local socket, by their age, and what
orders from before the start left undone.

The order is a fact like any other, so that every store follows it; what it names is erased once its row is
committed.  What could not be done (a journal that can't be opened, a log that somebody reads) stays pending,
is told, and is tried again.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lane_controller.daemon.clock import Clock
from lane_controller.daemon.journal import Journal, JournalError, retention
from lane_controller.daemon.journal.erasing import carry_out, erase_own, pending_erasures
from lane_controller.daemon.journal.opening import older_journals
from lane_controller.lane.facts import Fact, PersonalErased
from lane_controller.messages.parts import ErasedJournal, Reason

log = structlog.get_logger()

RETRY_S = 10.0


class Asked(BaseModel):
    """What the local socket may order.  Personal data of events up to `sequences_to`, of `passages` or of all
    when empty, and the same of older journals; 0 names nothing of the lane's own journal."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    sequences_to: int = Field(ge=0)
    passages: tuple[int, ...] = Field((), max_length=10_000)
    set_aside: tuple[ErasedJournal, ...] = Field((), max_length=1_000)


class Eraser:
    """`older` gives the journals set aside that the daemon holds open, by id; `snapshot` keeps the lane's
    state now, so that older snapshots can go."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        post: Callable[[Fact], None],
        older: Callable[[], Mapping[str, Journal]],
        snapshot: Callable[[], None],
    ) -> None:
        self._journal, self._clock, self._post = journal, clock, post
        self._older, self._snapshot = older, snapshot
        self._left: list[str] = []
        self._waiting: dict[int, asyncio.Future[list[str]]] = {}

    def start(self) -> None:
        """What orders from before the start left undone.  Raises JournalLost."""
        with older_journals(self._journal.path, self._older()) as (older, _):
            for journal in older.values():
                for problem in erase_own(journal):
                    log.error("erasure not finished", problem=problem)
        self._carry_out()

    def follow(self, facts: Iterable[Fact]) -> None:
        """After a commit: carry out the orders among `facts`, and tell who waits.  Raises JournalLost."""
        orders = [fact for fact in facts if isinstance(fact, PersonalErased)]
        if not orders:
            return
        self._carry_out()
        for fact in orders:
            waiting = self._waiting.pop(id(fact), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(list(self._left))

    def _carry_out(self) -> None:
        self._left = []
        erasures = pending_erasures(self._journal)
        if not erasures:
            return
        self._snapshot()
        with older_journals(self._journal.path, self._older()) as (older, not_opened):
            for erasure in erasures:
                self._left += carry_out(self._journal, erasure, older, not_opened)

    async def finish(self) -> None:
        """Try again what could not be done; until cancelled.  Raises JournalLost."""
        while True:
            await asyncio.sleep(RETRY_S)
            if self._left:
                self._carry_out()

    def due(self, before: datetime) -> PersonalErased | None:
        """The order for what is older than `before` in any journal of the lane; None where nothing is."""
        to = retention.sequence_before(self._journal, before)
        to = to if retention.has_personal_before(self._journal, to) else 0
        aside: list[ErasedJournal] = []
        with older_journals(self._journal.path, self._older()) as (older, _):
            for journal in older.values():
                with contextlib.suppress(JournalError):  # a damaged one was told at the start
                    older_to = retention.sequence_before(journal, before)
                    if retention.has_personal_before(journal, older_to):
                        aside.append(ErasedJournal(journal=journal.id, sequences_to=older_to, passages=()))
        if not to and not aside:
            return None
        return PersonalErased(self._clock.stamp(), to, set_aside=tuple(aside))

    async def ordered(self, question: dict[str, Any]) -> dict[str, Any]:
        """Order what the local socket asks for, and answer when it is carried out; `error` says what is wrong
        with the question, `left` what could not be done yet."""
        words = {key: value for key, value in question.items() if key != "ask"}
        try:
            asked = Asked.model_validate_json(json.dumps(words))
        except ValidationError as error:
            mistakes = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            return {"error": f"not erased: {'; '.join(mistakes)}"}
        if problem := self._beyond(asked):
            return {"error": f"not erased: {problem}"}
        fact = PersonalErased(
            self._clock.stamp(),
            asked.sequences_to,
            asked.passages,
            Reason(code="ordered_locally"),
            asked.set_aside,
        )
        done: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._waiting[id(fact)] = done
        self._post(fact)
        try:
            left = await done
        finally:
            self._waiting.pop(id(fact), None)
        return {"sequences_to": asked.sequences_to, "passages": list(asked.passages), "left": left}

    def _beyond(self, asked: Asked) -> str:
        """Why an order can't be given: it must not name what has not happened yet, or stores would erase
        events to come."""
        if asked.sequences_to > self._journal.last_sequence:
            return f"sequences_to {asked.sequences_to}: the last event is {self._journal.last_sequence}"
        with older_journals(self._journal.path, self._older()) as (older, not_opened):
            for one in asked.set_aside:
                journal = older.get(one.journal)
                if journal is None:
                    known = ", ".join(older) or "none"
                    return "; ".join([f"no older journal {one.journal} here, only {known}", *not_opened])
                if one.sequences_to > journal.last_sequence:
                    return f"{journal.path} ends at event {journal.last_sequence}"
        return ""
