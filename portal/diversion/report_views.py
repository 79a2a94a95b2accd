"""Reports for staff: drafting, the second person, noting that one was sent, and the files that are sent."""

from flask import Response, render_template, url_for
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import session, unit_of_work
from portal.core.errors import Stale
from portal.diversion import conditions, report_files, reporting, words
from portal.diversion.models import Condition
from portal.diversion.report_models import PoliceReport
from portal.diversion.standing import standing_of, told
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, one_line, to_choose
from portal.web.guards import actor, needs_fresh_proof
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("diversion_reports", __name__, Audience.STAFF)

AS_IT_STANDS = "as_it_stands"


class DraftForm(OnceForm):
    """What the report is to say; how many sessions she came to is never typed."""

    says = RadioField("What it says", validators=[InputRequired("Choose what it says.")])
    corrects = BooleanField("It corrects the last report that was sent")
    messages = {
        ("not_met_because", "is_met"): "The sessions say that it is met: nobody can say that it is not.",
        ("not_met_because", "not_over"): "Its day is not over yet: nobody can say that it is not met.",
        ("not_met_because", "not_open"): "This reason cannot be given: a session was missed without a reminder, or "
        "she was not offered enough. Only our own reason can.",
        ("reference", "shape"): "The reference of the referral cannot be told. It must be short, plain letters and "
        "digits, and hold no name of hers. Have it put right first.",
        ("corrects", "nothing"): "Nothing was sent yet, so nothing can be corrected.",
    }


class ConfirmForm(OnceForm):
    """The second person's word."""

    messages = {
        ("confirm", "same_person"): "You drafted this report. A second person has to confirm it.",
        ("not_met_because", "not_open"): "What is recorded about her sessions changed: this reason is not open.",
    }


class SentForm(OnceForm):
    """To whom a person sent it, and how."""

    to = RadioField(
        "To whom", choices=to_choose(words.SENT_TO.items()), validators=[InputRequired("Say to whom it went.")]
    )
    mailbox = one_line("Name or mailbox, as the charity knows it", longest=120)
    how = RadioField("How", choices=to_choose(words.SENT_HOW.items()), validators=[InputRequired("Say how.")])
    messages = {("to", "not_confirmed"): "It says that a condition is not met: a second person confirms it first."}


@staff.route("/staff/conditions/<int:condition_id>/report", methods=["GET", "POST"])
@needs(Permission.KEEP_CONDITIONS)
def draft(condition_id: int):
    """Draft the report of a condition; the fields are made by the portal, a person says only what it may not say."""
    now, form = clock.now(), DraftForm()
    condition = conditions.condition_for(actor(), condition_id)
    client = session.get_one(Client, condition.client_id)
    _note_reading(client.id, f"condition:{condition_id}")
    standing = standing_of(condition, now)
    form.says.choices = to_choose(_choices(condition))

    def save() -> str:
        says = "" if form.says.data == AS_IT_STANDS else form.says.data
        made = reporting.draft(
            actor(), condition_id, not_met_because=says, corrects=bool(form.corrects.data), now=clock.now()
        )
        return url_for("diversion_reports.one", report_id=made.id)

    try:
        done, gone = save_once(form, save, "Drafted. Nothing was sent."), False
    except Stale:
        done, gone = None, True
    if done:
        return done
    page = form_page(
        "diversion/staff/draft.html",
        form,
        client=client,
        condition=condition,
        told=told(client, standing) if standing else None,
        words=words,
        gone=gone,
    )
    return (page[0], 409) if gone else page


@staff.get("/staff/conditions/reports/<int:report_id>")
@needs(Permission.KEEP_CONDITIONS)
def one(report_id: int) -> str:
    """One report: exactly what it says, what became of it, and what can be done next."""
    return _page(_read(report_id))


@staff.post("/staff/conditions/reports/<int:report_id>/confirm")
@needs(Permission.CONFIRM_NOT_MET)
def confirm(report_id: int):
    """The second person confirms that it is not met."""
    form = ConfirmForm()
    return _done(
        report_id, form, lambda: reporting.confirm(actor(), report_id, now=clock.now()), "Confirmed. Nothing was sent."
    )


