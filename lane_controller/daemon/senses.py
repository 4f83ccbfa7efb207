"""Every reading goes through here: cut to a rate, sensed by its role's pure functions, told to the lane.

What links the senses of a lane stands here and nowhere else: the deck's sensors say whether a vehicle is
wholly on the deck, a loop that changes says whether a picture or a weight stands still, and the lane's wish
for plates begins and ends a camera's vote.
"""

from collections.abc import Callable
from typing import Any

from drivers.document_reader import DocumentReading, PageRead
from drivers.plate_camera import FrameRead
from drivers.presence import PresenceReading
from drivers.scale import WeightReading
from lane_controller.daemon.clock import Clock
from lane_controller.daemon.configuration import DeviceSpec
from lane_controller.daemon.sensing import documents
from lane_controller.daemon.sensing.flood import Flood
from lane_controller.daemon.sensing.frozen import PictureStill, WeightStill
from lane_controller.daemon.sensing.levels import BarrierSense, PresenceSense
from lane_controller.daemon.sensing.plates import PlateSense, Seen
from lane_controller.daemon.sensing.weighing import ScaleTerms, WeighingSense
from lane_controller.lane import views
from lane_controller.lane.facts import Fact, ReadingsDiscarded
from lane_controller.lane.passage import Phase
from lane_controller.lane.state import Lane
from lane_controller.messages.words import DeviceRole, Place, Side

READINGS_PER_S = {"document_reader": 10.0}
READINGS_PER_S_DEFAULT = 200.0
GOING_OUT = (Phase.LEAVING, Phase.HANDING_OVER)
DECK = (Place.DECK_ENTRY, Place.DECK_EXIT)

Reading = Callable[[Any], None]


