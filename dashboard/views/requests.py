"""Requests for a second person, as one user sees them."""

from pydantic import BaseModel, ConfigDict

from dashboard.commands.proposal import Proposal
from dashboard.commands.proposals import Proposals
from dashboard.users.sessions import Session
from dashboard.views import parts
from dashboard.views.language import Coded, Speaker
from dashboard.views.tile_models import Moment
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import UserRole


class RequestShown(BaseModel):
    """One request.  `reasons` say why this session cannot confirm it; empty where it can."""

    model_config = ConfigDict(frozen=True)

    id: str
    lane: str
    kind: Coded
    mode: Coded | None
    passage: int | None
    reason: Coded
    by: str
    workplace: str
    asked: Moment
    until: Moment
    state: Coded
    ended_by: str
    mine: bool
    reasons: tuple[Coded, ...]


class Requests(BaseModel):
    model_config = ConfigDict(frozen=True)

    requests: tuple[RequestShown, ...]


def requests_view(proposals: Proposals, speaker: Speaker, session: Session) -> Requests:
    return Requests(
        requests=tuple(_request(proposals, one, speaker, session) for one in proposals.shown_to(session.user))
    )


def _request(proposals: Proposals, one: Proposal, speaker: Speaker, session: Session) -> RequestShown:
    given = one.wish.given
    first = one.session.user
    if first.role is UserRole.SECOND_LINE and session.user.role is not UserRole.SECOND_LINE:
        # What second line writes may tell of what an ordinary screen must not show.
        given = Reason(code="second_line")
    mine = first.name == session.user.name
    return RequestShown(
        id=one.id,
        lane=one.lane,
        kind=speaker.coded("command", one.wish.kind),
        mode=speaker.coded("mode", one.wish.mode) if one.wish.mode else None,
        passage=one.wish.passage,
        reason=speaker.given(given.code, given.parameters),
        by=first.name,
        workplace=one.session.workplace,
        asked=parts.moment(speaker, one.asked_us),
        until=parts.moment(speaker, one.until_us),
        state=speaker.coded("request", one.state),
        ended_by=one.ended_by,
        mine=mine,
        reasons=() if mine else parts.all_said(speaker, proposals.withheld(one, session)),
    )
