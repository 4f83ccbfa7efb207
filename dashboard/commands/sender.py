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
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from dashboard.commands.offers import reasons_for, withheld
from dashboard.commands.second_person import Second, SecondRefused, confirmed
from dashboard.commands.signing import Signer
from dashboard.ingest.live import HeardState
from dashboard.ingest.subscriber import BrokerUnavailable
from dashboard.store.bulk import insert_rows
from dashboard.store.engine import Database
from dashboard.store.stage import Committed, Stage
from dashboard.store.tables import COMMANDS
from dashboard.store.writer import Writer
from dashboard.users.roles import SITE_ALARMS
from dashboard.users.sessions import Session
from dashboard.users.sign_in import SignIn
from dashboard.views.facts import LaneFacts
from dashboard.views.seen import BadToken, Seal
from dashboard.views.source import Source
from lane_controller.messages import topics
from lane_controller.messages.command import Command, Expiry
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.words import Audience, CommandKind, Mode

LIVES_S = 20.0
"""How long a command may be done after it was given."""
REPEAT_EVERY_S = 2.0
WAITING_MAX = 500

_SEES_NOTHING = (CommandKind.ACKNOWLEDGE, CommandKind.SHIFT)
"""Kinds that rest on no evidence on the screen."""

_log = structlog.get_logger()


class Wish(BaseModel):
    """What an operator asks a lane for.  `seen` is the token of the screen that the wish rests on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: CommandKind
    passage: int | None = Field(default=None, ge=0, le=2**53 - 1)
    seen: str = Field(default="", max_length=200, description="not needed to acknowledge and for shifts")
    reason: str = Field(max_length=64, description="a code; `other` needs a text")
    text: str = Field(default="", max_length=500)
    mode: Mode | None = None
    persons: int | None = Field(default=None, ge=0, le=100)
    alarm: str | None = Field(default=None, max_length=128)
    shift: str | None = Field(default=None, pattern="^(begin|end)$")
    seen_clear: bool = False
    second: Second | None = Field(default=None, description="for kinds that need a second person")


class WishRefused(Exception):
    """The dashboard did not send it: the reasons why."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


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
        sign_in: SignIn,
    ) -> None:
        self._site = site
        self._signer = signer
        self._source = source
        self._database = database
        self._writer = writer
        self._publish = publish
        self._sign_in = sign_in
        self._waiting: dict[str, _Waiting] = {}
        self.seal = Seal(signer.secret)
        writer.follow(self._answered)

    def _answered(self, committed: Committed) -> None:
        for command in committed.commands:
            self._waiting.pop(command, None)

    async def send(self, session: Session, lane: str, wish: Wish) -> str:
        """Signs, records and sends; the command's id.  Raises WishRefused."""
        facts = await self._source.facts(lane, session.user.audiences)
        refused = withheld(wish.kind, facts, session.user)
        if refused:
            raise WishRefused(*refused)
        if wish.reason not in reasons_for(wish.kind) or (wish.reason == "other" and not wish.text.strip()):
            raise WishRefused(Reason(code="reason_missing"))
        if facts.heard is None or facts.heard.retained:
            raise WishRefused(Reason(code="no_fresh_state"))
        if len(self._waiting) >= WAITING_MAX:
            raise WishRefused(Reason(code="too_many_commands"))
        seen = self._seen(lane, wish, facts)
        second = await self._second(session, wish, facts)
        command = self._command(session, lane, wish, seen, facts.heard, second)
        signed = self._signer.sign(command).model_dump_json().encode()

        async def job(stage: Stage) -> None:
            await _record(stage, command, signed.decode())

        await self._writer.do(job)
        self._waiting[command.id] = _Waiting(lane, signed, time.monotonic() + LIVES_S)
        await self._send_now(lane, signed)
        return command.id

    def _seen(self, lane: str, wish: Wish, facts: LaneFacts) -> int:
        if wish.kind in _SEES_NOTHING:
            return facts.sequence
        try:
            return self.seal.open(wish.seen, lane, facts.journal)
        except BadToken:
            raise WishRefused(Reason(code="superseded")) from None

    async def _second(self, session: Session, wish: Wish, facts: LaneFacts) -> Person | None:
        if wish.kind not in facts.two_person_kinds:
            return None
        try:
            return await confirmed(self._sign_in, session, wish.kind, wish.second)
        except SecondRefused as refused:
            raise WishRefused(refused.reason) from None

    def _command(
        self, session: Session, lane: str, wish: Wish, seen: int, heard: HeardState, second: Person | None
    ) -> Command:
        state = heard.state
        elapsed_s = time.monotonic() - heard.at_mono_s
        user = session.user
        text: dict[str, str | int | float | bool | None] = (
            {"text": wish.text.strip()} if wish.text.strip() else {}
        )
        return Command(
            id=secrets.token_hex(16),
            site=self._site,
            lane=lane,
            journal=state.journal,
            kind=wish.kind,
            passage=wish.passage,
            seen=seen,
            by=Person(operator=user.name, role=user.role, agency=user.agency, workplace=session.workplace),
            second=second,
            reason=Reason(code=wish.reason, parameters=text),
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
