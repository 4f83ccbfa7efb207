"""The lane's journal (docs/journal.md): append-only rows, chained by hash, personal data beside them."""

from lane_controller.daemon.journal.errors import (
    JournalDamaged,
    JournalError,
    JournalForeign,
    JournalInUse,
    JournalLost,
)
from lane_controller.daemon.journal.journal import Journal
from lane_controller.daemon.journal.rows import Committed, Draft, EventDraft, Row, StoredEvent

__all__ = [
    "Committed",
    "Draft",
    "EventDraft",
    "Journal",
    "JournalDamaged",
    "JournalError",
    "JournalForeign",
    "JournalInUse",
    "JournalLost",
    "Row",
    "StoredEvent",
]
