"""Reports that people make and send: drafted, "not met" confirmed by a second person, sent by hand, kept as they were.

No machine makes or sends one (R25, R31); what is told is made by `standing.told` alone.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.audit import service as audit
from portal.booking.outcomes import outcome_of, was_reminded
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Actor, Permission, can, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.diversion import rules
from portal.diversion.conditions import condition_for, excused_of, missed
from portal.diversion.models import Condition
from portal.diversion.report_models import PoliceReport
from portal.diversion.report_schema import is_reference
from portal.diversion.standing import standing_of, told
from portal.worklist.service import close_for_subject, raise_task

SENT_TO = ("police", "liaison_diversion", "prison", "council", "probation", "other")
SENT_HOW = ("secure_mail", "by_hand", "post")
CONFIRM_TASK = "confirm_report"


class MadeReport(NamedTuple):
    """One report with its place among those about its condition, from 1, and the place of the one it corrects."""

    report: PoliceReport
    number: int
    corrects: int | None


def draft(actor: Actor, condition_id: int, *, not_met_because: str, corrects: bool, now: datetime) -> PoliceReport:
    """Draft the report of a condition as it stands; with `not_met_because`, as one that says it is not met.

    That asks for a second person. What was last sent is named as corrected where `corrects`, and always where it said
    "not met". Raises NotFound, Stale when it was withdrawn, is drafted already, or is told as not met already,
    Invalid("not_met_because", "is_met" | "not_over" | "unknown" | "not_open"), Invalid("reference", "shape"),
    Invalid("corrects", "nothing").
    """
    condition = condition_for(actor, condition_id, lock=True)
    client = session.get_one(Client, condition.client_id)
    made = _content(client, condition, not_met_because, now)
    if not is_reference(made["reference"]):
        raise Invalid("reference", "shape")
    if not_met_because:
        _check_not_met(condition, made, not_met_because, now)
    last = _last_sent(condition.id)
    if _open_one(condition.id) is not None or _is_said(last, made):
        raise Stale("report")
    if corrects and last is None:
        raise Invalid("corrects", "nothing")
    names = last is not None and (corrects or last.status == rules.ReportStatus.NOT_MET)
    report = PoliceReport(
        client_id=condition.client_id,
        referral_id=condition.referral_id,
        condition_id=condition.id,
        replaces_id=last.id if names and last is not None else None,
        status=made["status"],
        reason_class=made["reason_class"],
        content=made,
        drafted_by=actor.id,
        drafted_at=now,
    )
    session.add(report)
    session.flush()
    _record(actor, "report_drafted", report, now)
    if report.status == rules.ReportStatus.NOT_MET:
        raise_task(CONFIRM_TASK, now=now, client_id=client.id, centre_id=client.centre_id, subject=_subject(report))
    return report


def confirm(actor: Actor, report_id: int, *, now: datetime) -> PoliceReport:
    """A second person says that it is so: only then does the report say "not met" (R31).

    Raises NotAllowed, NotFound, Stale when it was confirmed, ended or sent, or when it would say something else now;
    Invalid("confirm", "same_person") for whoever drafted it.
    """
    require(actor, Permission.CONFIRM_NOT_MET)
    report, condition = _locked(actor, report_id)
    if report.status != rules.ReportStatus.NOT_MET or report.confirmed_at or report.ended_at or report.sent_at:
        raise Stale("report")
    if report.drafted_by == actor.id:
        raise Invalid("confirm", "same_person")
    _check_still_so(report, condition, now)
    _check_not_met(condition, report.content, report.reason_class, now)
    report.confirmed_by, report.confirmed_at = actor.id, now
    _replace(actor, report, now)
    session.flush()
    close_for_subject(_subject(report), done="dealt_with", actor=actor, now=now)
    _record(actor, "not_met_confirmed", report, now, reason=report.reason_class)
    return report


def end_draft(actor: Actor, report_id: int, *, now: datetime) -> PoliceReport:
    """Take back what was not sent; a second person who does so refuses it. Raises NotFound, Stale once it is sent."""
    report, _ = _locked(actor, report_id)
    if report.sent_at or report.ended_at:
        raise Stale("report")
    refused = report.drafted_by != actor.id and can(actor, Permission.CONFIRM_NOT_MET)
    report.ended_why = "refused" if refused else "taken_back"
    report.ended_by, report.ended_at = actor.id, now
    session.flush()
    close_for_subject(_subject(report), done="dealt_with", actor=actor, now=now)
    _record(actor, "report_refused" if refused else "report_taken_back", report, now)
    return report


def note_sent(actor: Actor, report_id: int, *, to: str, words: str, how: str, now: datetime) -> PoliceReport:
    """Note that a person sent a report, to whom and how; from then on it is kept as it was.

    Raises NotFound, Stale when it was sent or ended, or would say something else now; Invalid("to", "missing"),
    Invalid("how", "missing"), Invalid("to", "not_confirmed") for "not met" without its second person.
    """
    report, condition = _locked(actor, report_id)
    if report.sent_at or report.ended_at:
        raise Stale("report")
    if report.status == rules.ReportStatus.NOT_MET and report.confirmed_at is None:
        raise Invalid("to", "not_confirmed")
    if to not in SENT_TO:
        raise Invalid("to", "missing")
    if how not in SENT_HOW:
        raise Invalid("how", "missing")
    _check_still_so(report, condition, now)
    report.sent_to, report.sent_to_words, report.sent_how = to, words.strip() or None, how
    report.sent_by, report.sent_at = actor.id, now
    _replace(actor, report, now)
    session.flush()
    _record(actor, "report_sent", report, now, reason=to)
    return report


def report_to_read(actor: Actor, report_id: int) -> PoliceReport:
    """A report about a woman whom the actor may see; raises NotFound, NotAllowed."""
    require(actor, Permission.KEEP_CONDITIONS)
    report = get_or_none(PoliceReport, report_id)
    if report is None:
        raise NotFound("report")
    visible_client(actor, report.client_id)
    return report


def may_leave(report: PoliceReport) -> bool:
    """Whether a report may be handed out as a file: "not met" only once a second person has confirmed it."""
    is_confirmed = report.status != rules.ReportStatus.NOT_MET or report.confirmed_at is not None
    return is_confirmed and (report.ended_at is None or report.sent_at is not None)


def check_may_leave(report: PoliceReport) -> None:
    """Raise Stale unless `may_leave`."""
    if not may_leave(report):
        raise Stale("report")


def reports_of(client_id: int) -> dict[int, list[MadeReport]]:
    """The reports about each of a woman's conditions, the newest first, by the condition's id."""
    made: dict[int, list[MadeReport]] = {}
    numbers: dict[int, int] = {}
    rows = session.scalars(select(PoliceReport).where(PoliceReport.client_id == client_id).order_by(PoliceReport.id))
    for report in rows:
        before = made.setdefault(report.condition_id, [])
        numbers[report.id] = len(before) + 1
        before.insert(0, MadeReport(report, numbers[report.id], numbers.get(report.replaces_id or 0)))
    return made


def reasons_open(condition: Condition, now: datetime) -> tuple[str, ...]:
    """The reason classes that "not met" may carry for a condition now (R46)."""
    standing = standing_of(condition, now)
    if standing is None:
        return ()
    excused = {one.appointment_id for one in excused_of([condition.id])}
    not_come = [
        rules.Missed(was_reminded(one), outcome.reason_class if (outcome := outcome_of(one.id)) else "")
        for one in missed(condition, now)
        if one.id not in excused
    ]
    return rules.reasons_open(not_come, standing.left, counts_only=standing.referral.reporter_is_family)


def can_be_not_met(condition: Condition, now: datetime) -> bool:
    """Whether its day is over with sessions still to come to; before that nobody may say so."""
    standing = standing_of(condition, now)
    return standing is not None and standing.left > 0 and clock.london_today(now) > condition.due_on


def _content(client: Client, condition: Condition, not_met_because: str, now: datetime) -> dict[str, Any]:
    if not_met_because not in ("", *rules.REASON_CLASSES):
        raise Invalid("not_met_because", "unknown")
    standing = standing_of(condition, now)
    if standing is None:
        raise Stale("condition")
    return told(client, standing, not_met_because=not_met_because)


def _check_not_met(condition: Condition, made: dict[str, Any], reason: str, now: datetime) -> None:
    if made["status"] == rules.ReportStatus.MET:
        raise Invalid("not_met_because", "is_met")
    if clock.london_today(now) <= condition.due_on:
        raise Invalid("not_met_because", "not_over")
    if reason not in reasons_open(condition, now):
        raise Invalid("not_met_because", "not_open")


def _check_still_so(report: PoliceReport, condition: Condition, now: datetime) -> None:
    client = session.get_one(Client, report.client_id)
    if _content(client, condition, report.reason_class, now) != report.content:
        raise Stale("report")


def _is_said(last: PoliceReport | None, made: dict[str, Any]) -> bool:
    """Whether exactly this was sent last, and stands."""
    return last is not None and last.ended_at is None and last.content == made


def _locked(actor: Actor, report_id: int) -> tuple[PoliceReport, Condition]:
    """A report with its condition, both locked, the condition first as those who vary it do."""
    found = report_to_read(actor, report_id)
    condition = condition_for(actor, found.condition_id, lock=True)
    fresh = lock_rows(select(PoliceReport).where(PoliceReport.id == found.id)).execution_options(populate_existing=True)
    return session.scalars(fresh).one(), condition


def _open_one(condition_id: int) -> PoliceReport | None:
    statement = select(PoliceReport).where(
        PoliceReport.condition_id == condition_id, PoliceReport.sent_at.is_(None), PoliceReport.ended_at.is_(None)
    )
    return session.scalars(statement).first()


def _last_sent(condition_id: int) -> PoliceReport | None:
    sent = select(func.max(PoliceReport.id)).where(
        PoliceReport.condition_id == condition_id, PoliceReport.sent_at.is_not(None)
    )
    return session.scalars(select(PoliceReport).where(PoliceReport.id == sent.scalar_subquery())).first()


def _replace(actor: Actor, report: PoliceReport, now: datetime) -> None:
    """What it corrects stands no more, though it stays as it was sent."""
    before = get_or_none(PoliceReport, report.replaces_id or 0)
    if before is not None and before.ended_at is None:
        before.ended_why, before.ended_by, before.ended_at = "replaced", actor.id, now


def _subject(report: PoliceReport) -> str:
    return f"report:{report.id}"


def _record(actor: Actor, action: str, report: PoliceReport, now: datetime, reason: str = "") -> None:
    audit.record(actor, action, now=now, client_id=report.client_id, subject=_subject(report), reason=reason)
