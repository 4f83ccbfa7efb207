"""Each plate stands once in a table of its own, where patterns are looked for; what ends alike and, in
PostgreSQL, three-character runs are indexed there instead of once a passage."""

import sqlalchemy as sa
from alembic import op

from dashboard.store.grams import make_grams

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TERM = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "plates",
        sa.Column("term", _TERM, nullable=False),
        sa.Column("reversed", _TERM, nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_plates")),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO plates SELECT DISTINCT term, reversed FROM terms WHERE kind = 'plate'")
    op.create_index("ix_plates_reversed", "plates", ["reversed"], unique=False)
    op.drop_index("ix_terms_reversed", "terms")
    op.drop_column("terms", "reversed")
    op.execute("DROP INDEX IF EXISTS ix_terms_grams")
    make_grams(op.get_bind())
