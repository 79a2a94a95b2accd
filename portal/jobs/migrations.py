"""Migrations from inside the portal: Alembic, with the database of the settings."""

from pathlib import Path

from sqlalchemy import Connection

from portal.core.database import make_engine

FOLDER = Path(__file__).resolve().parent.parent.parent / "migrations"


def upgrade(url: str, to: str = "head") -> None:
    """Migrate a database up to a revision."""
    from alembic import command

    command.upgrade(_config(url), to)


def downgrade(url: str, to: str) -> None:
    """Migrate a database down to a revision."""
    from alembic import command

    command.downgrade(_config(url), to)


def current(url: str) -> str | None:
    """The revision of a database, or None when it is empty."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    finally:
        engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """The revision of the database behind a connection, or None when it is empty."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def known() -> list[str]:
    """Every revision that this code knows, the newest first."""
    from alembic.script import ScriptDirectory

    return [step.revision for step in ScriptDirectory(str(FOLDER)).walk_revisions()]


def move(connection: Connection, to: str) -> None:
    """Bring a database to a revision that this code knows, up or down, in the transaction that runs on `connection`."""
    from alembic import command

    at, revisions = revision_of(connection), known()
    down = at is not None and at != to and at in revisions[: revisions.index(to)]
    config = _config(connection.engine.url.render_as_string(hide_password=False))
    config.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(config, to)


def _config(url: str):
    from alembic.config import Config

    config = Config(str(FOLDER / "alembic.ini"))
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["url"] = url
    return config
