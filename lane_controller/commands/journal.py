"""`borderlane journal verify|export|erase`: what can be done with a journal besides running its lane."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Generator, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lane_controller.commands.output import fail

if TYPE_CHECKING:
    from lane_controller.daemon.journal import Journal, Row

JOURNAL = click.argument("journal", type=click.Path(path_type=Path, dir_okay=False))
Moment = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"))


@click.group("journal")
def command() -> None:
    """Verify a journal's chain, export a part of it, erase personal data from it."""


@contextlib.contextmanager
def _failures() -> Generator[None]:
    from lane_controller.daemon.journal import JournalDamaged, JournalError

    try:
        yield
    except JournalDamaged as error:
        fail(str(error), 1)
    except JournalError as error:
        fail(str(error), 3)


@command.command("verify")
@JOURNAL
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(journal: Path, as_json: bool) -> None:
    """Recompute the chain.  Exits 1 and names the first bad row when it does not hold."""
    from lane_controller.daemon.journal import reading

    with _failures(), contextlib.closing(reading.open_for_reading(journal)) as connection:
        verdict = reading.verify(connection)
    if as_json:
        click.echo(json.dumps(asdict(verdict), indent=2))
    elif verdict.bad_row is not None:
        click.echo(f"{journal}: row {verdict.bad_row} is bad: {verdict.problem}", err=True)
    else:
        click.echo(
            f"{journal}: {verdict.rows} rows from {verdict.first_row} on verify, events up to "
            f"{verdict.last_sequence}, personal data erased from {verdict.erased} rows, head {verdict.head}"
        )
    sys.exit(0 if verdict.bad_row is None else 1)


@command.command("export")
@JOURNAL
@click.option("--passage", type=int, help="The rows of one passage.")
@click.option("--since", type=Moment, help="Rows from this time (UTC) on.")
@click.option("--until", type=Moment, help="Rows before this time (UTC).")
def export(journal: Path, passage: int | None, since: datetime | None, until: datetime | None) -> None:
    """Print one passage, or a time, as JSON with its chain.

    Every row carries `previous` and `hash`, so that a reader can check it against the journal's head."""
    from lane_controller.daemon.journal import reading

    if (passage is None) == (since is None and until is None):
        fail("export: give --passage, or --since and --until", 2)
    with _failures(), contextlib.closing(reading.open_for_reading(journal)) as connection:
        verdict = reading.verify(connection)
        if verdict.bad_row is not None:
            fail(f"{journal}: row {verdict.bad_row} is bad: {verdict.problem}", 1)
        if passage is not None:
            rows = reading.rows_of_passage(connection, journal, passage)
        else:
            rows = _between(reading.read_rows(connection, journal), since, until)
        exported = [row_as_json(row) for row in rows]
    if not exported:
        fail(f"{journal}: no such rows", 1)
    head = {"journal": verdict.journal, "head": verdict.head, "rows_in_journal": verdict.rows}
    click.echo(json.dumps({**head, "rows": exported}, indent=2, ensure_ascii=False))


def _between(rows: "Iterator[Row]", since: datetime | None, until: datetime | None) -> "Iterator[Row]":
    for row in rows:
        after = since is None or row.at.utc >= since.replace(tzinfo=UTC)
        before = until is None or row.at.utc < until.replace(tzinfo=UTC)
        if after and before:
            yield row


def row_as_json(row: "Row") -> dict[str, Any]:
    """A row as a program reads it; `personal` says whether personal data are there, erased, or never were."""
    return {
        "number": row.number,
        "fact": row.fact,
        "error": row.error,
        "first_sequence": row.first_sequence,
        "events": list(row.events),
        "personal": {True: "present", False: "erased", None: "none"}[row.personal],
        "previous": row.previous.hex(),
        "hash": row.hash.hex(),
    }


@command.command("erase")
@JOURNAL
@click.option("--passage", "passages", type=int, multiple=True, help="A passage (may be repeated).")
@click.option("--before", type=Moment, help="Everything before this time (UTC).")
@click.option("--lane", type=click.Path(path_type=Path), help="LANE.toml or socket of a running lane.")
def erase(journal: Path, passages: tuple[int, ...], before: datetime | None, lane: Path | None) -> None:
    """Erase travellers' data of passages, or before a time; the chain still verifies.

    The order is a row of the journal and goes to every store.  A running lane holds its journal: name it
    with --lane, and it carries the order out."""
    from lane_controller.daemon.journal import Journal, JournalInUse, retention

    if bool(passages) == (before is not None):
        fail("erase: give --passage or --before", 2)
    with _failures():
        sequences_to = _sequence_before(journal, before) if before is not None else 0
        if before is not None and sequences_to == 0:
            fail(f"{journal}: there is nothing before {before:%Y-%m-%d %H:%M:%S}", 1)
        if lane is not None:
            _ask_lane(lane, passages, sequences_to)
            return
        try:
            opened = Journal.open(journal)
        except JournalInUse as error:
            fail(f"{error}", 3, hint=f"borderlane journal erase {journal} … --lane LANE.toml")
        with contextlib.closing(opened):
            _erase_offline(opened, sequences_to or opened.last_sequence, passages)
            assert not retention.pending_erasures(opened)
    click.echo(f"{journal}: erased")


def _sequence_before(journal: Path, before: datetime) -> int:
    from lane_controller.daemon.journal import reading

    with contextlib.closing(reading.open_for_reading(journal)) as connection:
        last = 0
        for row in reading.read_rows(connection, journal):
            if row.at.utc >= before.replace(tzinfo=UTC):
                break
            last = row.first_sequence + len(row.events) - 1
    return last


def _ask_lane(lane: Path, passages: tuple[int, ...], sequences_to: int) -> None:
    from lane_controller.commands.status import find_socket
    from lane_controller.daemon.status import ask

    question = {"ask": "erase", "passages": list(passages), "sequences_to": sequences_to}
    socket = find_socket(lane)
    try:
        answer = asyncio.run(ask(socket, question, timeout_s=60.0))
    except (OSError, TimeoutError, ValueError) as error:
        fail(f"{socket}: no lane answers ({error})", 3)
    if "error" in answer:
        fail(f"{socket}: {answer['error']}", 1)
    click.echo(f"{lane}: erased by the running lane, events up to {answer['sequences_to']}")


def _erase_offline(journal: "Journal", sequences_to: int, passages: tuple[int, ...]) -> None:
    """As the daemon does it: a fact, its row, then the deletion."""
    from lane_controller.daemon.clock import Clock
    from lane_controller.daemon.folding import fold
    from lane_controller.daemon.journal import retention
    from lane_controller.daemon.loop import Loop
    from lane_controller.lane.facts import PersonalErased
    from lane_controller.messages.parts import Reason

    clock = Clock()
    loop = Loop(journal, fold(journal), clock, lambda lane, facts: None, lambda: None)
    if loop.lane is None:
        fail("the journal has no rows", 1)
    reason = Reason(code="ordered_locally")
    # The lane's own time: this machine may have been started since, and the lane has not.
    at = loop.lane.now.model_copy(update={"utc": clock.utc()})
    loop.take([(PersonalErased(at, sequences_to, passages, reason), ())])
    for row, to, whose in retention.pending_erasures(journal):
        loop.snapshot()
        retention.erase(journal, row, to, whose)
