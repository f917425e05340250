"""What Alembic runs: the missing versions, in the one transaction that `store.migrating` has begun."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, render_as_batch=True, transactional_ddl=True)
context.run_migrations()
