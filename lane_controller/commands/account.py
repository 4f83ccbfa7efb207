"""The account of one passage out of its journal: what the lane was told, what it concluded and published, and
why the arm rose or did not.  Nothing is recomputed: all of it stands in the rows as recorded."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lane_controller.commands.journals import OpenJournal
from lane_controller.daemon.journal.reading import read_rows
from lane_controller.daemon.journal.rows import Row, StoredEvent, events_of
from lane_controller.lane.checks.registry import CHECKS

CHECKS_FOLDER = "lane_controller/lane/checks"
DECISION_RULE = "lane_controller/lane/decision.py"
ARM_RULE = "lane_controller/lane/barrier.py"

_OF_NOBODY = frozenset({"deadline_reached", "readings_discarded", "trouble_changed"})
"""Facts that say nothing of a passage unless an event of theirs names it."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """One result of a check; `superseded` by a later one on the same subject."""

    at: datetime
    row: int
    result: dict[str, Any]
    names: list[str] | None
    superseded: bool

    @property
    def rule(self) -> str | None:
        """The file that holds the rule; None for a check that this version does not have."""
        name = str(self.result.get("check"))
        return f"{CHECKS_FOLDER}/{name}.py" if name in CHECKS else None


@dataclass(slots=True)
class PermitStory:
    """One permit: why it was given, what was ordered by it, what came of it, how it ended."""

    permit: str
    cause: str
    at: datetime
    row: int
    command: dict[str, Any] | None
    rose: datetime | None = None
    order: str | None = None
    result: dict[str, Any] | None = None
    """What came of the order, as the board said."""
    ended: dict[str, Any] | None = None


@dataclass(slots=True)
class Account:
    """All that a journal says about one passage, in the order of its rows."""

    passage: int
    rows: list[Row] = field(default_factory=list)
    checks: list[Concluded] = field(default_factory=list)
    plates: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    chips: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    decisions: list[tuple[datetime, StoredEvent]] = field(default_factory=list)
    permits: list[PermitStory] = field(default_factory=list)
    withheld: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    alarms: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    refused: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    """Answers that refused a command to raise or release."""
    ended: dict[str, Any] | None = None

    @property
    def erased(self) -> int:
        return sum(row.personal is False for row in self.rows)

    @property
    def decision(self) -> dict[str, Any] | None:
        """The last decision with all its reasons: what second line sees, where that says more."""
        return self.decisions[-1][1].data if self.decisions else None

    def events(self) -> list[tuple[Row, StoredEvent]]:
        return [(row, event) for row in self.rows for event in events_of(row) if self.concerns(event)]

    def concerns(self, event: StoredEvent) -> bool:
        return event.passage in (None, self.passage)


def account_of(journal: OpenJournal, passage: int) -> Account | None:
    """The account of a passage, to the journal's end where it is still open; None for one the journal does
    not know.  Raises JournalDamaged."""
    span = journal.passage_rows(passage)
    if span is None:
        return None
    account, end = Account(passage), span[1]
    for row in read_rows(journal.connection, journal.path, span[0] - 1):
        if row.number > end and account.ended is not None:
            break
        if _is_of(row, passage):
            _add(account, row)
    return account


def _is_of(row: Row, passage: int) -> bool:
    named = {event["passage"] for event in row.events} - {None}
    if passage in named:
        return True
    request = str(row.fact.get("request", ""))
    if named or (request and not request.startswith(f"{passage}/")):
        return False
    return row.fact.get("kind") not in _OF_NOBODY or bool(row.error) or _moves_arm(row)


def _moves_arm(row: Row) -> bool:
    return any(event["data"].get("type", "").startswith("barrier.") for event in row.events)


def _add(account: Account, row: Row) -> None:
    account.rows.append(row)
    if row.fact.get("kind") == "order_done" and str(row.fact.get("order")).startswith("raise-"):
        _note_result(account, row)
    for event in events_of(row):
        if account.concerns(event):
            _note(account, row, event)


def _note(account: Account, row: Row, event: StoredEvent) -> None:
    data, at = event.data, row.at.utc
    match data.get("type"):
        case "passage.check":
            _note_check(account, row, data)
        case "passage.plate":
            account.plates.append((at, data))
        case "passage.chip":
            account.chips.append((at, data))
        case "passage.decided":
            account.decisions.append((at, event))
        case "passage.ended":
            account.ended = {"at": at, **data}
        case "barrier.permit":
            command = row.fact.get("command") if row.fact.get("kind") == "command_arrived" else None
            account.permits.append(
                PermitStory(str(data["permit"]), str(data["cause"]), at, row.number, command)
            )
        case "barrier.permit_ended":
            for permit in account.permits:
                if permit.permit == data.get("permit"):
                    permit.ended = {"at": at, **data}
        case "barrier.moved" if data.get("arm") in ("rising", "raised"):
            _note_rise(account, at, data)
        case "barrier.withheld":
            account.withheld.append((at, data))
        case "alarm.raised":
            account.alarms.append((at, data))
        case "command.answered" if data.get("answer") == "refused" and data.get("kind") in (
            "raise",
            "release",
        ):
            account.refused.append((at, data))
        case _:
            pass


def _note_check(account: Account, row: Row, data: dict[str, Any]) -> None:
    result: dict[str, Any] = data.get("result") or {}
    key = (result.get("check"), result.get("subject", ""))
    account.checks = [
        Concluded(one.at, one.row, one.result, one.names, True)
        if (one.result.get("check"), one.result.get("subject", "")) == key
        else one
        for one in account.checks
    ]
    account.checks.append(Concluded(row.at.utc, row.number, result, data.get("names"), False))


def _note_result(account: Account, row: Row) -> None:
    """The order of a permit is named by its movement; before that, by being the only one in hand."""
    order = row.fact.get("order")
    for permit in reversed(account.permits):
        if permit.order == order or (permit.order is None and permit.ended is None):
            permit.order, permit.result = str(order), {**row.fact, "at": row.at.utc}
            return


def _note_rise(account: Account, at: datetime, data: dict[str, Any]) -> None:
    for permit in account.permits:
        if permit.permit == data.get("permit"):
            permit.rose = permit.rose or at
            permit.order = permit.order or data.get("order")
