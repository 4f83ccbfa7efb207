"""What the authorities' registers hold about the vehicles and travellers that come.

Rows have the keys that a register answers with; they are kept consistent with who comes, so that a finding
is a finding because a scenario says so.  All entries are synthetic.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from simulators.fleet import Plate, Vehicle
from simulators.people import Traveller

Row = dict[str, Any]

KEPT_ROWS = 2000
"""Of each kind: entries of vehicles long gone are dropped, the oldest first."""


@dataclass
class Books:
    """The rows of each register, the oldest first, as of `as_of` (UTC)."""

    as_of: datetime
    booking: list[Row] = field(default_factory=list)
    declaration: list[Row] = field(default_factory=list)
    watchlist_person: list[Row] = field(default_factory=list)
    watchlist_plate: list[Row] = field(default_factory=list)
    lost_documents: list[Row] = field(default_factory=list)
    changes: int = 0
    """Counts changes, so that copies know when they are old."""
    _count: int = 0

    def _add(self, rows: list[Row], row: Row) -> None:
        rows.append(row)
        del rows[:-KEPT_ROWS]
        self.changes += 1
        self.as_of = max(self.as_of, datetime.now(UTC))

    def _reference(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count:06d}"

    def forget(self, plate: Plate) -> None:
        """A vehicle comes anew: what was booked, declared and listed for its last journey is settled."""
        for rows in (self.booking, self.declaration, self.watchlist_plate):
            rows[:] = [row for row in rows if row["plate"] != plate.text]

    def book(self, plate: Plate, first: date, last: date, service: str = "in turn") -> None:
        """A place in the electronic queue, from the first to the last day (inclusive)."""
        row = {"plate": plate.text, "valid_from": f"{first}", "valid_to": f"{last}", "class": service}
        self._add(self.booking, row)

    def declare(self, vehicle: Vehicle, plate: Plate, gross_kg: float, sketch: str) -> None:
        """A consignment: declared gross mass and the vehicle's configuration as the weight certificate
        writes it (`A2 C3`)."""
        row = {
            "reference": self._reference("D"),
            "plate": plate.text,
            "gross_kg": round(gross_kg),
            "axles": len(vehicle.axles),
            "vehicle": sketch,
        }
        self._add(self.declaration, row)

    def list_person(self, person: Traveller, *, by_number: bool) -> None:
        """On the watchlist: with the document's number, or by names and birth date alone."""
        row = {
            "reference": self._reference("W"),
            "number": person.document.number if by_number else "",
            "issuer": person.document.issuer if by_number else "",
            "names": [f"{person.surname} {person.given_names}"],
            "birth_date": person.birth.isoformat(),
            "handling": "refer, do not alert",
        }
        self._add(self.watchlist_person, row)

    def list_plate(self, plate: Plate) -> None:
        row = {"reference": self._reference("V"), "plate": plate.text, "handling": "refer, do not alert"}
        self._add(self.watchlist_plate, row)

    def report_lost(self, person: Traveller) -> None:
        document = person.document
        row = {
            "reference": self._reference("L"),
            "number": document.number,
            "issuer": document.issuer,
            "type": document.kind,
        }
        self._add(self.lost_documents, row)

    def rows(self) -> dict[str, list[Row]]:
        """All rows by kind."""
        return {
            "booking": self.booking,
            "declaration": self.declaration,
            "watchlist_person": self.watchlist_person,
            "watchlist_plate": self.watchlist_plate,
            "lost_documents": self.lost_documents,
        }


def around(today: date) -> tuple[date, date]:
    """A booking's days: yesterday to tomorrow, since lanes have their own time zones."""
    return today - timedelta(days=1), today + timedelta(days=1)
