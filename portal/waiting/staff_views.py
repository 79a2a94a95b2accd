"""The waiting list of staff: who waits for what and why in that order, offering by phone, on the list and off it."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField

from portal.audit import service as audit
from portal.booking import openings
from portal.booking.forms import read_id, read_start
from portal.booking.rules import AlreadyBooked, NotOffered, TooLateToChange
from portal.centres.queries import centre_names
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.groups.queries import staff_courses
from portal.groups.rules import CannotJoin
from portal.staff.queries import first_names
from portal.waiting import answering, lists, offering, queries, rules, service
from portal.waiting.courses import PlaceFree
from portal.waiting.models import HELD
from portal.waiting.queries import WaitsFor
from portal.web import sorting
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, PortalForm, to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once, saved

staff = AudienceBlueprint("waiting_staff", __name__, Audience.STAFF)

MOST_TIMES = 6
ANY, GROUP = "any", "group"
WHEN = [("", "Any"), ("morning", "Mornings"), ("school", "School hours")]
STATES = {
    "open": "offered, no answer yet",
    "said_yes": "said yes by text: confirm it with her",
    "taken": "taken",
    "declined": "declined",
    "lapsed": "lapsed",
    "withdrawn": "withdrawn",
}


class WaitForm(OnceForm):
    """What she waits for, where, and which times suit her."""

    kind = SelectField("What for", validate_choice=False)
    centre = SelectField("Where", validate_choice=False)
    suits = SelectField("Which times", choices=to_choose(WHEN))
    messages = {
        ("kind", "not_there"): "That is not offered there, or not to her.",
        ("kind", "place_free"): "That group has a free place: put her in there.",
    }


class OffForm(PortalForm):
    """Why she is taken off the list."""

    reason = RadioField("Why", choices=to_choose((why, rules.ENDED_WORDS[why]) for why in rules.TAKEN_OFF))


_COLUMNS = {
    "place": lambda row: row.place,
    "whom": lambda row: row.client.called_name,
    "since": lambda row: row.what.wait.since_at,
}


@staff.get("/staff/waiting")
@needs(Permission.KEEP_WAITING_LIST)
def waiting() -> str:
    """Who waits for what, in the order in which they are offered what gets free; opening it is in the log."""
    sort = sorting.asked_for(_COLUMNS)
    with unit_of_work():
        audit.record(actor(), "waiting_list_read", now=clock.now())
    in_order = lists.in_order(actor(), clock.now())
    rows = {name: sort.rows(waiting) for name, waiting in in_order.items()}
    return render_template("waiting/staff/waiting.html", rows=rows, sort=sort, states=STATES)


@staff.get("/staff/waiting/<int:wait_id>")
@needs(Permission.KEEP_WAITING_LIST)
def wait(wait_id: int) -> str:
    """One wait: what was offered, what could be offered on the phone now, taking her off."""
    return _wait_page(_read(wait_id), OffForm())


@staff.post("/staff/waiting/<int:wait_id>/offer")
@needs(Permission.KEEP_WAITING_LIST)
def offer(wait_id: int):
    """Hold a time for a woman who is on the phone or here."""
    what = _read(wait_id)
    try:
        starts_at = read_start(request.form.get("starts_at"))
        with unit_of_work():
            made = offering.offer_by_hand(actor(), wait_id, starts_at=starts_at, now=clock.now())
    except Invalid as refusal:
        return _wait_page(what, OffForm(), refused=refusal.reason), 422
    except (NotOffered, Stale):
        return _wait_page(what, OffForm(), refused="gone"), 409
    return redirect(url_for("waiting_staff.one_offer", offer_id=made.id), 303)


@staff.post("/staff/waiting/<int:wait_id>/off")
@needs(Permission.KEEP_WAITING_LIST)
def off(wait_id: int):
    """Take her off the list, with a reason."""
    what, form = _read(wait_id), OffForm()
    if not form.validate():
        return _wait_page(what, form), 422
    with unit_of_work():
        service.leave(actor(), wait_id, reason=form.reason.data, now=clock.now())
    return saved(url_for("waiting_staff.waiting"), "She is off this list.")


@staff.get("/staff/waiting/offers/<int:offer_id>")
@needs(Permission.KEEP_WAITING_LIST)
def one_offer(offer_id: int) -> str:
    """One offer, and noting what she says on the phone or in person."""
    return _offer_page(offer_id)


@staff.post("/staff/waiting/offers/<int:offer_id>")
@needs(Permission.KEEP_WAITING_LIST)
def answer(offer_id: int):
    """She says yes or no to a person, who has made sure that it is her."""
    said, now = request.form.get("answer"), clock.now()
    if said not in ("yes", "no"):
        raise NotFound("answer")
    if said == "no":
        with unit_of_work():
            answering.decline(actor(), offer_id, now=now)
        return saved(url_for("waiting_staff.waiting"), "Noted. The time goes to the next woman.")
    try:
        with unit_of_work():
            appointment = answering.take(actor(), offer_id, now=now)
    except (Stale, NotOffered, CannotJoin, TooLateToChange, AlreadyBooked):
        return _offer_page(offer_id, gone=True), 409
    return saved(url_for("booking_appointment.appointment", appointment_id=appointment.id), "Booked. She is told.")


@staff.route("/staff/clients/<int:client_id>/waiting", methods=["GET", "POST"])
@needs(Permission.KEEP_WAITING_LIST)
def add(client_id: int):
    """What a woman waits for, and putting her on a list."""
    client, form = visible_client(actor(), client_id), WaitForm()
    form.kind.choices = to_choose((str(kind.id), kind.name_in("en")) for kind in openings.kinds_offered(by_staff=True))
    form.kind.choices += to_choose(_courses())
    theirs = [(str(one.id), one.name) for one in openings.centres_of(actor())]
    form.centre.choices = to_choose([(ANY, "Any centre"), *theirs])
    if not form.is_submitted():
        _note_reading(client_id, "waiting")

    def save() -> str:
        try:
            _put_on(client_id, form)
        except (NotFound, CannotJoin):
            raise Invalid("kind", "not_there") from None
        except PlaceFree:
            raise Invalid("kind", "place_free") from None
        return url_for("waiting_staff.add", client_id=client_id)

    return save_once(form, save, "She is on the list.") or form_page(
        "waiting/staff/add.html", form, client=client, waits=queries.waits_of(client_id)
    )


@staff.post("/staff/appointments/<int:appointment_id>/sooner")
@needs(Permission.KEEP_WAITING_LIST)
def add_sooner(appointment_id: int) -> Response:
    """She would come sooner; her time stays hers."""
    try:
        with unit_of_work():
            wait = service.wait_for_sooner(actor(), appointment_id, now=clock.now())
    except (Stale, Invalid):
        return saved(f"/staff/appointments/{appointment_id}", "Nothing was changed: it is near, or it was moved.")
    return saved(url_for("waiting_staff.wait", wait_id=wait.id), "She is on the list for a sooner time.")


def _put_on(client_id: int, form: WaitForm) -> None:
    now, (what, _, number) = clock.now(), (form.kind.data or "").rpartition("-")
    if what == GROUP:
        service.wait_for_course(actor(), client_id, course_id=read_id(number) or 0, now=now)
        return
    centre_id = None if form.centre.data == ANY else read_id(form.centre.data)
    suits = form.suits.data or ""
    kind_id = read_id(form.kind.data) or 0
    service.wait_for_kind(actor(), client_id, kind_id=kind_id, centre_id=centre_id, suits=suits, now=now)


def _courses() -> list[tuple[str, str]]:
    """The courses of the reader's centres, as something to wait for."""
    found = staff_courses(actor(), clock.now())
    return [(f"{GROUP}-{one.course.id}", f"Group: {one.kind.name_in('en')}, {one.centre.name}") for one in found]


