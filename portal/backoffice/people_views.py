"""An admin's pages about staff: who works here, their one-time links, roles, hours and absences."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from portal.accounts import service as accounts
from portal.accounts.staff_service import end_ways_in
from portal.backoffice import queries
from portal.backoffice.absences import covers_of, end_absence
from portal.backoffice.away_views import note_absence
from portal.backoffice.leaving import hand_over
from portal.backoffice.people_forms import ROLE_WORDS, AbsenceForm, PersonForm, WorkingHoursForm
from portal.backoffice.start_steps import NO_LEAD, begun_but_not_done
from portal.centres.queries import centre_names
from portal.clients.restrictions import keep_from_newcomer
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.core.locales import LANGUAGES
from portal.core.week import write_windows
from portal.staff import one_offs, service
from portal.staff import queries as staff_queries
from portal.staff.models import Staff
from portal.web import shown_once, sorting
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor, needs_fresh_proof, settings
from portal.web.saving import form_page, save_once, saved
from portal.web.week import as_lines

staff = AudienceBlueprint("backoffice_people", __name__, Audience.STAFF)

_REFUSED = {
    "self": "You cannot end your own work here. Ask another admin.",
    "last_admin": "This is the last admin. Make somebody else an admin first.",
}

_COLUMNS = {
    "name": lambda person: person.name,
    "role": lambda person: ROLE_WORDS[person.role],
    "state": lambda person: not person.active,
}


@staff.get("/staff/people")
@needs(Permission.MANAGE_PEOPLE)
def people() -> str:
    """Everybody who works here."""
    people, sort = staff_queries.people(), sorting.asked_for(_COLUMNS)
    return render_template(
        "backoffice/staff/people.html",
        people=sort.rows(people),
        sort=sort,
        start=begun_but_not_done(actor()),
        away=staff_queries.away_among((person.id for person in people), clock.now()),
        centres=centre_names(),
        signed_up=queries.signed_up(),
        role_words=ROLE_WORDS,
        no_lead="" if any(person.active and person.safeguarding_lead for person in people) else NO_LEAD,
    )


@staff.route("/staff/people/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def new_person():
    """Add somebody; leads to her one-time link, which is shown once."""
    form = _person_form(None)

    def save() -> str:
        found = service.add_person(actor(), **_facts(form), now=clock.now())
        keep_from_newcomer(found, now=clock.now())
        service.set_safeguarding_lead(actor(), found.id, form.safeguarding_lead.data, now=clock.now())
        return _make_link(found)

    return save_once(form, save, "Saved. The link is shown once.") or form_page(
        "backoffice/staff/person_form.html", form, person=None
    )


@staff.get("/staff/people/<int:staff_id>")
@needs(Permission.MANAGE_PEOPLE)
def person(staff_id: int) -> str:
    """One member of staff: role, hours, absences, and what she still has to do here."""
    return _person_page(staff_queries.person(staff_id), AbsenceForm(formdata=None))


@staff.route("/staff/people/<int:staff_id>/change", methods=["GET", "POST"])
@needs(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def change_person(staff_id: int):
    """Change name, role, centres; a new role or centre ends her sessions (R17)."""
    found = staff_queries.person(staff_id)
    form = _person_form(found)

    def save() -> str:
        if service.change_person(actor(), staff_id, **_facts(form), now=clock.now()):
            accounts.end_all_sessions("staff", staff_id, now=clock.now())
        keep_from_newcomer(found, now=clock.now())
        service.set_safeguarding_lead(actor(), staff_id, form.safeguarding_lead.data, now=clock.now())
        return _address(staff_id)

    return save_once(form, save) or form_page("backoffice/staff/person_form.html", form, person=found)


@staff.post("/staff/people/<int:staff_id>/link")
@needs(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def new_link(staff_id: int) -> Response:
    """Make a new one-time link; older links and her sessions end."""
    found = staff_queries.person(staff_id)
    with unit_of_work():
        address = _make_link(found)
    return saved(address, "Made. The link is shown once.")


@staff.get("/staff/people/<int:staff_id>/link")
@needs(Permission.MANAGE_PEOPLE)
def link(staff_id: int):
    """The one-time link, once; loaded again it is gone."""
    found, kept = staff_queries.person(staff_id), shown_once.take("staff_link")
    if kept is None or kept["staff_id"] != staff_id:
        return render_template("backoffice/staff/person_link.html", person=found, address=None), 410
    address = settings().public_url + url_for("accounts_staff.set_up", token=kept["token"])
    return render_template("backoffice/staff/person_link.html", person=found, address=address)


@staff.post("/staff/people/<int:staff_id>/active")
@needs(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def set_active(staff_id: int):
    """End somebody's work here, or take it up again; her tasks go to her centre, her clients wait for a keyworker."""
    active, now = request.form.get("to") == "yes", clock.now()
    try:
        with unit_of_work():
            service.set_active(actor(), staff_id, active=active, now=now)
            if active:
                keep_from_newcomer(staff_queries.person(staff_id), now=now)
            else:
                end_ways_in(staff_id, now=now)
                hand_over(staff_id, now=now)
    except Invalid as refusal:
        page = _person_page(
            staff_queries.person(staff_id), AbsenceForm(formdata=None), refused=_REFUSED[refusal.reason]
        )
        return page, 422
    return saved(_address(staff_id))


