"""Answers a search from the store, for page and JSON alike."""

from dashboard.api.queries import SearchFields, more_of
from dashboard.service import Service
from dashboard.store import read, search
from dashboard.users.accounts import User
from dashboard.views.language import Speaker
from dashboard.views.models import FoundPassages
from dashboard.views.passage import found_passage


async def find_passages(
    service: Service, fields: SearchFields, speaker: Speaker, user: User
) -> FoundPassages:
    """Raises SearchRefused."""
    question = fields.question(service.site.zone)
    async with service.database.reads.connect() as connection:
        found = await search.find(connection, question, user.audiences)
        page = found[: question.limit]
        registers = await read.passages(connection, [key for key, _ in page], user.audiences)
    last = page[-1] if len(found) > question.limit else None
    return FoundPassages(
        passages=tuple(found_passage(key, at_us, registers[key], speaker) for key, at_us in page),
        more=more_of(last[1], last[0].lane, last[0].journal, last[0].passage) if last else None,
    )
