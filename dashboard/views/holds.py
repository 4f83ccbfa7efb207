"""Held passages of all lanes as one queue: who expires first comes first.  And how many nobody answered, by
lane and present shift, for those who lead."""

from collections import Counter

from pydantic import BaseModel, ConfigDict

from dashboard.store.holds import expired_holds
from dashboard.store.incoming import now_us
from dashboard.users.accounts import User
from dashboard.views import parts
from dashboard.views.facts import LaneFacts, PassageFacts
from dashboard.views.language import Coded, Speaker
from dashboard.views.source import Source
from dashboard.views.tile_models import Moment
from lane_controller.messages.words import UserRole

DAY_US = 24 * 3600 * 1_000_000
LEADS = frozenset({UserRole.SHIFT_LEADER, UserRole.AUDITOR})
"""Who is told how many holds nobody answered."""


class Held(BaseModel):
    """One held passage.  `until`: when it becomes a referral, null where its lane does not say so now."""

    model_config = ConfigDict(frozen=True)

    lane: str
    journal: str
    passage: int
    live: bool
    since: Moment
    until: Moment | None
    plates: tuple[str, ...]
    reasons: tuple[Coded, ...]
    waiting_for: tuple[Coded, ...]
    responsible: str | None


class Unanswered(BaseModel):
    """Holds of a lane that became referrals: in the present shift, and in the last 24 hours."""

    model_config = ConfigDict(frozen=True)

    lane: str
    responsible: str | None
    shift_since: Moment | None
    in_shift: int | None
    in_day: int


class Holds(BaseModel):
    """`unanswered` is null for who is not told."""

    model_config = ConfigDict(frozen=True)

    holds: tuple[Held, ...]
    unanswered: tuple[Unanswered, ...] | None


async def holds_view(source: Source, speaker: Speaker, user: User) -> Holds:
    facts = [await source.facts(lane, user.audiences) for lane in await source.lanes()]
    held = [(one, one.passage) for one in facts if one.passage is not None and one.passage.phase == "held"]
    held.sort(key=lambda pair: (pair[1].hold_until_us or 2**62, pair[1].since_us, pair[0].lane))
    unanswered = await _unanswered(source, facts, speaker, user) if user.role in LEADS else None
    return Holds(holds=tuple(_held(speaker, *pair) for pair in held), unanswered=unanswered)


def _held(speaker: Speaker, facts: LaneFacts, passage: PassageFacts) -> Held:
    until_us = passage.hold_until_us if facts.live else None
    return Held(
        lane=facts.lane,
        journal=facts.journal,
        passage=passage.passage,
        live=facts.live,
        since=parts.moment(speaker, passage.since_us),
        until=parts.moment(speaker, until_us) if until_us is not None else None,
        plates=tuple(dict.fromkeys(plate.display for plate in passage.plates)),
        reasons=parts.all_said(speaker, passage.reasons),
        waiting_for=parts.all_said(speaker, passage.waiting_for),
        responsible=facts.shift,
    )


async def _unanswered(
    source: Source, facts: list[LaneFacts], speaker: Speaker, user: User
) -> tuple[Unanswered, ...]:
    """The lanes that have any, the most first."""
    day_us = now_us() - DAY_US
    since_us = min([day_us, *(one.shift_since_us for one in facts if one.shift_since_us is not None)])
    async with source.database.reads.connect() as connection:
        expired = await expired_holds(connection, since_us, user.audiences)
    began_us = {one.lane: one.shift_since_us for one in facts}
    in_day = Counter(one.lane for one in expired if one.at_us >= day_us)
    in_shift = Counter(one.lane for one in expired if one.at_us >= (began_us.get(one.lane) or 2**62))
    counted = [
        Unanswered(
            lane=one.lane,
            responsible=one.shift,
            shift_since=parts.moment(speaker, one.shift_since_us) if one.shift_since_us else None,
            in_shift=in_shift[one.lane] if one.shift_since_us else None,
            in_day=in_day[one.lane],
        )
        for one in facts
        if in_day[one.lane] or in_shift[one.lane]
    ]
    return tuple(sorted(counted, key=lambda one: (-(one.in_shift or 0), -one.in_day, one.lane)))
