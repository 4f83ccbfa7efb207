"""Held passages of all lanes, as a queue."""

from fastapi import APIRouter

from dashboard.api.routes import REFUSALS
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.views.holds import Holds, holds_view

router = APIRouter(prefix="/api/v1", tags=["lanes"], responses=REFUSALS)


@router.get("/holds")
async def get_holds(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> Holds:
    """Held passages, the first to become a referral first; for who leads, those that nobody answered."""
    return await holds_view(service.source, speaker, session.user)
