"""The page of the reasons that people gave for commands by hand."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from dashboard.api.given import Days, Watching
from dashboard.api.security import ServiceOf, SpeakerOf
from dashboard.pages.render import page
from dashboard.views.given import DAYS, given_reasons

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/given-reasons")
async def given(service: ServiceOf, session: Watching, speaker: SpeakerOf, days: Days = 7) -> HTMLResponse:
    shown = await given_reasons(service.source, speaker, session.user, days)
    return await page("given.html", service, session, given=shown, choices=DAYS, here="shifts")
