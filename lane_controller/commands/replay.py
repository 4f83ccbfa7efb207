"""`borderlane replay JOURNAL`: recorded facts through today's rules."""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lane_controller.commands.output import fail

if TYPE_CHECKING:
    from lane_controller.daemon.journal import Row


@click.command("replay")
@click.argument("journal", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@click.option("--all", "everything", is_flag=True, help="Print every difference, not the first of each kind.")
def command(journal: Path, as_json: bool, everything: bool) -> None:
    """Run a journal's facts through today's rules and print where other events come out.

    The recorded events stay what they are.  Exits 1 when there are differences.  Rows whose personal data
    were erased can't be judged and are counted."""
    from lane_controller.daemon.journal import JournalError, reading

    try:
        with contextlib.closing(reading.open_for_reading(journal)) as connection:
            result = replay(reading.read_rows(connection, journal))
    except JournalError as error:
        fail(str(error), 3)
    if as_json:
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        _print(journal, result, everything)
    sys.exit(1 if result["differences"] else 0)


def replay(rows: "Iterator[Row]") -> dict[str, Any]:
    """Rows replayed, rows that can't be judged, and the differences: row, fact, recorded and now.

    Begins at the first start it meets: in a pruned journal the rows before it have lost their state."""
    from lane_controller.daemon.folding import fact_of
    from lane_controller.lane.facts import Started
    from lane_controller.lane.step import faulted, step

    lane = None
    replayed = skipped = erased = 0
    differences: list[dict[str, Any]] = []
    for row in rows:
        fact = fact_of(row)
        if lane is None and not isinstance(fact, Started):
            skipped += 1
            continue
        if row.error and lane is not None:
            taken = faulted(lane, fact, row.error.partition(":")[0])
        else:
            taken = step(lane, fact)
        lane = taken.lane
        replayed += 1
        recorded = [event["data"] for event in row.events]
        now = [emitted.data.model_dump(mode="json") for emitted in taken.events]
        if row.personal is False:
            erased += 1
        elif _comparable(recorded) != _comparable(now):
            differences.append(
                {"row": row.number, "fact": row.fact["kind"], "recorded": recorded, "now": now}
            )
    return {"replayed": replayed, "before_start": skipped, "erased": erased, "differences": differences}


def _comparable(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fields that a newer version added are no difference while they have no value."""
    return [
        {key: value for key, value in event.items() if value not in (None, "", [], ())} for event in events
    ]


def _print(journal: Path, result: dict[str, Any], everything: bool) -> None:
    shown: set[tuple[str, str, str]] = set()
    for one in result["differences"]:
        was, now = _types(one["recorded"]), _types(one["now"])
        if not everything and (one["fact"], was, now) in shown:
            continue
        shown.add((one["fact"], was, now))
        click.echo(f"row {one['row']}, {one['fact']}: recorded {was}; today {now}")
        if everything or was == now:
            click.echo(f"    recorded {json.dumps(one['recorded'], ensure_ascii=False)}")
            click.echo(f"    today    {json.dumps(one['now'], ensure_ascii=False)}")
    click.echo(
        f"{journal}: {result['replayed']} rows replayed, {len(result['differences'])} differ, "
        f"{result['erased']} erased and not judged, {result['before_start']} before the first start"
    )


def _types(events: list[dict[str, Any]]) -> str:
    return ", ".join(event["type"] for event in events) or "nothing"
