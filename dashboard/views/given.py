"""How often people gave which reason, and how often "other": a few per cent of it are a finding
(docs/sources.md 82)."""

from collections import Counter
from collections.abc import Iterable

from pydantic import Field

from dashboard.commands.offers import COMMON_REASONS, reasons_for
from dashboard.store.given import GIVEN_MAX, Given, given
from dashboard.store.incoming import now_us
from dashboard.users.accounts import User
from dashboard.views.language import Coded, Speaker
from dashboard.views.parts import moment
from dashboard.views.source import Source
from dashboard.views.tile_models import Moment, Shown
from lane_controller.messages.words import CommandKind, UserRole

OTHER = "other"
WATCHED_SHARE = 0.05
"""Above it "other" is a finding."""
FINDING_FROM = 20
"""Of fewer commands a share says nothing."""
TEXTS_MAX = 100
SEES_SECOND_LINE = (UserRole.AUDITOR,)
"""What second line writes may tell of what an ordinary screen must not show."""
BY_HAND = tuple(kind for kind in CommandKind if set(COMMON_REASONS) <= set(reasons_for(kind)))
DAYS = (1, 7, 30)


class ReasonCount(Shown):
    reason: Coded
    count: int
    share: str


class OfficerCount(Shown):
    operator: str
    count: int
    other: int
    share: str
    finding: bool


class OtherGiven(Shown):
    """One command whose reason was in the officer's own words."""

    lane: str
    kind: Coded
    operator: str
    sent: Moment
    text: str


class GivenReasons(Shown):
    days: int
    count: int
    other: int
    share: str = Field(description='of "other" in all')
    finding: bool = Field(description='"other" is given too often')
    cut: bool = Field(description="there were more commands than are looked at")
    reasons: tuple[ReasonCount, ...]
    officers: tuple[OfficerCount, ...]
    others: tuple[OtherGiven, ...]


async def given_reasons(source: Source, speaker: Speaker, user: User, days: int) -> GivenReasons:
    """Of commands by hand in the last days, as far as the user may know of them."""
    since_us = now_us() - days * 86_400_000_000
    lanes = await source.lanes()
    async with source.database.reads.connect() as connection:
        found = await given(connection, lanes, BY_HAND, since_us)
    cut = len(found) == GIVEN_MAX
    if user.role not in SEES_SECOND_LINE:
        found = [one for one in found if one.role != UserRole.SECOND_LINE]
    others = [one for one in found if one.reason == OTHER]
    counts = Counter(one.reason for one in found)
    return GivenReasons(
        days=days,
        count=len(found),
        other=len(others),
        share=_share(speaker, len(others), len(found)),
        finding=_finding(len(others), len(found)),
        cut=cut,
        reasons=tuple(
            ReasonCount(reason=speaker.given(code, {}), count=count, share=_share(speaker, count, len(found)))
            for code, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        ),
        officers=tuple(_officers(speaker, found)),
        others=tuple(
            OtherGiven(
                lane=one.lane,
                kind=speaker.coded("command", one.kind),
                operator=one.operator,
                sent=moment(speaker, one.sent_us),
                text=one.text,
            )
            for one in others[:TEXTS_MAX]
        ),
    )


def _officers(speaker: Speaker, found: Iterable[Given]) -> Iterable[OfficerCount]:
    """By name: a list of shares is read side by side, never as a ranking."""
    counts: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for one in found:
        counts[one.operator] += 1
        others[one.operator] += one.reason == OTHER
    for operator, count in sorted(counts.items()):
        yield OfficerCount(
            operator=operator,
            count=count,
            other=others[operator],
            share=_share(speaker, others[operator], count),
            finding=_finding(others[operator], count),
        )


def _share(speaker: Speaker, part: int, whole: int) -> str:
    return f"{speaker.number(100 * part / whole, 1)} %" if whole else "–"


def _finding(part: int, whole: int) -> bool:
    return whole >= FINDING_FROM and part / whole > WATCHED_SHARE
