"""The administrator's page of enrolled work places: this browser gets a name, or a name is withdrawn."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dashboard.api.security import WORKPLACE_COOKIE, ServiceOf, SpeakerOf
from dashboard.pages.accounts import Administrator, set_cookie
from dashboard.pages.render import page
from dashboard.service import Service
from dashboard.store.stage import Stage
from dashboard.users import workplaces
from dashboard.users.sessions import Session
from dashboard.users.workplaces import COOKIE_S, WorkplaceRefused
from dashboard.views.language import Speaker
from dashboard.views.workplaces import workplaces_view

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/workplaces")
async def shown(
    request: Request, service: ServiceOf, session: Administrator, speaker: SpeakerOf
) -> HTMLResponse:
    return await _page(request, service, session, speaker)


async def _page(
    request: Request, service: Service, session: Session, speaker: Speaker, refused: str = ""
) -> HTMLResponse:
    view = await workplaces_view(service.source, speaker)
    here = await service.workplaces.place_of(request.cookies.get(WORKPLACE_COOKIE))
    return await page(
        "workplaces.html",
        service,
        session,
        status=409 if refused else 200,
        workplaces=view.workplaces,
        this_browser=here,
        refused=refused,
        here="workplaces",
    )


@router.post("/workplaces")
async def enrol(
    request: Request,
    service: ServiceOf,
    session: Administrator,
    speaker: SpeakerOf,
    name: Annotated[str, Form(max_length=64)],
) -> Response:
    """Gives this browser the name."""
    name, cookie = name.strip().lower(), workplaces.new_cookie()
    before = await service.workplaces.place_of(request.cookies.get(WORKPLACE_COOKIE))

    async def job(stage: Stage) -> None:
        if before not in ("", name):
            await workplaces.withdraw(stage, before, session.user.name)
        await workplaces.enrol(stage, name, cookie, session.user.name)

    try:
        await service.writer.do(job)
    except WorkplaceRefused as refused:
        return await _page(request, service, session, speaker, speaker.reason(str(refused), {}).text)
    service.workplaces.changed()
    for place in (before, name):
        service.sessions.forget_workplace(place)
    response = RedirectResponse("/workplaces", 303)
    set_cookie(response, request, WORKPLACE_COOKIE, cookie, max_age=COOKIE_S)
    return response


@router.post("/workplaces/{name}/withdraw")
async def withdraw(service: ServiceOf, session: Administrator, name: str) -> Response:
    async def job(stage: Stage) -> None:
        await workplaces.withdraw(stage, name.replace("\0", ""), session.user.name)

    try:
        await service.writer.do(job)
    except WorkplaceRefused:
        raise HTTPException(404, "no such work place") from None
    service.workplaces.changed()
    service.sessions.forget_workplace(name)
    return RedirectResponse("/workplaces", 303)
