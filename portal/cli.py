"""The `flask` commands; thin: each opens a unit of work and calls one service."""

import json
import os
import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.database import on_sqlite, unit_of_work
from portal.core.errors import Refusal
from portal.core.settings import Settings
from portal.jobs.backup import commands

OPERATOR = Actor("system", 0, Role.ADMIN)
"""Whoever holds the machine: commands act in her name."""


def init_app(app: Flask, settings: Settings) -> None:
    """Add every command to the app."""
    for group in (
        _settings([], settings.warnings),
        _database(settings),
        _staff(settings),
        _client(),
        _audit(settings),
        _directory(),
        _calendar(),
        _retention(),
        _keys(),
    ):
        app.cli.add_command(group)
    if settings.demo:
        app.cli.add_command(_demo())
    app.cli.add_command(_setup(settings))
    app.cli.add_command(_worker())
    app.cli.add_command(commands.backup(settings, OPERATOR))
    app.cli.add_command(commands.restore(settings, OPERATOR))


def init_faulty(app: Flask, faults: list[str]) -> None:
    """With faulty settings only `flask settings check` and `flask setup` work; every other command is not there."""
    app.cli.add_command(_settings(faults, []))
    app.cli.add_command(_setup(None))


def _settings(faults: list[str], warnings: list[str]) -> AppGroup:
    group = AppGroup("settings", help="Look at the settings.")

    @group.command("check")
    def check() -> None:
        """Name every fault in the settings at once, and what is hardly meant."""
        for line in (*faults, *(f"Warning: {warning}" for warning in warnings)):
            click.echo(line)
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


def _demo() -> AppGroup:
    group = AppGroup("demo", help="Made-up data to try the portal with.")

    @group.command("load")
    @click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
    def load(as_json: bool) -> None:
        """Load the demo data once; again changes nothing."""
        from portal.jobs import demo, tasks

        tasks.fill_bank_holidays()
        with unit_of_work():
            demo.load(now=clock.now())
        if as_json:
            _echo_json(demo.as_json())

    @group.command("code")
    @click.argument("email")
    def code(email: str) -> None:
        """Print the code of a made-up person's authenticator at this moment."""
        import pyotp

        from portal.jobs.demo_people import STAFF

        person = next((person for person in STAFF if person.email == email), None)
        if person is None:
            raise click.ClickException("nobody in the demo has this address")
        click.echo(pyotp.TOTP(person.totp_secret).at(clock.real_now()))

    return group


def _worker() -> click.Command:
    @click.command("worker")
    def worker() -> None:
        """Plan reminders, send texts, read answers, until stopped; any number may run."""
        # The same process goes on as another program: Flask and the commands would be a tenth of it all its life.
        os.execv(sys.executable, (sys.executable, "-m", "portal.worker"))  # noqa: S606  # no shell  # nosec B606

    return worker


def _staff(settings: Settings) -> AppGroup:
    group = AppGroup("staff", help="People who work here.")

    @group.command("add")
    @click.argument("email")
    @click.option("--name", required=True)
    @click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
    @click.option("--centre", "centre_ids", type=int, multiple=True, help="Number of a centre; may be given again.")
    def add(email: str, name: str, role: str, centre_ids: tuple[int, ...]) -> None:
        """Add a person and print her one-time set-up link."""
        from portal.accounts import service as accounts
        from portal.messaging.stops import begin_with_texts_off
        from portal.staff import service as staff
        from portal.staff.queries import people

        try:
            with unit_of_work():
                begins = not settings.demo and not people()
                person = staff.add_person(
                    OPERATOR,
                    name=name,
                    first_name=(name.split() or [""])[0],
                    email=email,
                    role=role,
                    centre_ids=centre_ids,
                    languages=["en"],
                    now=clock.now(),
                )
                if begins:
                    begin_with_texts_off(person.id, now=clock.now())
                token = accounts.make_staff_link(OPERATOR, person, now=clock.now())
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from None
        click.echo(f"{settings.public_url}/staff/set-up/{token}")

    @group.command("link")
    @click.argument("email")
    def link(email: str) -> None:
        """Print a new one-time link for a person who works here: the way back in when no admin can make one."""
        from portal.accounts import service as accounts
        from portal.accounts.queries import staff_by_email

        person = staff_by_email(email)
        if person is None:
            raise click.ClickException("nobody who works here has this address")
        with unit_of_work():
            token = accounts.make_staff_link(OPERATOR, person, now=clock.now())
        click.echo(f"{settings.public_url}/staff/set-up/{token}")

    return group


def _client() -> AppGroup:
    group = AppGroup("client", help="One woman's data.")

    @group.command("export")
    @click.argument("code_name")
    @click.option("--to", "folder", required=True, type=click.Path(file_okay=False))
    def export(code_name: str, folder: str) -> None:
        """Write everything that is hers into a folder, to be handed over in person (R34)."""
        from portal.privacy import service as privacy

        with unit_of_work():
            path = privacy.write_copy(OPERATOR, _find(code_name), folder, now=clock.now())
        click.echo(str(path))

    @group.command("report")
    @click.argument("code_name")
    @click.option("--json", "as_json", is_flag=True, required=True)
    def report(code_name: str, as_json: bool) -> None:
        """Print exactly what a referrer is told of her (R31)."""
        from portal.diversion.queries import report_for

        _echo_json(report_for(_find(code_name), clock.now()))

    return group


