"""Shifts as JSON: who answers for which lane, what is open, and handing it over by name."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel

from dashboard.api.routes import NOT_FOUND, REFUSALS, REFUSED, refusal
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.commands.wish import WishRefused
from dashboard.hand_over import OfferWish, matters, offer, take_over
from dashboard.views.hand_overs import hand_over_page, hand_overs
from dashboard.views.language import Coded
from dashboard.views.parts import all_said
from dashboard.views.shift_models import HandOverPage, HandOvers, OpenMatters

router = APIRouter(prefix="/api/v1", tags=["shifts"], responses=REFUSALS)

HandOverId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class Offered(BaseModel):
    """A hand-over that waits for the person who was named."""

    id: str


class TakenOver(BaseModel):
    """`refused`: lanes that could not be asked, and why."""

    refused: tuple[Coded, ...]


@router.get("/hand-overs")
async def get_hand_overs(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> HandOvers:
    """The last hand-overs: one's own, for a shift leader or auditor all."""
    return await hand_overs(service.source, speaker, session.user)


@router.get("/open-matters", responses=REFUSED)
async def get_open_matters(
    service: ServiceOf,
    session: SessionOf,
    speaker: SpeakerOf,
    to: Annotated[str, Query(max_length=64, description="who would take over")],
) -> OpenMatters:
    """What would be handed over now, as both persons may see it."""
    try:
        return await matters(service, session, speaker, OfferWish(to=to))
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None


@router.post("/hand-overs", status_code=201, responses=REFUSED)
async def post_hand_over(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, wish: OfferWish
) -> Offered:
    """Offers one's shifts to a colleague with the page of open matters, which is kept as it is now."""
    try:
        return Offered(id=await offer(service, session, speaker, wish))
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None


@router.get("/hand-overs/{hand_over}", responses=NOT_FOUND)
async def get_hand_over(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, hand_over: HandOverId
) -> HandOverPage:
    """One hand-over with its page as it was."""
    found = await hand_over_page(service.source, speaker, session.user, hand_over)
    if found is None:
        raise HTTPException(404, "no such hand-over")
    return found


@router.post("/hand-overs/{hand_over}/take-over", status_code=202, responses=NOT_FOUND | REFUSED)
async def post_take_over(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, hand_over: HandOverId
) -> TakenOver:
    """Takes it over, as the person who was named: each lane is asked to begin the shift."""
    try:
        return TakenOver(refused=all_said(speaker, await take_over(service, session, hand_over)))
    except KeyError:
        raise HTTPException(404, "no such hand-over") from None
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None
