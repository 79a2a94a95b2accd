"""The real start: secrets into `.env`, the database, the first admin, and the checks that end "Practice only"."""

import os
import re
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.accounts import service as accounts
from portal.accounts.models import StaffCredential
from portal.core import clock, crypto, database
from portal.core.access import Actor, Role
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from portal.core.settings import Settings, SettingsInvalid
from portal.help import service as help_service
from portal.jobs import migrations
from portal.jobs.models import Heartbeat, SetUpStep
from portal.messaging import stops
from portal.staff import service as staff
from portal.staff.models import Staff

ENV_FILE = Path(".env")
CHECKED = "checked"
_OPERATOR = Actor("system", 0, Role.ADMIN)

_QUESTIONS = (
    ("PORTAL_PUBLIC_URL", "Address of the portal outside (https://…)", None),
    ("PORTAL_SITE_NAME", "Neutral name that women see", "My Week"),
    ("PORTAL_LEAVE_URL", "Neutral page that Leave goes to", "https://www.bbc.co.uk/weather"),
    ("PORTAL_BANNED_WORDS", "Names of partner organisations, comma-separated, never to be shown", ""),
    ("PORTAL_DATABASE_URL", "Database", "sqlite:///instance/portal.db"),
    ("PORTAL_REDIS_URL", "Redis (empty: none)", ""),
    ("PORTAL_TRUSTED_PROXIES", "How many proxies stand in front (Caddy on this machine: 1)", "1"),
    ("TWILIO_ACCOUNT_SID", "Twilio account SID", None),
    ("TWILIO_AUTH_TOKEN", "Twilio auth token", None),
    ("TWILIO_FROM", "Number or name that texts come from", None),
)


def run(settings: Settings | None) -> None:
    """Ask, write `.env`, make the database, print the first admin's link; with `.env` there already, run the checks."""
    if ENV_FILE.exists():
        if settings is None:
            raise click.ClickException(f"{ENV_FILE} is there but has faults: see flask settings check")
        _check(settings)
        return
    values = _answers()
    try:
        settings = Settings.from_env(values)
    except SettingsInvalid as fault:
        raise click.ClickException("nothing was written:\n  " + "\n  ".join(fault.faults)) from None
    name, email = click.prompt("Name of the first admin"), click.prompt("Her e-mail address")
    _open_database(settings)
    try:
        with unit_of_work():
            token = _first_admin(name, email)
            _write(values)
    except Invalid as refusal:
        raise click.ClickException(f"nothing was written: {refusal}") from None
    except BaseException:
        # Secrets without the database that they seal would only bar the way to a second try.
        ENV_FILE.unlink(missing_ok=True)
        raise
    click.echo(f"Wrote {ENV_FILE} with fresh secrets. Keep a copy of it away from this machine.")
    click.echo(f"The first admin's one-time link: {settings.public_url}/staff/set-up/{token}")
    click.echo("Start the web server and `flask worker`, then run `flask setup` again: it does the last checks.")


def _open_database(settings: Settings) -> None:
    crypto.use(settings.keyring)
    try:
        migrations.upgrade(settings.database_url)
        database.connect(settings.database_url)
        if session.scalar(select(Staff.id).limit(1)) is not None:
            raise click.ClickException("nothing was written: this database holds people already, name an empty one")
    except SQLAlchemyError as fault:
        kind = type(fault).__name__
        raise click.ClickException(f"nothing was written: the database cannot be used ({kind})") from None


def _first_admin(name: str, email: str) -> str:
    """Add the first admin and the directory, with texts to women off; gives the token of her link."""
    now = clock.now()
    help_service.seed(now)
    admin = staff.add_person(
        _OPERATOR,
        name=name,
        first_name=(name.split() or [""])[0],
        email=email,
        role="admin",
        centre_ids=(),
        languages=["en"],
        now=now,
    )
    stops.begin_with_texts_off(admin.id, now=now)
    return accounts.make_staff_link(_OPERATOR, admin, now=now)


def practice() -> bool:
    """Whether staff pages must still say "Practice only"."""
    return session.get(SetUpStep, CHECKED) is None


def missing() -> list[str]:
    """What must still be done before real women's data may be here."""
    beat_at = session.scalar(select(Heartbeat.beat_at).where(Heartbeat.duty == "sending"))
    running = beat_at is not None and clock.real_now() - beat_at < timedelta(minutes=2)
    admin = session.scalar(
        select(StaffCredential.staff_id).join(Staff, Staff.id == StaffCredential.staff_id).where(Staff.role == "admin")
    )
    faults = [] if running else ["The worker has not run in the last 2 minutes: start `flask worker`."]
    faults += [] if admin else ["No admin has opened her set-up link yet."]
    return faults + [f"Directory: {fault}" for fault in help_service.faults_in_directory(clock.now())]


def _check(settings: Settings) -> None:
    if settings.demo:
        raise click.ClickException("this is the demo; set-up is for production")
    faults = missing()
    for fault in faults:
        click.echo(fault)
    if faults:
        raise click.ClickException("still practice only")
    with unit_of_work():
        session.merge(SetUpStep(step=CHECKED, done_at=clock.now()))
    click.echo("All checks are done: staff pages no longer say “Practice only”.")


def _answers() -> dict[str, str]:
    values = {name: click.prompt(question, default=default) for name, question, default in _QUESTIONS}
    return {
        "PORTAL_ENV": "production",
        "PORTAL_SECRET_KEY": secrets.token_urlsafe(48),
        "PORTAL_FIELD_KEYS": _new_key(),
        "PORTAL_INDEX_KEY": _new_key(),
        "PORTAL_BACKUP_KEY": _new_key(),
        "PORTAL_METRICS_TOKEN": secrets.token_urlsafe(24),
        "PORTAL_SMS_GATEWAY": "twilio",
        **{name: value for name, value in values.items() if value},
    }


def _new_key() -> str:
    return urlsafe_b64encode(os.urandom(crypto.KEY_BYTES)).decode()


def _write(values: dict[str, str]) -> None:
    ENV_FILE.touch(mode=0o600, exist_ok=False)
    ENV_FILE.write_text("".join(f"{name}={_quoted(value)}\n" for name, value in values.items()), encoding="utf-8")


def _quoted(value: str) -> str:
    """A value as .env files hold it, whatever signs it has; plain ones stay plain, as other readers want them."""
    if not re.search(r"""['"#\\$]""", value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