class Senses:
    """`post` tells the lane a fact; `look` has a camera read plates though the lane wants none, or no longer;
    `plate_seen` a plate with the frame that shows it; `page_seen` gives a
    page's picture to its reader; `freeze` says of a device that its stream stands still, or no longer.
    """

    def __init__(
        self,
        clock: Clock,
        post: Callable[[Fact], None],
        plate_seen: Callable[[Seen], None],
        page_seen: Callable[[str, PageRead], None],
        freeze: Callable[[str, bool], None],
        look: Callable[[str, bool], None],
        terms: ScaleTerms | None,
        plates_at: Place,
    ) -> None:
        self._clock, self._post, self._plate_seen, self._page_seen = clock, post, plate_seen, page_seen
        self._freeze, self._look, self._terms, self._plates_at = freeze, look, terms, plates_at
        self._presence: dict[str, PresenceSense] = {}
        self._barriers: dict[str, BarrierSense] = {}
        self._scales: dict[str, tuple[WeighingSense, WeightStill]] = {}
        self._cameras: dict[str, tuple[PlateSense, PictureStill]] = {}
        self._owner: tuple[int, object] | None = None
        self._empty = False
        self._leaving: int | None = None
        """The passage that goes out under the arm."""

    def of(self, spec: DeviceSpec) -> Reading:
        """What to call with each reading of a device."""
        sense = self._sense_of(spec)
        role, name, clock = spec.role, spec.name, self._clock
        flood = Flood(READINGS_PER_S.get(role, READINGS_PER_S_DEFAULT))

        def take(reading: Any) -> None:
            at_s = clock.mono_s()
            if flood.take(at_s):
                sense(reading)
            if cut := flood.due(at_s):
                self._post(ReadingsDiscarded(clock.stamp(), name, DeviceRole(role), cut))

        return take

    def _sense_of(self, spec: DeviceSpec) -> Reading:
        name, options = spec.name, spec.options
        match spec.role:
            case "presence":
                presence = PresenceSense(name, Place(str(spec.place)), getattr(options, "debounce_s", 0.05))
                self._presence[name] = presence
                return lambda reading: self._level(presence, reading)
            case "barrier":
                barrier = BarrierSense(name, getattr(options, "debounce_s", 0.05))
                self._barriers[name] = barrier
                return lambda reading: self._tell_all(barrier.take(reading, self._clock.stamp()))
            case "scale":
                assert self._terms is not None
                weighing, still = WeighingSense(self._terms), WeightStill()
                self._scales[name] = (weighing, still)
                return lambda reading: self._weight(name, weighing, still, reading)
            case "plate_camera":
                side: Side = "rear" if spec.side == "rear" else "front"
                plates, picture = PlateSense(name, side), PictureStill()
                self._cameras[name] = (plates, picture)
                return lambda reading: self._frame(name, plates, picture, reading)
            case "document_reader":
                return lambda reading: self._document(name, reading)
            case _:
                return _nothing

    def _tell_all(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self._post(fact)

    def _level(self, presence: PresenceSense, reading: PresenceReading) -> None:
        known = presence.covered is not None
        fact = presence.take(reading, self._clock.stamp())
        if fact is None:
            return
        self._post(fact)
        if not known:
            return  # a level after none is found, not a movement
        at_s = fact.at.mono_s
        if fact.place in DECK:
            backed_off = fact.place is Place.DECK_ENTRY and self._is_covered(Place.ARRIVAL)
            for _, still in self._scales.values():
                still.edge(fact.device, fact.covered, at_s, backed_off=backed_off)
        if fact.place is self._plates_at:
            for _, picture in self._cameras.values():
                picture.moved(at_s)

    def _weight(self, name: str, weighing: WeighingSense, still: WeightStill, reading: WeightReading) -> None:
        at = self._clock.stamp()
        self._freeze(name, still.reading(reading.gross_kg, at.mono_s))
        fact = weighing.take(reading, at, self._wholly_on_deck())
        if fact and not still.suspect:
            self._post(fact)

    def _is_covered(self, place: Place) -> bool:
        return any(sense.covered for sense in self._presence.values() if sense.place is place)

    def _wholly_on_deck(self) -> bool | None:
        """True when the sensors at both ends of the deck are clear, None when one is missing or not known."""
        ends = {sense.place: sense.covered for sense in self._presence.values() if sense.place in DECK}
        if any(covered for covered in ends.values()):
            return False
        return True if len(ends) == len(DECK) and None not in ends.values() else None

    def _frame(self, name: str, plates: PlateSense, still: PictureStill, frame: FrameRead) -> None:
        at = self._clock.stamp()
        frozen = still.frame(frame.fingerprint, frame.source_time_s, at.mono_s)
        self._freeze(name, frozen)
        taken_s = self._clock.mono_of(frame.taken_s)
        if not frozen:
            plates.parked.take(frame, taken_s, at.mono_s)
            if seen := plates.take(frame, taken_s, at):
                self._plate_seen(seen)
        self._look(name, plates.parked.wants(self._empty, at.mono_s))

    def _document(self, name: str, reading: DocumentReading) -> None:
        if isinstance(reading, PageRead):
            self._page_seen(name, reading)
        elif fact := documents.sense(reading, name, self._clock.stamp()):
            self._post(fact)

    def follow(self, lane: Lane) -> None:
        """After each commit: a camera's vote begins and ends with the lane's wish, and a load that has
        another owner is told again."""
        at = self._clock.stamp()
        self._empty, passage = views.is_empty(lane), lane.passage
        for name, (plates, _) in self._cameras.items():
            if seen := plates.want(views.wants_plates(lane, plates.side), at):
                self._plate_seen(seen)
            if self._leaving is not None and (passage is None or passage.number != self._leaving):
                plates.parked.departed()
            self._look(name, plates.parked.wants(self._empty, at.mono_s))
        self._leaving = passage.number if passage is not None and passage.phase in GOING_OUT else None
        owner = None if passage is None else (passage.number, passage.position)
        if owner != self._owner:
            self._owner = owner
            for weighing, _ in self._scales.values():
                weighing.tell_again()

    def lost(self, name: str, *, frozen: bool) -> None:
        """A device is not well: what it said before proves nothing.  A frozen stream goes on being watched,
        for it says by itself when it moves again."""
        for senses in (self._presence, self._barriers):
            if name in senses:
                senses[name].forget()
        for pairs in (self._scales, self._cameras):
            if name in pairs:
                sense, still = pairs[name]
                sense.forget()
                if not frozen:
                    still.forget()


def _nothing(_: object) -> None:
    """Boards and signals say only that they live."""
