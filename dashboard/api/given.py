"""The reasons that people gave for commands by hand: for shift leaders and auditors."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from dashboard.api.routes import REFUSALS
from dashboard.api.security import ServiceOf, SpeakerOf, only
from dashboard.users.sessions import Session
from dashboard.views.given import GivenReasons, given_reasons
from lane_controller.messages.words import UserRole

router = APIRouter(prefix="/api/v1", responses=REFUSALS)

Watching = Annotated[Session, Depends(only(UserRole.SHIFT_LEADER, UserRole.AUDITOR))]
Days = Annotated[int, Query(ge=1, le=90)]


@router.get("/given-reasons", tags=["commands"])
async def get_given_reasons(
    service: ServiceOf, session: Watching, speaker: SpeakerOf, days: Days = 7
) -> GivenReasons:
    """How often which reason was given for commands by hand, and the texts of "other"."""
    return await given_reasons(service.source, speaker, session.user, days)
