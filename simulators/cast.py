"""Makes of a scenario's arrivals who truly comes, and tells the registers what they should know of them."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from simulators.books import Books, around
from simulators.fleet import MODELS, as_plate, plate, vehicle
from simulators.people import traveller
from simulators.scenario import Arrival
from simulators.world import Manners, Visit

CHIP_S = 5.0
"""A document with a chip lies on the reader until it was read: pcscd looks at its readers every 0.4 s, and a
busy machine takes seconds over a chip."""


class Cast:
    """Draws under one seed; each visit from a generator of its own, so that adding one arrival leaves the
    others as they were."""

    def __init__(self, seed: int, today: date, books: Books, *, chip_s: float = CHIP_S) -> None:
        """`chip_s`: how long a document with a chip lies on the reader, by the world's clock."""
        self.books = books
        self._count = 0
        self._seed = seed
        self._today = today
        self._chip_s = chip_s

    def visit(self, arrival: Arrival) -> Visit:
        """The next visitor.  Raises ValueError when the arrival contradicts itself."""
        self._count += 1
        number = self._count
        draw = random.Random(f"{self._seed}/{number}")
        printed = as_plate(arrival.plate, arrival.country) if arrival.plate else None
        comes = vehicle(
            draw, arrival.vehicle, country=arrival.country, gross_kg=arrival.gross_kg, printed=printed
        )
        people = tuple(
            traveller(draw, self._today, state=who.state, papers=who.papers) for who in arrival.travellers
        )
        people = tuple(
            replace(person, document=replace(person.document, cloned=who.cloned))
            for who, person in zip(arrival.travellers, people, strict=True)
        )
        for who, person in zip(arrival.travellers, people, strict=True):
            if who.listed or who.namesake:
                self.books.list_person(person, by_number=who.listed)
            if who.lost:
                self.books.report_lost(person)
        manners = Manners(
            follows=arrival.follows, backs_out=arrival.backs_out, stops_short_m=arrival.stops_short_m
        )
        if any(person.document.chip for person in people):
            manners = replace(manners, presents_for_s=self._chip_s)
        if arrival.keeps_papers:
            people = ()
        visit = Visit(number, comes, people, manners)
        if comes.front is not None:
            self._tell_registers(arrival, visit, draw)
        return visit

    def _tell_registers(self, arrival: Arrival, visit: Visit, draw: random.Random) -> None:
        front = visit.vehicle.front
        assert front is not None
        self.books.forget(front)
        if arrival.plate_listed:
            self.books.list_plate(front)
        papers, (first, last) = front, around(self._today)
        match arrival.booked:
            case "here":
                self.books.book(front, first, last)
            case "another day":
                self.books.book(front, first + timedelta(days=9), last + timedelta(days=9))
            case "another plate":
                # Papers of another vehicle: booking and declaration stand under its plate.
                papers = plate(draw, front.country, commercial=True)
                self.books.book(papers, first, last)
            case "not":
                pass
        sketch = MODELS[visit.vehicle.model].sketch
        if arrival.declared and sketch:
            self.books.declare(visit.vehicle, papers, arrival.declared_kg or visit.vehicle.gross_kg, sketch)


def today_at(zone: str = "Asia/Almaty") -> date:
    """Today's date at the simulated crossing."""
    return datetime.now(ZoneInfo(zone)).date()
