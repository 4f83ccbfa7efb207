"""Commands that wait for a second person: asked for at one enrolled work place, confirmed or declined by
another account in its own session at another one, or over after `SECOND_WITHIN_S`.

Each step stands in the store with its event of the audit, in one transaction: a restart of the dashboard
loses none and sends none twice.  The lane checks both persons again.
"""

import asyncio
import secrets
import time
from collections.abc import Callable

import structlog

from dashboard.commands.proposal import Proposal, audit, audit_row, person_of, proposal_of, row_of
from dashboard.commands.wish import Wish, WishRefused
from dashboard.store.engine import StoreUnavailable
from dashboard.store.incoming import now_us
from dashboard.store.proposals import end_proposal, kept_proposals, save_proposal
from dashboard.store.stage import Stage
from dashboard.store.writer import Writer
from dashboard.users.accounts import User
from dashboard.users.sessions import Session, Sessions
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.rights import COMMAND_ROLES, SECOND_WITHIN_S

log = structlog.get_logger()

TOLD_S = 30.0
"""So long the first person sees what became of it."""
OPEN_MAX = 100
_KEPT_US = round((SECOND_WITHIN_S + TOLD_S) * 1e6)


class Proposals:
    """`changed` is called whenever somebody's list may look different."""

    def __init__(self, writer: Writer, sessions: Sessions, changed: Callable[[], None]) -> None:
        self._writer = writer
        self._sessions = sessions
        self._changed = changed
        self._all: dict[str, Proposal] = {}

    async def ask(self, session: Session, lane: str, journal: str, seen: int, wish: Wish) -> str:
        """Shows the wish to all who may stand by it; the coming command's id.  Raises WishRefused, and
        StoreUnavailable when the audit could not take it: then nothing was asked."""
        if not session.workplace:
            raise WishRefused(Reason(code="workplace_not_enrolled"))
        mine = (session.user.name, lane)
        open_ones = [one for one in self._all.values() if one.state == "open"]
        if any((one.session.user.name, one.lane) == mine for one in open_ones):
            raise WishRefused(Reason(code="request_open"))
        if len(open_ones) >= OPEN_MAX:
            raise WishRefused(Reason(code="too_many_commands"))
        proposal = Proposal(
            id=secrets.token_hex(16),
            lane=lane,
            journal=journal,
            seen=seen,
            wish=wish,
            session=session,
            asked_s=time.monotonic(),
            asked_us=now_us(),
        )
        self._all[proposal.id] = proposal

        async def job(stage: Stage) -> None:
            await save_proposal(stage, row_of(proposal), stage.received_us - _KEPT_US)
            audit(stage, "site.command_asked", proposal)

        try:
            await self._writer.do(job)
        except StoreUnavailable:
            del self._all[proposal.id]  # nobody is shown what the audit does not have
            raise
        self._changed()
        return proposal.id

    async def load(self) -> None:
        """Takes up what stood in the store when the dashboard ended.  Call before `run`."""

        async def job(stage: Stage) -> None:
            told_us = stage.received_us - _KEPT_US
            for row in await kept_proposals(stage):
                session = await self._sessions.again(row.session)
                if session is not None and (row.state == "open" or row.asked_us > told_us):
                    self._all[row.id] = proposal_of(row, session)
                elif session is None and row.state == "open":
                    # Who asked has signed out, or may do so no more: nobody can confirm it.
                    await end_proposal(stage, row.id, "expired", "")
                    audit_row(stage, "site.command_expired", row)

        await self._writer.do(job)

    def shown_to(self, user: User) -> list[Proposal]:
        """A user's own, and the open ones that he may stand by; the oldest first."""
        return [
            one
            for one in self._all.values()
            if one.session.user.name == user.name
            or (one.state == "open" and user.role in COMMAND_ROLES[one.wish.kind])
        ]

    def states(self, user: User) -> list[str]:
        """What a stream compares: `id:state` of each that the user is shown."""
        return [f"{one.id}:{one.state}" for one in self.shown_to(user)]

    def withheld(self, proposal: Proposal, session: Session) -> tuple[Reason, ...]:
        """Why this session cannot be the second person."""
        codes: list[str] = []
        if session.user.name == proposal.session.user.name:
            codes.append("second_person_is_the_same")
        if session.user.role not in COMMAND_ROLES[proposal.wish.kind]:
            codes.append("second_person_may_not")
        if not session.workplace:
            codes.append("workplace_not_enrolled")
        elif session.workplace == proposal.session.workplace:
            codes.append("second_person_same_workplace")
        return tuple(Reason(code=code) for code in codes)

    async def confirm(self, session: Session, id: str) -> tuple[Proposal, float]:
        """Takes the second person; what was asked, and the seconds since.  Whoever sends it writes its end
        with the command (`sent`), or calls `reopen`.  Raises WishRefused, KeyError for one that this user is
        not shown."""
        proposal = self.find(session.user, id)
        refused = self.withheld(proposal, session)
        if refused:
            raise WishRefused(*refused)
        first = proposal.session
        if not (self._sessions.lives(first) or await self._sessions.again(first.token)):
            await self._close("site.command_withdrawn", proposal, "withdrawn", first.user.name)
            raise WishRefused(Reason(code="request_over"))
        after_s = time.monotonic() - proposal.asked_s
        if proposal.state != "open" or after_s > SECOND_WITHIN_S:
            raise WishRefused(Reason(code="second_person_late"))
        self._end(proposal, "confirmed", session.user.name)
        return proposal, round(after_s, 3)

    def find(self, user: User, id: str) -> Proposal:
        """An open one that the user is shown.  Raises KeyError, and WishRefused when it is over."""
        proposal = {one.id: one for one in self.shown_to(user)}[id]
        if proposal.state != "open":
            raise WishRefused(Reason(code="request_over"))
        return proposal

    def reopen(self, proposal: Proposal) -> None:
        """It was confirmed, but could not be sent."""
        proposal.state, proposal.ended_by = "open", ""
        self._changed()

    async def sent(self, stage: Stage, proposal: Proposal) -> None:
        """It goes out with this transaction."""
        await end_proposal(stage, proposal.id, proposal.state, proposal.ended_by)

    async def decline(self, session: Session, id: str) -> None:
        """By the second person; by the first one it is withdrawn.  Raises WishRefused and KeyError, and
        StoreUnavailable: then it stays open."""
        proposal = self.find(session.user, id)
        own = session.user.name == proposal.session.user.name
        state = "withdrawn" if own else "declined"
        await self._close(f"site.command_{state}", proposal, state, session.user.name, person_of(session))

    async def run(self) -> None:
        """Ends what nobody answered; runs until cancelled."""
        while True:
            await asyncio.sleep(0.5)
            now_s = time.monotonic()
            for proposal in list(self._all.values()):
                if proposal.state == "open":
                    if now_s - proposal.asked_s > SECOND_WITHIN_S:
                        await self._expire(proposal)
                elif now_s - proposal.ended_s > TOLD_S:
                    del self._all[proposal.id]
                    self._changed()

    async def _expire(self, proposal: Proposal) -> None:
        self._end(proposal, "expired", "")
        try:
            await self._record("site.command_expired", proposal, None)
        except StoreUnavailable as error:
            # It has ended all the same: the audit has its beginning, and its time.
            log.warning("expiry not in the audit", command=proposal.id, error=str(error))

    async def _close(
        self, kind: str, proposal: Proposal, state: str, by: str, second: Person | None = None
    ) -> None:
        """Ends it before its time, at once for all who might confirm it; not when the store can't keep it."""
        self._end(proposal, state, by)
        try:
            await self._record(kind, proposal, second)
        except StoreUnavailable:
            self.reopen(proposal)
            raise

    def _end(self, proposal: Proposal, state: str, by: str) -> None:
        proposal.state, proposal.ended_by, proposal.ended_s = state, by, time.monotonic()
        self._changed()

    async def _record(self, kind: str, proposal: Proposal, second: Person | None) -> None:
        async def job(stage: Stage) -> None:
            await end_proposal(stage, proposal.id, proposal.state, proposal.ended_by)
            audit(stage, kind, proposal, second)

        await self._writer.do(job)
