"""Searching passages as JSON, counting them, and taking them out as a file."""

from typing import Annotated, cast

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from dashboard.api.exporting import Export, Exports
from dashboard.api.queries import SearchOf
from dashboard.api.routes import REFUSALS, REFUSED, Refusal
from dashboard.api.searching import find_hours, find_passages
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.sheets import CONTENT_TYPES, Format
from dashboard.store.question import SearchRefused
from dashboard.views.found_models import FoundPassages, PassageHours
from dashboard.views.language import Speaker

router = APIRouter(prefix="/api/v1", responses=REFUSALS)
FormatOf = Annotated[Format, Query(alias="format")]


def search_refusal(refused: SearchRefused, speaker: Speaker) -> HTTPException:
    coded = speaker.reason(str(refused), {})
    return HTTPException(409, Refusal(detail=coded.text, reasons=(coded,)).model_dump())


@router.get("/passages", tags=["passages"], responses=REFUSED)
async def get_passages(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, fields: SearchOf
) -> FoundPassages:
    """Passages by plate, document, lane, time, decision, check and officer, the newest first."""
    try:
        return await find_passages(service, fields, speaker, session.user)
    except SearchRefused as refused:
        raise search_refusal(refused, speaker) from None


@router.get("/passages/hours", tags=["passages"], responses=REFUSED)
async def get_hours(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, fields: SearchOf
) -> PassageHours:
    """How many of the same passages arrived at each lane in each hour of the day; without times, of today."""
    try:
        return await find_hours(service, fields, speaker, session.user)
    except SearchRefused as refused:
        raise search_refusal(refused, speaker) from None


@router.post(
    "/passages/export",
    tags=["passages"],
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {
                one: {"schema": {"type": "string", "format": "binary"}} for one in CONTENT_TYPES.values()
            }
        },
        **REFUSED,
        503: {"model": Refusal, "description": "the disk takes no file"},
    },
)
async def post_export(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    fields: SearchOf,
    form: FormatOf,
) -> StreamingResponse:
    """The same passages as a file, at most 50,000.  It is on the record before it is sent."""
    try:
        made = await exports_of(request).make(service, session, fields, form)
    except SearchRefused as refused:
        raise search_refusal(refused, speaker) from None
    return as_file(made, form)


def exports_of(request: Request) -> Exports:
    return cast(Exports, request.app.state.exports)


def as_file(made: Export, form: Format) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return StreamingResponse(made.blocks(), media_type=CONTENT_TYPES[form], headers=headers)
