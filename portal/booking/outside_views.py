"""A staff page after hours were changed for a date: who is booked outside them, and where that is put right."""

from flask import render_template

from portal.audit import service as audit
from portal.booking import openings
from portal.booking.outside import outside
from portal.centres.queries import bank_holidays_from
from portal.core import clock
from portal.core.access import Permission, can
from portal.core.database import unit_of_work
from portal.core.errors import NotFound
from portal.core.week import write_windows
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.dates import read_date
from portal.web.guards import actor

staff = AudienceBlueprint("booking_outside", __name__, Audience.STAFF)


@staff.get("/staff/centres/<int:centre_id>/dates/<on>")
@needs(Permission.SET_AWAY)
def day(centre_id: int, on: str) -> str:
    """A day's hours at a centre and the appointments outside them: without names, each opens with its own page."""
    centre, date, now = openings.centre(centre_id), read_date(on), clock.now()
    covered = centre_id in actor().centres
    if not covered and not can(actor(), Permission.MANAGE_CENTRES):
        raise NotFound("centre")
    found = outside(actor(), centre_id, date, now)
    with unit_of_work():
        audit.record(actor(), "diary_read", now=now, subject=f"day:{date}")
    return render_template(
        "booking/staff/outside.html",
        centre=centre,
        on=date,
        found=found,
        hours=write_windows(found.spans),
        bank_holiday=date in bank_holidays_from(date),
        covered=covered,
    )
