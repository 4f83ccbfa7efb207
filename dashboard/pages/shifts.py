"""The pages of shifts: who answers for which lane, and handing it over with what is open."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from dashboard.api.hand_overs import HandOverId
from dashboard.api.routes import LaneName, known_lane
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.commands.wish import Wish, WishRefused
from dashboard.hand_over import OfferWish, matters, offer, take_over
from dashboard.pages.render import fragment, is_fragment, page
from dashboard.service import Service
from dashboard.users.sessions import Session
from dashboard.views import site as site_views
from dashboard.views.hand_overs import hand_over_page, hand_overs
from dashboard.views.language import Coded, Speaker
from dashboard.views.parts import all_said
from lane_controller.messages.words import CommandKind

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Refused = tuple[Coded, ...]


async def _values(service: Service, session: Session, speaker: Speaker, refused: Refused) -> dict[str, Any]:
    shown = await site_views.shifts(service.source, service.writer.memory.store_id, speaker, session.user)
    passed_on = await hand_overs(service.source, speaker, session.user)
    return {"shifts": shown, "hand_overs": passed_on.hand_overs, "refused": refused}


async def _shifts(
    service: Service, session: Session, speaker: Speaker, refused: Refused = ()
) -> HTMLResponse:
    values = await _values(service, session, speaker, refused)
    position = service.hub.position(session.user)
    status = 409 if refused else 200
    return await page(
        "shifts.html", service, session, status=status, position=position, here="shifts", **values
    )


@router.get("/shifts")
async def shifts(
    request: Request, service: ServiceOf, session: SessionOf, speaker: SpeakerOf
) -> HTMLResponse:
    if is_fragment(request):
        values = await _values(service, session, speaker, ())
        return HTMLResponse(fragment("_shifts.html", speaker, user=session.user, csrf=session.csrf, **values))
    return await _shifts(service, session, speaker)


@router.get("/shifts/offered")
async def offered(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> HTMLResponse:
    """The newest hand-over that waits for this user, for the frame of every page."""
    found = await hand_overs(service.source, speaker, session.user)
    waiting = [one for one in found.hand_overs if one.may_take]
    return HTMLResponse(fragment("_offered.html", speaker, waiting=waiting))


@router.post("/shifts/{lane}")
async def change_shift(
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    lane: LaneName,
    do: Annotated[str, Form(pattern="^(begin|end)$")],
) -> Response:
    await known_lane(service, lane)
    try:
        wish = Wish(kind=CommandKind.SHIFT, reason="hand_over", shift=do)
        await service.sender.send(session, lane, wish)
    except WishRefused as refused:
        return await _shifts(service, session, speaker, all_said(speaker, refused.reasons))
    return RedirectResponse("/shifts", 303)


@router.get("/hand-over")
async def hand_over_form(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, to: Annotated[str, Query(max_length=64)] = ""
) -> HTMLResponse:
    """What is open, as the colleague will see it, and what to say to it."""
    return await _form(service, session, speaker, {"to": to})


@router.post("/hand-over")
async def hand_over(request: Request, service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> Response:
    form = await request.form()
    given: dict[str, Any] = {name: form.get(name) or "" for name in ("to", "notes")}
    given["lanes"] = tuple(str(lane) for lane in form.getlist("lanes"))
    if not given["lanes"]:
        return await _form(service, session, speaker, given, (speaker.reason("no_lane_chosen", {}),))
    try:
        made = await offer(service, session, speaker, OfferWish.model_validate(given))
    except ValidationError:
        raise HTTPException(422, "the form was not filled in as the page shows it") from None
    except WishRefused as refused:
        return await _form(service, session, speaker, given, all_said(speaker, refused.reasons))
    return RedirectResponse(f"/hand-overs/{made}", 303)


async def _form(
    service: Service, session: Session, speaker: Speaker, given: dict[str, Any], refused: Refused = ()
) -> HTMLResponse:
    try:
        shown = await matters(service, session, speaker, OfferWish(to=given["to"]))
    except WishRefused as error:
        return await _shifts(service, session, speaker, all_said(speaker, error.reasons))
    return await page(
        "hand_over_form.html",
        service,
        session,
        status=409 if refused else 200,
        matters=shown,
        chosen=given.get("lanes") or tuple(one.lane for one in shown.lanes),
        notes=given.get("notes", ""),
        refused=refused,
        here="shifts",
    )


@router.get("/hand-overs/{hand_over}")
async def one_hand_over(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, hand_over: HandOverId
) -> HTMLResponse:
    return await _one(service, session, speaker, hand_over)


@router.post("/hand-overs/{hand_over}/take-over")
async def take(service: ServiceOf, session: SessionOf, speaker: SpeakerOf, hand_over: HandOverId) -> Response:
    try:
        left = await take_over(service, session, hand_over)
    except KeyError:
        raise HTTPException(404, "no such hand-over") from None
    except WishRefused as refused:
        return await _one(service, session, speaker, hand_over, all_said(speaker, refused.reasons))
    if left:
        return await _one(service, session, speaker, hand_over, all_said(speaker, left))
    return RedirectResponse(f"/hand-overs/{hand_over}", 303)


async def _one(
    service: Service, session: Session, speaker: Speaker, id_: str, refused: Refused = ()
) -> HTMLResponse:
    shown = await hand_over_page(service.source, speaker, session.user, id_)
    if shown is None:
        raise HTTPException(404, "no such hand-over")
    return await page(
        "hand_over.html",
        service,
        session,
        status=409 if refused else 200,
        hand_over=shown.hand_over,
        matters=shown.page,
        refused=refused,
        here="shifts",
    )
