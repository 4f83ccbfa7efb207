"""What links the senses of a lane: the deck's sensors, the loop before the camera, the wish for plates."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from drivers.plate_camera import FrameRead, PlateCandidate
from drivers.presence import PresenceReading
from drivers.scale import WeightReading
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.senses import Senses
from lane_controller.daemon.sensing.plates import Seen
from lane_controller.lane import views
from lane_controller.lane.facts import Fact, PresenceChanged, WeightRead
from lane_controller.messages.words import Place
from tests.daemon.test_sensing_weighing import TERMS

TICK_S = 0.1


class Lane:
    """All senses of a cargo lane, at a time that the test tells."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.second = 1000.0
        clock = Clock(source="trusted")
        monkeypatch.setattr(clock, "mono_s", lambda: self.second)
        monkeypatch.setattr(clock, "mono_of", lambda monotonic_s: monotonic_s)
        self.facts: list[Fact] = []
        self.seen: list[Seen] = []
        self.frozen: dict[str, bool] = {}
        self.wants_plates = self.empty = False
        self.looks: list[bool] = []
        monkeypatch.setattr(views, "is_empty", lambda lane: self.empty)
        monkeypatch.setattr(views, "wants_plates", lambda lane, side: self.wants_plates)
        self.senses = Senses(
            clock,
            self.facts.append,
            self.seen.append,
            lambda *_: None,
            self._freeze,
            self._look,
            TERMS,
            Place.ARRIVAL,
        )
        self._of: dict[str, Callable[[Any], None]] = {
            "scale": self._device("scale", "scale"),
            "camera": self._device("camera", "plate_camera"),
        }
        for place in ("arrival", "deck_entry", "deck_exit"):
            self._of[place] = self._device(place, "presence", place)
        self.covered = dict.fromkeys(("arrival", "deck_entry", "deck_exit"), False)
        self.kg = 0.0
        self.picture, self.plate, self.number = "empty", "", 0

    def _device(self, name: str, role: str, place: str | None = None) -> Callable[[Any], None]:
        spec: Any = SimpleNamespace(name=name, role=role, place=place, side=None, options=None)
        return self.senses.of(spec)

    def _look(self, name: str, on: bool) -> None:
        assert name == "camera"
        self.looks.append(on)

    def _freeze(self, name: str, frozen: bool) -> None:
        if frozen and not self.frozen.get(name):
            self.senses.lost(name, frozen=True)
        self.frozen[name] = frozen

    def passes(self, seconds: float, **changes: Any) -> None:
        """So much time with these things so: places covered or not, `kg`, `picture`, `plate`."""
        for name, value in changes.items():
            if name in self.covered:
                self.covered[name] = value
            else:
                setattr(self, name, value)
        lane: Any = SimpleNamespace(passage=None)
        for _ in range(round(seconds / TICK_S)):
            self.second += TICK_S
            self.senses.follow(lane)
            for place, covered in self.covered.items():
                self._of[place](PresenceReading(covered))
            self._of["scale"](WeightReading(self.kg, None, None, True, True, None, b""))
            self.number += 1
            plates = (PlateCandidate(self.plate, self.plate, "KZ", 0.9, (0, 0, 9, 9)),) if self.plate else ()
            stamp_s = self.second
            frame = FrameRead(
                self.number, self.second, self.picture, stamp_s, self.wants_plates, plates, b"", ()
            )
            self._of["camera"](frame)

    def weights(self) -> list[float | None]:
        found = [fact for fact in self.facts if isinstance(fact, WeightRead)]
        return [fact.weight.gross_kg if fact.weight else None for fact in found]

    def drive_on(self, kg: float) -> None:
        """A lorry comes from the loop onto the deck."""
        self.passes(3, arrival=True, picture=f"coming {self.number}")
        self.passes(3, deck_entry=True, picture=f"nearer {self.number}")
        self.passes(2, arrival=False, picture=f"gone on {self.number}")
        self.passes(1, kg=kg * 0.4)
        self.passes(1, kg=kg)
        self.passes(4, deck_entry=False)

    def drive_off(self) -> None:
        self.passes(2, deck_exit=True)
        self.passes(3, kg=0.0)
        self.passes(4, deck_exit=False)


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> Lane:
    made = Lane(monkeypatch)
    made.passes(5)
    return made


def test_a_lorry_is_weighed_when_both_ends_of_the_deck_are_clear(lane: Lane) -> None:
    lane.drive_on(21_340)
    assert lane.weights() == [21_340]
    lane.drive_off()
    lane.drive_on(8_000)
    assert lane.weights() == [21_340, 8_000]
    assert not any(lane.frozen.values())


def test_the_next_lorry_never_gets_the_weight_of_the_one_before(lane: Lane) -> None:
    """Somebody feeds the indicator a fixed stream while the first one stands on the deck."""
    lane.drive_on(21_340)
    fixed = lane.kg
    for _ in range(2):
        lane.passes(2, deck_exit=True, kg=fixed)
        lane.passes(5, deck_exit=False)
        assert lane.frozen["scale"]
        lane.passes(3, arrival=True)
        lane.passes(3, deck_entry=True)
        lane.passes(2, arrival=False)
        lane.passes(10, deck_entry=False)
    assert lane.weights() == [21_340], "of the first one alone"
    lane.passes(5, kg=0.0)
    assert not lane.frozen["scale"]
    lane.drive_on(8_000)
    assert lane.weights() == [21_340, 8_000]


def test_without_a_sensor_at_the_exit_it_does_not_either(lane: Lane) -> None:
    lane.drive_on(21_340)
    lane.passes(30)  # it leaves, and nothing sees it
    lane.passes(3, arrival=True)
    lane.passes(3, deck_entry=True)
    lane.passes(2, arrival=False)
    lane.senses.follow(SimpleNamespace(passage=SimpleNamespace(number=2, position="deck", phase="gathering")))  # type: ignore[arg-type]
    lane.passes(10, deck_entry=False)
    assert lane.weights() == [21_340]
    assert lane.frozen["scale"]


def test_a_frozen_picture_gives_no_plate(lane: Lane) -> None:
    lane.passes(20, picture="frozen", plate="777XYZ05")
    lane.passes(3, arrival=True)
    assert lane.frozen["camera"]
    lane.wants_plates = True
    lane.passes(20)
    assert lane.seen == []
    for number in range(5):
        lane.passes(0.5, picture=f"alive {number}", plate="123ABC02")
    assert {seen.fact.plate.text for seen in lane.seen if seen.fact.plate} == {"123ABC02"}
    assert lane.seen[-1].fact.reason is None, "sure in the end"


def test_a_loop_that_is_found_covered_is_no_movement(lane: Lane) -> None:
    lane.passes(20, picture="still")
    lane.senses.lost("arrival", frozen=False)
    lane.passes(5, arrival=True)
    told = [fact.covered for fact in lane.facts if isinstance(fact, PresenceChanged)]
    assert told[-1] is True
    assert not lane.frozen["camera"]
