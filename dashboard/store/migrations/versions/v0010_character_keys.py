"""Whether keys that write a character do something on the pages, by user."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("character_keys", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("users", column)
