"""The JSON twins of the pages, commands, and the stream.  All under `/api/v1`, all behind a session."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from dashboard.api.board import Made
from dashboard.api.event_stream import Connection, EventStream
from dashboard.api.hub import TooManyStreams
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf, is_use, only
from dashboard.api.stream import Stream
from dashboard.api.tiles import made_view
from dashboard.commands.sender import Wish, WishRefused
from dashboard.service import Service
from dashboard.store.media import load_picture
from dashboard.store.read import PassageKey
from dashboard.store.tables import SITE_LANE
from dashboard.users.sessions import Session
from dashboard.views import site as site_views
from dashboard.views.lane import lane_view
from dashboard.views.language import Coded, Speaker
from dashboard.views.models import Audit, Lane, Passage, Shifts, Users
from dashboard.views.passage import load_passage
from dashboard.views.tile_models import Wall
from lane_controller.messages.topics import NAME
from lane_controller.messages.words import UserRole

ONE_OR_NONE = rf"^({SITE_LANE}|{NAME.pattern.strip('^$')})$"
LaneName = Annotated[str, Path(pattern=NAME.pattern, max_length=32)]
JournalId = Annotated[str, Path(pattern="^[A-Za-z0-9_.:+=-]{1,64}$")]
PassageNumber = Annotated[int, Path(ge=0, le=2**53 - 1)]


class Refusal(BaseModel):
    """Why something was not done."""

    detail: str
    reasons: tuple[Coded, ...] = ()


class Sent(BaseModel):
    """A command that is on its way; its answer comes with the lane's view."""

    id: str
    asks_second: bool = Field(
        default=False, description="it needs two: it goes out when another person confirms it (/requests)"
    )


REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Refusal, "description": "no session"},
    403: {"model": Refusal, "description": "not for this role, or no CSRF token"},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Refusal, "description": "not known here"}}
REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "the body cannot be read"},
    409: {"model": Refusal, "description": "withheld or refused, with the reasons"},
    413: {"model": Refusal, "description": "the body is too large"},
}

router = APIRouter(prefix="/api/v1", responses=REFUSALS)


async def known_lane(service: Service, lane: str) -> str:
    """Raises 404 for a lane that was never heard of."""
    if not await service.source.knows(lane):
        raise HTTPException(404, "no such lane")
    return lane


