"""Events as lines of a time line: a sentence for each type we know, the bare data for one we do not."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from dashboard.store.read import StoredEvent
from dashboard.views.chip import said as chip_said
from dashboard.views.facts import read_as
from dashboard.views.language import Speaker
from dashboard.views.models import TimelineEvent
from dashboard.views.parts import moment, said, subject
from lane_controller.messages.parts import DocumentChip, Reason

LINES_KEPT = 5_000
"""A page is made anew with each event, and has 59 lines that it had before.  An event whose data were erased
is another one."""
LATE_US = 60 * 1_000_000
"""An event that came so long after it happened was in a backlog."""

_WORDS = {
    "mode": "mode",
    "before": "mode",
    "lamp": "lamp",
    "arm": "arm",
    "place": "place",
    "role": "device_role",
    "health": "health",
    "decision": "decision",
    "end": "ending",
    "priority": "priority",
    "cause": "cause",
    "result": "second_line_result",
    "movement": "movement",
    "answer": "answer",
    "side": "side",
    "settles": "agency",
    "change": "change",
    "why": "shelve_reason",
    "how": "shelf_end",
}
"""Under which context the word of a field stands."""

_OF_ALARMS = ("alarm.", "site.alarm_shelved", "site.alarm_unshelved")
_OF_COMMANDS = (
    "site.command_sent",
    "site.command_asked",
    "site.command_declined",
    "site.command_withdrawn",
    "site.command_expired",
)
_OWN_REASON = ("lane.mode_changed", *_OF_COMMANDS)
"""Events whose reason, when a person asked, is that person's own."""


@lru_cache(LINES_KEPT)
def timeline_event(speaker: Speaker, event: StoredEvent) -> TimelineEvent:
    return TimelineEvent(
        position=event.position,
        audience=event.audience,
        time=moment(speaker, event.time_us),
        received=moment(speaker, event.received_us),
        late=event.received_us - event.time_us > LATE_US,
        type=speaker.coded("event", event.type),
        text=tell(speaker, event),
        maintenance=event.maintenance,
    )


def tell(speaker: Speaker, event: StoredEvent) -> str:
    """What happened, in one line."""
    if event.reading == "unreadable":
        return speaker.say("kept as it came: this version cannot read it")
    if event.reading == "unknown" or not speaker.known("event text", event.type):
        return _plainly(event.data)
    told = speaker.word("event text", event.type).format_map(_Told(_values(speaker, event)))
    # Plain spaces alone: those inside numbers must stay unbreakable.
    return re.sub("[ \n\t]+", " ", told.replace("()", "")).strip(" ,:")


def _plainly(data: Mapping[str, Any]) -> str:
    scalars = (
        f"{name} {value}"
        for name, value in data.items()
        if isinstance(value, str | int | float) and name != "type"
    )
    return ", ".join(scalars)[:300]


class _Told(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _values(speaker: Speaker, event: StoredEvent) -> dict[str, str]:
    """All that a sentence about the event may name, as text."""
    values: dict[str, str] = {}
    for name, value in event.data.items():
        if name in _WORDS and isinstance(value, str):
            values[name] = speaker.word(_WORDS[name], value)
        elif isinstance(value, str | int | float):
            values[name] = speaker.value(name, value)
        elif isinstance(value, dict):
            values |= _of_part(speaker, name, cast(dict[str, Any], value))
        elif isinstance(value, list):
            values |= _of_list(speaker, name, cast(list[Any], value))
    own = read_as(Reason, event.data.get("reason")) if event.type in _OWN_REASON else None
    if own is not None and event.data.get("by"):
        values["reason"] = speaker.given(own.code, own.parameters).text
    if event.type.startswith(_OF_ALARMS) and "kind" in event.data:
        values["kind"] = speaker.word("alarm", str(event.data["kind"]))
    if event.type in ("command.answered", *_OF_COMMANDS):
        values["kind"] = speaker.word("command", str(event.data.get("kind")))
    if event.type == "presence.changed":
        values["covered"] = speaker.word("covered", "covered" if event.data.get("covered") else "clear")
    if event.type == "passage.chip" and (chip := read_as(DocumentChip, event.data)) is not None:
        values["chip_said"] = chip_said(speaker, chip)
    if event.type == "passage.card":
        values["inserted"] = speaker.word("card", "inserted" if event.data.get("inserted") else "removed")
    return values


def _of_part(speaker: Speaker, name: str, value: dict[str, Any]) -> dict[str, str]:
    match name:
        case "given":
            reason = read_as(Reason, value)
            return {name: speaker.given(reason.code, reason.parameters).text} if reason else {}
        case "reason":
            reason = read_as(Reason, value)
            return {name: said(speaker, reason).text} if reason else {}
        case "plate":
            return {"plate": str(value.get("display", ""))}
        case "document":
            return {"document": f"{value.get('issuer', '')} {value.get('number', '')}"}
        case "weight":
            return {"weight": speaker.kilograms(float(value.get("gross_kg") or 0))}
        case "by":
            return {name: str(value.get("operator", ""))}
        case "filter":
            asked = (f"{speaker.word('search field', field)} {text}" for field, text in value.items())
            return {name: ", ".join(asked)}
        case "second":
            return {name: speaker.say("with {name}", name=str(value.get("operator", "")))}
        case "result":
            reason = read_as(Reason, value.get("reason"))
            about = str(value.get("subject") or "")
            return {
                "check": speaker.word("check", str(value.get("check"))),
                "outcome": speaker.word("outcome", str(value.get("outcome"))),
                "reason": said(speaker, reason).text if reason else "",
                "subject": f" ({subject(speaker, about).text})" if about else "",
            }
        case _:
            return {}


def _of_list(speaker: Speaker, name: str, value: list[Any]) -> dict[str, str]:
    if name == "reasons":
        reasons = [reason for one in value if (reason := read_as(Reason, one)) is not None]
        return {name: "; ".join(said(speaker, reason).text for reason in reasons)}
    return {name: ", ".join(str(one) for one in value if isinstance(one, str | int))}
