"""Takes the passages that a search finds out of the house, as a file, and puts on the record that it
happened.

The file is made whole before anything is sent: the event that says who took what, and how many rows, is
committed first.  It lies on the disk without a name, gone when it was sent or when the browser went away.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import structlog
from fastapi import HTTPException

from dashboard.api.queries import SearchFields
from dashboard.service import Service
from dashboard.sheets import Format, NotWritten, Sheet, sheet, writing
from dashboard.store import search
from dashboard.store.hours import count_at_most
from dashboard.store.incoming import now_us
from dashboard.store.question import SearchRefused
from dashboard.store.search import Found
from dashboard.store.stage import Stage
from dashboard.users.sessions import Session
from dashboard.views.found import found_passage
from dashboard.views.language import Speaker, iso
from lane_controller.messages.words import Audience

ROWS_MAX = 50_000
AT_ONCE = 2
"""Exports under way: each takes a part of the machine for seconds."""
PAGE = 100
"""Rows between two looks at everybody else's requests."""
BLOCK = 64 * 1024

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Export:
    name: str
    rows: int
    file: BinaryIO

    def blocks(self) -> Iterator[bytes]:
        with self.file:
            while block := self.file.read(BLOCK):
                yield block


class Exports:
    def __init__(self) -> None:
        self._running = 0

    async def make(self, service: Service, session: Session, fields: SearchFields, form: Format) -> Export:
        """The file, with its event committed.  Raises SearchRefused, also for more than `ROWS_MAX` rows and
        while too many are being made; 503 when the disk takes no file."""
        try:
            with self.turn(), _folder() as folder:
                return await _make(service, session, fields, form, Path(folder))
        except NotWritten as error:
            _log.warning(
                "dashboard.export_not_written", folder=tempfile.tempdir, format=form, error=str(error)
            )
            raise HTTPException(
                503,
                "the file could not be written: the dashboard’s folder for temporary files takes no more; "
                "call the technician to make room there, then try again",
            ) from None

    @contextmanager
    def turn(self) -> Generator[None]:
        """While one is being made.  Raises SearchRefused when that would be one too many."""
        if self._running >= AT_ONCE:
            raise SearchRefused("exports_too_many")
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1


def _folder() -> tempfile.TemporaryDirectory[str]:
    with writing():
        return tempfile.TemporaryDirectory(prefix="borderlane-export-")


async def _make(
    service: Service, session: Session, fields: SearchFields, form: Format, folder: Path
) -> Export:
    user, zone = session.user, service.site.zone
    question = replace(fields.question(zone), after=None, limit=PAGE)
    async with service.database.reads.connect() as connection:
        if await count_at_most(connection, question, user.audiences, ROWS_MAX + 1) > ROWS_MAX:
            raise SearchRefused("export_too_large")
        wanted = await search.named(connection, question, user.audiences)
    speaker = service.speaker(user.language)
    path = folder / f"passages.{form}"
    rows = 0
    with writing():
        begun = sheet(path, form, speaker.say("Passages"), _head(speaker))
    async with _closing(begun) as to:
        more = True
        while more:
            async with service.database.reads.connect() as connection:
                found, more = await search.find(connection, question, user.audiences, wanted)
            rows += len(found)
            with writing():
                await asyncio.to_thread(_write, to, found, speaker)
            if found:
                question = question.going_on(found[-1].place)
    file = path.open("rb")

    async def job(stage: Stage) -> None:
        data = {"user": user.name, "role": user.role, "format": form, "rows": rows, "filter": fields.asked()}
        stage.site.add("site.exported", Audience.AUDIT, data)

    try:
        await service.writer.do(job)
    except BaseException:
        file.close()
        raise
    at = f"{speaker.local(now_us()):%Y-%m-%d-%H%M%S}"
    return Export(f"passages-{service.site.site}-{at}.{form}", rows, file)


@asynccontextmanager
async def _closing(to: Sheet) -> AsyncGenerator[Sheet]:
    """An XLSX is put together when it is closed, which takes as long as its rows are many."""
    try:
        yield to
    finally:
        with writing():
            await asyncio.to_thread(to.close)


def _head(speaker: Speaker) -> tuple[str, ...]:
    say = speaker.say
    return (
        *(say("Arrived"), "UTC", say("Lane"), say("Passage"), say("Plate"), say("Document")),
        *(say("Decision"), say("Reasons"), say("Officer"), say("End"), say("Ended")),
    )


def _write(to: Sheet, found: list[Found], speaker: Speaker) -> None:
    for one in found:
        row = found_passage(one, "", speaker)
        to.write(
            (
                row.arrived.text,
                iso(one.arrived_us),
                row.lane,
                str(row.passage),
                " / ".join(plate.display for plate in row.plates),
                ", ".join(row.documents),
                row.decision.text if row.decision else "",
                "; ".join(reason.text for reason in row.reasons),
                ", ".join(row.officers),
                row.ending.text if row.ending else "",
                row.ended.text if row.ended else "",
            )
        )
