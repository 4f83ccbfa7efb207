"""What a passage has gathered so far: the only thing a check may look at."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lane_controller.lane.facts import ChipRead, DocumentRead, PlateRead, WeightRead
from lane_controller.lane.rules import LaneRules
from lane_controller.messages.parts import Document, Reason
from lane_controller.messages.words import Profile


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a register: asked once, under an id made of passage, kind and subject."""

    kind: str
    """A kind of drivers/registers: booking, watchlist_person, watchlist_plate, lost_documents, declaration,
    draw."""
    subject: str
    """`plate-front`, `person-1`, ... or "" for the passage."""
    values: tuple[tuple[str, str | int], ...]
    """The question's keys and values."""


@dataclass(frozen=True, slots=True)
class Answered:
    """`hits` None when the register did not answer: then `reason` says why."""

    hits: tuple[dict[str, Any], ...] | None
    as_of: str = ""
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Readings in the order they came; the last of a kind and subject counts.

    `today` is the local date by the lane's clock, None when the clock is free-running and no date can be
    trusted: a check that needs it is inconclusive.  `answers` maps (kind, subject) to what a register said;
    a question that is asked and not yet answered is absent.  `given_up` names the readings that did not come
    in their time: `plate`, `weight`, `document`.
    """

    rules: LaneRules
    passage: int
    today: date | None
    plates: tuple[PlateRead, ...] = ()
    documents: tuple[DocumentRead, ...] = ()
    chips: tuple[tuple[tuple[str, str], ChipRead], ...] = ()
    """What came of the chip of each document, by issuer and number; an open request is absent."""
    weight: WeightRead | None = None
    persons: int | None = None
    answers: tuple[tuple[tuple[str, str], Answered], ...] = ()
    given_up: frozenset[str] = frozenset()

    def answer(self, kind: str, subject: str) -> Answered | None:
        """What the register of `kind` said about `subject`; None while the question is open or unasked."""
        for key, answered in self.answers:
            if key == (kind, subject):
                return answered
        return None

    def chip(self, document: Document) -> ChipRead | None:
        """What came of the document's chip; None while that is open or was not asked."""
        for key, read in self.chips:
            if key == (document.issuer, document.number):
                return read
        return None

    def people(self) -> tuple[Document, ...]:
        """The documents read, one a person, in the order they first came: person 1 is at index 0.  The same
        document read again replaces its first reading; an erased or unreadable one does not count."""
        read: dict[tuple[str, str], Document] = {}
        for fact in self.documents:
            if fact.document is not None:
                read[fact.document.issuer, fact.document.number] = fact.document
        return tuple(read.values())

    def people_expected(self) -> int | None:
        """How many documents this passage needs; None until an operator said how many persons there are."""
        if self.rules.profile in (Profile.CARGO, Profile.PEDESTRIAN):
            return 1
        return self.persons

    def people_complete(self) -> bool:
        """True when a document for each person was read, or the time for reading them is over."""
        if "document" in self.given_up:
            return True
        expected = self.people_expected()
        return expected is not None and len(self.people()) >= expected

    def plate(self, side: str) -> PlateRead | None:
        """The last reading of that side, which may be one without a plate; None before any."""
        return next((fact for fact in reversed(self.plates) if fact.side == side), None)
