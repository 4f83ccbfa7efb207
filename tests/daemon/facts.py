"""Facts of a small lane, for tests that need a journal with a true story in it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lane_controller.daemon.clock import Clock
from lane_controller.daemon.folding import fold
from lane_controller.daemon.journal import Journal
from lane_controller.daemon.loop import Loop, Media
from lane_controller.lane.facts import (
    BarrierChanged,
    DeviceChanged,
    DocumentRead,
    Fact,
    PlateRead,
    PresenceChanged,
    Started,
)
from lane_controller.lane.rules import CheckRule, LaneRules
from lane_controller.messages.parts import Document, Plate, Reason, Stamp
from lane_controller.messages.words import (
    Agency,
    ClockQuality,
    DeviceRole,
    Direction,
    Health,
    Place,
    Profile,
)

BEGAN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
NAMES = ("SUYUNBAYEVA", "AIGERIM", "N09123456")


def stamp(second: float, boot: str = "boot-1") -> Stamp:
    utc = BEGAN + timedelta(seconds=second)
    return Stamp(utc=utc, boot=boot, mono_s=1000.0 + second, clock=ClockQuality.SYNCHRONISED)


def rules(journal: str, **changes: object) -> LaneRules:
    values: dict[str, object] = {
        "site": "test",
        "lane": "lane-1",
        "journal": journal,
        "profile": Profile.PEDESTRIAN,
        "direction": Direction.ENTRY,
        "state": "KZ",
        "checks": (CheckRule("document_check_digits", Agency.BORDER),),
        "places": (Place.ARRIVAL, Place.CLEARANCE),
        "clearance_sensors": ("cell",),
        "devices": ("loop", "cell", "arm"),
        "commissioned": True,
    }
    return LaneRules(**(values | changes))  # type: ignore[arg-type]


def document(number: str = NAMES[2]) -> Document:
    return Document(
        kind="P", format="TD3", issuer="KAZ", number=number, nationality="KAZ", surname=NAMES[0],
        given_names=NAMES[1], birth="1988-02-11", sex="F", expiry="2031-02-11", status="verified",
    )  # fmt: skip


def beginning(journal: str, boot: str = "boot-1", second: float = 0.0) -> list[Fact]:
    """A start after which the lane is open: arm down, sensors good and clear."""
    good = Reason(code="good")
    at = stamp(second, boot)
    return [
        Started(at, rules(journal), "0", "digest"),
        DeviceChanged(at, "arm", DeviceRole.BARRIER, Health.GOOD, good),
        DeviceChanged(at, "loop", DeviceRole.PRESENCE, Health.GOOD, good, Place.ARRIVAL),
        DeviceChanged(at, "cell", DeviceRole.PRESENCE, Health.GOOD, good, Place.CLEARANCE),
        PresenceChanged(at, "loop", Place.ARRIVAL, False),
        PresenceChanged(at, "cell", Place.CLEARANCE, False),
        BarrierChanged(at, "arm", False, True, False),
    ]


def traveller(second: float, number: str = NAMES[2], boot: str = "boot-1") -> list[Fact]:
    """Somebody comes, shows a document, and goes back out."""
    plate = Plate(text="123ABC02", display="123 ABC 02", country="KZ", confidence=0.9, frames=4)
    return [
        PresenceChanged(stamp(second, boot), "loop", Place.ARRIVAL, True),
        PlateRead(stamp(second + 1, boot), "camera", "front", plate),
        DocumentRead(stamp(second + 2, boot), "reader", document(number)),
        PresenceChanged(stamp(second + 3, boot), "loop", Place.ARRIVAL, False),
    ]


def loop_on(journal: Journal) -> Loop:
    """A main loop that acts and publishes nothing."""
    return Loop(journal, fold(journal), Clock(source="trusted"), lambda lane, facts: None, lambda: None)


def told(path: Path, facts: Sequence[Fact] | None = None, media: Media = ()) -> Journal:
    """A new journal at `path` with a story in it, one commit a fact."""
    journal = Journal.create(path, "test", "lane-1")
    loop = loop_on(journal)
    story = facts or [*beginning(journal.id), *traveller(10), *traveller(80, "N00000002")]
    for place, fact in enumerate(story):
        loop.take([(fact, media if place == len(story) - 1 else ())])
    return journal
