"""A passage's record: all that its page shows, the commands that were given, and for second line what its own
page adds.  What an audience does not see on a page it does not find in a record either."""

from dashboard.store import read
from dashboard.store.media import load_picture
from dashboard.store.read import PassageKey
from dashboard.users.accounts import User
from dashboard.views.lane import sent_command
from dashboard.views.language import Speaker
from dashboard.views.models import Passage, SentCommand, Shown
from dashboard.views.passage import load_passage
from dashboard.views.second_line import Referral, referral_view
from dashboard.views.source import Source
from lane_controller.messages.words import UserRole

EVENTS_MAX = 1_000


class Record(Shown):
    """`commands` and the passage's time line have the oldest first; `referral` is second line's alone."""

    passage: Passage
    commands: tuple[SentCommand, ...]
    referral: Referral | None


async def load_record(source: Source, key: PassageKey, speaker: Speaker, user: User) -> Record | None:
    """None when the user's audiences know of no such passage."""
    passage = await load_passage(source, key, speaker, user, EVENTS_MAX)
    if passage is None:
        return None
    second_line = user.role is UserRole.SECOND_LINE
    referral = await referral_view(source, key, speaker, user) if second_line else None
    async with source.database.reads.connect() as connection:
        commands = await read.passage_commands(connection, key)
    return Record(
        passage=passage.model_copy(update={"timeline": passage.timeline[::-1]}),
        commands=tuple(sent_command(speaker, row, user) for row in commands),
        referral=referral,
    )


def picture_paths(passage: Passage) -> tuple[str, ...]:
    """Where the pictures that the record shows are fetched from, `/media/<lane>/<sha256>`, each once."""
    named = [picture.url for picture in passage.pictures]
    for seen in passage.seen_plates:
        named += [path for path in (seen.picture, seen.crop) if path]
    for vote in passage.votes:
        named += [one.crop for one in vote.each if one.crop]
    for document in passage.documents:
        if document.page:
            named += [path for path in (document.page.picture, document.page.crop) if path]
        if document.chip and document.chip.portrait:
            named.append(document.chip.portrait)
    return tuple(dict.fromkeys(named))


async def load_pictures(source: Source, passage: Passage, user: User) -> dict[str, bytes]:
    """The pictures by their paths, those that the user may see."""
    found: dict[str, bytes] = {}
    async with source.database.reads.connect() as connection:
        for path in picture_paths(passage):
            sha256 = path.rpartition("/")[2]
            picture = await load_picture(connection, passage.lane, sha256, user.audiences)
            if picture is not None:
                found[path] = picture.content
    return found
