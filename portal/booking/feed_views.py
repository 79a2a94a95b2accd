"""Calendar files: a worker's page of her feed, the feed itself, and a neutral file for a woman who wants one (R44)."""

from flask import abort, flash, make_response, redirect, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import limits
from portal.booking import feeds, queries
from portal.booking.ical import Event, calendar
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import NotFound
from portal.web import shown_once
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor, needs_fresh_proof, settings

staff = AudienceBlueprint("booking_feed", __name__, Audience.STAFF)
own = AudienceBlueprint("booking_file", __name__, Audience.CLIENT)
gateway = AudienceBlueprint("booking_calendar", __name__, Audience.GATEWAY)

LONGEST_TOKEN = 100


@staff.get("/staff/calendar")
@needs(Permission.SEE_OWN_DAY)
def feed() -> str:
    """Her calendar feed: whether there is one, and its address right after it was made, once."""
    kept = shown_once.take("calendar_feed")
    address = f"{settings().public_url}/calendar/{kept['token']}.ics" if kept else None
    return render_template("booking/staff/calendar.html", feed=feeds.own_feed(actor()), address=address)


@staff.post("/staff/calendar")
@needs(Permission.SEE_OWN_DAY)
@needs_fresh_proof(when=lambda: request.form.get("do") != "end")
def change_feed() -> Response:
    """Make a new address, or end the one there is."""
    with unit_of_work():
        if request.form.get("do") == "end":
            feeds.revoke_feed(actor(), now=clock.now())
            flash("Ended. That address opens nothing any more.")
        else:
            shown_once.keep("calendar_feed", token=feeds.make_feed(actor(), now=clock.now()))
    return redirect("/staff/calendar", 303)


@gateway.get("/calendar/<token>.ics")
def read(token: str) -> Response:
    """A worker's times for her calendar; a token that opens nothing is not found, and wrong ones are counted."""
    now, address = clock.now(), request.remote_addr or ""
    account = f"calendar|{limits.network_of(address)}"
    with unit_of_work():
        if not limits.count_try(account, address, now=now):
            abort(429)
    with unit_of_work():
        worker = feeds.open_feed(token, now=now) if len(token) <= LONGEST_TOKEN else None
        if worker is not None:
            limits.forgive(account, address)
    if worker is None:
        raise NotFound("calendar")
    return _file(feeds.worker_events(worker.id, now))


@own.get("/appointments/<int:appointment_id>/calendar")
def own_file(appointment_id: int) -> Response:
    """One time of hers as a neutral file, if she wants it; otherwise it is not there (R41, R44)."""
    client = current_user.record
    if not client.calendar_online:
        raise NotFound("calendar")
    appointment = queries.appointment_for(actor(), appointment_id)
    if not appointment.stands or appointment.ends_at <= clock.now():
        raise NotFound("calendar")
    return _file([feeds.own_event(client, appointment, neutral=settings().site_name)])


def _file(events: list[Event]) -> Response:
    answer = make_response(calendar(events))
    answer.mimetype = "text/calendar"
    answer.headers["Content-Disposition"] = 'attachment; filename="time.ics"'
    return answer
