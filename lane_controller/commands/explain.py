"""`borderlane explain JOURNAL PASSAGE`: why this passage went as it did, out of the journal alone."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lane_controller.commands import words
from lane_controller.commands.journals import journal_errors_end, reading
from lane_controller.commands.output import fail

if TYPE_CHECKING:
    from lane_controller.commands.account import Account, Concluded, PermitStory
    from lane_controller.commands.journals import OpenJournal


@click.command("explain")
@click.argument("journal", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("passage", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print all of it as one JSON object.")
@journal_errors_end
def command(journal: Path, passage: int, as_json: bool) -> None:
    """Explain one passage: each check with its rule, why the arm rose or did not, each fact and event.

    Reads only; the lane may be running.  Exits 2 for a passage that the journal does not know, 3 when the
    journal can't be read."""
    from lane_controller.commands.account import account_of

    with reading(journal) as opened:
        account = account_of(opened, passage)
        if account is None:
            pruned = f"; rows up to {opened.anchor} were pruned" if opened.anchor else ""
            fail(
                f"{journal}: no passage {passage} in the journal of {opened.name}: "
                f"{opened.known_passages()}{pruned}",
                2,
            )
        if as_json:
            click.echo(json.dumps(_as_json(opened, account), ensure_ascii=False, indent=2, default=str))
        else:
            click.echo("\n".join(_text(opened, account)))


def _text(journal: "OpenJournal", account: "Account") -> Iterator[str]:
    yield from _head(journal, account)
    yield ""
    yield from _checks(account)
    yield ""
    yield from _plates(account)
    yield from _chips(account)
    yield from _arm(account)
    yield ""
    yield from _story(account)
    yield ""
    yield from _published(journal, account)


def _title(text: str) -> str:
    return click.style(text, bold=True)


def _head(journal: "OpenJournal", account: "Account") -> Iterator[str]:
    first = account.rows[0].at.utc
    yield _title(f"Passage {account.passage} of {journal.name}") + f"   (journal {journal.journal})"
    ended = account.ended
    if ended:
        end = f"{words.plain(ended['end'])} {words.clock(ended['at'])} ({words.reason(ended.get('reason'))})"
    else:
        end = "still open"
    yield f"  {first:%Y-%m-%d} UTC: arrived {words.clock(first)}, {end}"
    decision = account.decision
    if decision is None:
        yield "  Decision: none yet" if ended is None else "  Decision: none was made"
    else:
        why = f": {words.reasons(decision['reasons'])}" if decision.get("reasons") else ""
        yield f"  Decision: {words.plain(decision['decision'])} by {words.person(decision.get('by'))}{why}"
    if account.erased:
        yield f"  Personal data of {account.erased} rows were erased: what they held can't be shown any more."


def _checks(account: "Account") -> Iterator[str]:
    from lane_controller.commands.account import DECISION_RULE

    yield _title("Checks") + f"   (what they mean for the passage: {DECISION_RULE})"
    if not account.checks:
        yield "  none was concluded"
    for one in sorted(account.checks, key=lambda one: (one.result.get("agency", ""), one.superseded)):
        yield from _check(one)


def _check(one: "Concluded") -> Iterator[str]:
    result = one.result
    name = words.plain(result.get("check")) + (
        f" {words.plain(result['subject'])}" if result.get("subject") else ""
    )
    outcome = str(result.get("outcome"))
    told = f"{words.plain(result.get('agency')):<12} {name}: {words.reason(result.get('reason'))}"
    secret = "   [second line only]" if result.get("confidential") else ""
    if one.superseded:
        yield f"    earlier, {words.clock(one.at)}: {outcome:<13} {told}{secret}"
        return
    yield f"  {words.coloured(outcome, 13)} {told}{secret}"
    for match in one.names or ():
        yield f"{'':16}matched: {words.plain(match)}"
    yield f"{'':16}rule:    {one.rule or 'not in this version of Borderlane'}"
    yield f"{'':16}source:  {words.plain(result.get('source'))}"


def _plates(account: "Account") -> Iterator[str]:
    """What each camera told, and how its frames voted."""
    if not account.plates:
        return
    yield _title("Plates")
    for at, data in account.plates:
        yield f"  {words.clock(at)} {words.plate(data)}"
        for line in words.vote(data):
            yield f"{'':16}{line}"
    yield ""


def _chips(account: "Account") -> Iterator[str]:
    """Each chip's inspection, where there was one."""
    for at, data in account.chips:
        yield _title(f"Chip of document {words.plain(data.get('person'))}") + f"   {words.clock(at)}"
        yield f"  {words.chip(data)}"
        reading = data.get("reading") or {}
        if reading:
            yield f"  trust store {words.plain(reading.get('trust'))}, {reading.get('apdus')} APDUs"
        for line in words.chip_tests(data):
            yield f"  {line}"
        yield ""


def _arm(account: "Account") -> Iterator[str]:
    from lane_controller.commands.account import ARM_RULE

    rose = [permit for permit in account.permits if permit.rose]
    state = "It rose." if rose else "It did not rise for this passage."
    yield _title("The arm") + f"   (when it may move: {ARM_RULE})"
    yield f"  {state}"
    for permit in account.permits:
        yield from _permit(permit)
    for at, data in account.withheld:
        yield f"  {words.clock(at)} {data.get('movement')} withheld: {words.reasons(data.get('reasons'))}"
    for at, data in account.alarms:
        yield f"  {words.clock(at)} alarm {words.plain(data.get('kind'))}: {words.reason(data.get('reason'))}"
    for at, data in account.refused:
        yield f"  {words.clock(at)} {words.event(data)}"
    if not account.permits:
        yield f"  No permit was given: {_why_no_permit(account)}"


