"""Runs Alembic's steps on the connection it is handed (store/database.py)."""

from __future__ import annotations

from alembic import context

from cds_service.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
