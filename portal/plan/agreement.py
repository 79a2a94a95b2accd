"""Sharing a plan with her, keeping it as it was, and her answer to it. No machine ever decides that she agreed."""

from datetime import date, datetime

from sqlalchemy import func, select

from portal.audit import service as audit
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotAllowed, Stale
from portal.plan import queries, rules
from portal.plan.answer_models import PlanVersion
from portal.plan.answer_queries import newest_version, snapshot, version_of, versions_newest_first
from portal.plan.answer_rules import Answer, has_changed
from portal.plan.answering import answering_client, kept_text
from portal.plan.making import begun_plan
from portal.plan.models import Plan
from portal.plan.rules import PlanState
from portal.worklist.service import raise_task

_SHOWN = (PlanState.SHARED, PlanState.AGREED, PlanState.UNDER_REVIEW)


def set_state(
    actor: Actor, client_id: int, *, state: str, agreed_on: date | None, review_on: date | None, now: datetime
) -> Plan:
    """Say how far the plan is; an agreed one is reviewed after FIRST_REVIEW unless another day is given.

    What she sees from then on is kept as a version if none was; where staff say that it is agreed and she has not
    answered, that is her "yes" as they write it down. Raises Invalid as `rules.agreement_fault` says.
    """
    require(actor, Permission.WRITE_PLAN)
    answering_client(actor, client_id)
    fault = rules.agreement_fault(state, agreed_on, review_on, clock.london_today(now))
    if fault:
        raise Invalid(*fault)
    if state == PlanState.AGREED and agreed_on is not None and review_on is None:
        review_on = rules.first_review(agreed_on)
    plan = begun_plan(client_id, now)
    if (plan.state, plan.agreed_on, plan.review_on) != (state, agreed_on, review_on):
        plan.state, plan.agreed_on, plan.review_on = state, agreed_on, review_on
        audit.record(actor, "plan_state_set", now=now, client_id=client_id, subject=f"plans:{plan.id}", reason=state)
        session.flush()
        if state in _SHOWN and newest_version(client_id) is None:
            _keep(actor, plan, now)
        if state == PlanState.AGREED:
            _write_down_yes(actor, client_id, now)
        if review_on is not None and state in _SHOWN:
            _plan_review(client_id, review_on, now)
    return plan


def share(actor: Actor, client_id: int, *, now: datetime) -> PlanVersion:
    """Share the plan as it stands with her and keep it as it is; again without a change gives the same version.

    Raises Invalid("share", "empty") for a plan without goals, Stale for one that is closed.
    """
    require(actor, Permission.WRITE_PLAN)
    answering_client(actor, client_id)
    plan, last = begun_plan(client_id, now), newest_version(client_id)
    if plan.state == PlanState.CLOSED:
        raise Stale("plan")
    content = snapshot(queries.whole_plan(client_id).pathways)
    if not content["goals"]:
        raise Invalid("share", "empty")
    if last is not None and plan.state != PlanState.DRAFT and not has_changed(last.content, content, sensitive=True):
        return last
    plan.state = PlanState.SHARED
    return _keep(actor, plan, now)


def answer(
    actor: Actor, client_id: int, *, version_id: int, answer: str, words: str, language: str, now: datetime
) -> PlanVersion:
    """Keep what she says to the plan as it was shared: by herself, or by staff as she said it.

    "Yes" and "partly" make it agreed; with "partly" and "not yet" her keyworker gets the task of reading why. Raises
    Invalid("answer", "missing") or ("words", "too_long"), Stale when another version was shared meanwhile or the
    plan is closed or a draft again.
    """
    client = answering_client(actor, client_id)
    if answer not in set(Answer):
        raise Invalid("answer", "missing")
    said = kept_text("words", words)
    version, plan = version_of(client.id, version_id), begun_plan(client.id, now)
    session.refresh(version)
    newest = newest_version(client.id)
    if newest is None or newest.id != version.id or plan.state not in _SHOWN:
        raise Stale("version")
    if (version.answer, version.answer_words) == (answer, said):
        return version
    version.answer, version.answer_words, version.language = answer, said, language
    version.answered_by_kind, version.answered_by_id, version.answered_at = actor.kind, actor.id, now
    if answer != Answer.NOT_YET:
        plan.state, plan.agreed_on = PlanState.AGREED, clock.london_today(now)
        plan.review_on = _plan_review(client.id, None, now)
    elif plan.state == PlanState.AGREED:
        plan.state = PlanState.SHARED
    session.flush()
    subject = f"plan_versions:{version.id}"
    audit.record(actor, "plan_answered", now=now, client_id=client.id, subject=subject, reason=answer)
    if actor.is_client and (said or answer != Answer.YES):
        raise_task(
            "plan_answered", now=now, client_id=client.id, owner_id=client.keyworker_id, centre_id=client.centre_id
        )
    return version


def take_words_back(actor: Actor, client_id: int, *, version_id: int, now: datetime) -> PlanVersion:
    """Take back the words of her answer: they are gone from every page and from the table; her answer stays."""
    if not actor.is_client:
        raise NotAllowed("words")
    client = answering_client(actor, client_id)
    version = version_of(client.id, version_id)
    if version.answer_words is not None:
        version.answer_words = None
        session.flush()
        audit.record(
            actor, "plan_words_taken_back", now=now, client_id=client.id, subject=f"plan_versions:{version.id}"
        )
    return version


def _write_down_yes(actor: Actor, client_id: int, now: datetime) -> None:
    version = newest_version(client_id)
    if version is not None and version.answer is None:
        version.answer, version.answered_by_kind, version.answered_by_id = Answer.YES, actor.kind, actor.id
        version.answered_at = now
        session.flush()
        subject = f"plan_versions:{version.id}"
        audit.record(actor, "plan_answered", now=now, client_id=client_id, subject=subject, reason=Answer.YES)


def _keep(actor: Actor, plan: Plan, now: datetime) -> PlanVersion:
    """Keep the plan as it stands; whoever calls holds her record, so that a number is given once."""
    session.scalars(lock_rows(versions_newest_first(plan.client_id))).all()
    hers = PlanVersion.client_id == plan.client_id
    version = PlanVersion(
        client_id=plan.client_id,
        number=(session.scalar(select(func.max(PlanVersion.number)).where(hers)) or 0) + 1,
        content=snapshot(queries.whole_plan(plan.client_id).pathways),
        shared_at=now,
        shared_by=actor.id,
    )
    session.add(version)
    session.flush()
    audit.record(actor, "plan_shared", now=now, client_id=plan.client_id, subject=f"plan_versions:{version.id}")
    return version


def _plan_review(client_id: int, on: date | None, now: datetime) -> date:
    # Late: her pages load no table that only staff read.
    from portal.plan import reviews

    return reviews.plan_next(client_id, on, now).due_on
