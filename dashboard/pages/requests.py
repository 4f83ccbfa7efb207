"""Requests for a second person, on every page of those who may answer them."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dashboard.api.requests import RequestId
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.commands.wish import WishRefused
from dashboard.pages.render import fragment, is_fragment, page
from dashboard.service import Service
from dashboard.users.sessions import Session
from dashboard.views.language import Coded, Speaker
from dashboard.views.parts import all_said
from dashboard.views.requests import requests_view

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/requests")
async def requests(
    request: Request, service: ServiceOf, session: SessionOf, speaker: SpeakerOf
) -> HTMLResponse:
    return await _shown(request, service, session, speaker)


async def _shown(
    request: Request, service: Service, session: Session, speaker: Speaker, refused: tuple[Coded, ...] = ()
) -> HTMLResponse:
    status = 409 if refused else 200
    if not is_fragment(request):
        return await page("requests.html", service, session, status=status, refused=refused, here="")
    shown = requests_view(service.proposals, speaker, session).requests
    text = fragment("_requests.html", speaker, requests=shown, refused=refused, csrf=session.csrf)
    return HTMLResponse(text, status)


@router.post("/requests/{request_id}/{answer}")
async def answer(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    request_id: RequestId,
    answer: str,
) -> Response:
    if answer not in ("confirm", "decline"):
        raise HTTPException(404, "no such answer")
    try:
        if answer == "confirm":
            await service.sender.confirm(session, request_id)
        else:
            await service.proposals.decline(session, request_id)
    except KeyError:
        raise HTTPException(404, "no such request") from None
    except WishRefused as refused:
        return await _shown(request, service, session, speaker, all_said(speaker, refused.reasons))
    if is_fragment(request):
        return await _shown(request, service, session, speaker)
    return RedirectResponse("/requests", 303)
