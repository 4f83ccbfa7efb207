"""`borderlane journal`: verify the chain, export a part with it, erase personal data."""

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lane_controller.commands.journals import journal_errors_end, reading
from lane_controller.commands.output import fail

if TYPE_CHECKING:
    from lane_controller.commands.erasing import Order
    from lane_controller.commands.exporting import Span
    from lane_controller.commands.journals import OpenJournal


class Moment(click.ParamType[datetime]):
    """A date or a time in ISO 8601; UTC where it names no offset."""

    name = "time"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):  # at the calendar's ends UTC may have no such day
            self.fail(f"{value!r} is no time; expected 2026-06-01 or 2026-06-01T12:00:00+05:00", param, ctx)


MOMENT = Moment()
JOURNAL = click.Path(path_type=Path, dir_okay=False)


@click.group("journal")
def command() -> None:
    """Verify, export and erase a lane's journal."""


@command.command("verify")
@click.argument("journal", type=JOURNAL)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@journal_errors_end
def verify_command(journal: Path, as_json: bool) -> None:
    """Recompute the whole chain; the lane may be running.

    Exits 1 and names the first bad row when the journal is not what was committed."""
    from lane_controller.daemon.journal.reading import verify

    with reading(journal) as opened:
        try:
            verdict = verify(opened.connection)
        except (KeyError, ValueError) as error:
            fail(f"{journal}: its tables are not whole ({error})", 1)
    if as_json:
        click.echo(json.dumps(asdict(verdict), indent=2))
    elif verdict.bad_row is None:
        begins = f", the rows before {verdict.first_row} were pruned" if verdict.first_row > 1 else ""
        erased = f", personal data of {verdict.erased} rows were erased" if verdict.erased else ""
        click.echo(f"{opened.name}: {verdict.rows} rows verify{begins}{erased}")
        click.echo(f"head {verdict.head}, last event #{verdict.last_sequence}")
    else:
        click.echo(f"{journal}: row {verdict.bad_row} is bad: {verdict.problem}", err=True)
        good = f"the {verdict.rows} rows before it verify" if verdict.rows else "no row before it verifies"
        click.echo(f"{good}. Keep the file as it is, with its -wal, as evidence.", err=True)
    sys.exit(0 if verdict.bad_row is None else 1)


@command.command("export")
@click.argument("journal", type=JOURNAL)
@click.option(
    "--passage", type=click.IntRange(min=1), help="The rows of this passage, with its personal data."
)
@click.option("--from", "begin", type=MOMENT, help="Rows from this time on (UTC unless it says else).")
@click.option("--to", "end", type=MOMENT, help="Rows before this time.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new file, mode 0600; else stdout.",
)
@journal_errors_end
def export_command(
    journal: Path, passage: int | None, begin: datetime | None, end: datetime | None, output: Path | None
) -> None:
    """Export one passage or a time range as JSON with its chain, so that a stranger can verify it.

    Holds personal data.  The lane may be running."""
    from lane_controller.commands.exporting import export

    with reading(journal) as opened:
        span = _span(opened, passage, begin, end)
        if output is None:
            for piece in export(opened, span):
                click.echo(piece, nl=False)
            return
        try:
            descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                file.writelines(export(opened, span))
        except OSError as error:
            fail(f"{output}: {error.strerror}", 2, hint="give the name of a file that does not exist yet")
    click.echo(f"{output}: rows {span.first} to {span.last} of {opened.name}")


def _span(
    journal: "OpenJournal", passage: int | None, begin: datetime | None, end: datetime | None
) -> "Span":
    from lane_controller.commands.exporting import span_of_passage, span_of_time

    if (passage is None) == (begin is None and end is None):
        raise click.UsageError("give either --passage, or --from and --to")
    if passage is None:
        span = span_of_time(journal, begin, end)
        if span is None:
            fail(f"{journal.path}: no rows in this time", 2)
        return span
    span = span_of_passage(journal, passage)
    if span is None:
        fail(f"{journal.path}: no passage {passage} in the journal: {journal.known_passages()}", 2)
    return span


