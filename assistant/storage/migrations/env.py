"""Runs migrations on the connection that `assistant.storage.migrate` opened."""

from alembic import context

from assistant.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
