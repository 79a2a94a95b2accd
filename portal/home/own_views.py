"""Her own page and the pages about herself: calm first, sensitive only behind her passcode and her switches."""

from datetime import date

from flask import flash, get_flashed_messages, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts_queries
from portal.accounts import service as accounts
from portal.accounts.asking_less import ask_less
from portal.booking import attendance
from portal.booking.rules import TooLateToChange
from portal.clients.own_language import of_pages
from portal.clients.queries import safe_contact as newest_safe_contact
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.core.locales import LANGUAGES, shown_in
from portal.home import contact_words, looks, queries
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import ask_passcode_again, sensitive_when
from portal.web.once import new_key

own = AudienceBlueprint("home_own", __name__, Audience.CLIENT)


@own.get("/today")
def today() -> str:
    """Her own page: when, where, who, what next. Nothing sensitive stands here (R16)."""
    return render_template("home/today.html", request_key=new_key(), **queries.today(current_user.record, clock.now()))


@own.post("/today/late")
def late() -> Response:
    """She says that she will be late today: one press, a state for the desk (R28)."""
    try:
        with unit_of_work():
            attendance.say_late(current_user.actor, request_key=request.form.get("request_key", ""), now=clock.now())
    except (Invalid, TooLateToChange):
        # Pressed on an old page: her page shows how it stands now.
        pass
    return redirect("/today", 303)


@own.get("/me")
def me() -> str:
    """Herself: language, who may see what, other places where she is signed in, signing out."""
    client = current_user.record
    sessions = accounts_queries.live_sessions("client", client.id, clock.now())
    return render_template(
        "home/me.html",
        client=client,
        others=len(sessions) - 1,
        language=LANGUAGES[of_pages(client)],
        falls_back=shown_in(of_pages(client)) != of_pages(client),
    )


@own.post("/me/sign-out-others")
def sign_out_others() -> Response:
    """End every session of hers but this one (R15)."""
    with unit_of_work():
        accounts.end_other_sessions(current_user.actor, current_user.session_id, now=clock.now())
    return redirect(url_for("home_own.me"), 303)


@own.get("/me/safe-contact")
@sensitive_when("safe_contact_online")
def safe_contact(shown: bool) -> str:
    """How we may reach her, as she told us, what our texts look like, and what she can make stricter herself."""
    client = current_user.record
    record = newest_safe_contact(client.id) if shown else None
    said = get_flashed_messages() if record is not None else []
    return render_template(
        "home/safe_contact.html",
        **queries.contact_page(client, record, clock.now()),
        words=contact_words,
        said=contact_words.DONE.get(str(said[0]), contact_words.NOTHING) if said else None,
    )


@own.post("/me/safe-contact")
def make_safe_contact_stricter() -> Response:
    """One act of hers that makes it stricter; loosening takes a talk with a worker.

    With the switch off nothing happens, and the answer is that to a woman without such a record (R41).
    """
    client, now = current_user.record, clock.now()
    if client.safe_contact_online and not current_user.stepped_up:
        session["next"] = url_for("home_own.safe_contact")
        return ask_passcode_again()
    if client.safe_contact_online:
        act = request.form.get("act", "")
        with unit_of_work():
            changed = ask_less(client, act, now=now)
        flash(act.partition(" ")[0] if changed else "")
    return redirect(url_for("home_own.safe_contact"), 303)


@own.get("/me/seen-by")
@sensitive_when("seen_by_online")
def seen_by(shown: bool) -> str:
    """Who looked at her record and at what, as roles; `before` gives earlier days (R30)."""
    found, earlier = looks.looks(current_user.actor.id, _before()) if shown else ([], None)
    return render_template("home/seen_by.html", looks=found, earlier=earlier)


def _before() -> date | None:
    try:
        return date.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return None
