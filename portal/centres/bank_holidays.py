"""England's bank holidays as the portal knows them: a list in the database that staff correct and the worker fills."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import delete, func, select

from portal.audit import service as audit
from portal.centres.models import bank_holidays
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import insert_unless_there, session
from portal.core.errors import Invalid, NotFound

YEARS_AHEAD = 3
FILLED_BEFORE = timedelta(days=396)
"""The worker fills the list when it ends within 13 months."""
WARNED_BEFORE = timedelta(days=183)
"""Staff are warned when it ends within 6 months: then the worker could not fill it."""
_ROOT = Path(__file__).resolve().parent.parent.parent


class BankHoliday(NamedTuple):
    """A day on which weekly hours do not hold; `by_rule` unless staff added it."""

    on: date
    name: str
    by_rule: bool


class CannotRead(Exception):
    """The program that knows the holidays did not answer."""


def coming(today: date, days: int | None = None) -> list[BankHoliday]:
    """The bank holidays from today on, in order; with `days` only those of so many days."""
    statement = select(bank_holidays).where(bank_holidays.c.on >= today).order_by(bank_holidays.c.on)
    if days is not None:
        statement = statement.where(bank_holidays.c.on < today + timedelta(days=days))
    return [BankHoliday(*row) for row in session.execute(statement)]


def filled_until() -> date | None:
    """The last day that the rules gave; None when there is none."""
    return session.scalar(select(func.max(bank_holidays.c.on)).where(bank_holidays.c.by_rule))


def ends_soon(until: date | None, today: date) -> bool:
    """Whether staff must be warned that the list ends."""
    return until is None or until < today + WARNED_BEFORE


def missing_years(today: date, *, only_when_short: bool) -> range:
    """The years to fill, up to three years ahead; what lies before the list's end is never filled again.

    With `only_when_short` none as long as the list lasts for 13 months.
    """
    until = filled_until()
    if only_when_short and until is not None and until >= today + FILLED_BEFORE:
        return range(0)
    first = max(until.year + 1, today.year) if until is not None else today.year
    return range(first, today.year + YEARS_AHEAD + 1)


def of_england(years: range) -> list[tuple[date, str]]:
    """The bank holidays of some years, asked of a process of its own; raises CannotRead."""
    import json
    import subprocess  # our own command alone is started  # nosec B404
    import sys

    argv = (sys.executable, "-m", "portal.centres.england", str(years[0]), str(years[-1]))
    try:
        asked = subprocess.run(argv, cwd=_ROOT, capture_output=True, timeout=30, check=True)  # noqa: S603 - ours alone  # nosec B603
        return [(date.fromisoformat(on), name) for on, name in json.loads(asked.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError) as fault:
        raise CannotRead(type(fault).__name__) from None


def fill(actor: Actor, found: Iterable[tuple[date, str]], *, now: datetime) -> None:
    """Put holidays by rule on the list; a day that stands there stays as it is."""
    require(actor, Permission.MANAGE_CENTRES)
    listed = list(found)
    for on, name in listed:
        session.execute(insert_unless_there(bank_holidays, on=on, name=name, by_rule=True))
    if listed:
        audit.record(actor, "bank_holidays_filled", now=now, reason=f"until {listed[-1][0]}")


def add(actor: Actor, on: date, name: str, *, now: datetime) -> None:
    """Add a single one, such as a coronation; raises Invalid("on", "past" | "there"), Invalid("name", "missing")."""
    require(actor, Permission.MANAGE_CENTRES)
    name = " ".join(name.split())
    if not name:
        raise Invalid("name", "missing")
    if on < clock.london_today(now):
        raise Invalid("on", "past")
    if on in {each.on for each in coming(on, days=1)}:
        raise Invalid("on", "there")
    session.execute(insert_unless_there(bank_holidays, on=on, name=name, by_rule=False))
    audit.record(actor, "bank_holiday_added", now=now, subject=f"day:{on}")


def remove(actor: Actor, on: date, *, now: datetime) -> None:
    """Take one off the list, so that weekly hours hold on it; raises NotFound."""
    require(actor, Permission.MANAGE_CENTRES)
    if on not in {each.on for each in coming(on, days=1)}:
        raise NotFound("bank holiday")
    session.execute(delete(bank_holidays).where(bank_holidays.c.on == on))
    audit.record(actor, "bank_holiday_removed", now=now, subject=f"day:{on}")
