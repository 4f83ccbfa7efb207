"""What each page shows; everything on them comes from the same views as its JSON twin."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from dashboard.api.routes import JournalId, LaneName, PassageNumber, known_lane
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf, only
from dashboard.commands.offers import offers, reasons_for
from dashboard.commands.sender import Wish, WishRefused
from dashboard.pages.render import fragment, is_fragment, page
from dashboard.store.read import PassageKey
from dashboard.users.roles import RECORDS
from dashboard.users.sessions import Session
from dashboard.views import site as site_views
from dashboard.views.facts import LaneFacts
from dashboard.views.lane import lane_view
from dashboard.views.parts import all_said
from dashboard.views.passage import load_passage
from dashboard.views.tile import tile
from lane_controller.messages.rights import LINE
from lane_controller.messages.words import CommandKind, Mode, UserRole

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
async def wall(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> HTMLResponse:
    position = service.hub.position(session.user)
    shown = await site_views.wall(service.source, service.site.site, position, speaker, session.user)
    blank = tile(LaneFacts(lane="-"), speaker, session.user)
    return await page("wall.html", service, session, wall=shown, blank=blank, here="wall")


@router.get("/lanes/{lane}")
async def lane(service: ServiceOf, session: SessionOf, speaker: SpeakerOf, lane: LaneName) -> HTMLResponse:
    await known_lane(service, lane)
    shown = await lane_view(service.source, service.sender.seal, lane, speaker, session.user)
    position = service.hub.position(session.user)
    return await page("lane.html", service, session, lane=shown, position=position, here="wall")


@router.get("/lanes/{lane}/view")
async def lane_part(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, lane: LaneName
) -> HTMLResponse:
    """The part of a lane's page that changes."""
    await known_lane(service, lane)
    shown = await lane_view(service.source, service.sender.seal, lane, speaker, session.user)
    return HTMLResponse(fragment("_lane.html", speaker, lane=shown, csrf=session.csrf))


@router.get("/lanes/{lane}/commands/{kind}")
async def command_form(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    lane: LaneName,
    kind: CommandKind,
) -> HTMLResponse:
    """The form for one command: what it rests on, and the reason to choose."""
    await known_lane(service, lane)
    return await _command_form(request, service, session, lane, kind)


_KEPT = ("mode", "persons", "reason", "text")
"""What a form keeps when it comes back with a refusal."""


async def _command_form(
    request: Request,
    service: ServiceOf,
    session: Session,
    lane: str,
    kind: CommandKind,
    refused: WishRefused | None = None,
    given: dict[str, str] | None = None,
) -> HTMLResponse:
    speaker = service.speaker(session.user.language)
    shown = await lane_view(service.source, service.sender.seal, lane, speaker, session.user)
    facts = await service.source.facts(lane, session.user.audiences)
    offered = next((one for one in offers(facts, session.user) if one.kind is kind), None)
    if offered is None:
        raise HTTPException(404, "no such command here")
    values: dict[str, Any] = {
        "lane": shown,
        "kind": speaker.coded("command", kind),
        "withheld": all_said(speaker, offered.reasons),
        "refused": all_said(speaker, refused.reasons) if refused else (),
        "reasons": [speaker.coded("given", code) for code in reasons_for(kind)],
        "modes": [speaker.coded("mode", mode) for mode in Mode if mode != facts.mode],
        "asks_second": kind in facts.two_person_kinds,
        "given": {name: (given or {}).get(name, "") for name in _KEPT},
        "again": refused is not None,
        "asks_seen_clear": kind in (CommandKind.RAISE, CommandKind.LOWER) and facts.arm == "unknown",
        "csrf": session.csrf,
    }
    if is_fragment(request):
        return HTMLResponse(fragment("_command.html", speaker, **values))
    values.pop("csrf")
    return await page("command.html", service, session, here="wall", **values)


@router.post("/lanes/{lane}/commands/{kind}")
async def command(
    request: Request, service: ServiceOf, session: SessionOf, lane: LaneName, kind: CommandKind
) -> Response:
    await known_lane(service, lane)
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    form.pop("csrf", None)
    try:
        await service.sender.send(session, lane, _wish(kind, form))
    except ValidationError:
        raise HTTPException(422, "the form was not filled in as the page shows it") from None
    except WishRefused as refused:
        return await _command_form(request, service, session, lane, kind, refused, form)
    if is_fragment(request):
        return Response(status_code=204, headers={"HX-Trigger": "command-sent"})
    return RedirectResponse(f"/lanes/{lane}", 303)


def _wish(kind: CommandKind, form: dict[str, str]) -> Wish:
    """Raises ValidationError."""
    return Wish.model_validate({"kind": kind, **{name: value for name, value in form.items() if value}})


@router.post("/commands/{command}/repeat")
async def repeat(
    service: ServiceOf,
    session: SessionOf,
    command: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
    lane: Annotated[str, Form(max_length=32)],
) -> Response:
    try:
        await service.sender.repeat(command)
    except KeyError:
        raise HTTPException(404, "no such command") from None
    await known_lane(service, lane)
    return RedirectResponse(f"/lanes/{lane}", 303)


@router.get("/passages/{lane}/{journal}/{passage}")
async def one_passage(
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    lane: LaneName,
    journal: JournalId,
    passage: PassageNumber,
) -> HTMLResponse:
    shown = await load_passage(service.source, PassageKey(lane, journal, passage), speaker, session.user)
    if shown is None:
        raise HTTPException(404, "no such passage")
    return await page(
        "passage.html",
        service,
        session,
        passage=shown,
        may_card=session.user.role in LINE,
        may_record=session.user.role in RECORDS,
        here="passages",
    )


@router.get("/audit")
async def audit(
    service: ServiceOf,
    speaker: SpeakerOf,
    session: Annotated[Session, Depends(only(UserRole.AUDITOR))],
    before: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
) -> HTMLResponse:
    store_id = service.writer.memory.store_id
    shown = await site_views.audit(service.source, store_id, speaker, session.user, before)
    return await page("audit.html", service, session, audit=shown, here="audit")


@router.get("/keys")
async def keys(service: ServiceOf, session: SessionOf) -> HTMLResponse:
    return await page("keys.html", service, session, here="")