def _find(code_name: str):
    from portal.clients.queries import client_by_code_name, kept_record

    client = client_by_code_name(code_name)
    if client is None:
        raise click.ClickException("no client has this code name")
    return kept_record(client)


def _audit(settings: Settings) -> AppGroup:
    group = AppGroup("audit", help="The audit log.")

    @group.command("verify")
    @click.option("--head", "written", metavar="POSITION:HASH", help="A head written down earlier, that must be there.")
    @click.option(
        "--backup", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A backup, for its head."
    )
    def verify(written: str | None, file: Path | None) -> None:
        """Check the whole chain; exit 1 where an entry was changed, removed or moved, or the end cut off."""
        from portal.audit import service as audit
        from portal.audit.rules import Head
        from portal.jobs.backup.reading import head_in
        from portal.jobs.backup.sealed import CannotUse

        try:
            heads = [Head.read(text) for text in (written, head_in(file, settings) if file else None) if text]
        except (ValueError, CannotUse) as fault:
            raise click.ClickException(str(fault)) from None
        found = audit.late_faults(clock.now())
        sealed = 1
        while sealed:
            with unit_of_work():
                sealed = audit.seal()
        found += audit.faults(heads)
        if found:
            raise click.ClickException("\n".join(found))
        count, gaps = audit.sealed_count(), audit.numbers_missing()
        click.echo(f"{count} entries, none changed")
        if gaps:
            click.echo(f"{gaps} numbers are free between them: {_GAPS[on_sqlite()]}")
        click.echo(f"head {audit.head()}")

    return group


_GAPS = {
    True: "on SQLite only a restore from PostgreSQL or a deletion before sealing leaves such gaps.",
    False: "on PostgreSQL changes that were taken back leave such gaps.",
}


def _directory() -> AppGroup:
    group = AppGroup("directory", help="The directory of services.")

    @group.command("check")
    def check() -> None:
        """Name every entry that must not stand as it is; exit 1 if there is one."""
        from portal.help.service import faults_in_directory

        faults = faults_in_directory(clock.now())
        for fault in faults:
            click.echo(fault)
        if faults:
            sys.exit(1)
        click.echo("The directory is in order.")

    return group


def _calendar() -> AppGroup:
    group = AppGroup("calendar", help="England's bank holidays.")

    @group.command("check")
    def check() -> None:
        """Say until when bank holidays are listed; exit 1 when the list ends within six months."""
        from portal.centres import bank_holidays

        until = bank_holidays.filled_until()
        click.echo(f"Bank holidays are listed until {until}." if until else "No bank holiday is listed.")
        if bank_holidays.ends_soon(until, clock.london_today(clock.now())):
            sys.exit(1)

    @group.command("fill")
    def fill() -> None:
        """List the bank holidays of the next three years; what stands on the list stays as it is."""
        from portal.centres import bank_holidays

        now = clock.now()
        years = bank_holidays.missing_years(clock.london_today(now), only_when_short=False)
        try:
            found = bank_holidays.of_england(years) if years else []
        except bank_holidays.CannotRead as fault:
            raise click.ClickException(f"the holidays could not be read ({fault})") from None
        with unit_of_work():
            bank_holidays.fill(OPERATOR, found, now=now)
        click.echo(f"{len(found)} days listed")

    return group


def _retention() -> AppGroup:
    group = AppGroup("retention", help="How long things are kept.")

    @group.command("run")
    @click.option("--dry-run", is_flag=True, help="Count what would go, change nothing.")
    def run(dry_run: bool) -> None:
        """Erase what has been kept long enough."""
        from portal.privacy import service as privacy

        with unit_of_work():
            counts = privacy.purge(clock.now(), dry_run=dry_run)
        for what, count in sorted(counts.items()):
            click.echo(f"{what}: {count}")

    return group


def _keys() -> AppGroup:
    group = AppGroup("keys", help="The keys of sealed columns.")

    @group.command("rotate")
    def rotate() -> None:
        """Seal anew with the newest key whatever an older one sealed; the portal may run meanwhile."""
        from portal.core.crypto import CannotOpen
        from portal.privacy import service as privacy

        total = 0
        for model in privacy.sealed_models():
            last: int | None = 0
            while last is not None:
                try:
                    with unit_of_work():
                        done, last = privacy.reseal(model, last)
                except CannotOpen as fault:
                    raise click.ClickException(f"{total} sealed anew; then no key here opens {fault}") from None
                total += done
        click.echo(f"{total} values sealed anew")

    return group


def _setup(settings: Settings | None) -> click.Command:
    @click.command("setup")
    def setup() -> None:
        """For a real start: ask a few questions, write .env, make the database, print the first admin's link."""
        from portal.jobs import first_start

        first_start.run(settings)

    return setup


def _echo_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))
