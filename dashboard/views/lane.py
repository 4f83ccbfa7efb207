"""One lane in full: what is there, what it waits for, what may be done about it, what happened."""

import json
from typing import Any

from dashboard.commands.offers import Offered, offers
from dashboard.store.read import PassageKey
from dashboard.users.accounts import User
from dashboard.views import parts
from dashboard.views.facts import BEHIND_EVENTS, LaneFacts, read_as
from dashboard.views.language import Speaker
from dashboard.views.live import live_offers
from dashboard.views.models import Lane, Offer, SentCommand
from dashboard.views.passage import passage_view, timeline
from dashboard.views.seen import Seal
from dashboard.views.source import Source
from dashboard.views.tile import tile
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import UserRole

_SECOND_LINE_READERS = (UserRole.SECOND_LINE, UserRole.AUDITOR)


async def lane_view(source: Source, seal: Seal, lane: str, speaker: Speaker, user: User) -> Lane:
    facts = await source.facts(lane, user.audiences)
    journal = facts.journal
    key = PassageKey(lane, journal, facts.passage.passage) if facts.passage else None
    sheet = await source.sheet(lane, journal, key.passage if key else None, user.audiences)
    return Lane(
        tile=tile(facts, speaker, user),
        seen=seal.seal(lane, journal, facts.sequence),
        devices=tuple(parts.device(speaker, one) for one in facts.devices),
        covered=tuple(speaker.coded("place", place) for place in facts.covered),
        passage=passage_view(key, facts.passage, sheet.registers, sheet.pictures, (), speaker)
        if key and facts.passage
        else None,
        timeline=timeline(speaker, sheet.events),
        offers=tuple(_offer(speaker, one) for one in offers(facts, user)),
        live=live_offers(speaker, facts, user),
        commands=tuple(sent_command(speaker, row, user) for row in sheet.commands),
        version=facts.version,
        backlog=_backlog(facts),
    )


def _backlog(facts: LaneFacts) -> int | None:
    """In hundreds, and only when there are some: the exact number would tell of events that are not shown."""
    return facts.backlog // BEHIND_EVENTS * BEHIND_EVENTS if facts.backlog >= BEHIND_EVENTS else None


def _offer(speaker: Speaker, offered: Offered) -> Offer:
    return Offer(
        kind=speaker.coded("command", offered.kind),
        offered=not offered.reasons,
        reasons=parts.all_said(speaker, offered.reasons),
    )


def sent_command(speaker: Speaker, row: Any, user: User) -> SentCommand:
    """A stored command with its answer."""
    payload = json.loads(row.payload)
    given = read_as(Reason, payload.get("reason")) or Reason(code="")
    if payload["by"]["role"] == UserRole.SECOND_LINE and user.role not in _SECOND_LINE_READERS:
        # What second line writes may tell of what an ordinary screen must not show.
        given = Reason(code="second_line")
    reasons = [reason for one in json.loads(row.reasons or "[]") if (reason := read_as(Reason, one))]
    return SentCommand(
        id=row.id,
        kind=speaker.coded("command", row.kind),
        operator=row.operator,
        second=(payload.get("second") or {}).get("operator"),
        reason=speaker.given(given.code, given.parameters),
        sent=parts.moment(speaker, row.sent_us),
        answer=speaker.coded("answer", row.answer or "unknown"),
        reasons=parts.all_said(speaker, reasons),
        answered=parts.moment(speaker, row.answered_us) if row.answered_us is not None else None,
        may_repeat=row.answer is None,
    )
