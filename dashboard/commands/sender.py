"""From an operator's wish to a signed command on the broker, and on until the lane has answered.

Until there is a reply the answer is "unknown".  The same bytes under the same id are sent again while the
command may live; the lane does each id once and answers a repeat from its journal.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import select

from dashboard.commands.offers import reasons_for, withheld
from dashboard.commands.proposal import Proposal, person_of
from dashboard.commands.proposals import Proposals
from dashboard.commands.signing import Signer
from dashboard.commands.wish import Wish, WishRefused
from dashboard.ingest.live import HeardState
from dashboard.ingest.subscriber import BrokerUnavailable
from dashboard.store.bulk import insert_rows
from dashboard.store.engine import Database
from dashboard.store.stage import Committed, Stage
from dashboard.store.tables import COMMANDS
from dashboard.store.writer import Writer
from dashboard.users.roles import SITE_ALARMS
from dashboard.users.sessions import Session
from dashboard.views.facts import LaneFacts
from dashboard.views.seen import BadToken, Seal
from dashboard.views.source import Source
from lane_controller.messages import topics
from lane_controller.messages.command import Command, Expiry
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import Audience, CommandKind

LIVES_S = 20.0
"""How long a command may be done after it was given."""
REPEAT_EVERY_S = 2.0
WAITING_MAX = 500

_SEES_NOTHING = (CommandKind.ACKNOWLEDGE, CommandKind.SHIFT)
"""Kinds that rest on no evidence on the screen."""

_log = structlog.get_logger()


@dataclass(slots=True)
class _Waiting:
    lane: str
    signed: bytes
    until_s: float


class CommandSender:
    def __init__(
        self,
        site: str,
        signer: Signer,
        source: Source,
        database: Database,
        writer: Writer,
        publish: Callable[[str, bytes], Awaitable[None]],
        proposals: Proposals,
    ) -> None:
        self._site = site
        self._signer = signer
        self._source = source
        self._database = database
        self._writer = writer
        self._publish = publish
        self.proposals = proposals
        self._waiting: dict[str, _Waiting] = {}
        self.seal = Seal(signer.secret)
        writer.follow(self._answered)

    def _answered(self, committed: Committed) -> None:
        for command in committed.commands:
            self._waiting.pop(command, None)

    async def send(self, session: Session, lane: str, wish: Wish) -> str:
        """Signs, records and sends; the command's id.  A kind that needs two is only asked for: it goes out
        under this id when another confirms it.  Raises WishRefused."""
        facts, heard = await self._sendable(session, lane, wish)
        if wish.reason not in reasons_for(wish.kind) or (wish.reason == "other" and not wish.text.strip()):
            raise WishRefused(Reason(code="reason_missing"))
        seen = self._seen(lane, wish, facts)
        if wish.kind in facts.two_person_kinds:
            return await self.proposals.ask(session, lane, heard.state.journal, seen, wish)
        command = self._command(secrets.token_hex(16), session, lane, wish, seen, heard)
        await self._give(command)
        return command.id

    async def confirm(self, session: Session, id: str) -> str:
        """Sends what another asked for, with the session's user as the second person; the command's id.
        Raises WishRefused, and KeyError where there is nothing for him to confirm."""
        waiting = self.proposals.find(session.user, id)
        _, heard = await self._sendable(waiting.session, waiting.lane, waiting.wish)
        if heard.state.journal != waiting.journal:
            raise WishRefused(Reason(code="superseded"))
        proposal, after_s = await self.proposals.confirm(session, id)
        command = self._command(id, proposal.session, proposal.lane, proposal.wish, proposal.seen, heard)
        together = {"second": person_of(session), "second_after_s": after_s}
        try:
            await self._give(command.model_copy(update=together), proposal)
        except BaseException:
            self.proposals.reopen(proposal)
            raise
        return command.id

    async def _sendable(self, session: Session, lane: str, wish: Wish) -> tuple[LaneFacts, HeardState]:
        """The lane as it is, when it would take the wish now.  Raises WishRefused."""
        facts = await self._source.facts(lane, session.user.audiences)
        refused = withheld(wish.kind, facts, session.user)
        if refused:
            raise WishRefused(*refused)
        if facts.heard is None or facts.heard.retained:
            raise WishRefused(Reason(code="no_fresh_state"))
        if len(self._waiting) >= WAITING_MAX:
            raise WishRefused(Reason(code="too_many_commands"))
        return facts, facts.heard

    async def _give(self, command: Command, proposal: Proposal | None = None) -> None:
        signed = self._signer.sign(command).model_dump_json().encode()

        async def job(stage: Stage) -> None:
            await _record(stage, command, signed.decode())
            if proposal is not None:
                await self.proposals.sent(stage, proposal)

        await self._writer.do(job)
        self._waiting[command.id] = _Waiting(command.lane, signed, time.monotonic() + LIVES_S)
        await self._send_now(command.lane, signed)

    def _seen(self, lane: str, wish: Wish, facts: LaneFacts) -> int:
        if wish.kind in _SEES_NOTHING:
            return facts.sequence
        try:
            return self.seal.open(wish.seen, lane, facts.journal)
        except BadToken:
            raise WishRefused(Reason(code="superseded")) from None

    def _command(
        self, id: str, session: Session, lane: str, wish: Wish, seen: int, heard: HeardState
    ) -> Command:
        state = heard.state
        elapsed_s = time.monotonic() - heard.at_mono_s
        return Command(
            id=id,
            site=self._site,
            lane=lane,
            journal=state.journal,
            kind=wish.kind,
            passage=wish.passage,
            seen=seen,
            by=person_of(session),
            reason=wish.given,
            # Clocks at a lane may be wrong; its monotonic time, as it stated it, is not.
            expires=Expiry(boot=state.at.boot, mono_s=round(state.at.mono_s + elapsed_s + LIVES_S, 3)),
            mode=wish.mode,
            persons=wish.persons,
            alarm=wish.alarm,
            shift="begin" if wish.shift == "begin" else "end" if wish.shift == "end" else None,
            seen_clear=wish.seen_clear,
        )

    async def _send_now(self, lane: str, signed: bytes) -> None:
        try:
            await self._publish(topics.command(self._site, lane), signed)
        except BrokerUnavailable as error:
            _log.warning("commands.not_sent", lane=lane, error=str(error))

    async def repeat(self, command: str) -> None:
        """Asks again, under the same id, what became of a command.  Raises KeyError for an unknown one."""
        async with self._database.reads.connect() as connection:
            statement = select(COMMANDS.c.lane, COMMANDS.c.signed).where(COMMANDS.c.id == command)
            row = (await connection.execute(statement)).first()
        if row is None:
            raise KeyError(command)
        await self._send_now(row.lane, row.signed.encode())

    async def acknowledge_site_alarm(self, session: Session, alarm: str) -> None:
        """Acknowledges, and thereby clears, an alarm of the dashboard itself.  Raises WishRefused."""
        if session.user.role not in SITE_ALARMS:
            raise WishRefused(Reason(code="role_may_not"))
        audiences = session.user.audiences

        async def job(stage: Stage) -> None:
            if not await stage.acknowledge_site_alarm(alarm, session.user.name, session.user.role, audiences):
                raise WishRefused(Reason(code="no_such_alarm"))

        await self._writer.do(job)

    async def run(self) -> None:
        """Sends unanswered commands again while they live; runs until cancelled."""
        while True:
            await asyncio.sleep(REPEAT_EVERY_S)
            now_s = time.monotonic()
            for command, waiting in list(self._waiting.items()):
                if now_s > waiting.until_s:
                    del self._waiting[command]
                else:
                    await self._send_now(waiting.lane, waiting.signed)


async def _record(stage: Stage, command: Command, signed: str) -> None:
    row = (
        command.id,
        command.lane,
        command.journal,
        command.kind,
        command.passage,
        command.by.operator,
        stage.received_us,
        command.model_dump_json(),
        signed,
        None,
        None,
        None,
    )
    await insert_rows(stage.connection, COMMANDS, [row])
    said = command.model_dump(
        mode="json", include={"lane", "kind", "passage", "by", "second", "reason", "mode", "alarm"}
    )
    stage.site.add("site.command_sent", Audience.AUDIT, {"command": command.id, **said})
    stage.committed.lanes.add(command.lane)
