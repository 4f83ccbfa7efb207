"""Passages are found by more, the newest first: terms carry the arrival and stand in indexes of their own.
Shifts are handed over with the page of what was open."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TERM = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
_FOUND = ["arrived_us", "lane", "journal", "passage"]


def upgrade() -> None:
    # What is in it is made anew from the events, with all other views (reread.py).
    op.drop_table("terms")
    op.create_table(
        "terms",
        sa.Column("lane", sa.String(length=32), nullable=False),
        sa.Column("journal", sa.String(length=64), nullable=False),
        sa.Column("passage", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("term", _TERM, nullable=False),
        sa.Column("reversed", _TERM, nullable=True),
        sa.Column("arrived_us", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "lane", "journal", "passage", "kind", "slot", "audience", name=op.f("pk_terms")
        ),
    )
    plates = sa.text("kind = 'plate'")
    op.create_index("ix_terms_term", "terms", ["kind", "term", *_FOUND, "audience"], unique=False)
    for name, columns in (
        ("ix_terms_reversed", ["reversed", *_FOUND, "audience"]),
        ("ix_terms_newest", [*_FOUND, "term", "audience"]),
    ):
        op.create_index(name, "terms", columns, unique=False, sqlite_where=plates, postgresql_where=plates)
    op.create_index("ix_passages_lane", "passages", ["lane", "arrived_us"], unique=False)
    op.create_table(
        "hand_overs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("to", sa.String(length=64), nullable=False),
        sa.Column("lanes", sa.Text(), nullable=False),
        sa.Column("offered_us", sa.BigInteger(), nullable=False),
        sa.Column("taken_us", sa.BigInteger(), nullable=True),
        sa.Column("page", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    op.create_index("ix_hand_overs_offered_us", "hand_overs", ["offered_us"], unique=False)
