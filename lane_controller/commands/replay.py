"""`borderlane replay JOURNAL`: what today's rules would have said to the facts that a lane was told."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lane_controller.commands import words
from lane_controller.commands.journals import journal_errors_end, reading

if TYPE_CHECKING:
    from lane_controller.commands.replaying import Difference, Replayed

SHOWN_MAX = 50
"""Differences printed for a person: one changed decision changes the rows that follow from it, too."""


@click.command("replay")
@click.argument("journal", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from", "first", type=click.IntRange(min=1), default=1, help="First row to compare.")
@click.option("--to", "last", type=click.IntRange(min=1), help="Last row to compare.")
@click.option("--json", "as_json", is_flag=True, help="Print all differences as one JSON object.")
@journal_errors_end
def command(journal: Path, first: int, last: int | None, as_json: bool) -> None:
    """Run a journal's facts through today's rules, and print where they say something else.

    Every row is folded from the beginning on; --from and --to choose what is compared.  Rows after a
    difference may differ because of it: the first one is the one to read.  Rows whose personal data were
    erased, and rows that follow from them, can't be replayed and are named.  Exits 1 when there are
    differences."""
    from lane_controller.commands.logs import set_up
    from lane_controller.commands.replaying import Replayed, replay

    set_up()
    with reading(journal) as opened:
        last = last or max(opened.last_row(), 1)
        if last < first:
            raise click.UsageError(f"--from {first} lies behind the last row to compare, {last}")
        replayed, count, shown = Replayed(), 0, list[dict[str, Any]]()
        for difference in replay(opened, first, last, replayed):
            count += 1
            if as_json:
                shown.append(_as_json(difference))
            elif count <= SHOWN_MAX:
                click.echo("\n".join(_text(difference)))
        if as_json:
            told = {
                "journal": opened.journal,
                "from": first,
                "to": last,
                "rows": replayed.rows,
                "erased": replayed.erased,
                "not_replayed": replayed.skipped,
                "differences": shown,
            }
            click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            click.echo("\n".join(_summary(opened.name, count, replayed)))
    sys.exit(1 if count else 0)


def _text(difference: "Difference") -> Iterator[str]:
    row = difference.row
    yield f"row {row.number}  {row.at.utc:%Y-%m-%d} {words.clock(row.at.utc)}  {words.fact(row.fact)}"
    for mark, colour, events in (
        ("- recorded", "red", difference.recorded),
        ("+ today   ", "green", difference.today),
    ):
        for event in events:
            yield click.style(f"  {mark}  to {event['audience']}: {words.event(event['data'])}", fg=colour)
    if row.error:
        yield f"  - recorded  the rules failed: {words.plain(row.error)}"
    if difference.error_today:
        yield f"  + today     the rules fail: {words.plain(difference.error_today)}"


def _summary(name: str, count: int, replayed: "Replayed") -> Iterator[str]:
    if count > SHOWN_MAX:
        yield f"... and {count - SHOWN_MAX} more rows that differ (--json prints all, --to N stops earlier)"
    found = f"{count} rows differ" if count != 1 else "1 row differs"
    yield f"{name}: {replayed.rows} rows replayed, {found if count else 'no difference'}"
    for first, last in replayed.skipped:
        erased = sum(first <= number <= last for number in replayed.erased)
        why = (
            f"{erased} of them erased, the others follow from these"
            if erased
            else "nothing before them is known"
        )
        yield f"not replayed: rows {first} to {last} ({why})"


def _as_json(difference: "Difference") -> dict[str, Any]:
    row = difference.row
    return {
        "row": row.number,
        "at": row.at.utc.isoformat(),
        "fact": row.fact,
        "recorded": list(difference.recorded),
        "today": list(difference.today),
        "error_recorded": row.error,
        "error_today": difference.error_today,
    }
