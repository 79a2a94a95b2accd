"""The `flask` commands; thin: each opens a unit of work and calls one service."""

import json
import sys

import click
from flask import Flask
from flask.cli import AppGroup

from portal.core.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add every command to the app."""
    for group in (_database(settings), _settings([])):
        app.cli.add_command(group)


def init_faulty(app: Flask, faults: list[str]) -> None:
    """With faulty settings only `flask settings check` works; every other command is not there."""
    app.cli.add_command(_settings(faults))


def _settings(faults: list[str]) -> AppGroup:
    group = AppGroup("settings", help="Look at the settings.")

    @group.command("check")
    def check() -> None:
        """Name every fault in the settings at once."""
        for fault in faults:
            click.echo(fault)
        if faults:
            sys.exit(1)
        click.echo("The settings are complete.")

    return group


def _database(settings: Settings) -> AppGroup:
    from portal.jobs import migrations

    group = AppGroup("db", help="Make and change the database.")

    @group.command("upgrade")
    def upgrade() -> None:
        """Bring the database to the newest version."""
        migrations.upgrade(settings.database_url)
        click.echo(f"database at {migrations.current(settings.database_url)}")

    @group.command("current")
    def current() -> None:
        """Name the version that the database has."""
        click.echo(migrations.current(settings.database_url) or "empty")

    return group


def echo_json(value: object) -> None:
    """Print a value as one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))
