"""Closing a day in a hurry: start it, move whom it hits, ring whom no text reaches, until the list is empty."""

from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request

from portal.audit import service as audit
from portal.booking import closing, group_reading, openings, queries
from portal.booking.closing import Hit
from portal.booking.desk_models import ClosedDay
from portal.booking.forms import ClosingForm, SettleForm, read_id, read_start
from portal.booking.group_reading import Sitting
from portal.booking.rules import FixedTime, NotOffered, TooLateToChange
from portal.clients.models import Client, ClientState
from portal.clients.queries import safe_contact
from portal.clients.rules import inside_safe_hours, read_safe_hours, ring_holds
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.core.locales import LANGUAGES
from portal.messaging.queries import is_frozen
from portal.messaging.staff_words import why
from portal.staff.queries import keyworkers
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("booking_closing", __name__, Audience.STAFF)

CANCEL = "cancel"


@staff.route("/staff/closing", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def start():
    """Close a day for a centre or for one worker, and the days closed before."""
    now, form = clock.now(), ClosingForm(data={"on": clock.london_today(clock.now())})
    centres = openings.centres_of(actor())
    form.centre.choices = to_choose((centre.id, centre.name) for centre in centres)
    people = [(str(person.id), f"Only {person.first_name}") for person in keyworkers(actor().centres)]
    form.worker_id.choices = to_choose([("", "The whole centre"), *people])

    def save() -> str:
        worker_id = read_id(form.worker_id.data)
        closed = closing.close_day(
            actor(), centre_id=form.centre.data or 0, worker_id=worker_id, on=form.on.data, now=now
        )
        return f"/staff/closing/{closed.id}"

    return save_once(form, save, "Closed. Nothing more can be booked on it.") or form_page(
        "booking/staff/closing.html",
        form,
        recent=closing.recent(actor(), now),
        centres={centre.id: centre.name for centre in centres},
    )


@staff.route("/staff/closing/<int:closed_day_id>", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def closed_day(closed_day_id: int):
    """Whom a closed day hits: a new time for each, who was told, who must be rung; until it is empty."""
    closed, now, form = closing.closed_day(actor(), closed_day_id), clock.now(), SettleForm()
    found = closing.hits(actor(), closed)
    if form.is_submitted():
        refused = sum(
            not _settled(one, form.request_key.data or "")
            for one in found
            if one.state == "to_move" and not _waits_for_group(one)
        )
        flash(f"{refused} could not be moved: choose again." if refused else "Done. Who must be rung stands below.")
        return redirect(f"/staff/closing/{closed_day_id}", 303)
    with unit_of_work():
        audit.record(actor(), "closing_read", now=now, subject=f"closed_day:{closed.id}")
        for one in found:
            audit.record(actor(), "client_read", now=now, client_id=one.booked.client.id, subject="closing")
    return render_template(
        "booking/staff/closed_day.html",
        closed=closed,
        centre=openings.centre(closed.centre_id),
        worker=openings.worker_of(closed.worker_id) if closed.worker_id else None,
        elsewhere=[(other, openings.centre(other.centre_id)) for other in closing.elsewhere(actor(), closed)],
        hits=[one for one in found if not _waits_for_group(one)],
        groups=_groups(closed, now),
        proposals=closing.proposals(found, now),
        names=openings.workers_by_id(),
        form=form,
        names_shown=queries.desk_names(actor(), closed.on, now),
    )


@staff.route("/staff/closing/hits/<int:hit_id>/ring", methods=["GET", "POST"])
@needs(Permission.BOOK_FOR_CLIENT)
def ring(hit_id: int):
    """What must be known before one woman is rung, and that somebody told her; no number stands here (R26)."""
    one, form = _to_ring(hit_id), SettleForm()

    def save() -> str:
        closing.rang(actor(), hit_id, now=clock.now())
        return f"/staff/closing/{one.row.closed_day_id}"

    done = save_once(form, save, "Noted.")
    if done is not None:
        return done
    now, client = clock.now(), one.booked.client
    with unit_of_work():
        audit.record(actor(), "client_read", now=now, client_id=client.id, subject="ring")
    names_shown = queries.desk_names(actor(), clock.london_today(one.booked.appointment.starts_at), now)
    return form_page(
        "booking/staff/ring.html", form, one=one, number=None, names_shown=names_shown, **_ring_facts(client)
    )


@staff.post("/staff/closing/hits/<int:hit_id>/number")
@needs(Permission.BOOK_FOR_CLIENT)
def show_number(hit_id: int) -> str:
    """Her number and her name, once, if she may be rung; that it was shown stands in the audit log (R26)."""
    one, now = _to_ring(hit_id), clock.now()
    client = one.booked.client
    with unit_of_work():
        facts = _ring_facts(client)
        number = None if facts["holds"] else facts["contact"].number
        if number is not None:
            audit.record(actor(), "number_shown", now=now, client_id=client.id, subject=f"hit:{hit_id}")
    within_reach = queries.desk_names(actor(), clock.london_today(one.booked.appointment.starts_at), now)
    return render_template(
        "booking/staff/ring.html",
        form=SettleForm(formdata=None),
        one=one,
        number=number,
        names_shown=within_reach or number is not None,
        **facts,
    )


def _waits_for_group(one: Hit) -> bool:
    return one.state == "to_move" and one.booked.appointment.session_id is not None


def _groups(closed: ClosedDay, now: datetime) -> list[Sitting]:
    """The group sessions of a closed day that still stand: each is cancelled, or moved for all."""
    if closed.session_id is not None:
        return []
    begins_at, ends_at = clock.london_midnight(closed.on), clock.london_midnight(closed.on + timedelta(days=1))
    where = {"worker_id": closed.worker_id} if closed.worker_id else {"centre_ids": [closed.centre_id]}
    return group_reading.sittings(actor(), (max(begins_at, now), ends_at), **where)


def _to_ring(hit_id: int) -> Hit:
    """A woman who has a new time, or none any more; raises NotFound."""
    one = closing.hit(actor(), hit_id)
    if one.state == "to_move":
        raise NotFound("ring")
    return one


def _ring_facts(client: Client) -> dict:
    now, contact = clock.now(), safe_contact(client.id)
    frozen = bool(contact and contact.number_index and is_frozen(contact.number_index, contact.proved_at))
    holds = ring_holds(
        may_ring=contact.may_ring if contact else None,
        number=contact.number if contact else None,
        stopped=contact is not None and contact.stopped_at is not None,
        check_again_on=contact.check_again_on if contact else None,
        open_record=client.state == ClientState.OPEN,
        nothing_before_on=client.nothing_before_on,
        on=clock.london_today(now),
    )
    hours = read_safe_hours(contact.safe_hours or []) if contact else ()
    return {
        "contact": contact,
        "holds": [why(hold) for hold in holds] + ([why("frozen")] if frozen else []),
        "language": LANGUAGES[contact.voice_language].latin if contact else "",
        "outside_hours": bool(hours) and not inside_safe_hours(hours, now),
    }


def _settled(one: Hit, request_key: str) -> bool:
    """Each woman in a change of her own, so that a time lost meanwhile holds up nobody else."""
    chosen = request.form.get(f"to-{one.row.id}", "")
    if not chosen:
        return True
    worker, _, start = chosen.partition("@")
    try:
        with unit_of_work():
            closing.settle(
                actor(),
                one.row.id,
                starts_at=None if chosen == CANCEL else read_start(start),
                worker_id=None if chosen == CANCEL else read_id(worker),
                request_key=f"{request_key}-{one.row.id}"[:64],
                now=clock.now(),
            )
    except (NotOffered, FixedTime, TooLateToChange, Stale, Invalid, NotFound):
        return False
    return True
