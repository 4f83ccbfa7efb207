"""Enrolled work places, for the administrator; a browser is enrolled on its page (/workplaces)."""

from typing import Annotated

from fastapi import APIRouter, Depends

from dashboard.api.routes import REFUSALS
from dashboard.api.security import ServiceOf, SpeakerOf, only
from dashboard.users.sessions import Session
from dashboard.views.workplaces import WorkplacesShown, workplaces_view
from lane_controller.messages.words import UserRole

router = APIRouter(prefix="/api/v1", tags=["site"], responses=REFUSALS)


@router.get("/workplaces")
async def get_workplaces(
    service: ServiceOf,
    speaker: SpeakerOf,
    _session: Annotated[Session, Depends(only(UserRole.ADMINISTRATOR))],
) -> WorkplacesShown:
    """Browsers that the administrator enrolled as work places."""
    return await workplaces_view(service.source, speaker)
