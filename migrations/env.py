"""Alembic's environment: the portal's own engine and tables, one transaction for all steps.

Whoever has a transaction already passes its connection, and the steps become part of that.
"""

from alembic import context

from portal.core.database import BUSY_SECONDS, Base, make_engine
from portal.jobs import tables  # noqa: F401  # importing it makes every table known

url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True)["url"]


def migrate(connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=url.startswith("sqlite"))
    with context.begin_transaction():
        context.run_migrations()


joined = context.config.attributes.get("connection")
if joined is not None:
    migrate(joined)
else:
    engine = make_engine(url)
    try:
        with engine.connect().execution_options(writes_within=BUSY_SECONDS) as connection:
            migrate(connection)
    finally:
        engine.dispose()