@staff.route("/staff/people/<int:staff_id>/hours/<int:centre_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_PEOPLE)
def hours(staff_id: int, centre_id: int):
    """When she can be booked at a centre."""
    found = staff_queries.person(staff_id)
    if centre_id not in found.centre_ids:
        raise NotFound("centre")
    form = WorkingHoursForm(data=as_lines(found.weekly_at(centre_id)))
    if form.validate_on_submit():
        try:
            with unit_of_work():
                service.set_hours(actor(), staff_id, centre_id, form.windows, now=clock.now())
            return saved(_address(staff_id))
        except Invalid as refusal:
            form.refuse(refusal)
    centre = centre_names()[centre_id]
    return form_page("backoffice/staff/person_hours.html", form, person=found, centre=centre)


@staff.post("/staff/people/<int:staff_id>/absences")
@needs(Permission.MANAGE_PEOPLE)
def add_absence(staff_id: int):
    """Note when she cannot be booked."""
    found = staff_queries.person(staff_id)
    form = _absence_form(found, AbsenceForm())

    def save() -> str:
        note_absence(found, form)
        return _address(staff_id)

    return save_once(form, save) or (_person_page(found, form), 422)


@staff.post("/staff/people/<int:staff_id>/absences/<int:absence_id>/remove")
@needs(Permission.MANAGE_PEOPLE)
def remove_absence(staff_id: int, absence_id: int) -> Response:
    """Take an absence away."""
    with unit_of_work():
        end_absence(actor(), staff_id, absence_id, now=clock.now())
    return saved(_address(staff_id))


def _person_form(found: Staff | None) -> PersonForm:
    form = PersonForm(obj=found)
    form.centre_ids.choices = to_choose(centre_names().items())
    return form


def _absence_form(found: Staff, form: AbsenceForm) -> AbsenceForm:
    form.offer(staff_queries.possible_covers(found))
    return form


def _facts(form: PersonForm) -> dict:
    names = ("name", "first_name", "email", "role", "centre_ids", "languages")
    return {name: form[name].data for name in names}


def _person_page(found: Staff, form: AbsenceForm, **values) -> str:
    names, now = centre_names(), clock.now()
    absences = staff_queries.absences(found.id, now)
    return render_template(
        "backoffice/staff/person.html",
        person=found,
        form=_absence_form(found, form),
        hours={centre_id: as_lines(found.weekly_at(centre_id)) for centre_id in found.centre_ids},
        centres=names,
        one_offs=one_offs.coming([found.id], now).get(found.id, {}),
        write_windows=write_windows,
        absences=absences,
        covers=covers_of(absences),
        possible=staff_queries.possible_covers(found),
        still=queries.still_has(found.id, now, actor()),
        signed_up=found.id in queries.signed_up(),
        role_words=ROLE_WORDS,
        languages=[LANGUAGES[code].latin for code in found.languages if code in LANGUAGES],
        **values,
    )


def _make_link(found: Staff) -> str:
    token = accounts.make_staff_link(actor(), found, now=clock.now())
    shown_once.keep("staff_link", staff_id=found.id, token=token)
    return url_for("backoffice_people.link", staff_id=found.id)


def _address(staff_id: int) -> str:
    return url_for("backoffice_people.person", staff_id=staff_id)
