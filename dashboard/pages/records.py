"""A passage's record as PDF: to file it, or to hand it to another agency.

That it was taken out, by whom, and the file's hash are on the record before the file is sent.
"""

import hashlib
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from dashboard.api.passages import exports_of
from dashboard.api.routes import JournalId, LaneName, PassageNumber
from dashboard.api.security import ServiceOf, SpeakerOf, only
from dashboard.pages.render import fragment
from dashboard.printing import PrintingFailed, pdf
from dashboard.service import Service
from dashboard.store.incoming import now_us
from dashboard.store.question import SearchRefused
from dashboard.store.read import PassageKey
from dashboard.store.stage import Stage
from dashboard.users.roles import RECORDS
from dashboard.users.sessions import Session
from dashboard.views.language import Speaker
from dashboard.views.parts import moment
from dashboard.views.record import EVENTS_MAX, load_pictures, load_record, picture_paths
from lane_controller.messages.words import Audience

_log = structlog.get_logger()

router = APIRouter(include_in_schema=False)


@router.post("/passages/{lane}/{journal}/{passage}/export")
async def export(
    request: Request,
    service: ServiceOf,
    session: Annotated[Session, Depends(only(*RECORDS))],
    speaker: SpeakerOf,
    lane: LaneName,
    journal: JournalId,
    passage: PassageNumber,
) -> Response:
    try:
        with exports_of(request).turn():
            made = await _record(service, session, speaker, PassageKey(lane, journal, passage))
    except SearchRefused as refused:
        raise HTTPException(409, speaker.reason(str(refused), {}).text) from None
    except PrintingFailed as failed:
        _log.warning("dashboard.record_not_printed", reason=str(failed))
        raise HTTPException(503, "the record could not be made; try again") from None
    name = f"record-{service.site.site}-{lane}-{passage}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, media_type="application/pdf", headers=headers)


async def _record(service: Service, session: Session, speaker: Speaker, key: PassageKey) -> bytes:
    """Raises 404 and PrintingFailed."""
    user = session.user
    record = await load_record(service.source, key, speaker, user)
    if record is None:
        raise HTTPException(404, "no such passage")
    html = fragment(
        "record.html",
        speaker,
        record=record,
        passage=record.passage,
        site=service.site.site,
        user=user,
        made=moment(speaker, now_us()),
        paths=picture_paths(record.passage),
        events_max=EVENTS_MAX,
    )
    made = await pdf(html, await load_pictures(service.source, record.passage, user))

    async def job(stage: Stage) -> None:
        data = {
            "user": user.name,
            "role": user.role,
            "lane": key.lane,
            "journal": key.journal,
            "passage": key.passage,
            "sha256": hashlib.sha256(made).hexdigest(),
        }
        stage.site.add("site.record_exported", Audience.AUDIT, data)

    await service.writer.do(job)
    return made
