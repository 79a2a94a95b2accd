"""`flask backup` and `flask restore`: what an operator types and reads."""

import sys
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock
from portal.core.access import Actor
from portal.core.database import unit_of_work
from portal.core.settings import Settings


def backup(settings: Settings, operator: Actor) -> click.Command:
    """The command that makes a backup."""

    @click.command("backup")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    def backup(file: Path) -> None:
        """Write the whole database into one sealed FILE; the portal may run. An earlier backup there is replaced."""
        from portal.audit import service as audit
        from portal.jobs.backup import writing
        from portal.jobs.backup.sealed import CannotUse

        try:
            made = writing.write(settings, file, now=clock.now())
        except CannotUse as fault:
            raise click.ClickException(str(fault)) from None
        click.echo(f"{made.rows} rows in {made.size} bytes, read back and whole: {file}")
        click.echo(f"The audit log ends in it at {made.audit_head}")
        try:
            with unit_of_work():
                audit.record(operator, "backup_made", now=clock.now())
        except SQLAlchemyError:
            # A full disk or a busy database is when a backup is wanted most.
            click.echo("The audit log could not take that a backup was made.", err=True)

    return backup


def restore(settings: Settings, operator: Actor) -> click.Command:
    """The command that puts a backup back."""

    @click.command("restore")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--yes", is_flag=True, help="Do not ask before what the database holds is replaced.")
    def restore(file: Path, yes: bool) -> None:
        """Make the database what FILE says; stop the portal first. Sending stays stopped until a manager has looked."""
        from portal.jobs.backup import restoring
        from portal.jobs.backup.sealed import CannotUse

        if not yes and sys.stdin.isatty() and restoring.holds_people(settings.database_url):
            click.confirm("Everything in the database now will be replaced. Go on?", abort=True)
        try:
            done = restoring.restore(settings, file, operator, now=clock.now())
        except CannotUse as fault:
            raise click.ClickException(str(fault)) from None
        click.echo(
            f"{done.rows} rows are back, as they were at {clock.london(done.made_at):%d %B %Y, %H:%M} in London."
        )
        click.echo("Sessions, set-up codes, links and calendar addresses have ended. All sending is stopped:")
        click.echo("read “After a restore” in docs/runbook.md before a manager lifts that on /staff/switches.")
        click.echo(f"{done.held} texts may have been sent already: they are held, each with a task.")

    return restore
