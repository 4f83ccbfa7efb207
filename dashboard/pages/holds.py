"""The queue of held passages."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.pages.render import fragment, is_fragment, page
from dashboard.views.holds import holds_view

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/holds")
async def holds(request: Request, service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> HTMLResponse:
    position = service.hub.position(session.user)
    shown = await holds_view(service.source, speaker, session.user)
    if is_fragment(request):
        return HTMLResponse(fragment("_holds.html", speaker, holds=shown))
    return await page("holds.html", service, session, holds=shown, position=position, here="holds")
