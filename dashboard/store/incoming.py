"""A batch as it came from the broker, told apart into events, unreadable events and what has no key.

The envelope is parsed apart from `data`.  What has a key (journal and sequence) is kept and counts as
received, whatever else is wrong with it: one poisoned event must not block a lane's uplink for ever.
"""

import hashlib
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from lane_controller.messages.envelope import EVENT_BYTES_MAX, Envelope
from lane_controller.messages.events import AUDIENCE, EventData
from lane_controller.messages.words import Audience

PAYLOAD_BYTES_MAX = 300_000
"""A larger payload is dropped unread; the lane's own limit is 64 KiB."""
SEQUENCE_MAX = 2**53 - 1

Reading = Literal["read", "unknown", "unreadable"]

_KEY = re.compile(r"^[A-Za-z0-9_.:+=-]{1,64}$")
_HASH = re.compile(r"^[A-Za-z0-9_.:+/=-]{1,128}$")
_TYPE_PREFIX = "borderlane."
_DATA: TypeAdapter[Any] = TypeAdapter(EventData)
CONTRACT = hashlib.sha256(json.dumps(_DATA.json_schema(), sort_keys=True).encode()).hexdigest()
"""Which events this version can read."""


_ENVELOPES = TypeAdapter(list[Envelope])


@dataclass(slots=True)
class IncomingEvent:
    """One event under its key.  `data` of an unreadable envelope is the whole element."""

    lane: str
    journal: str
    sequence: int
    rowhash: str
    audience: Audience
    type: str
    reading: Reading
    time_us: int
    passage: int | None
    boot: str
    mono_s: float
    clock: str
    maintenance: bool
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Bytes without a usable key."""

    lane: str
    audience: Audience
    why: Literal["too_large", "not_json", "no_key"]
    raw: bytes

    @property
    def id(self) -> str:
        return hashlib.sha256(self.lane.encode() + b"\0" + self.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Incoming:
    events: tuple[IncomingEvent, ...]
    rejected: tuple[Rejected, ...] = ()


def now_us() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def dump(value: Any) -> str:
    """JSON text; null for NaN and the infinities, which JSON has not (RFC 8259, 6)."""
    return to_json(value, inf_nan_mode="null").decode()


def to_us(moment: datetime) -> int:
    """Microseconds since 1970; a time without zone is UTC."""
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1e6)


def parse(payload: bytes, site: str, lane: str, audience: Audience) -> Incoming:
    """Reads what arrived on `event/<audience>` of a lane.  Never raises for anything a peer can send."""
    if len(payload) > PAYLOAD_BYTES_MAX:
        return Incoming((), (Rejected(lane, audience, "too_large", payload[:1000]),))
    try:
        elements = from_json(payload)
    except ValueError:
        return Incoming((), (Rejected(lane, audience, "not_json", payload),))
    if not isinstance(elements, list):
        return Incoming((), (Rejected(lane, audience, "no_key", payload),))
    source = f"/{site}/{lane}"
    events: list[IncomingEvent] = []
    rejected: list[Rejected] = []
    for envelope, element in _validated(cast(list[Any], elements)):
        if envelope is not None and _sound(envelope, source, audience):
            events.append(_event(envelope, lane))
        else:
            _keep(element, lane, audience, events, rejected)
    return Incoming(tuple(events), tuple(rejected))


def _validated(elements: list[Any]) -> Iterable[tuple[Envelope | None, Any]]:
    """Each element with its envelope: all at once, and one by one only where one of them is none."""
    try:
        return zip(_ENVELOPES.validate_python(elements), elements, strict=True)
    except ValidationError:
        return [(_envelope(element), element) for element in elements]


def _envelope(element: Any) -> Envelope | None:
    try:
        return Envelope.model_validate(element)
    except ValidationError:
        return None


def keep_again(element: dict[str, Any], site: str, lane: str) -> IncomingEvent | None:
    """An envelope that could not be read when it came: as an event, if it can be now."""
    audience = element.get("audience")
    if audience not in tuple(Audience):
        return None
    again = parse(dump([element]).encode(), site, lane, Audience(audience))
    return again.events[0] if again.events and again.events[0].boot else None


def _sound(envelope: Envelope, source: str, audience: Audience) -> bool:
    """Whether the envelope agrees with its topic and fits the store's columns."""
    return (
        envelope.source == source
        and envelope.audience == audience
        and envelope.sequence <= SEQUENCE_MAX
        and abs(envelope.monos) < 1e12
        and (envelope.passage is None or abs(envelope.passage) <= SEQUENCE_MAX)
        and _HASH.match(envelope.rowhash) is not None
        and _is_key(envelope.journal)
        and _is_key(envelope.boot)
        and _is_key(envelope.type)
    )


