"""Shelved alarms, who had a shift when, how loud alarms sound."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shelves",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lane", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=96), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("alarm", sa.String(length=128), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("from_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelves")),
    )
    op.create_index("ix_shelves_until_us", "shelves", ["until_us"], unique=False)
    of_shifts = sa.text("type = 'lane.shift_changed'")
    op.create_index(
        "ix_events_shift_changed",
        "events",
        ["time_us"],
        unique=False,
        sqlite_where=of_shifts,
        postgresql_where=of_shifts,
    )
    op.add_column("users", sa.Column("volume", sa.Integer(), nullable=False, server_default="40"))
