"""Referring a woman, booking her first time while she is there, and the card for it."""

from datetime import date
from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from werkzeug.wrappers import Response

from portal.booking.forms import BookForm, read_id, read_start
from portal.booking.openings import centres_open
from portal.booking.rules import AlreadyBooked, NotOffered
from portal.centres.queries import centre_names
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.core.locales import shown_in
from portal.diversion import disposals, first_time, intake
from portal.diversion.refer_forms import ReferForm
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.filters import day_words
from portal.web.forms import to_choose
from portal.web.guards import actor, settings
from portal.web.once import new_key
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("diversion_refer", __name__, Audience.STAFF)

TIMES_A_DAY = 8
DAYS_AT_ONCE = 5


@staff.route("/staff/refer", methods=["GET", "POST"])
@needs(Permission.REFER)
def refer():
    """One page; it answers the same whether she is known or not (R42), and leads on to her first time."""
    form = ReferForm()
    form.disposal.choices = to_choose([("", "Choose"), *((one.code, one.name) for one in disposals.listed())])
    form.centre_id.choices = to_choose((one.id, f"{one.name}, {one.borough}") for one in centres_open())

    def save() -> str:
        asked = form.asked(drama_only=settings().demo)
        disposals.check(asked.disposal)
        made = intake.refer(actor(), asked, days=settings().first_contact_days, now=clock.now())
        return url_for("diversion_refer.first", referral_id=made.id)

    return save_once(form, save, "The referral is in.") or form_page("diversion/staff/refer.html", form)


@staff.route("/staff/refer/<int:referral_id>", methods=["GET", "POST"])
@needs(Permission.REFER)
def first(referral_id: int):
    """Her first time, while she is there: centre, kind, and a free time; whoever refers reads nothing else here."""
    _, client = first_time.own_recent(actor(), referral_id, clock.now())
    if request.method == "GET":
        return _page(referral_id, client)
    form = BookForm()
    try:
        with unit_of_work():
            first_time.book(
                actor(),
                referral_id,
                kind_id=read_id(form.kind.data) or 0,
                centre_id=read_id(form.centre.data) or 0,
                starts_at=read_start(form.starts_at.data),
                request_key=form.request_key.data or "",
                now=clock.now(),
            )
    except Invalid:
        return _page(referral_id, client, "Choose a time."), 422
    except (NotOffered, AlreadyBooked):
        return _page(referral_id, client, "That time has just gone. Choose another."), 409
    return redirect(url_for("diversion_refer.card", referral_id=referral_id), 303)


@staff.get("/staff/refer/<int:referral_id>/card")
@needs(Permission.REFER)
def card(referral_id: int) -> str | Response:
    """The card to print: day, time and place in her language, and no word of what it is for."""
    now = clock.now()
    _, client = first_time.own_recent(actor(), referral_id, now)
    booked = first_time.booked_of(client, now)
    if booked is None:
        flash("No time is booked yet.")
        return redirect(url_for("diversion_refer.first", referral_id=referral_id), 303)
    with force_locale(shown_in(client.language)):
        day = day_words(clock.london_today(booked.starts_at))
    return render_template(
        "diversion/staff/card.html",
        booked=booked,
        day=day,
        language=shown_in(client.language),
        place=centre_names()[booked.centre_id],
    )


def _page(referral_id: int, client: Client, fault: str = "") -> str:
    now = clock.now()
    kinds, places = first_time.kinds_and_centres(client) if first_time.may_book(client) else ([], [])
    kind_id = read_id(request.values.get("kind")) or (kinds[0].id if kinds else 0)
    centre_id = read_id(request.values.get("centre")) or (places[0].id if places else 0)
    free = first_time.times(client, kind_id, centre_id, now) if kinds and places else []
    days: list[tuple[date, list]] = [
        (on, list(times)) for on, times in groupby(free, key=lambda each: clock.london_today(each.starts_at))
    ]
    return render_template(
        "diversion/staff/first_time.html",
        referral_id=referral_id,
        fault=fault,
        may_book=first_time.may_book(client),
        booked=first_time.booked_of(client, now),
        kinds=kinds,
        places=places,
        kind_id=kind_id,
        centre_id=centre_id,
        days=days[:DAYS_AT_ONCE],
        most=TIMES_A_DAY,
        request_key=new_key(),
    )