@lru_cache(maxsize=1024)
def _is_key(text: str) -> bool:
    """Of journals, boots and types there are few."""
    return _KEY.match(text) is not None


def _event(envelope: Envelope, lane: str) -> IncomingEvent:
    passage, data = envelope.passage, envelope.data
    kind = envelope.type.removeprefix(_TYPE_PREFIX)
    reading = reading_of(kind, passage, data)
    stated = data.get("passage")
    if passage is None and type(stated) is int and 0 <= stated <= SEQUENCE_MAX:
        passage = stated
    return IncomingEvent(
        lane=lane,
        journal=envelope.journal,
        sequence=envelope.sequence,
        rowhash=envelope.rowhash,
        audience=narrowed(kind, envelope.audience),
        type=kind,
        reading=reading,
        time_us=to_us(envelope.time),
        passage=passage,
        boot=envelope.boot,
        mono_s=envelope.monos,
        clock=envelope.clock,
        maintenance=envelope.maintenance,
        data=data,
    )


def narrowed(kind: str, audience: Audience) -> Audience:
    """Types that are never for the ordinary screen stay off it even when a lane errs."""
    if kind in AUDIENCE and audience in (Audience.LANE, Audience.SUPERVISOR):
        return AUDIENCE[kind]
    return audience


def reading_of(kind: str, passage: int | None, data: dict[str, Any]) -> Reading:
    """Whether today's contract understands an event's data, and they say the type and the passage that the
    envelope says."""
    if not _DATA.validator.isinstance_python(data):
        return _why_not(data)
    if kind != data["type"]:
        return "unreadable"
    if passage is not None and data.get("passage", passage) not in (passage, None):
        return "unreadable"
    return "read"


def _why_not(data: dict[str, Any]) -> Reading:
    try:
        _DATA.validate_python(data)
    except ValidationError as error:
        mistake = error.errors(include_url=False, include_input=False)[0]["type"]
        return "unknown" if mistake in ("union_tag_invalid", "union_tag_not_found") else "unreadable"
    return "unreadable"


def _keep(
    element: Any, lane: str, audience: Audience, events: list[IncomingEvent], rejected: list[Rejected]
) -> None:
    """Keeps an element that is no sound envelope: under its key where it has one, for auditors alone, since
    nothing about it can be trusted, its audience included."""
    raw = dump(element).encode()
    record: dict[str, Any] = cast(dict[str, Any], element) if isinstance(element, dict) else {}
    journal, sequence, rowhash = (record.get(key) for key in ("journal", "sequence", "rowhash"))
    if not (
        isinstance(journal, str)
        and _KEY.match(journal)
        and type(sequence) is int
        and 1 <= sequence <= SEQUENCE_MAX
        and len(raw) <= PAYLOAD_BYTES_MAX
    ):
        rejected.append(Rejected(lane, audience, "no_key", raw[:EVENT_BYTES_MAX]))
        return
    kind = record.get("type")
    events.append(
        IncomingEvent(
            lane=lane,
            journal=journal,
            sequence=sequence,
            rowhash=rowhash
            if isinstance(rowhash, str) and _HASH.match(rowhash)
            else hashlib.sha256(raw).hexdigest(),
            audience=Audience.AUDIT,
            type=kind.removeprefix(_TYPE_PREFIX) if isinstance(kind, str) and _KEY.match(kind) else "",
            reading="unreadable",
            time_us=now_us(),
            passage=None,
            boot="",
            mono_s=0.0,
            clock="free",
            maintenance=False,
            data=record,
        )
    )
