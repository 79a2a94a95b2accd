"""Changing the directory: import, adding, editing, confirming, hiding."""

from collections import Counter
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.audit import service as audit
from portal.core import clock
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.help import queries, spreadsheet
from portal.help.models import Service
from portal.help.rules import CONTACTS, VERIFIED, digits, faults_of, published_after_change, tidied
from portal.worklist import service as worklist
from portal.worklist.models import Task

SEED = Path(__file__).with_name("directory.csv")
CHECK_EVERY = timedelta(days=90)
CHECKS_DUE, ENTRIES_HIDDEN = "help_checks_due", "help_hidden_unchecked"
"""Kinds of tasks for the whole directory: one at a time for checks, one a day for what was taken off women's pages."""


class Imported(NamedTuple):
    """What an import did, or would do: keys of entries, and the faults that kept all of it out.

    `reached_anew`: those of `changed` whose number or address is another one. `named_twice`: names that two entries
    then have. `seen` marks what would be added and the
    entries as they stand that would be written over.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    reached_anew: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    faults: tuple[spreadsheet.Fault, ...] = ()
    seen: str = ""
    named_twice: tuple[str, ...] = ()


def import_csv(text: str, *, actor: Actor, now: datetime, dry_run: bool = False, seen: str | None = None) -> Imported:
    """Import a CSV file, all or nothing; `dry_run` only tells what it would do.

    New entries are published when a public source verified them. Entries that are there take the file's values, and
    stay published or hidden as staff left them; a contact that changed counts as checked by nobody: it is due for a
    check at once, and shown again only after one. `seen` is what a dry run gave. Raises NotAllowed, Stale when the
    import would do something else by now or somebody imports at the same time.
    """
    require(actor, Permission.EDIT_HELP)
    rows, faults = spreadsheet.read(text)
    if faults:
        return Imported(faults=tuple(faults))
    known = _by_key()
    new = [row for row in rows if row["key"] not in known]
    other = [row for row in rows if row["key"] in known and spreadsheet.row_of(known[row["key"]]) != row]
    anew = [row["key"] for row in other if _contact(row) != _contact(spreadsheet.row_of(known[row["key"]]))]
    mark = spreadsheet.mark_of([row["key"] for row in new], [known[row["key"]] for row in other])
    if seen is not None and seen != mark:
        raise Stale("directory")
    if not dry_run:
        for row in other:
            service = known[row["key"]]
            if _change(service, row, now):
                _forget_check(service)
                service.check_due_on = clock.london_today(now) if service.published else None
        _add_rows(new, now)
        audit.record(actor, "help_imported", now=now)
    touched = {row["key"] for row in new + other}
    kept = [service.name for key, service in known.items() if key not in touched]
    names = Counter(name.casefold() for name in [*kept, *(row["name"] for row in new + other)])
    return Imported(
        added=tuple(row["key"] for row in new),
        changed=tuple(row["key"] for row in other),
        reached_anew=tuple(anew),
        same=tuple(row["key"] for row in rows if row["key"] not in touched),
        seen=mark,
        named_twice=tuple(sorted({row["name"] for row in new + other if names[row["name"].casefold()] > 1})),
    )


def seed(now: datetime) -> Imported:
    """Add the entries that come with the portal and are not there yet; touches none that is. Raises Invalid."""
    rows, faults = spreadsheet.read(SEED.read_text(encoding="utf-8"))
    if faults:
        raise Invalid("directory", str(faults[0]))
    known = _by_key()
    new = [row for row in rows if row["key"] not in known]
    _add_rows(new, now)
    if new:
        audit.record(SYSTEM, "help_imported", now=now)
    return Imported(
        added=tuple(row["key"] for row in new), same=tuple(row["key"] for row in rows if row["key"] in known)
    )


def add(row: dict[str, str], *, checked: bool, actor: Actor, now: datetime) -> Service:
    """Add an entry; `checked` says that this person rang or opened it.

    Raises Invalid for the first fault, NotAllowed.
    """
    require(actor, Permission.EDIT_HELP)
    row = _faultless(row)
    if row["key"] in _by_key():
        raise Invalid("key", "twice")
    (service,) = _add_rows([row], now)
    if checked:
        _mark_checked(service, actor, now)
    audit.record(actor, "help_added", now=now, subject=f"service:{service.id}")
    return service


def edit(
    service_id: int, row: dict[str, str], *, checked: bool, actor: Actor, now: datetime, seen: str | None = None
) -> Service:
    """Change an entry, never its key; a contact that changed unchecked hides it until somebody confirms it.

    `seen` is the version that was edited. Raises Invalid for the first fault, NotFound, NotAllowed, Stale when the
    entry is another by now.
    """
    require(actor, Permission.EDIT_HELP)
    service = _locked(service_id, seen)
    row = _faultless(row | {"key": service.key})
    if _change(service, row, now):
        service.published = False
        _forget_check(service)
    if checked:
        _mark_checked(service, actor, now)
    audit.record(actor, "help_changed", now=now, subject=f"service:{service.id}")
    session.flush()
    _close_when_all_are_checked(actor, now)
    return service


def confirm(actor: Actor, service_id: int, *, now: datetime, seen: str | None = None) -> Service:
    """Note that this person rang or opened the service and it is right: published, to be checked again in 90 days.

    `seen` is the version that was on the screen. Raises NotFound, NotAllowed, Stale when the entry is another by now:
    nobody has rung that number.
    """
    require(actor, Permission.EDIT_HELP)
    service = _locked(service_id, seen)
    _mark_checked(service, actor, now)
    audit.record(actor, "help_confirmed", now=now, subject=f"service:{service.id}")
    session.flush()
    _close_when_all_are_checked(actor, now)
    return service


def hide(actor: Actor, service_id: int, *, now: datetime) -> Service:
    """Take an entry off women's pages."""
    require(actor, Permission.EDIT_HELP)
    service = _locked(service_id)
    service.published = False
    audit.record(actor, "help_hidden", now=now, subject=f"service:{service.id}")
    session.flush()
    _close_when_all_are_checked(actor, now)
    return service


