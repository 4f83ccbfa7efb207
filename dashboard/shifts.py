"""Handing a shift over by name: offered by who has it, taken over when the named person begins it."""

from dashboard.commands.sender import WishRefused
from dashboard.store.stage import Stage
from dashboard.store.writer import Writer
from dashboard.users.accounts import find_user
from dashboard.users.sessions import Session
from dashboard.views.source import Source
from lane_controller.messages.parts import Reason
from lane_controller.messages.rights import COMMAND_ROLES
from lane_controller.messages.words import Audience, CommandKind


async def hand_over(source: Source, writer: Writer, session: Session, lane: str, to: str) -> None:
    """Offers the session's user's shift on a lane to a colleague.  Raises WishRefused."""
    facts = await source.facts(lane, session.user.audiences)
    if facts.shift != session.user.name:
        raise WishRefused(Reason(code="not_responsible"))
    async with source.database.reads.connect() as connection:
        found = await find_user(connection, to.replace("\0", ""))
    if found is None or found[0].disabled or found[0].role not in COMMAND_ROLES[CommandKind.SHIFT]:
        raise WishRefused(Reason(code="no_such_colleague"))
    passage = facts.passage
    holds = [passage.passage] if passage and passage.phase in ("held", "referred") else []

    async def job(stage: Stage) -> None:
        data = {"lane": lane, "by": session.user.name, "to": found[0].name, "open_holds": holds}
        stage.site.add("shift.offered", Audience.LANE, data)
        stage.committed.lanes.add(lane)

    await writer.do(job)