@command.command("erase")
@click.argument("journal", type=JOURNAL)
@click.option("--before", type=MOMENT, help="Personal data of all rows before this time.")
@click.option("--passage", "passages", type=click.IntRange(min=1), multiple=True, help="Of this passage.")
@click.option("--yes", is_flag=True, help="Do it without asking; it can't be undone.")
@click.option(
    "--socket",
    type=click.Path(path_type=Path),
    help="The lane's status socket; status.sock beside the journal unless its configuration says else.",
)
@journal_errors_end
def erase_command(
    journal: Path, before: datetime | None, passages: tuple[int, ...], yes: bool, socket: Path | None
) -> None:
    """Erase personal data with their salt, so that the chain still verifies and nothing can be guessed back.

    A running lane does it itself and orders every store to do the same; in the journal of a lane that stands
    still it is done here, and the stores follow when the lane runs again.  --before holds for the lane's
    older journals, too, which were set aside with another card or disk; for a passage of one of those, name
    its file."""
    from lane_controller.commands.logs import set_up
    from lane_controller.daemon.journal.opening import journal_in_force

    set_up()
    in_force = journal_in_force(journal)
    with reading(journal) as opened:
        order = _order(opened, before, passages, in_force)
        what = f"personal data of {order.rows} rows of {opened.name}"
    if not order.rows:
        click.echo(f"{opened.name}: nothing to erase")
        return
    if not yes:
        if not sys.stdin.isatty():
            fail(f"{what} would be erased for good; nothing was done", 2, hint="the same command with --yes")
        click.confirm(f"Erase {what} for good?", abort=True)
    in_force = in_force or journal
    with reading(in_force) as opened:
        id = opened.journal
    done = _erase(in_force, id, order, socket or in_force.with_name("status.sock"))
    click.echo(f"{what} erased {done}")
    _say_what_is_left(in_force)


def _order(
    journal: "OpenJournal", before: datetime | None, passages: tuple[int, ...], in_force: Path | None
) -> "Order":
    from lane_controller.commands.erasing import order_before, order_for_passages

    if (before is None) == (not passages):
        raise click.UsageError("give either --before or --passage")
    if before is not None:
        if in_force is not None:
            fail(
                f"{journal.path}: an older journal of this lane, which gets no rows any more",
                2,
                hint=f"erase in {in_force}: --before holds for the older ones, too",
            )
        return order_before(journal, before)
    unknown = [str(number) for number in passages if journal.passage_rows(number) is None]
    if unknown:
        fail(f"{journal.path}: no passage {', '.join(unknown)} in it: {journal.known_passages()}", 2)
    return order_for_passages(journal, passages, aside=in_force is not None)


def _erase(path: Path, id: str, order: "Order", socket: Path) -> str:
    """Through the daemon that holds the journal, else here.  Returns by whom it was done."""
    from lane_controller.commands.erasing import ask_daemon, daemon_holds, erase_here
    from lane_controller.daemon.journal import JournalInUse

    try:
        by_lane = daemon_holds(socket, id)
        left = ask_daemon(socket, order) if by_lane else erase_here(path, order)
    except JournalInUse as error:
        fail(str(error), 3, hint="--socket with the lane's status socket (status.socket in its file)")
    except (OSError, TimeoutError, ValueError) as error:
        fail(f"{socket}: the lane did not confirm the erasure: {error or 'no answer in time'}", 3)
    if left:
        again = "the running lane tries again by itself" if by_lane else "the lane tries again at its start"
        fail(f"the erasure is ordered, but not finished; {again}: {'; '.join(left)}", 1)
    return "by the running lane" if by_lane else "here; no daemon was running"


def _say_what_is_left(journal: Path) -> None:
    from lane_controller.daemon.journal.opening import journals_set_aside
    from lane_controller.daemon.journal.reading import verify

    for path in (journal, *journals_set_aside(journal)):
        with reading(path) as opened:
            verdict = verify(opened.connection)
        if verdict.bad_row is not None:
            fail(f"{path}: row {verdict.bad_row} is bad: {verdict.problem}", 1)
        click.echo(f"{path.name}: the chain verifies: {verdict.rows} rows, head {verdict.head}")
