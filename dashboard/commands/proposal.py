"""One command that waits for a second person, and how it stands in store and audit."""

import math
import time
from dataclasses import dataclass
from typing import Any

from dashboard.commands.wish import Wish
from dashboard.store.incoming import now_us
from dashboard.store.stage import Stage
from dashboard.users.sessions import Session
from lane_controller.messages.parts import Person
from lane_controller.messages.rights import SECOND_WITHIN_S
from lane_controller.messages.words import Audience


def person_of(session: Session) -> Person:
    user = session.user
    return Person(operator=user.name, role=user.role, agency=user.agency, workplace=session.workplace)


@dataclass(slots=True)
class Proposal:
    """`id` becomes the command's.  `state`: open, confirmed, declined, withdrawn or expired; `ended_by` the
    account that did it."""

    id: str
    lane: str
    journal: str
    seen: int
    wish: Wish
    session: Session
    asked_s: float
    asked_us: int
    state: str = "open"
    ended_by: str = ""
    ended_s: float = 0.0

    @property
    def until_us(self) -> int:
        return self.asked_us + round(SECOND_WITHIN_S * 1e6)


def audit(stage: Stage, kind: str, proposal: Proposal, second: Person | None = None) -> None:
    """A step's event."""
    _say(stage, kind, proposal.id, proposal.lane, proposal.wish, person_of(proposal.session), second)


def audit_row(stage: Stage, kind: str, row: Any) -> None:
    """The same for a row of the store, whose first person has no session any more."""
    wish, by = Wish.model_validate_json(row.wish), Person.model_validate_json(row.by)
    _say(stage, kind, row.id, row.lane, wish, by, None)


def _say(stage: Stage, kind: str, id: str, lane: str, wish: Wish, by: Person, second: Person | None) -> None:
    said: dict[str, Any] = {
        "command": id,
        "lane": lane,
        "kind": wish.kind.value,
        "passage": wish.passage,
        "by": by.model_dump(mode="json"),
        "second": second.model_dump(mode="json") if second else None,
        "reason": wish.given.model_dump(mode="json"),
    }
    stage.site.add(kind, Audience.AUDIT, said)


def row_of(proposal: Proposal) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    return (
        *(proposal.id, proposal.lane, proposal.journal, proposal.seen),
        proposal.wish.model_dump_json(),
        proposal.session.token,
        person_of(proposal.session).model_dump_json(),
        *(proposal.asked_us, proposal.state, proposal.ended_by),
    )


def proposal_of(row: Any, session: Session) -> Proposal:
    """As it went on while the dashboard was away."""
    elapsed_s = (now_us() - row.asked_us) / 1e6
    if elapsed_s < 0:
        elapsed_s = math.inf  # the clock was set back: nobody knows how old it is, so it is too old
    now_s = time.monotonic()
    return Proposal(
        id=row.id,
        lane=row.lane,
        journal=row.journal,
        seen=row.seen,
        wish=Wish.model_validate_json(row.wish),
        session=session,
        asked_s=now_s - elapsed_s,
        asked_us=row.asked_us,
        state=row.state,
        ended_by=row.ended_by,
        ended_s=now_s,
    )
