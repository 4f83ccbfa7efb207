"""Passages carry no decision beside their registers: the terms find by it, and nothing read these columns."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("passages", "decision_sequence")
    op.drop_column("passages", "decision")
