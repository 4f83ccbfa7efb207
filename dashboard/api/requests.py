"""Requests for a second person: seen, confirmed, declined."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response

from dashboard.api.routes import NOT_FOUND, REFUSALS, REFUSED, Sent, refusal
from dashboard.api.security import ServiceOf, SessionOf, SpeakerOf
from dashboard.commands.wish import WishRefused
from dashboard.views.requests import Requests, requests_view

router = APIRouter(prefix="/api/v1/requests", tags=["commands"], responses=REFUSALS)

RequestId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.get("")
async def get_requests(service: ServiceOf, session: SessionOf, speaker: SpeakerOf) -> Requests:
    """Commands that wait for a second person: one's own, and those that one may confirm."""
    return requests_view(service.proposals, speaker, session)


@router.post("/{request}/confirm", status_code=202, responses=NOT_FOUND | REFUSED)
async def post_confirm(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, request: RequestId
) -> Sent:
    """Stands by another's command as the second person: it is signed with both, and sent."""
    try:
        return Sent(id=await service.sender.confirm(session, request))
    except KeyError:
        raise HTTPException(404, "no such request") from None
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None


@router.post("/{request}/decline", status_code=204, responses=NOT_FOUND | REFUSED, response_class=Response)
async def post_decline(
    service: ServiceOf, session: SessionOf, speaker: SpeakerOf, request: RequestId
) -> Response:
    """Declines another's request, or withdraws one's own."""
    try:
        await service.proposals.decline(session, request)
    except KeyError:
        raise HTTPException(404, "no such request") from None
    except WishRefused as refused:
        raise HTTPException(409, refusal(refused, speaker)) from None
    return Response(status_code=204)
