"""Looking at the plan again: when it is due, who is told, and what came of it. Overdue is never anybody's failing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients.models import Client, ClientState
from portal.core import clock
from portal.core.access import SYSTEM, Actor, Permission, require
from portal.core.database import among, lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.plan import answer_rules as rules
from portal.plan import queries
from portal.plan.answer_rules import Decided, ReviewKind
from portal.plan.answering import answering_client, kept_text
from portal.plan.models import Plan
from portal.plan.review_models import Review
from portal.plan.rules import PlanState
from portal.web import once
from portal.worklist.models import Task
from portal.worklist.rules import MORNING
from portal.worklist.service import close_for_subject, raise_task

TOLD_BEFORE = timedelta(days=7)
"""How long before a review is due her keyworker gets the task of finding a time."""
DUE = "review_due"
_LOOKED_AT = (PlanState.SHARED, PlanState.AGREED, PlanState.UNDER_REVIEW)


def reviews_of(client_id: int) -> Sequence[Review]:
    """Every review of hers, the newest first, held or not."""
    hers = select(Review).where(Review.client_id == client_id)
    return session.scalars(hers.order_by(Review.due_on.desc(), Review.id.desc())).all()


def open_review(client_id: int) -> Review | None:
    """The review that was not held yet, or None."""
    waiting = select(Review).where(Review.client_id == client_id, Review.held_on.is_(None))
    return session.scalars(waiting.order_by(Review.id)).first()


def plan_next(client_id: int, on: date | None, now: datetime) -> Review:
    """The review that comes next, made if there is none; `on` moves it to a day. A step of what was checked.

    Without a day the first one is due 6 weeks from today, later ones 12 weeks after the last that was held.
    """
    review = open_review(client_id)
    if review is None:
        held = [one for one in reviews_of(client_id) if one.held_on is not None]
        kind = rules.review_kind(one.kind for one in held)
        since = max((one.held_on for one in held if one.held_on), default=clock.london_today(now))
        review = Review(client_id=client_id, kind=kind, due_on=on or rules.next_review_on(kind, since), made_at=now)
        session.add(review)
    elif on is not None:
        review.due_on = on
    session.flush()
    return review


def hold(
    actor: Actor,
    client_id: int,
    *,
    review_id: int,
    held_on: date | None,
    held_with: str,
    decided: str,
    her_words: str,
    next_on: date | None,
    request_key: str,
    now: datetime,
) -> Review | None:
    """Record a review that was held, with what comes next; None when this form was carried out before.

    `review_id` is the one that was waiting when the form was opened, 0 for none. Raises Invalid as
    `answer_rules.held_fault` says, Stale when it was held meanwhile or there is no plan to look at.
    """
    require(actor, Permission.WRITE_PLAN)
    client, today = answering_client(actor, client_id), clock.london_today(now)
    fault = rules.held_fault(held_on, held_with, decided, next_on, today)
    if fault or held_on is None:
        raise Invalid(*(fault or ("held_on", "missing")))
    said = kept_text("her_words", her_words)
    if once.claim(actor, request_key, now=now, makes="reviews") is not None:
        return None
    plan, waiting = queries.plan_of(client.id), open_review(client.id)
    if plan is None or plan.state not in _LOOKED_AT or (waiting.id if waiting else 0) != review_id:
        raise Stale("review")
    review = waiting or plan_next(client.id, held_on, now)
    review.held_on, review.held_by, review.held_with, review.decided = held_on, actor.id, held_with, decided
    review.her_words, review.recorded_at = said, now
    if decided == Decided.CLOSE:
        review.kind = ReviewKind.END
    session.flush()
    close_for_subject(_subject(review), done="dealt_with", actor=actor, now=now)
    audit.record(actor, "review_held", now=now, client_id=client.id, subject=_subject(review), reason=decided)
    _go_on(actor, plan, decided, next_on or rules.next_review_on(ReviewKind.NEXT, held_on), now)
    return review


def raise_due(now: datetime) -> int:
    """Give keyworkers the task of a review that is near or due, once for each review; gives how many were raised."""
    until = clock.london_today(now) + TOLD_BEFORE
    rows = session.execute(
        select(Review, Client)
        .join(Client, Client.id == Review.client_id)
        .join(Plan, Plan.client_id == Review.client_id)
        .where(
            Review.held_on.is_(None),
            Review.due_on <= until,
            Client.state == ClientState.OPEN,
            Plan.state.in_(_LOOKED_AT),
        )
        .order_by(Review.id)
    ).all()
    subjects = [_subject(review) for review, _ in rows]
    told = set(session.scalars(select(Task.subject).where(among(Task.subject, "subjects")), {"subjects": subjects}))
    raised = 0
    for review, client in rows:
        if _subject(review) not in told:
            _tell(review, client, now)
            raised += 1
    return raised


def tell_again(client: Client, now: datetime) -> None:
    """Give her keyworker the task of a review that is near or due anew, as her record is open again."""
    plan, review = queries.plan_of(client.id), open_review(client.id)
    if plan is None or plan.state not in _LOOKED_AT or review is None:
        return
    if review.due_on <= clock.london_today(now) + TOLD_BEFORE:
        _tell(review, client, now)


def begin_missing(now: datetime) -> int:
    """Give every agreed plan without a review that waits its next one, as plans from before have none; how many."""
    waiting = select(Review.client_id).where(Review.held_on.is_(None))
    statement = (
        select(Plan)
        .join(Client, Client.id == Plan.client_id)
        .where(Plan.state == PlanState.AGREED, Client.state == ClientState.OPEN, Plan.client_id.not_in(waiting))
        .order_by(Plan.client_id)
    )
    plans = session.scalars(lock_rows(statement)).all()
    for plan in plans:
        plan.review_on = plan_next(plan.client_id, plan.review_on, now).due_on
        audit.record(SYSTEM, "review_planned", now=now, client_id=plan.client_id)
    return len(plans)


def waiting_review(client_id: int, review_id: int) -> Review:
    """A review of hers by its id; raises NotFound."""
    found = next((one for one in reviews_of(client_id) if one.id == review_id), None)
    if found is None:
        raise NotFound("review")
    return found


def _go_on(actor: Actor, plan: Plan, decided: str, next_on: date, now: datetime) -> None:
    if decided == Decided.CLOSE:
        state, plan.review_on = PlanState.CLOSED, None
    else:
        agreed = PlanState.AGREED if plan.agreed_on else PlanState.SHARED
        state = PlanState.UNDER_REVIEW if decided == Decided.CHANGE else agreed
        plan.review_on = plan_next(plan.client_id, next_on, now).due_on
    if plan.state != state:
        plan.state = state
        audit.record(
            actor, "plan_state_set", now=now, client_id=plan.client_id, subject=f"plans:{plan.id}", reason=state
        )
    session.flush()


def _tell(review: Review, client: Client, now: datetime) -> None:
    raise_task(
        DUE,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=_subject(review),
        due_at=max(clock.from_london(review.due_on, MORNING), now + timedelta(days=1)),
    )


def _subject(review: Review) -> str:
    return f"review:{review.id}"