def show(actor: Actor, service_id: int, *, now: datetime) -> Service:
    """Put a hidden entry back on women's pages; raises Stale for one that somebody must confirm first."""
    require(actor, Permission.EDIT_HELP)
    service = _locked(service_id)
    if not queries.may_be_shown(service, clock.london_today(now)):
        raise Stale("service")
    service.published = True
    audit.record(actor, "help_shown", now=now, subject=f"service:{service.id}")
    session.flush()
    return service


def anything_to_look_after(now: datetime) -> bool:
    """Whether a check is due that nobody was asked for today, or an entry is to leave women's pages."""
    due = [service for service in queries.all_services() if queries.is_due(service, clock.london_today(now))]
    return any(_is_overdue(service, now) for service in due) or (bool(due) and not _asked_today(now))


def look_after_checks(now: datetime) -> int:
    """Ask for the checks that are due, and take off women's pages what is overdue by 30 days; gives how many went.

    999 stays whatever happens: a page without it would be worse than one that nobody has checked.
    """
    if not _asked_today(now):
        worklist.raise_task(CHECKS_DUE, now=now, subject=CHECKS_DUE)
    late = [service for service in session.scalars(lock_rows(select(Service))) if _is_overdue(service, now)]
    for service in late:
        service.published = False
        audit.record(SYSTEM, "help_hidden", now=now, subject=f"service:{service.id}", reason="unchecked")
    if late:
        names = ", ".join(sorted(service.name for service in late))
        # An open task keeps its note, so what leaves on another day has a task of its own.
        once = f"{ENTRIES_HIDDEN}|{clock.london_today(now)}"
        worklist.raise_task(ENTRIES_HIDDEN, now=now, subject=ENTRIES_HIDDEN, once=once, note=names)
    session.flush()
    return len(late)


def _is_overdue(service: Service, now: datetime) -> bool:
    return service.published and queries.is_overdue(service, clock.london_today(now))


def _close_when_all_are_checked(actor: Actor, now: datetime) -> None:
    if not any(queries.is_due(entry, clock.london_today(now)) for entry in queries.all_services()):
        worklist.close_for_subject(CHECKS_DUE, done="dealt_with", actor=actor, now=now)


def _asked_today(now: datetime) -> bool:
    since = clock.from_london(clock.london_today(now), time())
    asked = select(Task.id).where(Task.kind == CHECKS_DUE, Task.raised_at >= since).limit(1)
    return session.scalar(asked) is not None


def faults_in_directory(now: datetime) -> list[spreadsheet.Fault]:
    """Every entry that must not stand as it is: a broken rule, or a check that is overdue. Changes nothing."""
    everything, today = queries.all_services(), clock.london_today(now)
    placed = [(f"Entry {service.key}", spreadsheet.row_of(service)) for service in everything]
    stale = [
        spreadsheet.Fault(f"Entry {service.key}", "", "check_due")
        for service in everything
        if queries.is_due(service, today)
    ]
    return spreadsheet.faults_among(placed) + stale


def _by_key() -> dict[str, Service]:
    return {service.key: service for service in session.scalars(lock_rows(select(Service).order_by(Service.id)))}


def _locked(service_id: int, seen: str | None = None) -> Service:
    queries.service_by_id(service_id)
    service = session.scalars(lock_rows(select(Service).where(Service.id == service_id))).first()
    if service is None:
        raise NotFound("service")
    if seen is not None and seen != spreadsheet.version_of(service):
        raise Stale("service")
    return service


def _faultless(row: dict[str, str]) -> dict[str, str]:
    row = tidied(row)
    for column, reason in faults_of(row):
        raise Invalid(column, reason)
    return row


def _contact(row: dict[str, str]) -> list[str]:
    return [digits(row[column]) for column in CONTACTS]


def _mark_checked(service: Service, actor: Actor, now: datetime) -> None:
    service.published = True
    service.checked_at, service.checked_by = now, actor.id
    service.check_due_on = clock.london_today(now) + CHECK_EVERY


def _forget_check(service: Service) -> None:
    service.checked_at = service.checked_by = service.check_due_on = None


def _add_rows(rows: list[dict[str, str]], now: datetime) -> list[Service]:
    last = session.scalar(select(func.max(Service.position))) or 0
    due_on = clock.london_today(now) + CHECK_EVERY
    services = [
        Service(
            **spreadsheet.values_of(row),
            position=last + number,
            published=row["status"] == VERIFIED,
            check_due_on=due_on if row["status"] == VERIFIED else None,
        )
        for number, row in enumerate(rows, start=1)
    ]
    session.add_all(services)
    try:
        session.flush()
    except IntegrityError:
        # Somebody else added the same key since we looked.
        raise Stale("directory") from None
    return services


def _change(service: Service, row: dict[str, str], now: datetime) -> bool:
    """Put a row over an entry; gives whether it can now be reached in another way than before."""
    contact_before, was_shown = _contact(spreadsheet.row_of(service)), service.published
    service.published = published_after_change(was_shown, service.status, row["status"], service.checked_at is not None)
    for column, value in spreadsheet.values_of(row).items():
        setattr(service, column, value)
    if service.published != was_shown:
        service.check_due_on = clock.london_today(now) + CHECK_EVERY if service.published else None
    return _contact(row) != contact_before
