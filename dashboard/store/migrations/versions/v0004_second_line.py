"""Enrolled work places, and what second line recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workplaces",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("enrolled_by", sa.String(length=64), nullable=False),
        sa.Column("enrolled_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workplaces")),
        sa.UniqueConstraint("token", name=op.f("uq_workplaces_token")),
    )
    op.create_table(
        "second_line",
        sa.Column("lane", sa.String(length=32), nullable=False),
        sa.Column("journal", sa.String(length=64), nullable=False),
        sa.Column("passage", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("workplace", sa.String(length=32), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("answers", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("lane", "journal", "passage", "number", name=op.f("pk_second_line")),
    )
    op.create_index("ix_second_line_at_us", "second_line", ["at_us"], unique=False)
    op.add_column("sessions", sa.Column("address", sa.String(length=64), nullable=False, server_default=""))
    # What stood there was the browser's address: no work place was enrolled yet.
    op.execute("UPDATE sessions SET address = workplace, workplace = ''")