def _read(wait_id: int) -> WaitsFor:
    """A wait of a woman whom the reader may see, and a line in the log (R30)."""
    found = service.wait_for(actor(), wait_id)
    _note_reading(found.client_id, f"wait:{found.id}")
    return queries.wait_with_facts(wait_id)


def _note_reading(client_id: int, subject: str) -> None:
    with unit_of_work():
        visible_client(actor(), client_id)
        audit.record(actor(), "client_read", now=clock.now(), client_id=client_id, subject=subject)


def _wait_page(what: WaitsFor, form: OffForm, refused: str = "") -> str:
    now, found = clock.now(), queries.offers_of([what.wait.id]).get(what.wait.id, [])
    listed = [] if what.wait.ended_at or what.course else offering.times_for(actor(), what.wait, now, MOST_TIMES)
    return render_template(
        "waiting/staff/wait.html",
        client=session.get_one(Client, what.wait.client_id),
        what=what,
        offers=found[: queries.LATEST],
        held=any(each.state in HELD for each in found),
        times=listed,
        workers=first_names([*(each.worker_id for _, each in listed), *(each.worker_id for each in found)]),
        centres=centre_names(),
        states=STATES,
        ended=rules.ENDED_WORDS,
        refused=refused,
        form=form,
    )


def _offer_page(offer_id: int, *, gone: bool = False) -> str:
    found = answering.offer_for(actor(), offer_id)
    _note_reading(found.client_id, f"offer:{offer_id}")
    return render_template(
        "waiting/staff/offer.html",
        client=session.get_one(Client, found.client_id),
        offered=queries.offer_with_facts(offer_id),
        states=STATES,
        gone=gone,
    )
