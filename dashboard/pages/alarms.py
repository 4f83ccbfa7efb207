"""The alarms' pages: what stands, lists, figures, the form to shelve one."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dashboard.api.alarms import Hours, LaneOrSite, ShelfId, Statistician, standing_alarm
from dashboard.api.routes import known_lane
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.commands.sender import Wish, WishRefused
from dashboard.pages.render import fragment, is_fragment, page
from dashboard.service import Service
from dashboard.shelving import REASONS, against_shelving, minutes_for, shelve, take_back
from dashboard.store.tables import SITE_LANE
from dashboard.users.roles import ALARM_STATISTICS
from dashboard.users.sessions import Session
from dashboard.views import alarm_board, alarm_lists, parts
from dashboard.views import site as site_views
from dashboard.views.alarm_figures import HOURS, figures
from dashboard.views.language import Coded, Speaker
from dashboard.views.models import Alarms
from lane_controller.messages.words import CommandKind

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def _part(
    shown: Alarms, service: Service, session: Session, what: str, refused: tuple[Coded, ...] = ()
) -> str:
    speaker = service.speaker(session.user.language)
    return fragment("_alarms.html", speaker, shown=shown, what=what, csrf=session.csrf, refused=refused)


async def _page(
    service: Service,
    session: Session,
    name: str,
    what: str,
    /,
    *,
    refused: tuple[Coded, ...] = (),
    **values: Any,
) -> HTMLResponse:
    return await page(
        name,
        service,
        session,
        status=409 if refused else 200,
        what=what,
        position=service.hub.position(session.user),
        sees_figures=session.user.role in ALARM_STATISTICS,
        refused=refused,
        here="alarms",
        **values,
    )


async def _standing(
    request: Request, service: Service, session: Session, speaker: Speaker, refused: tuple[Coded, ...] = ()
) -> HTMLResponse:
    """What stands, with why something was not done."""
    shown = await alarm_board.board(service.source, service.recent, speaker, session.user)
    if is_fragment(request):
        return HTMLResponse(_part(shown, service, session, "standing", refused))
    return await _page(service, session, "alarms.html", "standing", shown=shown, refused=refused)


@router.get("/alarms")
async def alarms(
    request: Request, service: ServiceOf, session: SessionOf, speaker: SpeakerOf, past: bool = False
) -> HTMLResponse:
    if not past:
        return await _standing(request, service, session, speaker)
    shown = await site_views.past_alarms(service.source, speaker, session.user)
    if is_fragment(request):
        return HTMLResponse(_part(shown, service, session, "past"))
    return await _page(service, session, "alarms.html", "past", shown=shown)


@router.get("/alarms/stale")
async def stale(request: Request, service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> HTMLResponse:
    shown = await alarm_lists.stale(service.source, speaker, session.user)
    if is_fragment(request):
        return HTMLResponse(_part(shown, service, session, "stale"))
    return await _page(service, session, "alarms.html", "stale", shown=shown)


@router.get("/alarms/chattering")
async def chattering(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> HTMLResponse:
    shown = await alarm_lists.chattering(service.source, speaker, session.user)
    return await _page(service, session, "alarms_chattering.html", "chattering", shown=shown)


@router.get("/alarms/figures")
async def alarm_figures(
    service: ServiceOf, session: Statistician, speaker: SpeakerOf, hours: Hours = 24
) -> HTMLResponse:
    shown = await figures(service.source, speaker, session.user, hours)
    return await _page(service, session, "alarm_figures.html", "figures", shown=shown, choices=HOURS)


@router.post("/alarms/{lane}/acknowledge")
async def acknowledge(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    lane: LaneOrSite,
    alarm: Annotated[str, Form(max_length=128)],
) -> Response:
    try:
        if lane == SITE_LANE:
            await service.sender.acknowledge_site_alarm(session, alarm)
        else:
            await known_lane(service, lane)
            wish = Wish(kind=CommandKind.ACKNOWLEDGE, reason="seen", alarm=alarm)
            await service.sender.send(session, lane, wish)
    except WishRefused as error:
        return await _standing(request, service, session, speaker, parts.all_said(speaker, error.reasons))
    if not is_fragment(request):
        return RedirectResponse("/alarms", 303)
    # The stream tells when it is seen; a list made now would only show it unseen once more.
    return Response(status_code=204)


@router.get("/alarms/{lane}/shelve")
async def shelve_form(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    lane: LaneOrSite,
    alarm: Annotated[str, Query(max_length=128)],
) -> HTMLResponse:
    """For how long and why; what stands against it is said before it is asked."""
    return await _form(request, service, session, speaker, lane, alarm)


async def _form(
    request: Request,
    service: Service,
    session: Session,
    speaker: Speaker,
    lane: str,
    alarm: str,
    refused: WishRefused | None = None,
    given: dict[str, str] | None = None,
) -> HTMLResponse:
    try:
        facts = await standing_alarm(service, session, lane, alarm)
    except WishRefused as gone:
        refused, facts = gone, None
    against = against_shelving(facts, session.user) if facts else ()
    values: dict[str, Any] = {
        "alarm": parts.alarm(speaker, facts, session.user) if facts else None,
        "withheld": parts.all_said(speaker, against),
        "refused": parts.all_said(speaker, refused.reasons) if refused else (),
        "choices": [(one, speaker.span(60 * one)) for one in minutes_for(facts.priority)] if facts else [],
        "reasons": [speaker.coded("shelve_reason", code) for code in REASONS],
        "given": given or {"minutes": "", "reason": "", "text": ""},
    }
    if is_fragment(request):
        return HTMLResponse(fragment("_shelve.html", speaker, csrf=session.csrf, **values))
    return await page("shelve.html", service, session, here="alarms", **values)


@router.post("/alarms/{lane}/shelve")
async def shelve_one(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    lane: LaneOrSite,
    alarm: Annotated[str, Form(max_length=128)],
    minutes: Annotated[int, Form()],
    reason: Annotated[str, Form(max_length=32)] = "",
    text: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    try:
        facts = await standing_alarm(service, session, lane, alarm)
        await shelve(service.writer, session, facts, minutes, reason, text)
    except WishRefused as refused:
        given = {"minutes": str(minutes), "reason": reason, "text": text}
        return await _form(request, service, session, speaker, lane, alarm, refused, given)
    if is_fragment(request):
        return Response(status_code=204, headers={"HX-Trigger": "command-sent"})
    return RedirectResponse("/alarms", 303)


@router.post("/alarms/shelves/{shelf}/take-back")
async def take_one_back(
    request: Request, service: ServiceOf, session: SessionOf, speaker: SpeakerOf, shelf: ShelfId
) -> Response:
    try:
        await take_back(service.writer, session, shelf)
    except WishRefused as error:
        return await _standing(request, service, session, speaker, parts.all_said(speaker, error.reasons))
    if not is_fragment(request):
        return RedirectResponse("/alarms", 303)
    return await _standing(request, service, session, speaker)
