"""Alembic's entry: migrates on the connection, and in the transaction, that `store.migrate` hands over."""

from alembic import context

from dispatch.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction holds it all; Alembic must not commit
)
context.run_migrations()
