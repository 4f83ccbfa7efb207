"""Handing shifts over by name: offered by who has them, with the page of what is open; taken over by the
person who was named, who then begins the shift at each lane."""

import secrets
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from dashboard.commands.wish import Wish, WishRefused
from dashboard.service import Service
from dashboard.store.hand_overs import HandOver, load_hand_over, save_offer, save_taken
from dashboard.store.stage import Stage
from dashboard.users.accounts import User, find_user
from dashboard.users.sessions import Session
from dashboard.views.language import Speaker
from dashboard.views.open_matters import open_matters
from dashboard.views.shift_models import OpenMatters
from lane_controller.messages.parts import Reason
from lane_controller.messages.rights import COMMAND_ROLES
from lane_controller.messages.words import Audience, CommandKind

NOTES_MAX = 4_000
LANES_MAX = 200
LaneList = tuple[str, ...]


class OfferWish(BaseModel):
    """What somebody hands over to whom.  No lanes: all that he is responsible for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str = Field(max_length=64, description="the user who is to take the shifts over")
    lanes: LaneList = Field(default=(), max_length=LANES_MAX)
    notes: str = Field(default="", max_length=NOTES_MAX)


async def own_lanes(service: Service, user: User) -> list[str]:
    """The lanes that somebody is responsible for."""
    lanes = await service.source.lanes()
    return [lane for lane in lanes if (await service.source.facts(lane, user.audiences)).shift == user.name]


async def matters(service: Service, session: Session, speaker: Speaker, wish: OfferWish) -> OpenMatters:
    """The page of open matters as it would be handed over now.  Raises WishRefused."""
    to = await _colleague(service, session, wish.to)
    mine = await own_lanes(service, session.user)
    lanes = wish.lanes or tuple(mine)
    if not lanes or not set(lanes) <= set(mine):
        raise WishRefused(Reason(code="not_responsible"))
    page = await open_matters(service.source, speaker, sorted(set(lanes)), session.user, to)
    return page.model_copy(update={"notes": _plain(wish.notes)})


async def offer(service: Service, session: Session, speaker: Speaker, wish: OfferWish) -> str:
    """Offers the shifts to the colleague; the hand-over's id.  Raises WishRefused."""
    page = await matters(service, session, speaker, wish)
    to = await _colleague(service, session, wish.to)
    lanes = tuple(one.lane for one in page.lanes)
    shared = session.user.audiences & to.audiences
    audience = Audience.SUPERVISOR if Audience.SUPERVISOR in shared else Audience.LANE
    made = HandOver(
        secrets.token_hex(16),
        audience,
        session.user.name,
        to.name,
        lanes,
        0,
        None,
        page.model_dump(mode="json"),
    )

    async def job(stage: Stage) -> None:
        await save_offer(stage, made)

    await service.writer.do(job)
    return made.id


async def take_over(service: Service, session: Session, id_: str) -> Sequence[Reason]:
    """Begins the shift at each lane that is still the giver's; the reasons of lanes that could not be asked.
    Raises WishRefused when none could, KeyError when there is no such hand-over for this user."""
    user = session.user
    async with service.database.reads.connect() as connection:
        made = await load_hand_over(connection, id_, user.audiences)
    if made is None or user.name not in (made.by, made.to):
        raise KeyError(id_)
    if made.to != user.name:
        raise WishRefused(Reason(code="named_another"))
    if made.taken_us is not None:
        raise WishRefused(Reason(code="taken_over_already"))
    taken: list[str] = []
    refused: list[Reason] = []
    for lane in made.lanes:
        if (await service.source.facts(lane, user.audiences)).shift != made.by:
            continue
        try:
            wish = Wish(kind=CommandKind.SHIFT, reason="hand_over", shift="begin")
            await service.sender.send(session, lane, wish)
            taken.append(lane)
        except WishRefused as error:
            refused += [
                Reason(code=one.code, parameters={**one.parameters, "lane": lane}) for one in error.reasons
            ]
    if not taken:
        raise WishRefused(*refused or [Reason(code="nothing_to_take_over")])

    async def job(stage: Stage) -> bool:
        return await save_taken(stage, made, taken)

    if not await service.writer.do(job):
        raise WishRefused(Reason(code="taken_over_already"))
    return refused


async def _colleague(service: Service, session: Session, name: str) -> User:
    async with service.database.reads.connect() as connection:
        found = await find_user(connection, _plain(name))
    entitled = COMMAND_ROLES[CommandKind.SHIFT]
    if (
        found is None
        or found[0].disabled
        or found[0].role not in entitled
        or found[0].name == session.user.name
    ):
        raise WishRefused(Reason(code="no_such_colleague"))
    return found[0]


def _plain(text: str) -> str:
    """Without NUL, which no database takes."""
    return text.replace("\0", "").strip()
