"""Events that no lane can send any more: pruned before this store had them (it was restored, or is new), or
of a journal that went with its card.  They are told once and count as received, so that the lane's cursor
goes on; one that turns up after all is taken like any other."""

from collections.abc import Mapping

from sqlalchemy import update

from dashboard.store.bulk import insert_rows
from dashboard.store.memory import Memory
from dashboard.store.received import Received
from dashboard.store.stage import Stage
from dashboard.store.tables import JOURNALS
from lane_controller.messages.words import Audience, Priority


def unfillable(memory: Memory, lane: str, kept: Mapping[str, int]) -> bool:
    """Whether the lane's journals here lack events that it can't send.  `kept`: each journal that the lane
    has, and the first sequence that is still in it."""
    journals = memory.journals_of(lane)
    return any(
        _kept_from(kept, journal, journals[journal]) > journals[journal].contiguous + 1
        for journal in journals
    )


def _kept_from(kept: Mapping[str, int], journal: str, received: Received) -> int:
    """Of a journal that the lane has not, nothing more will come."""
    return kept.get(journal, received.highest + 1)


async def accept_losses(stage: Stage, lane: str, kept: Mapping[str, int]) -> None:
    """Counts as received what `unfillable` found; each run of lost events is an audit event, and the lane has
    an alarm."""
    for journal, received in sorted(stage.memory.journals_of(lane).items()):
        lost = received.accept_loss(_kept_from(kept, journal, received))
        for first, last in lost:
            data = {"lane": lane, "journal": journal, "first": first, "last": last}
            stage.site.add("site.events_lost", Audience.AUDIT, data)
            given: dict[str, str | int | float | bool | None] = {"lane": lane, "first": first, "last": last}
            stage.site.raise_alarm("lost", lane, Audience.SUPERVISOR, Priority.HIGH, given)
        if lost:
            await _save(stage, lane, journal, received)
            stage.touch(lane, journal)


async def _save(stage: Stage, lane: str, journal: str, received: Received) -> None:
    """Without a word about when the journal last brought something: it did not now."""
    same = (JOURNALS.c.lane == lane, JOURNALS.c.journal == journal)
    reached = {"contiguous": received.contiguous, "highest": received.highest}
    if not (await stage.connection.execute(update(JOURNALS).where(*same).values(reached))).rowcount:
        first_us = stage.memory.first_us.setdefault((lane, journal), stage.received_us)
        row = (lane, journal, received.contiguous, received.highest, first_us, 0)
        await insert_rows(stage.connection, JOURNALS, [row], "keep")
