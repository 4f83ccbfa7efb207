"""`borderlane explain JOURNAL PASSAGE`: what a lane knew of one passage, and why the arm rose or did not."""

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lane_controller.commands.output import fail

if TYPE_CHECKING:
    from lane_controller.daemon.journal import Row

ALWAYS = ("barrier.", "lane.mode_changed", "lane.started", "lane.faulted", "alarm.")
"""Events between a passage's first and last that concern it without naming it."""
RULES = {
    "passage.decided": "lane_controller/lane/decision.py",
    "barrier.permit": "lane_controller/lane/permits.py",
    "barrier.permit_ended": "lane_controller/lane/permits.py",
    "barrier.withheld": "lane_controller/lane/barrier.py",
    "passage.ended": "lane_controller/lane/passage.py",
}


@click.command("explain")
@click.argument("journal", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("passage", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def command(journal: Path, passage: int, as_json: bool) -> None:
    """Print each fact of a passage, each check with its reason and the file that holds the rule, and why the
    arm rose or did not.  Exits 1 when the journal has no such passage."""
    from lane_controller.daemon.journal import JournalError, reading

    try:
        with contextlib.closing(reading.open_for_reading(journal)) as connection:
            numbers = [row.number for row in reading.rows_of_passage(connection, journal, passage)]
            if not numbers:
                fail(f"{journal}: there is no passage {passage}", 1)
            rows = list(_until(reading.read_rows(connection, journal, numbers[0] - 1), numbers[-1]))
    except JournalError as error:
        fail(str(error), 3)
    if as_json:
        from lane_controller.commands.journal import row_as_json

        click.echo(json.dumps([row_as_json(row) for row in rows], indent=2, ensure_ascii=False))
        sys.exit(0)
    for line in explained(rows, passage):
        click.echo(line)


def _until(rows: "Iterable[Row]", last: int) -> "Iterator[Row]":
    for row in rows:
        if row.number > last:
            return
        yield row


def explained(rows: "list[Row]", passage: int) -> Iterator[str]:
    """The story of a passage in lines."""
    began = rows[0].at
    yield f"passage {passage}, from {began.utc:%Y-%m-%d %H:%M:%S} UTC (clock {began.clock})"
    why: list[str] = []
    for row in rows:
        events = [one for one in row.events if _concerns(one, passage)]
        if not events:
            continue
        seconds = f"{row.at.mono_s - began.mono_s:8.3f} s" if row.at.boot == began.boot else " new boot"
        yield f"{seconds}  row {row.number}: {fact_in_words(row.fact)}"
        if row.error:
            yield f"            the rules could not take it: {row.error}"
        for event in events:
            line = event_in_words(event["data"])
            yield f"            {line}"
            if event["data"]["type"] in ("barrier.permit", "barrier.withheld", "barrier.moved"):
                why.append(line)
    yield "the arm: " + ("; ".join(why) if why else "nothing was decided that could raise it")


def _concerns(event: dict[str, Any], passage: int) -> bool:
    return event["passage"] == passage or event["data"]["type"].startswith(ALWAYS)


def fact_in_words(fact: dict[str, Any]) -> str:
    """Kind and values of a fact, without what is long."""
    left_out = ("kind", "at", "rules", "lines", "raw")
    values = {key: value for key, value in fact.items() if key not in left_out and value not in (None, "")}
    return f"{fact['kind']} {_values(values)}".rstrip()


def event_in_words(data: dict[str, Any]) -> str:
    """One event; a check with its reason, its source and the file that holds the rule."""
    kind = data["type"]
    if kind == "passage.check":
        result = data["result"]
        subject = f" ({result['subject']})" if result["subject"] else ""
        return (
            f"check {result['check']}{subject}, {result['agency']}: {result['outcome']}, "
            f"{reason_in_words(result['reason'])}; {result['source']}; "
            f"rule: lane_controller/lane/checks/{result['check']}.py"
        )
    values = {
        key: value for key, value in data.items() if key not in ("type", "passage") and value is not None
    }
    rule = f"; rule: {RULES[kind]}" if kind in RULES else ""
    return f"{kind} {_values(values)}{rule}"


def reason_in_words(reason: dict[str, Any]) -> str:
    parameters = ", ".join(f"{key} {value}" for key, value in reason.get("parameters", {}).items())
    return reason["code"] + (f" ({parameters})" if parameters else "")


def _values(values: dict[str, Any]) -> str:
    return ", ".join(f"{key} {_value(value)}" for key, value in values.items())


def _value(value: Any) -> str:
    if isinstance(value, dict) and "code" in value:
        return reason_in_words(value)
    if isinstance(value, list):
        return "[" + "; ".join(_value(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} {_value(inner)}" for key, inner in value.items()) + "}"
    return str(value)