def _why_no_permit(account: "Account") -> str:
    decision = account.decision
    if decision is None:
        return "nothing was decided" + ("" if account.ended else " yet: checks are still open")
    why = words.reasons(decision.get("reasons"))
    return f"the decision is {words.plain(decision['decision'])}" + (f" ({why})" if why else "")


def _permit(permit: "PermitStory") -> Iterator[str]:
    match permit.cause:
        case "decision":
            cause = "the decision release"
        case "command":
            command = permit.command or {}
            cause = (
                f"the command {words.plain(command.get('kind', '?'))} of {words.person(command.get('by'))}"
            )
            if command.get("second"):
                cause += f" and {words.person(command['second'])}"
            cause += f", who said: {words.reason(command.get('reason'))}"
        case "local":
            cause = "the key switch at the lane"
        case other:
            cause = words.plain(other)
    yield f"  {words.clock(permit.at)} {permit.permit} was given by {cause} (row {permit.row})"
    if permit.result:
        why = f", {words.reason(permit.result['reason'])}" if permit.result.get("reason") else ""
        said = f"{words.plain(permit.result.get('result'))}{why}"
        yield f"  {words.clock(permit.result['at'])}   order {permit.order}: {said}"
    if permit.rose:
        yield f"  {words.clock(permit.rose)}   the arm rose by it" + (
            f" ({permit.order})" if permit.order else ""
        )
    if permit.ended:
        yield f"  {words.clock(permit.ended['at'])}   it ended: {words.reason(permit.ended.get('reason'))}"


def _story(account: "Account") -> Iterator[str]:
    from lane_controller.daemon.journal.rows import events_of

    yield _title("What the lane was told, and what came of it")
    day: datetime | None = None
    for row in account.rows:
        if day is not None and row.at.utc.date() != day.date():
            yield f"  -- {row.at.utc:%Y-%m-%d} UTC --"
        day = row.at.utc
        erased = "   [personal data erased]" if row.personal is False else ""
        yield f"  {words.clock(row.at.utc)}  row {row.number}  {words.fact(row.fact)}{erased}"
        if row.error:
            yield click.style(f"{'':16}THE RULES FAILED: {words.plain(row.error)}", fg="red")
        for event in events_of(row):
            if account.concerns(event):
                mark = " (maintenance)" if event.maintenance else ""
                yield f"{'':16}#{event.sequence} to {event.audience}{mark}: {words.event(event.data)}"


def _published(journal: "OpenJournal", account: "Account") -> Iterator[str]:
    acknowledged = int(journal.meta["acknowledged"])
    yield _title("Published")
    counts: dict[str, list[int]] = {}
    for _, event in account.events():
        counts.setdefault(str(event.audience), []).append(event.sequence)
    for audience, sequences in counts.items():
        safe = sum(sequence <= acknowledged for sequence in sequences)
        stored = "all in the store" if safe == len(sequences) else f"{safe} of them in the store"
        yield f"  to {audience}: {len(sequences)} events (#{sequences[0]} to #{sequences[-1]}), {stored}"
    if journal.meta.get("store"):
        yield f"  store {journal.meta['store']} has acknowledged up to #{acknowledged}"
    else:
        yield "  no store has acknowledged anything of this journal yet"


def _as_json(journal: "OpenJournal", account: "Account") -> dict[str, Any]:
    from lane_controller.commands.account import ARM_RULE, DECISION_RULE

    acknowledged = int(journal.meta["acknowledged"])
    return {
        "site": journal.meta["site"],
        "lane": journal.meta["lane"],
        "journal": journal.journal,
        "passage": account.passage,
        "arrived": account.rows[0].at.utc.isoformat(),
        "ended": account.ended,
        "decision": account.decision,
        "decision_rule": DECISION_RULE,
        "erased_rows": account.erased,
        "plates": [{"at": at.isoformat(), **data} for at, data in account.plates],
        "chips": [{"at": at.isoformat(), **data} for at, data in account.chips],
        "checks": [
            {
                "at": one.at.isoformat(),
                "row": one.row,
                **one.result,
                "names": one.names,
                "superseded": one.superseded,
                "rule": one.rule,
            }
            for one in account.checks
        ],
        "arm": {
            "rose": any(permit.rose for permit in account.permits),
            "rule": ARM_RULE,
            "permits": [
                {
                    "permit": permit.permit,
                    "cause": permit.cause,
                    "at": permit.at.isoformat(),
                    "row": permit.row,
                    "command": permit.command,
                    "order": permit.order,
                    "result": permit.result,
                    "rose": permit.rose.isoformat() if permit.rose else None,
                    "ended": permit.ended,
                }
                for permit in account.permits
            ],
            "withheld": [{"at": at.isoformat(), **data} for at, data in account.withheld],
            "alarms": [{"at": at.isoformat(), **data} for at, data in account.alarms],
            "refused": [{"at": at.isoformat(), **data} for at, data in account.refused],
            "why_no_permit": None if account.permits else _why_no_permit(account),
        },
        "rows": [_row_json(account, row, acknowledged) for row in account.rows],
    }


def _row_json(account: "Account", row: Any, acknowledged: int) -> dict[str, Any]:
    from lane_controller.daemon.journal.rows import events_of

    return {
        "row": row.number,
        "at": row.at.utc.isoformat(),
        "fact": row.fact,
        "error": row.error,
        "erased": row.personal is False,
        "events": [
            {
                "sequence": event.sequence,
                "audience": event.audience,
                "in_store": event.sequence <= acknowledged,
                "maintenance": event.maintenance,
                "data": event.data,
            }
            for event in events_of(row)
            if account.concerns(event)
        ],
    }
