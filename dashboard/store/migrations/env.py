"""Runs the revisions on the connection that `dashboard.store.engine.migrate` hands over."""

from alembic import context

from dashboard.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
