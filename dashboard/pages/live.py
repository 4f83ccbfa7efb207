"""The part of a lane's page that shows a live picture."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dashboard.api.live import LookId, own_look
from dashboard.api.routes import LaneName, known_lane
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.commands.sender import WishRefused
from dashboard.pages.render import fragment, is_fragment
from dashboard.views.live import look_shown
from dashboard.views.parts import all_said

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.post("/lanes/{lane}/live")
async def look(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    lane: LaneName,
    camera: Annotated[str, Form(max_length=64)],
) -> Response:
    await known_lane(service, lane)
    if not is_fragment(request):
        return RedirectResponse(f"/lanes/{lane}", 303)
    try:
        shown = look_shown(speaker, await service.live_asker.ask(session, lane, camera))
    except WishRefused as refused:
        reasons = all_said(speaker, refused.reasons)
        return HTMLResponse(fragment("_live.html", speaker, look=None, reasons=reasons))
    return HTMLResponse(fragment("_live.html", speaker, look=shown, reasons=()))


@router.get("/lanes/{lane}/live/{look}")
async def look_part(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, lane: LaneName, look: LookId
) -> HTMLResponse:
    """What became of a look."""
    shown = look_shown(speaker, own_look(service, session, lane, look))
    return HTMLResponse(fragment("_live.html", speaker, look=shown, reasons=shown.reasons))
