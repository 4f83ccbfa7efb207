"""What goes into a journal and what comes out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lane_controller.messages.envelope import Envelope
from lane_controller.messages.parts import Stamp
from lane_controller.messages.words import Audience, ClockQuality


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event before it has a number.  `data` is JSON as Python objects."""

    audience: Audience
    data: dict[str, Any]
    passage: int | None = None
    maintenance: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A row before it has a number: a fact, what followed from it, and the pictures that came with it (by
    SHA-256, with the audience that may see them)."""

    at: Stamp
    fact: dict[str, Any]
    events: tuple[EventDraft, ...] = ()
    error: str = ""
    media: tuple[tuple[str, Audience, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """A row that is on the disk."""

    number: int
    hash: bytes
    first_sequence: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row as read.  `fact` has its time (`at`) and personal data back, unless these were erased."""

    number: int
    at: Stamp
    fact: dict[str, Any]
    error: str
    first_sequence: int
    events: tuple[dict[str, Any], ...]
    personal: bool | None
    """True while its personal data are there, False when they were erased, None when there never were any."""
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One recorded event with all that its envelope needs; never recomputed."""

    sequence: int
    at: Stamp
    rowhash: bytes
    audience: Audience
    passage: int | None
    maintenance: bool
    data: dict[str, Any]

    def envelope(self, site: str, lane: str, journal: str) -> Envelope:
        """The CloudEvent that is published."""
        return Envelope(
            id=f"{journal}/{self.sequence}",
            source=f"/{site}/{lane}",
            type=f"borderlane.{self.data['type']}",
            time=self.at.utc,
            sequence=self.sequence,
            journal=journal,
            rowhash=self.rowhash.hex(),
            audience=self.audience,
            boot=self.at.boot,
            monos=self.at.mono_s,
            clock=self.at.clock,
            passage=self.passage,
            maintenance=self.maintenance,
            data=self.data,
        )


def events_of(row: Row) -> list[StoredEvent]:
    """The row's events with their sequences."""
    return [
        StoredEvent(
            sequence=row.first_sequence + offset,
            at=row.at,
            rowhash=row.hash,
            audience=Audience(event["audience"]),
            passage=event["passage"],
            maintenance=event["maintenance"],
            data=event["data"],
        )
        for offset, event in enumerate(row.events)
    ]


def utc_text(moment: datetime) -> str:
    """UTC, ISO 8601 with six decimals and Z: texts sort like times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def stamp_of(utc: str, clock: str, boot: str, mono_us: int) -> Stamp:
    moment = datetime.strptime(utc, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return Stamp(utc=moment, boot=boot, mono_s=mono_us / 1e6, clock=ClockQuality(clock))
