"""Facts and events of a journal in a few words for a terminal.

They are read as JSON, not as our types: a journal may be older or newer than this program, and what it does
not know is shown plainly."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import click

Table = Mapping[str, Any]

_SKIPPED = frozenset(
    {"kind", "type", "at", "passage", "reason", "reasons", "result", "by", "second", "command"}
)
_NOT_TOLD = (None, "", (), [], {})


def plain(text: object) -> str:
    """Without control characters: what a register or a document says must not move the terminal's cursor."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(text))


def clock(moment: datetime) -> str:
    """UTC of the day, to the millisecond."""
    return moment.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]


def reason(value: Any) -> str:
    """`code (name value, name value)`."""
    if not isinstance(value, dict):
        return "no reason recorded"
    table = cast("dict[str, Any]", value)
    parameters: Any = table.get("parameters") or {}
    inside = ", ".join(f"{name} {plain(one)}" for name, one in parameters.items()) if parameters else ""
    return plain(table.get("code", "?")) + (f" ({inside})" if inside else "")


def reasons(values: Iterable[Any] | None) -> str:
    return ", ".join(reason(value) for value in values or ())


def person(value: Any) -> str:
    """`olga (operator, border)`; the machine where nobody is named."""
    if not isinstance(value, dict):
        return "the machine"
    table = cast("dict[str, Any]", value)
    who = ", ".join(plain(table[key]) for key in ("role", "agency") if table.get(key))
    return plain(table.get("operator", "?")) + (f" ({who})" if who else "")


def fact(table: Table) -> str:
    """What the lane was told: the kind of fact and what it says."""
    kind = plain(table.get("kind", "?"))
    match kind:
        case "started":
            return f"started: version {plain(table.get('version'))}"
        case "presence_changed":
            state = "covered" if table.get("covered") else "clear"
            return f"presence_changed: {plain(table.get('place'))} {state} ({plain(table.get('device'))})"
        case "barrier_changed":
            switches = (
                f"raised switch {on(table, 'raised_switch')}, lowered switch {on(table, 'lowered_switch')}"
            )
            return f"barrier_changed: {switches}" + (", FAULT" if table.get("fault") else "")
        case "order_done":
            said = f"order_done: {plain(table.get('order'))} {plain(table.get('result'))}"
            return said + (f", {reason(table['reason'])}" if table.get("reason") else "")
        case "register_answered":
            hits: Any = table.get("hits")
            found = "no hits" if hits == [] else f"hits {_value(hits) if hits else 'not there'}"
            as_of = plain(table.get("as_of"))
            return f"register_answered: {plain(table.get('request'))}, {found}, as of {as_of}"
        case "chip_read":
            return f"chip_read: {plain(table.get('request'))}, {chip(table)}"
        case "plate_read":
            return f"plate_read: {plate(table)} ({plain(table.get('device'))})"
        case "command_arrived":
            return f"command_arrived: {_command(table.get('command'))}"
        case _:
            return _line(kind, table)


def on(table: Table, key: str) -> str:
    return "on" if table.get(key) else "off"


def _command(value: Any) -> str:
    table: dict[str, Any] = value if isinstance(value, dict) else {}
    said = f"{plain(table.get('kind', '?'))} by {person(table.get('by'))}"
    if table.get("second"):
        said += f" and {person(table['second'])}"
    return f"{said}: {reason(table.get('reason'))}"


def event(table: Table) -> str:
    """What happened: the type of an event and what it says."""
    kind = plain(table.get("type", "?"))
    match kind:
        case "passage.check":
            return f"passage.check: {check(table.get('result'))}"
        case "passage.plate":
            return f"passage.plate: {plate(table)}"
        case "passage.chip":
            return f"passage.chip: person {plain(table.get('person'))}, {chip(table)}"
        case "passage.decided":
            said = f"passage.decided: {plain(table.get('decision'))} by {person(table.get('by'))}"
            return said + (f": {reasons(table['reasons'])}" if table.get("reasons") else "")
        case "command.answered":
            said = f"command.answered: {plain(table.get('kind'))} {plain(table.get('answer'))}"
            said += f" to {person(table.get('by'))}"
            return said + (f": {reasons(table['reasons'])}" if table.get("reasons") else "")
        case _:
            return _line(kind, table)


