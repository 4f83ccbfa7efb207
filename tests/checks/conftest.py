"""Evidence for checks, built in one line each."""

from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest

from lane_controller.lane.checks import CHECKS
from lane_controller.lane.evidence import Answered, Evidence
from lane_controller.lane.facts import DocumentRead, PlateRead, WeightRead
from lane_controller.lane.rules import CheckRule, LaneRules
from lane_controller.messages.parts import Document, Plate, Reason, Stamp, Weight
from lane_controller.messages.words import Agency, ClockQuality, Direction, Profile

AT = Stamp(utc=datetime(2026, 6, 1, 12, tzinfo=UTC), boot="b", mono_s=100.0, clock=ClockQuality.SYNCHRONISED)
TODAY = date(2026, 6, 1)


class Build:
    """Makes facts and evidence with plausible defaults."""

    def rules(self, **changes: Any) -> LaneRules:
        values: dict[str, Any] = {
            "site": "s",
            "lane": "l",
            "journal": "j",
            "profile": Profile.CARGO,
            "direction": Direction.ENTRY,
            "state": "KZ",
            "checks": tuple(CheckRule(name, Agency.BORDER) for name in CHECKS),
        }
        return LaneRules(**(values | changes))

    def document(self, **changes: Any) -> DocumentRead:
        values: dict[str, Any] = {
            "kind": "P",
            "format": "TD3",
            "issuer": "UTO",
            "number": "L898902C3",
            "nationality": "UTO",
            "surname": "ERIKSSON",
            "given_names": "ANNA MARIA",
            "birth": "1974-08-12",
            "sex": "F",
            "expiry": "2030-04-15",
            "status": "verified",
        }
        return DocumentRead(AT, "reader", Document(**(values | changes)))

    def plate(
        self, text: str = "123ABC02", side: Literal["front", "rear"] = "front", confidence: float = 0.95
    ) -> PlateRead:
        plate = Plate(text=text, display=text, country="KZ", confidence=confidence, frames=5)
        return PlateRead(AT, "camera", side, plate)

    def weight(self, gross_kg: float = 38000, **changes: Any) -> WeightRead:
        values: dict[str, Any] = {
            "gross_kg": gross_kg,
            "settled_s": 3.0,
            "zero_seen": True,
            "wholly_on_deck": True,
            "scale": "scale",
            "verification": "KZ-1",
            "verified_until": "2027-01-01",
            "raw": "00",
        }
        return WeightRead(AT, "scale", Weight(**(values | changes)))

    def evidence(self, **changes: Any) -> Evidence:
        values: dict[str, Any] = {"rules": self.rules(), "passage": 7, "today": TODAY}
        return Evidence(**(values | changes))

    def answered(self, kind: str, subject: str, *hits: dict[str, Any]) -> tuple[tuple[str, str], Answered]:
        return ((kind, subject), Answered(hits=hits, as_of="2026-06-01T00:00:00Z"))

    def unanswered(self, kind: str, subject: str) -> tuple[tuple[str, str], Answered]:
        return ((kind, subject), Answered(hits=None, reason=Reason(code="no_answer_in_time")))


@pytest.fixture(scope="session")
def build() -> Build:
    return Build()
