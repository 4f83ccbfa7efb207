"""Hand-overs as they are shown: to who gave or took them, to shift leaders and auditors."""

from dashboard.store.hand_overs import HandOver, last_hand_overs, load_hand_over
from dashboard.users.accounts import User
from dashboard.views import parts
from dashboard.views.language import Speaker
from dashboard.views.shift_models import HandOverPage, HandOvers, HandOverShown, OpenMatters
from dashboard.views.source import Source
from lane_controller.messages.words import UserRole

SEE_ALL = frozenset({UserRole.SHIFT_LEADER, UserRole.AUDITOR})


async def hand_overs(source: Source, speaker: Speaker, user: User) -> HandOvers:
    of = None if user.role in SEE_ALL else user.name
    async with source.database.reads.connect() as connection:
        found = await last_hand_overs(connection, user.audiences, of)
    return HandOvers(hand_overs=tuple(_shown(speaker, one, user) for one in found))


async def hand_over_page(source: Source, speaker: Speaker, user: User, id_: str) -> HandOverPage | None:
    """None for one that this user may not see, or that there is not."""
    async with source.database.reads.connect() as connection:
        found = await load_hand_over(connection, id_, user.audiences)
    if found is None or (user.role not in SEE_ALL and user.name not in (found.by, found.to)):
        return None
    return HandOverPage(hand_over=_shown(speaker, found, user), page=OpenMatters.model_validate(found.page))


def _shown(speaker: Speaker, found: HandOver, user: User) -> HandOverShown:
    return HandOverShown(
        id=found.id,
        by=found.by,
        to=found.to,
        lanes=found.lanes,
        offered=parts.moment(speaker, found.offered_us),
        taken=parts.moment(speaker, found.taken_us) if found.taken_us is not None else None,
        may_take=found.taken_us is None and found.to == user.name,
    )
