"""The page on which passages are searched: as a list, as lanes x hours, and taken out as a file."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from dashboard.api.exporting import ROWS_MAX
from dashboard.api.passages import as_file, exports_of
from dashboard.api.queries import SearchFields, SearchOf
from dashboard.api.searching import find_hours, find_passages
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.pages.render import page
from dashboard.service import Service
from dashboard.sheets import Format
from dashboard.store.incoming import now_us
from dashboard.store.question import NOT_PASSED, SearchRefused
from dashboard.users.accounts import list_users
from dashboard.users.sessions import Session
from dashboard.views.catalogues import codes
from dashboard.views.found_models import FoundPassages
from dashboard.views.hours import days_of
from dashboard.views.language import Speaker
from lane_controller.messages.rights import LINE
from lane_controller.messages.words import Outcome

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

AsHours = Annotated[bool, Query(alias="hours", description="as lanes x hours")]


@router.get("/passages")
async def passages(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, fields: SearchOf, hours: AsHours = False
) -> HTMLResponse:
    try:
        if hours:
            values = _shown(grid=await find_hours(service, fields, speaker, session.user))
        else:
            values = _shown(found=await find_passages(service, fields, speaker, session.user))
    except SearchRefused as refused:
        values = _shown(refused=speaker.reason(str(refused), {}).text)
    return await _page(service, session, speaker, fields, hours, values)


@router.post("/passages/export")
async def export(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    form: Annotated[Format, Form(alias="format")],
) -> Response:
    """The fields come with the form: what was asked for stands in no address."""
    given = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    try:
        fields = SearchFields.model_validate(given)
    except ValidationError:
        raise HTTPException(422, "the form was not filled in as the page shows it") from None
    try:
        made = await exports_of(request).make(service, session, fields, form)
    except SearchRefused as refused:
        values = _shown(refused=speaker.reason(str(refused), {}).text)
        return await _page(service, session, speaker, fields, False, values, status=409)
    return as_file(made, form)


def _shown(**values: Any) -> dict[str, Any]:
    """What a search came to: one of these."""
    return {"found": FoundPassages(passages=(), more=None), "grid": None, "refused": "", **values}


async def _page(
    service: Service,
    session: Session,
    speaker: Speaker,
    fields: SearchFields,
    hours: bool,
    values: dict[str, Any],
    status: int = 200,
) -> HTMLResponse:
    async with service.database.reads.connect() as connection:
        users = await list_users(connection)
    return await page(
        "passages.html",
        service,
        session,
        status=status,
        fields=fields,
        asked=fields.asked(),
        as_hours=hours,
        lanes=await service.source.lanes(),
        decisions=[speaker.coded("decision", outcome) for outcome in Outcome],
        checks=sorted((speaker.coded("check", one) for one in codes("check")), key=lambda one: one.text),
        outcomes=[speaker.coded("outcome", outcome) for outcome in NOT_PASSED],
        officers=[user.name for user in users if user.role in LINE],
        days=days_of(speaker, now_us()),
        rows_max=ROWS_MAX,
        here="passages",
        **values,
    )
