"""The referral card of a passage: a page to print for the traveller, in his language.

It says nothing of why: it is the same for every passage, whatever stands against it.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import HTMLResponse

from dashboard.api.routes import JournalId, LaneName, PassageNumber
from dashboard.api.security import ServiceOf, SpeakerOf, only
from dashboard.cards import cards, language_for
from dashboard.pages.render import fragment
from dashboard.store.read import PassageKey
from dashboard.users.sessions import Session
from dashboard.views.passage import load_passage
from lane_controller.messages.rights import LINE
from lane_controller.messages.words import UserRole

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/passages/{lane}/{journal}/{passage}/card")
async def card(
    service: ServiceOf,
    session: Annotated[Session, Depends(only(*LINE))],
    speaker: SpeakerOf,
    lane: LaneName,
    journal: JournalId,
    passage: PassageNumber,
    language: Annotated[str, Query(max_length=8)] = "",
) -> HTMLResponse:
    """Begins in the language of the first document's nationality, where there is a card in it."""
    key = PassageKey(lane, journal, passage)
    shown = await load_passage(service.source, key, speaker, session.user)
    if shown is None:
        raise HTTPException(404, "no such passage")
    nationality = shown.documents[0].nationality if shown.documents else ""
    code = language if language in cards() else language_for(nationality)
    place = f"{lane}/{journal}/{passage}"
    back = "second-line" if session.user.role is UserRole.SECOND_LINE else "passages"
    text = fragment(
        "card.html",
        speaker,
        card=cards()[code],
        cards=cards(),
        code=code,
        lane=lane,
        passage=passage,
        time=f"{datetime.fromisoformat(shown.since.at).astimezone(service.site.zone):%Y-%m-%d %H:%M}",
        back=f"/{back}/{place}",
    )
    return HTMLResponse(text)
