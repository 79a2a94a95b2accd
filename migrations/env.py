"""Alembic's environment: the portal's own engine and tables, one transaction for all steps."""

from alembic import context

from portal.core.database import BUSY_SECONDS, Base, make_engine
from portal.jobs import tables  # noqa: F401  # importing it makes every table known

url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True)["url"]
engine = make_engine(url)
try:
    with engine.connect().execution_options(writes_within=BUSY_SECONDS) as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=url.startswith("sqlite")
        )
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
