"""Changing who works here: people, roles, centres, weekly hours, absences."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from portal.audit import service as audit
from portal.centres.queries import centre_names
from portal.core import crypto
from portal.core.access import Actor, Permission, Role, can, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.core.locales import LANGUAGES
from portal.core.week import DAYS, Window, check_week
from portal.staff.models import Absence, CentreCover, Staff, WorkingHours
from portal.staff.queries import person, possible_covers

LONGEST_ABSENCE = timedelta(days=366)
WITHOUT_CENTRE = (Role.ADMIN, Role.REFERRER)
"""Roles that need no centre: they see no client of any."""


def add_person(
    actor: Actor,
    *,
    name: str,
    first_name: str,
    email: str,
    role: str,
    centre_ids: Iterable[int],
    languages: Iterable[str],
    now: datetime,
) -> Staff:
    """Add a member of staff; how she signs in is set up with a one-time link.

    Raises Invalid("name" | "first_name", "missing"), Invalid("email", "not_an_address" | "taken"),
    Invalid("role", "unknown"), Invalid("centre_ids", "unknown" | "missing"), Invalid("languages", "unknown").
    """
    require(actor, Permission.MANAGE_PEOPLE)
    found = Staff(joined_at=now)
    _put_facts(found, name, first_name, email, languages)
    _put_role(found, role, set(centre_ids))
    session.add(found)
    session.flush()
    audit.record(actor, "staff_added", now=now, subject=f"staff:{found.id}", reason=found.role)
    return found


def change_person(
    actor: Actor,
    staff_id: int,
    *,
    name: str,
    first_name: str,
    email: str,
    role: str,
    centre_ids: Iterable[int],
    languages: Iterable[str],
    now: datetime,
) -> bool:
    """Change a member of staff; gives whether role or centres changed, so that her sessions must end (R17).

    Weekly hours at a centre that she no longer covers go. Raises as `add_person`, and Invalid("role", "last_admin").
    """
    require(actor, Permission.MANAGE_PEOPLE)
    found, wanted = person(staff_id), set(centre_ids)
    if role != Role.ADMIN:
        _keep_an_admin(found, "role")
    before = (found.role, found.centre_ids)
    _put_facts(found, name, first_name, email, languages)
    _put_role(found, role, wanted)
    session.execute(
        delete(WorkingHours).where(WorkingHours.staff_id == staff_id, WorkingHours.centre_id.not_in(wanted))
    )
    session.flush()
    session.expire(found, ["hours"])
    audit.record(actor, "staff_changed", now=now, subject=f"staff:{staff_id}", reason=found.role)
    return before != (found.role, found.centre_ids)


def set_active(actor: Actor, staff_id: int, *, active: bool, now: datetime) -> None:
    """Let somebody work here again, or no more; what she still has is handed over by the caller.

    Raises Invalid("active", "self" | "last_admin").
    """
    require(actor, Permission.MANAGE_PEOPLE)
    found = person(staff_id)
    if not active and found.id == actor.id:
        raise Invalid("active", "self")
    if not active:
        _keep_an_admin(found, "active")
    found.active = active
    session.flush()
    action = "staff_activated" if active else "staff_deactivated"
    audit.record(actor, action, now=now, subject=f"staff:{staff_id}")


def set_safeguarding_lead(actor: Actor, staff_id: int, on: bool, *, now: datetime) -> None:
    """Say whether somebody leads on safeguarding: she is called when a contact may have put a woman at risk (R47)."""
    require(actor, Permission.MANAGE_PEOPLE)
    found = person(staff_id)
    if found.safeguarding_lead != on:
        found.safeguarding_lead = on
        audit.record(actor, "safeguarding_lead_set", now=now, subject=f"staff:{staff_id}", reason="yes" if on else "no")


def set_hours(actor: Actor, staff_id: int, centre_id: int, windows: list[Window], *, now: datetime) -> None:
    """Replace when somebody can be booked at a centre in her week; raises Invalid(name of the day, …).

    A day's window may not overlap one of hers at another centre: Invalid(name of the day, "elsewhere").
    """
    require(actor, Permission.MANAGE_PEOPLE)
    check_week(windows)
    found = person(staff_id)
    if centre_id not in found.centre_ids:
        raise NotFound("centre")
    for hours in found.hours:
        for day, opens, closes in windows:
            apart = closes <= hours.local_from or hours.local_until <= opens
            if hours.only_on is None and hours.centre_id != centre_id and hours.weekday == day and not apart:
                raise Invalid(DAYS[day], "elsewhere")
    session.execute(
        delete(WorkingHours).where(
            WorkingHours.staff_id == staff_id, WorkingHours.centre_id == centre_id, WorkingHours.only_on.is_(None)
        )
    )
    session.add_all(
        WorkingHours(staff_id=staff_id, centre_id=centre_id, weekday=day, local_from=opens, local_until=closes)
        for day, opens, closes in windows
    )
    session.flush()
    session.expire(found, ["hours"])
    audit.record(actor, "working_hours_set", now=now, subject=f"staff:{staff_id}")


def add_absence(
    actor: Actor,
    staff_id: int,
    *,
    starts_at: datetime,
    ends_at: datetime,
    covered_by: int | None = None,
    now: datetime,
) -> Absence:
    """Note when somebody, oneself or anybody for an admin, cannot be booked, and who covers in that time.

    Raises Invalid("ends_at", "before_start" | "too_long"), Invalid("covered_by", "not_there") for somebody
    who is no keyworker or manager at one of her centres.
    """
    _may_set_away(actor, staff_id)
    absent = person(staff_id)
    if ends_at <= starts_at:
        raise Invalid("ends_at", "before_start")
    if ends_at - starts_at > LONGEST_ABSENCE:
        raise Invalid("ends_at", "too_long")
    if covered_by is not None:
        _check_cover(absent, covered_by)
    absence = Absence(staff_id=absent.id, starts_at=starts_at, ends_at=ends_at, covered_by=covered_by)
    session.add(absence)
    session.flush()
    audit.record(actor, "absence_added", now=now, subject=f"staff:{staff_id}", reason=_cover_noted(covered_by))
    return absence


def set_cover(actor: Actor, absence_id: int, covered_by: int, *, now: datetime) -> Absence:
    """Say who covers an absence that is not over: a manager for her own people, an admin for all.

    Raises NotFound, Invalid("covered_by", "not_there").
    """
    require(actor, Permission.TRANSFER_CLIENTS)
    absence = get_or_none(Absence, absence_id)
    if absence is None or absence.ends_at <= now:
        raise NotFound("absence")
    absent = person(absence.staff_id)
    if not can(actor, Permission.MANAGE_PEOPLE) and not actor.centres & set(absent.centre_ids):
        raise NotFound("absence")
    _check_cover(absent, covered_by)
    absence.covered_by = covered_by
    session.flush()
    audit.record(actor, "cover_set", now=now, subject=f"staff:{absent.id}", reason=_cover_noted(covered_by))
    return absence


def remove_absence(actor: Actor, staff_id: int, absence_id: int, *, now: datetime) -> None:
    """Take an absence away; one that has begun ends now, because who covered stays on record. Raises NotFound."""
    _may_set_away(actor, staff_id)
    absence = get_or_none(Absence, absence_id)
    if absence is None or absence.staff_id != staff_id:
        raise NotFound("absence")
    if absence.starts_at < now:
        absence.ends_at = min(absence.ends_at, now)
    else:
        session.delete(absence)
    session.flush()
    audit.record(actor, "absence_removed", now=now, subject=f"staff:{staff_id}")


def _may_set_away(actor: Actor, staff_id: int) -> None:
    require(actor, Permission.SET_AWAY if actor.is_staff and actor.id == staff_id else Permission.MANAGE_PEOPLE)


def _check_cover(absent: Staff, covered_by: int) -> None:
    if covered_by not in {found.id for found in possible_covers(absent)}:
        raise Invalid("covered_by", "not_there")


def _cover_noted(covered_by: int | None) -> str:
    return f"cover:{covered_by}" if covered_by is not None else "no cover"


def _put_facts(found: Staff, name: str, first_name: str, email: str, languages: Iterable[str]) -> None:
    name, first_name, email = " ".join(name.split()), " ".join(first_name.split()), email.strip().casefold()
    for field, value in (("name", name), ("first_name", first_name)):
        if not value:
            raise Invalid(field, "missing")
    if not re.fullmatch(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+", email):
        raise Invalid("email", "not_an_address")
    index = crypto.keyring().index("email", email)
    with session.no_autoflush:
        same = session.scalar(select(Staff.id).where(Staff.email_index == index))
    if same is not None and same != found.id:
        raise Invalid("email", "taken")
    listed = sorted(set(languages))
    if not set(listed) <= set(LANGUAGES):
        raise Invalid("languages", "unknown")
    found.name, found.first_name, found.email, found.email_index = name, first_name, email, index
    found.languages = listed


def _put_role(found: Staff, role: str, centre_ids: set[int]) -> None:
    if role not in tuple(Role):
        raise Invalid("role", "unknown")
    if not centre_ids <= set(centre_names()):
        raise Invalid("centre_ids", "unknown")
    if not centre_ids and role not in WITHOUT_CENTRE:
        raise Invalid("centre_ids", "missing")
    found.role = role
    kept = [cover for cover in found.covers if cover.centre_id in centre_ids]
    for cover in found.covers:
        if cover not in kept:
            session.delete(cover)
    new = centre_ids - {cover.centre_id for cover in kept}
    found.covers = kept + [CentreCover(centre_id=centre_id) for centre_id in sorted(new)]


def _keep_an_admin(found: Staff, field: str) -> None:
    if found.role != Role.ADMIN or not found.active:
        return
    admins = session.scalars(lock_rows(select(Staff.id).where(Staff.role == Role.ADMIN, Staff.active))).all()
    if list(admins) == [found.id]:
        raise Invalid(field, "last_admin")
