"""Being away: one's own absences and who covers, whom one covers for, and a manager's team."""

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from portal.backoffice import absences
from portal.backoffice.people_forms import AbsenceForm
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.staff import one_offs, queries
from portal.staff.models import Absence, Staff
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.routing import row_id
from portal.web.saving import form_page, save_once, saved

staff = AudienceBlueprint("backoffice_away", __name__, Audience.STAFF)


@staff.route("/staff/away", methods=["GET", "POST"])
@needs(Permission.SET_AWAY)
def away():
    """When she is away, and who covers."""
    person, form = queries.person(actor().id), AbsenceForm()
    form.offer(queries.possible_covers(person))

    def save() -> str:
        note_absence(person, form)
        return url_for("backoffice_away.away")

    return save_once(form, save) or form_page("backoffice/staff/away.html", form, **_shown(person))


@staff.post("/staff/away/<int:absence_id>/remove")
@needs(Permission.SET_AWAY)
def end(absence_id: int) -> Response:
    """She is back, or does not go after all."""
    with unit_of_work():
        absences.end_absence(actor(), actor().id, absence_id, now=clock.now())
    return saved(url_for("backoffice_away.away"))


@staff.post("/staff/away/<int:absence_id>/cover")
@needs(Permission.TRANSFER_CLIENTS)
def set_cover(absence_id: int) -> Response:
    """A manager or an admin says who covers somebody who is away."""
    try:
        with unit_of_work():
            _say_limits(
                absences.set_cover(actor(), absence_id, request.form.get("covered_by", 0, type=row_id), now=clock.now())
            )
    except Invalid:
        return saved(_back(), "Choose somebody who works at one of the same centres.")
    return saved(_back())


def _back() -> str:
    """An admin came from that person's page; a manager from her team."""
    back = request.form.get("back", 0, type=row_id)
    return url_for("backoffice_people.person", staff_id=back) if back > 0 else url_for("backoffice_away.away")


def note_absence(person: Staff, form: AbsenceForm) -> None:
    """Note an absence from its form, and say for how many women its cover cannot stand in."""
    starts_at, ends_at = form.span
    hidden = absences.note_absence(
        actor(),
        person.id,
        starts_at=starts_at,
        ends_at=ends_at,
        covered_by=form.covered_by.data or None,
        now=clock.now(),
    )
    _say_limits(hidden)
    cover_id = form.covered_by.data
    if cover_id and queries.is_away_within(cover_id, starts_at, ends_at):
        flash("Whoever is to cover is away in this time too. Her own cover stands in then, if she has one.")


def _say_limits(hidden: int) -> None:
    if hidden:
        flash(f"For {hidden} of these clients this person cannot cover. A manager of their centre has them as a task.")


def _shown(person: Staff) -> dict:
    now = clock.now()
    team = absences.team(actor(), now) if can(actor(), Permission.TRANSFER_CLIENTS) else []
    own = queries.absences(person.id, now)
    return {
        "absences": own,
        "own_hours": one_offs.may_set(actor(), person),
        "covering": queries.covering(person.id, now),
        "covers": absences.covers_of([*own, *(absence for row in team for absence in row.absences)]),
        "team": team,
        "possible": {row.person.id: queries.possible_covers(row.person) for row in team if _uncovered(row.absences)},
    }


def _uncovered(listed: list[Absence]) -> bool:
    return any(absence.covered_by is None for absence in listed)
