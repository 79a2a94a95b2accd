"""Migrations from inside the portal: Alembic, with the database of the settings."""

from pathlib import Path

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
    from alembic.migration import MigrationContext

    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def _config(url: str):
    from alembic.config import Config

    config = Config(str(FOLDER / "alembic.ini"))
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["url"] = url
    return config
