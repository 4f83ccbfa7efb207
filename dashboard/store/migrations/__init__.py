"""Alembic's revisions of the store's schema, shipped in the package."""