def chip(table: Table) -> str:
    """What came of a chip: the verdict's two words and what it differs in, or why it was not read."""
    reading: Any = table.get("reading")
    if not isinstance(reading, dict):
        return f"not read, {reason(table.get('reason'))}"
    found = cast("dict[str, Any]", reading)
    differs = ", ".join(plain(one) for one in found.get("differs") or ())
    said = f"data {plain(found.get('data'))}, chip {plain(found.get('chip'))}"
    return said + (f", differs from the page in {differs}" if differs else "")


def chip_tests(table: Table) -> list[str]:
    """Each test of a chip's inspection, one a line; none where it was not read."""
    reading: Any = table.get("reading")
    checks: Any = cast("dict[str, Any]", reading).get("checks") if isinstance(reading, dict) else None
    tests = [cast("dict[str, Any]", one) for one in checks or () if isinstance(one, dict)]
    return [
        f"{coloured(str(one.get('outcome')), 13)} {plain(one.get('name'))}: {reason(one.get('reason'))}"
        for one in tests
    ]


def plate(table: Table) -> str:
    """What a camera told of a plate: the plate or why there is none, and what ended the waiting."""
    found: Any = table.get("plate")
    side = plain(table.get("side", "?"))
    if isinstance(found, dict):
        one = cast("dict[str, Any]", found)
        country = plain(one["country"]) if one.get("country") else "country unknown"
        said = f"{plain(one.get('text'))}, printed {plain(one.get('display'))} ({country}), "
        said += f"{_value(one.get('confidence'))} sure, {plain(one.get('frames'))} frame(s)"
    else:
        said = "no plate"
    why = f", {reason(table['reason'])}" if table.get("reason") else ""
    return f"{side}: {said}{why}"


def vote(table: Table) -> list[str]:
    """How the frames voted on a plate, one text a line; none where it is not recorded, or erased."""
    value: Any = table.get("vote")
    if not isinstance(value, dict):
        return []
    found = cast("dict[str, Any]", value)
    when, why = (plain(found.get(name)).replace("_", " ") for name in ("when", "why"))
    return [
        f"decided: {when}, {why}; frames that voted: {plain(found.get('frames'))}",
        *(_voted("", one) for one in found.get("texts") or ()),
        *(_voted("another plate: ", one) for one in found.get("others") or ()),
        *(_voted("parked: ", one) for one in found.get("parked") or ()),
        *(_one_frame(one) for one in found.get("each") or ()),
    ]


def _one_frame(value: Any) -> str:
    one: dict[str, Any] = value if isinstance(value, dict) else {}
    after, sure = (
        f"{number:.2f}" if isinstance(number := one.get(name), int | float) else "?"
        for name in ("after_s", "probability")
    )
    return f"frame after {after} s: {plain(one.get('text'))}, {sure} sure"


def _voted(what: str, value: Any) -> str:
    one: dict[str, Any] = value if isinstance(value, dict) else {}
    weight: Any = one.get("probability")
    told = f"{weight:.4f}" if isinstance(weight, int | float) else "?"
    return f"weight {told}  {what}{plain(one.get('text'))}, named by {plain(one.get('frames'))} frame(s)"


def check(value: Any) -> str:
    table: dict[str, Any] = value if isinstance(value, dict) else {}
    subject = f" {plain(table['subject'])}" if table.get("subject") else ""
    return (
        f"{plain(table.get('check'))}{subject} {plain(table.get('outcome'))}, {reason(table.get('reason'))}"
    )


def _line(kind: str, table: Table) -> str:
    """Any fact or event: its values that say something, then its reasons and who."""
    told = [
        f"{name} {_value(value)}" for name, value in table.items() if name not in _SKIPPED and _says(value)
    ]
    if table.get("reason"):
        told.append(reason(table["reason"]))
    if table.get("reasons"):
        told.append(reasons(table["reasons"]))
    if table.get("by"):
        told.append(f"by {person(table['by'])}")
    return f"{kind}: {', '.join(told)}" if told else kind


def _says(value: Any) -> bool:
    return all(value != nothing for nothing in _NOT_TOLD)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        table = cast("dict[str, Any]", value)
        return (
            "{" + ", ".join(f"{plain(name)} {_value(one)}" for name, one in table.items() if _says(one)) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in cast("list[Any]", value)) + "]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return plain(value)


COLOURS = {"passed": "green", "failed": "red", "inconclusive": "yellow", "not_performed": "yellow"}


def coloured(outcome: str, width: int = 0) -> str:
    """An outcome for the terminal; without a terminal click leaves the colours out."""
    return click.style(f"{plain(outcome):<{width}}", fg=COLOURS.get(outcome), bold=outcome == "failed")
