"""One passage with its evidence and time line, open or ended."""

from collections.abc import Iterable

from dashboard.store import read
from dashboard.store.fold import Registers
from dashboard.store.read import PassageKey, StoredEvent
from dashboard.users.accounts import User
from dashboard.views import parts
from dashboard.views.facts import PassageFacts, passage_of_registers
from dashboard.views.freeing import freeing
from dashboard.views.language import Speaker
from dashboard.views.models import Passage, TimelineEvent
from dashboard.views.seen_plates import seen_plates
from dashboard.views.source import Source, pictures_of
from dashboard.views.timeline import timeline_event
from dashboard.views.vote import vote_shown
from dashboard.views.weight import weight_shown

TIMELINE_MAX = 200


def passage_view(
    key: PassageKey,
    facts: PassageFacts,
    registers: Registers,
    pictures: frozenset[str],
    timeline: Iterable[StoredEvent],
    speaker: Speaker,
) -> Passage:
    """`registers` add what only events tell: who decided, and the end.  Of the pictures that are named only
    `pictures` are shown, those that came: the page of one that is on its way would stay broken."""
    facts = facts.showing(pictures)
    ended = registers["ended"][1] if "ended" in registers else None
    decision = registers["decision"][1] if "decision" in registers else {}
    by = decision.get("by") or {}
    return Passage(
        lane=key.lane,
        journal=key.journal,
        passage=key.passage,
        phase=speaker.coded("phase", facts.phase),
        since=parts.moment(speaker, facts.since_us),
        ended=parts.moment(speaker, ended["time_us"]) if ended else None,
        ending=speaker.coded("ending", str(ended.get("end"))) if ended else None,
        plates=parts.plates(speaker, facts),
        seen_plates=tuple(seen_plates(speaker, key.lane, registers, pictures)),
        votes=tuple(vote_shown(speaker, key.lane, one) for one in facts.votes),
        documents=parts.documents(speaker, key.lane, facts),
        persons=facts.persons,
        weight=weight_shown(speaker, facts, registers),
        checks=tuple(parts.check(speaker, one) for one in facts.checks),
        waiting_for=parts.all_said(speaker, facts.waiting_for),
        decision=speaker.coded("decision", facts.decision) if facts.decision else None,
        reasons=parts.all_said(speaker, facts.reasons),
        decided_by=str(by["operator"]) if by.get("operator") else None,
        pictures=parts.pictures(key.lane, facts),
        freeing=freeing(speaker, facts),
        timeline=tuple(timeline_event(speaker, event) for event in timeline),
    )


async def load_passage(
    source: Source, key: PassageKey, speaker: Speaker, user: User, events_max: int = TIMELINE_MAX
) -> Passage | None:
    """A stored passage with its newest events; None when these audiences know of none."""
    async with source.database.reads.connect() as connection:
        found = await read.passages(connection, [key], user.audiences)
        if key not in found:
            return None
        pictures = await pictures_of(connection, key.lane, found[key], user.audiences)
        timeline = await read.events(connection, user.audiences, key=key, limit=events_max)
    registers = found[key]
    return passage_view(
        key, passage_of_registers(key.passage, registers), registers, pictures, timeline, speaker
    )


def timeline(speaker: Speaker, events: Iterable[StoredEvent]) -> tuple[TimelineEvent, ...]:
    return tuple(timeline_event(speaker, event) for event in events)
