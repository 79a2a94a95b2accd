"""What each worker has to carry, for her supervisor: by name, without ranking anybody; a fixed number of queries.

Counts hold only women whom the reader may see, so that a woman of whom she must not know is in none of them (R29).
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import visible_client_ids
from portal.clients.rules import SIGN_LASTS
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.diversion.models import Referral
from portal.plan.models import Plan
from portal.plan.review_models import Review
from portal.plan.rules import PlanState
from portal.staff.models import Staff
from portal.staff.queries import COVERING, keyworkers
from portal.worklist.models import Task

_REVIEWED = (PlanState.SHARED, PlanState.AGREED, PlanState.UNDER_REVIEW)
"""States of a plan that is looked at again some day."""


class Caseload(NamedTuple):
    """One worker, None for the women whom nobody has yet, and how many of each there are."""

    worker: Staff | None
    women: int
    tasks_overdue: int
    without_review: int
    without_contact: int
    first_contact_overdue: int


def caseloads(actor: Actor, now: datetime) -> list[Caseload]:
    """Each worker at the actor's centres or with women there, by name; women whom nobody has come last.

    Raises NotAllowed.
    """
    require(actor, Permission.READ_REPORTS)
    today = clock.london_today(now)
    open_ones = and_(Client.id.in_(visible_client_ids(actor, now)), Client.state == ClientState.OPEN)
    measures = (
        _by_keyworker(open_ones),
        _tasks_overdue(actor, open_ones, now),
        _by_keyworker(open_ones, Client.id.in_(_without_review(today))),
        _by_keyworker(open_ones, Client.id.not_in(_live_contact(now))),
        _by_keyworker(open_ones, Client.id.in_(_first_contact_overdue(now))),
    )
    people = _people(actor, {worker_id for counts in measures for worker_id in counts})
    rows = [_row(person, person.id, measures) for person in people]
    nobodys = _row(None, None, measures)
    return [*rows, nobodys] if any(nobodys[1:]) else rows


def _row(person: Staff | None, worker_id: int | None, measures: Iterable[dict[int | None, int]]) -> Caseload:
    return Caseload(person, *(counts.get(worker_id, 0) for counts in measures))


def _people(actor: Actor, with_women: set[int | None]) -> list[Staff]:
    """Who works with women at the actor's centres, and who has some there though she does not."""
    found = {person.id: person for person in keyworkers(actor.centres)}
    missing = {worker_id for worker_id in with_women if worker_id is not None} - set(found)
    if missing:
        others = select(Staff).where(Staff.id.in_(sorted(missing)), Staff.role.in_(COVERING))
        found |= {person.id: person for person in session.scalars(others)}
    return sorted(found.values(), key=lambda person: (person.name.casefold(), person.id))


def _by_keyworker(*conditions: ColumnElement[bool]) -> dict[int | None, int]:
    counting = select(Client.keyworker_id, func.count()).where(*conditions).group_by(Client.keyworker_id)
    return _counts(counting)


def _tasks_overdue(actor: Actor, open_ones: ColumnElement[bool], now: datetime) -> dict[int | None, int]:
    """Tasks that are a worker's own and past their time, about women whom the reader may see, or about none."""
    about = or_(Task.client_id.in_(select(Client.id).where(open_ones)), _about_none(actor))
    late = (Task.closed_at.is_(None), Task.due_at < now, Task.owner_id.is_not(None))
    return _counts(select(Task.owner_id, func.count()).where(*late, about).group_by(Task.owner_id))


def _about_none(actor: Actor) -> ColumnElement[bool]:
    """A task about no woman counts where it is done: at the actor's centres."""
    if not actor.centres:
        return false()
    return and_(Task.client_id.is_(None), Task.centre_id.in_(sorted(actor.centres)))


def _without_review(today: date) -> Select[int]:
    """Women whose plan is under way but has no day on which it is looked at again, or whose day is past."""
    ahead = select(Review.client_id).where(Review.held_on.is_(None), Review.due_on >= today)
    return select(Plan.client_id).where(
        Plan.state.in_(_REVIEWED),
        or_(Plan.review_on.is_(None), Plan.review_on < today),
        Plan.client_id.not_in(ahead),
    )


def _live_contact(now: datetime) -> Select[int]:
    """Women who need not be asked now how they may be reached: as `clients.queries.must_be_asked`, for all at once."""
    newest = (
        select(SafeContact.client_id, func.max(SafeContact.version).label("version"))
        .group_by(SafeContact.client_id)
        .subquery()
    )
    this = and_(SafeContact.client_id == newest.c.client_id, SafeContact.version == newest.c.version)
    proved = and_(SafeContact.may_text, SafeContact.proved_at.is_not(None))
    has_sign = and_(SafeContact.sign_at.is_not(None), SafeContact.sign_at > now - SIGN_LASTS)
    return (
        select(SafeContact.client_id)
        .join(newest, this)
        .where(
            SafeContact.stopped_at.is_(None),
            SafeContact.check_again_on > clock.london_today(now),
            or_(~proved, has_sign),
        )
    )


def _first_contact_overdue(now: datetime) -> Select[int]:
    return select(Referral.client_id).where(
        Referral.state != "declined", Referral.first_contact_at.is_(None), Referral.first_contact_due_at < now
    )


def _counts(statement: Any) -> dict[int | None, int]:
    return {row[0]: row[1] for row in session.execute(statement)}