@staff.post("/staff/conditions/reports/<int:report_id>/back")
@needs(Permission.KEEP_CONDITIONS)
def take_back(report_id: int):
    """Take back or refuse what was not sent."""
    form = OnceForm()
    return _done(report_id, form, lambda: reporting.end_draft(actor(), report_id, now=clock.now()), "Taken back.")


@staff.post("/staff/conditions/reports/<int:report_id>/sent")
@needs(Permission.KEEP_CONDITIONS)
def note_sent(report_id: int):
    """Note that a person has sent it: the portal itself sends nothing."""
    form = SentForm()

    def send() -> PoliceReport:
        return reporting.note_sent(
            actor(), report_id, to=form.to.data, words=form.mailbox.data or "", how=form.how.data, now=clock.now()
        )

    return _done(report_id, form, send, "Noted. It is kept as it was sent.")


@staff.get("/staff/conditions/reports/<int:report_id>/report.pdf")
@needs(Permission.KEEP_CONDITIONS)
@needs_fresh_proof
def as_pdf(report_id: int) -> Response:
    """The report as a file to be sent by the charity's own secure mail, under a neutral name (R7)."""
    return _file(report_id, report_files.as_pdf, "application/pdf", "pdf")


@staff.get("/staff/conditions/reports/<int:report_id>/report.csv")
@needs(Permission.KEEP_CONDITIONS)
@needs_fresh_proof
def as_csv(report_id: int) -> Response:
    """The same as a list that a program reads."""
    return _file(report_id, report_files.as_csv, "text/csv; charset=utf-8", "csv")


def _file(report_id: int, make, content_type: str, ending: str) -> Response:
    """A report that may be sent; one of "not met" only once its second person has confirmed it."""
    report, now = reporting.report_to_read(actor(), report_id), clock.now()
    reporting.check_may_leave(report)
    with unit_of_work():
        audit.record(
            actor(), "report_saved", now=now, client_id=report.client_id, subject=f"report:{report.id}", reason=ending
        )
    answer = Response(make(report), content_type=content_type)
    name = f"report-{report.id}-{clock.london_today(now):%Y%m%d}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _choices(condition: Condition) -> list[tuple[str, str]]:
    """As the sessions say; and, once its day is over with sessions left, not met, for a reason that is open (R46)."""
    choices = [(AS_IT_STANDS, "As the sessions say")]
    if reporting.can_be_not_met(condition, clock.now()):
        choices += [
            (reason, f"Not met: {words.REASON[reason]}") for reason in reporting.reasons_open(condition, clock.now())
        ]
    return choices


def _done(report_id: int, form: OnceForm, do, said: str):
    report = _read(report_id)

    def save() -> str:
        do()
        return url_for("diversion_reports.one", report_id=report_id)

    try:
        return save_once(form, save, said) or (_page(report, form), 422)
    except Stale:
        session.refresh(report)
        return _page(report, form, gone=True), 409


def _page(report: PoliceReport, form: OnceForm | None = None, *, gone: bool = False) -> str:
    made = reporting.reports_of(report.client_id)[report.condition_id]
    found = next(one for one in made if one.report.id == report.id)
    people = first_names((report.drafted_by, report.confirmed_by, report.sent_by, report.ended_by))
    return render_template(
        "diversion/staff/report.html",
        client=session.get_one(Client, report.client_id),
        one=found,
        told=report.content,
        people=people,
        words=words,
        form=form if form is not None else OnceForm(),
        sent_form=form if isinstance(form, SentForm) else SentForm(formdata=None),
        may_leave=reporting.may_leave(report),
        may_confirm=can(actor(), Permission.CONFIRM_NOT_MET),
        is_hers=report.drafted_by == actor().id,
        gone=gone,
    )


def _read(report_id: int) -> PoliceReport:
    """A report about a woman whom the reader may see, and a line in the log (R30)."""
    report = reporting.report_to_read(actor(), report_id)
    _note_reading(report.client_id, f"report:{report_id}")
    return report


def _note_reading(client_id: int, subject: str) -> None:
    with unit_of_work():
        audit.record(actor(), "client_read", now=clock.now(), client_id=client_id, subject=subject)
