"""The store's tables.  Times are microseconds since 1970 in UTC (`_us`), JSON stands as ASCII text.

An event's key is (lane, journal, sequence).  Its `position` is dense within its audience and is all that a
browser ever sees: the lane's own sequence would show an operator that something hidden happened between.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SITE_LANE = "_site"
"""The lane name under which the dashboard keeps its own events and alarms."""


def _lane() -> Column[str]:
    return Column("lane", String(32), primary_key=True)


def _journal() -> Column[str]:
    return Column("journal", String(64), primary_key=True)


STORE = Table(
    "store",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("created_us", BigInteger, nullable=False),
    Column("views_version", Integer, nullable=False),
    Column("contract", String(64), nullable=False),
)
"""One row: who this store is (a lane's cursor belongs to it), which rules made its views, and the hash of
the contract its events were read by."""

POSITIONS = Table(
    "positions",
    METADATA,
    Column("audience", String(16), primary_key=True),
    Column("position", BigInteger, nullable=False),
)
"""The last position given out for each audience."""

EVENTS = Table(
    "events",
    METADATA,
    _lane(),
    _journal(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("audience", String(16), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("rowhash", String(128), nullable=False),
    Column("type", String(96), nullable=False),
    Column("reading", String(12), nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("passage", BigInteger),
    Column("boot", String(64), nullable=False),
    Column("mono_s", Float, nullable=False),
    Column("clock", String(16), nullable=False),
    Column("maintenance", Boolean, nullable=False),
    Column("data", Text, nullable=False),
    UniqueConstraint("audience", "position"),
)
Index("ix_events_passage", EVENTS.c.lane, EVENTS.c.journal, EVENTS.c.passage)
Index(
    "ix_events_shift_changed",
    EVENTS.c.time_us,
    sqlite_where=EVENTS.c.type == "lane.shift_changed",
    postgresql_where=EVENTS.c.type == "lane.shift_changed",
)
Index(
    "ix_events_not_read",
    EVENTS.c.reading,
    sqlite_where=EVENTS.c.reading != "read",
    postgresql_where=EVENTS.c.reading != "read",
)

JOURNALS = Table(
    "journals",
    METADATA,
    _lane(),
    _journal(),
    Column("contiguous", BigInteger, nullable=False),
    Column("highest", BigInteger, nullable=False),
    Column("first_us", BigInteger, nullable=False),
    Column("last_us", BigInteger, nullable=False),
)
"""`contiguous`: every event up to it was received, or told as lost (losses.py).  `last_us` is 0 where nothing
came yet."""

LANES = Table(
    "lanes",
    METADATA,
    _lane(),
    _journal(),
    Column("audience", String(16), primary_key=True),
    Column("registers", Text, nullable=False),
)

PASSAGES = Table(
    "passages",
    METADATA,
    _lane(),
    _journal(),
    Column("passage", BigInteger, primary_key=True, autoincrement=False),
    Column("audience", String(16), primary_key=True),
    Column("registers", Text, nullable=False),
    Column("arrived_us", BigInteger),
    Column("ended_us", BigInteger),
    Column("ending", String(16)),
)
Index("ix_passages_arrived_us", PASSAGES.c.arrived_us)
Index("ix_passages_lane", PASSAGES.c.lane, PASSAGES.c.arrived_us)
Index("ix_passages_open", PASSAGES.c.lane, PASSAGES.c.ended_us, PASSAGES.c.arrived_us)

ALARMS = Table(
    "alarms",
    METADATA,
    _lane(),
    _journal(),
    Column("alarm", String(128), primary_key=True),
    Column("audience", String(16), primary_key=True),
    Column("registers", Text, nullable=False),
    Column("raised_us", BigInteger),
    Column("standing", Boolean, nullable=False),
)
"""`standing`: raised and not cleared."""
Index("ix_alarms_standing", ALARMS.c.standing, ALARMS.c.lane)
Index("ix_alarms_raised_us", ALARMS.c.raised_us)

SHELVES = Table(
    "shelves",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("lane", String(32), nullable=False),
    Column("kind", String(96), nullable=False),
    Column("device", String(64), nullable=False),
    Column("alarm", String(128), nullable=False),
    Column("audience", String(16), nullable=False),
    Column("by", String(64), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("from_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
)
"""Alarms that were shelved, and until when.  `alarm` names the one occurrence that a shelf is for; empty:
every occurrence of the kind about that device (empty: about none) of the lane."""
Index("ix_shelves_until_us", SHELVES.c.until_us)
_TERM = String(64).with_variant(String(64, collation="C"), "postgresql")
"""Ordered by its bytes whatever the database's language is, so that an index finds what begins alike."""

TERMS = Table(
    "terms",
    METADATA,
    _lane(),
    _journal(),
    Column("passage", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(12), primary_key=True),
    Column("slot", String(64), primary_key=True),
    Column("audience", String(16), primary_key=True),
    Column("term", _TERM, nullable=False),
    Column("arrived_us", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
"""What a passage can be found by (terms.py).  `arrived_us` is its arrival, 0 while none is known."""
_FOUND = (TERMS.c.arrived_us, TERMS.c.lane, TERMS.c.journal, TERMS.c.passage)
_PLATES = TERMS.c.kind == text("'plate'")
# All of these hold whole what a search reads: it never visits the rows of what it drops.
Index("ix_terms_term", TERMS.c.kind, TERMS.c.term, *_FOUND, TERMS.c.audience)
Index(
    "ix_terms_newest",
    *(*_FOUND, TERMS.c.term, TERMS.c.audience),
    sqlite_where=_PLATES,
    postgresql_where=_PLATES,
)

PLATES = Table(
    "plates",
    METADATA,
    Column("term", _TERM, primary_key=True),
    Column("reversed", _TERM, nullable=False),
    sqlite_with_rowid=False,
)
"""Each plate that a passage has as a term, once: lorries come back, and a pattern is looked for here.
`reversed` is the term backwards: what ends alike stands together there."""
Index("ix_plates_reversed", PLATES.c.reversed)

MEDIA = Table(
    "media",
    METADATA,
    _lane(),
    Column("sha256", String(64), primary_key=True),
    Column("audience", String(16), nullable=False),
    Column("content_type", String(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("received_us", BigInteger, nullable=False),
)

MEDIA_REFERENCES = Table(
    "media_references",
    METADATA,
    _lane(),
    _journal(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", String(64), primary_key=True),
)
Index("ix_media_references_sha256", MEDIA_REFERENCES.c.lane, MEDIA_REFERENCES.c.sha256)

QUARANTINE = Table(
    "quarantine",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("lane", String(32), nullable=False),
    Column("journal", String(64)),
    Column("sequence", BigInteger),
    Column("audience", String(16), nullable=False),
    Column("why", String(32), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("received_us", BigInteger, nullable=False),
)
"""What could not be taken: forks (another event under a key that is taken) and what has no readable key.
`id` is the hash of what was received, so that repeats stay one row."""
Index("ix_quarantine_lane", QUARANTINE.c.lane, QUARANTINE.c.received_us)

ERASURES = Table(
    "erasures",
    METADATA,
    _lane(),
    _journal(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("sequences_to", BigInteger, nullable=False),
    Column("passages", Text, nullable=False),
    Column("done", Boolean, nullable=False),
)
"""Erase orders, kept so that an event which arrives after its order is stored erased.
`done`: what was stored before has been erased too."""

COMMANDS = Table(
    "commands",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("lane", String(32), nullable=False),
    Column("journal", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("passage", BigInteger),
    Column("operator", String(64), nullable=False),
    Column("sent_us", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("signed", Text, nullable=False),
    Column("answer", String(16)),
    Column("reasons", Text),
    Column("answered_us", BigInteger),
)
"""`answer` null: unknown."""
Index("ix_commands_lane", COMMANDS.c.lane, COMMANDS.c.sent_us)

PROPOSALS = Table(
    "proposals",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("lane", String(32), nullable=False),
    Column("journal", String(64), nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("wish", Text, nullable=False),
    Column("session", String(64), nullable=False),
    Column("by", Text, nullable=False),
    Column("asked_us", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("ended_by", String(64), nullable=False),
)
"""Commands that wait for a second person, and for a moment what became of them.  `session`: the first
person's, by its hash; `by`: who he is, for the audit when the session has ended."""

HAND_OVERS = Table(
    "hand_overs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("audience", String(16), nullable=False),
    Column("by", String(64), nullable=False),
    Column("to", String(64), nullable=False),
    Column("lanes", Text, nullable=False),
    Column("offered_us", BigInteger, nullable=False),
    Column("taken_us", BigInteger),
    Column("page", Text, nullable=False),
)
"""Shifts handed over by name; `page`: the open matters as they were shown then, `taken_us` null: not taken
over."""
Index("ix_hand_overs_offered_us", HAND_OVERS.c.offered_us)

USERS = Table(
    "users",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("agency", String(16)),
    Column("password", String(256), nullable=False),
    Column("language", String(8), nullable=False),
    Column("theme", String(8), nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("volume", Integer, nullable=False, server_default="40"),
    Column("character_keys", Boolean, nullable=False, server_default=true()),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token", String(64), primary_key=True),
    Column("user", String(64), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("workplace", String(64), nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
    Column("address", String(64), nullable=False, server_default=""),
)
"""`token` is the SHA-256 of the cookie: the store alone opens no session.  `workplace` is the enrolled one
that it was begun at, or empty; `address` the browser's."""
Index("ix_sessions_user", SESSIONS.c.user)

WORKPLACES = Table(
    "workplaces",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("token", String(64), nullable=False),
    Column("enrolled_by", String(64), nullable=False),
    Column("enrolled_us", BigInteger, nullable=False),
    UniqueConstraint("token"),
)
"""Browsers that an administrator enrolled.  `token` is the SHA-256 of the browser's cookie."""

SECOND_LINE = Table(
    "second_line",
    METADATA,
    _lane(),
    _journal(),
    Column("passage", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    Column("officer", String(64), nullable=False),
    Column("workplace", String(32), nullable=False),
    Column("result", String(32)),
    Column("text", Text),
    Column("answers", Text),
)
"""What second line recorded of a passage, in its order: results, and answers to what an officer is asked.
`text` and `answers` are null where there are none and after an erase order."""
Index("ix_second_line_at_us", SECOND_LINE.c.at_us)
