"""Looking through a lane's camera: asked for, fetched still by still, over after a minute."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.routes import NOT_FOUND, REFUSALS, REFUSED, LaneName, known_lane, refusal
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.commands.sender import WishRefused
from dashboard.ingest.stills import Look
from dashboard.service import Service
from dashboard.users.sessions import Session
from dashboard.views.live import LookShown, look_shown

router = APIRouter(prefix="/api/v1/lanes/{lane}/live", tags=["live"], responses=REFUSALS | NOT_FOUND)

LookId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class Through(BaseModel):
    model_config = ConfigDict(extra="forbid")

    camera: str = Field(max_length=64, description="the device's name")


def own_look(service: Service, session: Session, lane: str, look: str) -> Look:
    """A user's own look.  Raises 404 for another's, and for one long over."""
    found = service.live_asker.stills.look(look, lane, session.user.name)
    if found is None:
        raise HTTPException(404, "no such look")
    return found


@router.post("", status_code=202, responses=REFUSED)
async def post_live(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, lane: LaneName, through: Through
) -> LookShown:
    """Asks for stills of a camera, for 60 seconds; ends a look of the same user before.  It is audited."""
    await known_lane(service, lane)
    try:
        return look_shown(speaker, await service.live_asker.ask(session, lane, through.camera))
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None


@router.get("/{look}")
async def get_look(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, lane: LaneName, look: LookId
) -> LookShown:
    """What became of a look."""
    return look_shown(speaker, own_look(service, session, lane, look))


@router.get(
    "/{look}/still",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, 204: {"description": "there will be none any more"}},
)
async def get_still(service: ServiceOf, session: SessionOf, lane: LaneName, look: LookId) -> Response:
    """The next still, as soon as it comes.  It is kept nowhere, and no browser may keep it."""
    jpeg = await service.live_asker.stills.next(own_look(service, session, lane, look))
    return Response(jpeg, media_type="image/jpeg") if jpeg else Response(status_code=204)
