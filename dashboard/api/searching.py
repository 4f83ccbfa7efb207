"""Answers a search from the store, for page and JSON alike."""

from dataclasses import replace

from dashboard.api.queries import SearchFields, more_of
from dashboard.service import Service
from dashboard.store import search
from dashboard.store.hours import DAY_US, count_hours
from dashboard.store.incoming import now_us
from dashboard.users.accounts import User
from dashboard.views.found import found_passage
from dashboard.views.found_models import FoundPassages, PassageHours
from dashboard.views.hours import day_of, passage_hours
from dashboard.views.language import Speaker


async def find_passages(
    service: Service, fields: SearchFields, speaker: Speaker, user: User
) -> FoundPassages:
    """Raises SearchRefused."""
    question = fields.question(service.site.zone)
    async with service.database.reads.connect() as connection:
        found, more = await search.find(connection, question, user.audiences)
    return FoundPassages(
        passages=tuple(found_passage(one, question.plate, speaker) for one in found),
        more=more_of(found[-1].place) if more else None,
    )


async def find_hours(service: Service, fields: SearchFields, speaker: Speaker, user: User) -> PassageHours:
    """Without times: of today.  Raises SearchRefused."""
    question = replace(fields.question(service.site.zone), after=None)
    today = day_of(speaker, now_us())
    if question.from_us is None:
        # Until a moment: the day up to it; without one, today.
        question = replace(question, from_us=today[0] if question.to_us is None else question.to_us - DAY_US)
    if question.to_us is None:
        question = replace(question, to_us=max(today[1], question.from_us or 0))
    lanes = [question.lane] if question.lane else await service.source.lanes()
    async with service.database.reads.connect() as connection:
        counts = await count_hours(connection, question, user.audiences, service.site.zone)
    asked = fields.asked()
    without_times = {name: value for name, value in asked.items() if name not in ("from", "to")}
    return passage_hours(counts, lanes, question, without_times, speaker)
