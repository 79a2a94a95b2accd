"""What is known of the risk to a woman: notes and assessments, for the few who may read them, never on her pages."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients.leads import lead_for
from portal.clients.models import Client
from portal.clients.safe_contact import check_again_by
from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.database import session
from portal.core.errors import Invalid, NotFound, Stale
from portal.plan import making, risk_rules
from portal.plan.models import RiskNote
from portal.plan.risk_models import RiskAssessment
from portal.plan.risk_rules import Answers, Judgement, Marac
from portal.plan.trusted import Way, trusted_client, way_to
from portal.worklist.rules import MORNING
from portal.worklist.service import close_for_subject, raise_task

HIGH_TASK, MARAC_TASK, AGAIN_TASK = "risk_high", "marac_to_refer", "risk_look_again"


class Known(NamedTuple):
    """What is known of the risk to a woman, the newest first."""

    assessments: Sequence[RiskAssessment]
    notes: Sequence[RiskNote]


def read(actor: Actor, client_id: int, *, now: datetime) -> tuple[Client, Known | None]:
    """What is known of the risk to a client, each look written down (R30); None where it needs its own press first.

    Raises NotAllowed, and NotFound for whoever is not her keyworker, covers for her, manages her centre or leads on
    safeguarding, unless she opened the record by break-glass.
    """
    client, way = way_to(actor, client_id, now=now)
    if way is Way.BY_PRESS:
        audit.record(actor, "client_read", now=now, client_id=client.id, subject="risk_door")
        return client, None
    audit.record(actor, "risk_read", now=now, client_id=client.id)
    return client, _known(client.id)


def read_by_press(actor: Actor, client_id: int, *, now: datetime) -> tuple[Client, Known]:
    """What is known of the risk to a client whose record is open by break-glass, once its own button was pressed."""
    client, way = way_to(actor, client_id, now=now)
    reason = "break_glass" if way is Way.BY_PRESS else ""
    audit.record(actor, "risk_read", now=now, client_id=client.id, reason=reason)
    return client, _known(client.id)


def add_note(actor: Actor, client_id: int, *, note: str, request_key: str, now: datetime) -> RiskNote:
    """Note what staff know of the risk to her; never on her pages. Raises Invalid("note", "missing" or "too_long").

    What was a safe contact may be none any more, so she is asked again within RECHECK_AFTER_RISK (R18).
    """
    client = trusted_client(actor, client_id, Permission.WRITE_RISK, now=now)
    before = making.made_before(actor, RiskNote, request_key, now)
    if before is not None:
        return before
    row = RiskNote(client_id=client.id, note=making.text("note", note), noted_by=actor.id, noted_at=now)
    _check_sooner(client, now)
    making.made(actor, row, "risk_note_added", request_key, now)
    return row


def record(
    actor: Actor, client_id: int, answers: Answers, *, note: str = "", request_key: str, now: datetime
) -> RiskAssessment:
    """Keep an assessment as it was made; a high one, and one that MARAC has to hear, is somebody's task at once.

    Raises Invalid as `risk_rules.fault` says, NotAllowed and NotFound.
    """
    client = trusted_client(actor, client_id, Permission.WRITE_RISK, now=now)
    before = making.made_before(actor, RiskAssessment, request_key, now)
    if before is not None:
        return before
    fault = risk_rules.fault(answers, clock.london_today(now))
    if fault:
        raise Invalid(*fault)
    row = RiskAssessment(
        client_id=client.id,
        kind=answers.kind,
        done_by=actor.id,
        done_on=answers.done_on,
        score=answers.score,
        judgement=answers.judgement,
        marac=answers.marac,
        marac_on=answers.marac_on,
        told_her_first=answers.told_her_first,
        why_not=making.text("why_not", answers.why_not) if answers.told_her_first is False else None,
        note=making.text("note", note) if note.strip() else None,
        next_on=answers.next_on,
        recorded_at=now,
    )
    making.made(actor, row, "risk_assessed", request_key, now)
    if row.judgement == Judgement.HIGH:
        _check_sooner(client, now)
        _ask_lead(HIGH_TASK, client, row, now)
    if row.marac == Marac.TO_REFER:
        _ask_lead(MARAC_TASK, client, row, now)
    if row.next_on is not None:
        _look_again(client, row, now)
    return row


def set_marac(
    actor: Actor, assessment_id: int, *, marac: str, marac_on: date | None, was: str, now: datetime
) -> RiskAssessment:
    """Say where it stands with MARAC now; `was` is what the page showed.

    Raises Invalid as `risk_rules.marac_fault` says, Stale when somebody else set something else meanwhile.
    """
    row = making.locked(RiskAssessment, assessment_id)
    client = trusted_client(actor, row.client_id, Permission.WRITE_RISK, now=now)
    fault = risk_rules.marac_fault(marac, marac_on, clock.london_today(now))
    if fault:
        raise Invalid(*fault)
    if (row.marac, row.marac_on) == (marac, marac_on):
        return row
    if row.marac != was:
        raise Stale("marac")
    row.marac, row.marac_on = marac, marac_on
    audit.record(actor, "marac_set", now=now, client_id=row.client_id, subject=making.subject_of(row), reason=marac)
    session.flush()
    if marac == Marac.TO_REFER:
        _ask_lead(MARAC_TASK, client, row, now)
    else:
        close_for_subject(_subject(MARAC_TASK, row), done="dealt_with", actor=actor, now=now)
    return row


def assessment(client_id: int, assessment_id: int) -> RiskAssessment:
    """An assessment of a client whose risk the caller may read; raises NotFound for anybody else's."""
    row = session.get(RiskAssessment, assessment_id)
    if row is None or row.client_id != client_id:
        raise NotFound("assessment")
    return row


def _known(client_id: int) -> Known:
    assessments = select(RiskAssessment).where(RiskAssessment.client_id == client_id)
    notes = select(RiskNote).where(RiskNote.client_id == client_id)
    return Known(
        session.scalars(assessments.order_by(RiskAssessment.done_on.desc(), RiskAssessment.id.desc())).all(),
        session.scalars(notes.order_by(RiskNote.noted_at.desc(), RiskNote.id.desc())).all(),
    )


def _ask_lead(kind: str, client: Client, row: RiskAssessment, now: datetime) -> None:
    lead = lead_for(client, now)
    raise_task(
        kind,
        now=now,
        client_id=client.id,
        owner_id=lead.id if lead is not None else client.keyworker_id,
        centre_id=client.centre_id,
        subject=_subject(kind, row),
    )


def _look_again(client: Client, row: RiskAssessment, now: datetime) -> None:
    # Nobody's task would tell her whole centre that there is a risk.
    lead = lead_for(client, now) if client.keyworker_id is None else None
    raise_task(
        AGAIN_TASK,
        now=now,
        client_id=client.id,
        owner_id=lead.id if lead is not None else client.keyworker_id,
        centre_id=client.centre_id,
        due_at=clock.from_london(row.next_on, MORNING) if row.next_on else None,
    )


def _subject(kind: str, row: RiskAssessment) -> str:
    return f"{kind}:{row.id}"


def _check_sooner(client: Client, now: datetime) -> None:
    on = clock.london_today(now) + risk_rules.RECHECK_AFTER_RISK
    check_again_by(client.id, on, why="risk", now=now)
    raise_task(
        "recheck_safe_contact",
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        due_at=clock.from_london(on, MORNING),
    )
