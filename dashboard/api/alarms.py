"""Alarms: what stands, what sounds, lists and figures; acknowledged, shelved and taken back."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.routes import NOT_FOUND, REFUSALS, REFUSED, refusal
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf, only
from dashboard.commands.sender import WishRefused
from dashboard.service import Service
from dashboard.shelving import shelve, take_back
from dashboard.users.roles import ALARM_STATISTICS
from dashboard.users.sessions import Session
from dashboard.views import alarm_board, alarm_lists
from dashboard.views import site as site_views
from dashboard.views.alarm_figures import figures
from dashboard.views.alarm_figures_shown import AlarmFigures
from dashboard.views.facts import AlarmFacts
from dashboard.views.models import Alarms, ChatteringAlarms, Sound
from lane_controller.messages.parts import Reason

LaneOrSite = Annotated[str, Path(pattern=r"^(_site|[a-z0-9][a-z0-9_-]{0,31})$")]
AlarmName = Annotated[str, Path(max_length=128, pattern=r"^[\x21-\x2e\x30-\x7e]+$")]
ShelfId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
Statistician = Annotated[Session, Depends(only(*ALARM_STATISTICS))]
Hours = Annotated[int, Query(ge=1, le=168, description="up to now")]

router = APIRouter(prefix="/api/v1", tags=["alarms"], responses=REFUSALS)


class Shelving(BaseModel):
    """For how long and why an alarm is put aside."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: int = Field(description="10, 30, 60, 240 or 480; 10 at most for one of high priority")
    reason: str = Field(max_length=32, description="a code; `other` needs a text")
    text: str = Field(default="", max_length=500)


class Shelved(BaseModel):
    id: str


async def standing_alarm(service: Service, session: Session, lane: str, alarm: str) -> AlarmFacts:
    """Raises WishRefused for one that does not stand, or is not to be seen by this user."""
    found = await site_views.standing_alarms(service.source, session.user)
    for one in found:
        if (one.lane, one.alarm) == (lane, alarm):
            return one
    raise WishRefused(Reason(code="no_such_alarm"))


@router.get("/alarms")
async def get_alarms(
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    standing: Annotated[bool, Query(description="false: the last ones raised, standing or not")] = True,
) -> Alarms:
    """Alarms, the most urgent first; shelved ones last.  In a flood, what is shown together."""
    if not standing:
        return await site_views.past_alarms(service.source, speaker, session.user)
    return await alarm_board.board(service.source, service.recent, speaker, session.user)


@router.get("/alarms/sounding")
async def get_sounding(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> Sound:
    """What calls for this user now."""
    return await alarm_board.sound(service.source, service.recent, speaker, session.user)


@router.get("/alarms/stale")
async def get_stale(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> Alarms:
    """Alarms that have stood for more than a day, the oldest first."""
    return await alarm_lists.stale(service.source, speaker, session.user)


@router.get("/alarms/chattering")
async def get_chattering(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> ChatteringAlarms:
    """Alarms that came and went too often within the last day."""
    return await alarm_lists.chattering(service.source, speaker, session.user)


@router.get("/alarms/figures")
async def get_figures(
    service: ServiceOf, session: Statistician, speaker: SpeakerOf, hours: Hours = 24
) -> AlarmFigures:
    """How the alarms did, by person and shift, for the shift leader and the auditor."""
    return await figures(service.source, speaker, session.user, hours)


@router.post("/alarms/{lane}/{alarm}/shelve", status_code=201, responses=REFUSED)
async def post_shelve(
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    lane: LaneOrSite,
    alarm: AlarmName,
    body: Shelving,
) -> Shelved:
    """Puts a standing alarm aside: it makes no sound until the time is over."""
    try:
        facts = await standing_alarm(service, session, lane, alarm)
        shelf = await shelve(service.writer, session, facts, body.minutes, body.reason, body.text)
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None
    return Shelved(id=shelf)


@router.delete("/shelves/{shelf}", status_code=204, responses=REFUSED, response_class=Response)
async def delete_shelf(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, shelf: ShelfId
) -> Response:
    """Takes a shelved alarm back before its time."""
    try:
        await take_back(service.writer, session, shelf)
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None
    return Response(status_code=204)


@router.post(
    "/site/alarms/{alarm}/acknowledge",
    status_code=204,
    responses=REFUSED | NOT_FOUND,
    response_class=Response,
)
async def post_site_alarm(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, alarm: AlarmName
) -> Response:
    """Acknowledges an alarm of the dashboard itself; a lane's are acknowledged by a command to it."""
    try:
        await service.sender.acknowledge_site_alarm(session, alarm)
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None
    return Response(status_code=204)