@router.get("/lanes", tags=["lanes"])
async def get_lanes(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> Wall:
    """The wall: all lanes, who needs a person first."""
    position = service.hub.position(session.user)
    return await site_views.wall(service.source, service.site.site, position, speaker, session.user)


@router.get("/lanes/{lane}", tags=["lanes"], responses=NOT_FOUND)
async def get_lane(service: ServiceOf, session: SessionOf, speaker: SpeakerOf, lane: LaneName) -> Lane:
    """One lane in full."""
    await known_lane(service, lane)
    return await lane_view(service.source, service.sender.seal, lane, speaker, session.user)


@router.post("/lanes/{lane}/commands", tags=["commands"], status_code=202, responses=NOT_FOUND | REFUSED)
async def post_command(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, lane: LaneName, wish: Wish
) -> Sent:
    """Gives a lane a command.  It is signed and sent; the lane answers for itself."""
    await known_lane(service, lane)
    id = await send(service, session, speaker, lane, wish)
    return Sent(id=id, asks_second=f"{id}:open" in service.proposals.states(session.user))


@router.post("/commands/{command}/repeat", tags=["commands"], status_code=202, responses=NOT_FOUND | REFUSED)
async def post_repeat(
    service: ServiceOf, session: SessionOf, command: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
) -> Sent:
    """Asks again, under the same id, what became of a command."""
    try:
        await service.sender.repeat(command)
    except KeyError:
        raise HTTPException(404, "no such command") from None
    return Sent(id=command)


async def send(service: Service, session: Session, speaker: Speaker, lane: str, wish: Wish) -> str:
    """Raises 409 with the reasons."""
    try:
        return await service.sender.send(session, lane, wish)
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None


def refusal(refused: WishRefused, speaker: Speaker) -> dict[str, Any]:
    reasons = [speaker.reason(reason.code, reason.parameters) for reason in refused.reasons]
    return Refusal(detail="; ".join(one.text for one in reasons), reasons=tuple(reasons)).model_dump()


@router.get("/passages/{lane}/{journal}/{passage}", tags=["passages"], responses=NOT_FOUND)
async def get_passage(
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    lane: LaneName,
    journal: JournalId,
    passage: PassageNumber,
) -> Passage:
    """One passage with its evidence and time line."""
    key = PassageKey(lane, journal, passage)
    found = await load_passage(service.source, key, speaker, session.user)
    if found is None:
        raise HTTPException(404, "no such passage")
    return found


@router.get("/shifts", tags=["shifts"])
async def get_shifts(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> Shifts:
    """Who is responsible for each lane, and shifts offered by name."""
    store_id = service.writer.memory.store_id
    return await site_views.shifts(service.source, store_id, speaker, session.user)


@router.get("/users", tags=["site"])
async def get_users(
    service: ServiceOf,
    speaker: SpeakerOf,
    _session: Annotated[Session, Depends(only(UserRole.ADMINISTRATOR))],
) -> Users:
    """Accounts, for the administrator."""
    return await site_views.users(service.source, speaker)


@router.get("/audit", tags=["site"])
async def get_audit(
    service: ServiceOf,
    speaker: SpeakerOf,
    session: Annotated[Session, Depends(only(UserRole.AUDITOR))],
    before: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
) -> Audit:
    """The site's own events, for the auditor: sign-ins, commands, accounts, alarms, with their chain."""
    store_id = service.writer.memory.store_id
    return await site_views.audit(service.source, store_id, speaker, session.user, before)


@router.get("/service", tags=["site"])
async def get_service(
    service: ServiceOf,
    _session: Annotated[Session, Depends(only(UserRole.ADMINISTRATOR, UserRole.AUDITOR))],
) -> dict[str, int]:
    """The dashboard's own counts: messages taken and dropped by reason, events committed, open streams."""
    return {
        "events_committed": service.writer.events_committed,
        "streams": service.hub.streams,
        "connected": int(service.live.connected),
        **dict(sorted(service.receiver.counts.items())),
    }


@router.get(
    "/stream",
    tags=["lanes"],
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        503: {"model": Refusal, "description": "too many streams"},
        **NOT_FOUND,
    },
)
async def get_stream(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    lane: Annotated[
        str | None, Query(pattern=ONE_OR_NONE, max_length=32, description="`_site`: what is about no lane")
    ] = None,
    position: Annotated[str, Query(max_length=100, description="`position` of a snapshot")] = "",
    wall: Annotated[
        bool, Query(description="a wall: it is use of the session as long as it is open")
    ] = False,
    last_event_id: Annotated[str, Header(max_length=100)] = "",
) -> EventStream:
    """Server-sent events: `lane` with a tile (or, for one lane, with its view) whenever it looks different,
    `alarms` with those that nobody has seen, `site` when the broker comes or goes, `requests` when one for a
    second person comes or is over, `second_line` (for its audience) when it recorded something, `beat` every
    ten seconds.  Ids go on from `Last-Event-ID`; `hello` with
    `resumed` false asks for a new snapshot."""
    last = last_event_id or position
    if lane not in (None, SITE_LANE):
        await known_lane(service, lane)

    async def lives() -> bool:
        alive = service.sessions.lives(session) or await service.sessions.again(session.token) is not None
        if alive and (wall or is_use(request)):
            await service.sessions.touch(session)
        return alive

    async def view() -> Made:
        assert lane is not None
        return await made_view(service.source, service.sender.seal, lane, speaker, session.user)

    in_full = view if lane is not None and lane != SITE_LANE else None
    connection: Connection = request.scope["connection"]
    stream = Stream(
        session.user,
        speaker,
        lane,
        in_full,
        lives,
        alive=lambda: service.sessions.lives(session),
        offer=connection.offer,
    )
    try:
        service.hub.open(stream, last)
    except TooManyStreams:
        raise HTTPException(503, "too many open streams; try again later") from None
    return EventStream(service.hub.messages(stream, last), connection)


media_router = APIRouter(responses=REFUSALS | NOT_FOUND)


@media_router.get("/media/{lane}/{sha256}", tags=["passages"], response_class=Response)
async def get_media(
    request: Request,
    service: ServiceOf,
    session: SessionOf,
    lane: LaneName,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
) -> Response:
    """A picture.  Its name is its hash, so a browser may keep it, but for itself alone."""
    async with service.database.reads.connect() as connection:
        picture = await load_picture(connection, lane, sha256, session.user.audiences)
    if picture is None:
        raise HTTPException(404, "no such picture")
    return Response(
        picture.content,
        media_type=picture.content_type,
        headers={"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"},
    )
