"""What asks staff for their second step again: after ten minutes asked, fresh done, nothing typed lost."""

import inspect
import re

import pyotp
import pytest
from sqlalchemy import select

from portal import staff_pages
from portal.accounts import service as accounts
from portal.accounts.models import SignedIn
from portal.audit.models import AuditEntry
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.messaging import stops
from portal.staff.models import Staff
from portal.web.blueprints import Audience
from tests.support import authenticator, make, sign_in

ASKS = {
    "accounts_me.new_passkey": "a way in",
    "accounts_me.remove_passkey": "a way in",
    "accounts_me.app": "a way in",
    "accounts_me.remove_app": "a way in",
    "accounts_me.new_codes": "ways in",
    "accounts_me.password": "a way in",
    "backoffice_people.new_person": "an invitation",
    "backoffice_people.change_person": "role and centres",
    "backoffice_people.new_link": "an invitation or reset",
    "backoffice_people.set_active": "somebody's work ends or begins again",
    "backoffice_start.add_people": "invitations",
    "backoffice_oversight.turn_texts_on": "texts leave for women",
    "backoffice_oversight.turn_sending": "sending again; stopping never asks",
    "backoffice_break_glass.open_beyond_reach": "a record beyond her reach",
    "backoffice_reach.lift_colleague": "somebody comes to know of a woman",
    "backoffice_reach.lift_outsider": "somebody comes to know of a woman",
    "backoffice_reach.let_meet": "two women may meet who must not",
    "backoffice_devices.list_devices": "naming one; looking never asks",
    "backoffice_devices.here": "a browser becomes a desk, whoever is at the one before is signed out",
    "backoffice_devices.make_code": "a browser becomes a desk or kiosk",
    "backoffice_devices.end": "a desk stops, with everybody signed in there",
    "backoffice_moving.undo": "erases the records that a list made",
    "backoffice_cards.sheet": "ways in for many women, on paper",
    "booking_feed.change_feed": "an address that opens her diary without signing in; ending it never asks",
    "plan_agreement_staff.whole_on_paper": "a plan with its sensitive parts on paper",
    "diversion_reports.as_pdf": "a report leaves",
    "diversion_reports.as_csv": "a report leaves",
    "messaging_transcript.shown": "an export of what was said",
    "messaging_transcript.saved": "an export of what was said",
    "partners_staff.told": "a partner is told of her",
    "partners_staff.sheet": "what a partner is told, on paper",
    "reports_staff.saved": "a file of numbers that leaves the house",
    "reports_staff.dictionary": "the file beside it",
}
"""Every view that asks, and why."""

FILES_THAT_NEED_NONE = {
    "help_staff.export": "the directory is public",
    "backoffice_moving.template": "an empty list",
}


@pytest.fixture
def centre(travel):
    return make.centre()


@pytest.fixture
def stale(app, page_client, centre, travel):
    """Signs somebody in whose second step is ten minutes old, though she has been busy since."""

    def signed_in(role: str):
        person = make.staff(role, centre, first_name="Fran")
        sign_in.as_staff(page_client, person)
        travel.forward(minutes=5)
        page_client.get("/staff/me")
        travel.forward(minutes=5)
        return page_client

    return signed_in


def next_code() -> str:
    """The code of the next half minute, which counts as well; the one of this was used to sign in."""
    return pyotp.TOTP(make.TOTP_SECRET).at(int(clock.real_now().timestamp()) + 30)


def staff_views(app):
    return {
        rule.endpoint: app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for blueprint in staff_pages.BLUEPRINTS
        if blueprint.name == rule.endpoint.split(".")[0] and blueprint.audience is Audience.STAFF
    }


def test_the_table_names_every_view_that_asks(app):
    assert {name for name, view in staff_views(app).items() if hasattr(view, "fresh_proof")} == set(ASKS)


def test_every_file_that_is_handed_out_asks_or_says_why_not(app):
    for name, view in staff_views(app).items():
        if re.search("attachment|Content-Disposition", inspect.getsource(inspect.unwrap(view))):
            assert name in ASKS or name in FILES_THAT_NEED_NONE, name


ROLE_FOR = {
    "accounts_me": "referrer",
    "backoffice_people": "admin",
    "backoffice_start": "admin",
    "backoffice_devices": "admin",
}
READ_UNASKED = {"backoffice_devices.list_devices"}
FIELDS_FOR = {"backoffice_oversight.turn_sending": {"to": "send"}}


@pytest.mark.parametrize("endpoint", ASKS)
def test_stale_is_asked_and_fresh_is_done(app, stale, endpoint, centre):
    browser = stale(ROLE_FOR.get(endpoint.split(".")[0], "manager"))
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    methods = set.union(*(set(rule.methods or ()) for rule in rules)) & {"GET", "POST"}
    client = make.client(centre_=centre)
    address = re.sub(r"<[^>]+>", str(client.id), rules[0].rule)
    fields = FIELDS_FOR.get(endpoint, {})
    if endpoint in READ_UNASKED:
        assert browser.get(address).status == 200
        methods.remove("GET")
    if "GET" in methods:
        assert browser.get(address).location == "/staff/step-up"
    if "POST" in methods:
        page = browser.post(address, fields)
        assert page.status == 403 and "needs your second step" in page.text
    browser.get("/staff/step-up")
    browser.submit("/staff/step-up", proof_code=next_code())
    for method in methods:
        page = browser.get(address) if method == "GET" else browser.post(address, fields)
        asked = page.location == "/staff/step-up" or "second step from the last" in page.html
        assert page.status != 403 and not asked, f"{method} {address}: {page.status}"


def test_a_reader_is_led_back_to_where_she_was_going(stale, centre):
    browser = stale("admin")
    browser.get("/staff/people/new?from=here", follow=True)
    assert browser.page.h1 == "Second step, once more"
    assert browser.submit("/staff/step-up", proof_code="000000").status == 422
    page = browser.submit("/staff/step-up", proof_code=next_code())
    assert page.address == "/staff/people/new?from=here"
    session.remove()
    assert "proved_again" in session.scalars(select(AuditEntry.action)).all()


def test_what_was_typed_is_done_with_the_proof_and_once(stale, centre, travel):  # R38
    browser = stale("admin")
    browser.get("/staff/people/new", follow=True)
    browser.submit("/staff/step-up", proof_code=next_code())
    travel.forward(minutes=11)
    typed = {"name": "Priya “S” Sample", "first_name": "Priya", "email": "priya@example.org", "role": "keyworker"}
    page = browser.submit("/staff/people/new", **typed, centre_ids=[centre.id])
    assert page.status == 403 and "What you typed is kept" in page.text
    page = browser.submit("/staff/people/new", proof_code="123123")
    assert page.status == 422 and "was used before" in page.text
    assert browser.page.field("name") == typed["name"], "also after a wrong code"
    with unit_of_work():
        other = session.scalars(select(Staff).where(Staff.role == "admin")).one()
        accounts.put_staff_credential(other, make.PASSWORD, make.TOTP_SECRET, now=clock.now())
    page = browser.submit("/staff/people/new", proof_code=next_code())
    assert "set-up" in page.text and page.status == 200
    session.remove()
    added = [person for person in session.scalars(select(Staff)) if person.name == typed["name"]]
    assert len(added) == 1 and added[0].centre_ids == [centre.id]


def test_a_passkey_proves_it_as_well(page_client, centre, travel):
    sign_in.as_staff(page_client, make.staff("admin"))
    page_client.get("/staff/me")
    device = authenticator.add(page_client)
    travel.forward(minutes=10)
    used = device.use(authenticator.options(page_client, "prove"))
    fields = {"proof_code": "", "proof_passkey": used}
    assert page_client.post("/staff/step-up", fields).location == "/staff/people"
    assert page_client.get("/staff/people/new").status == 200
    travel.forward(minutes=10)
    assert page_client.post("/staff/step-up", fields).status == 422, "once"


def test_a_recovery_code_signs_in_but_proves_nothing_later(stale):
    browser = stale("referrer")
    browser.get("/staff/me/password", follow=True)
    assert [name for name in ("recovery_code",) if browser.page.find_all("input", name=name)] == []


def test_passwords_never_travel_through_the_page_that_asks(stale):
    browser = stale("referrer")
    typed = {"old_password": make.PASSWORD, "new_password": "nine slow barges pass"}
    page = browser.post("/staff/me/password", typed)
    assert page.status == 403
    assert make.PASSWORD not in page.html and "nine slow barges" not in page.html


def test_the_proof_is_of_this_session_alone(stale, new_page_client):
    browser = stale("admin")
    browser.get("/staff/step-up")
    browser.submit("/staff/step-up", proof_code=next_code())
    assert browser.get("/staff/people/new").status == 200
    with unit_of_work():
        rows = session.scalars(select(SignedIn).where(SignedIn.kind == "staff")).all()
        assert sum(row.stepped_up_at == clock.now() for row in rows) == 1


def test_wrong_proofs_use_up_her_tries(stale):  # R14
    browser = stale("admin")
    browser.get("/staff/step-up")
    for _ in range(10):
        assert browser.submit("/staff/step-up", proof_code="000000").status == 422
    assert browser.submit("/staff/step-up", proof_code=next_code()).status == 422


def test_stopping_never_asks(stale):
    browser = stale("manager")
    browser.get("/staff/switches")
    assert browser.submit("/staff/switches/sending", press=("to", "stop"), why="somebody is at risk").status == 200
    assert stops.current_stop() is not None
    assert browser.submit("/staff/switches/sending", press=("to", "send")).status == 403
    assert stops.current_stop() is not None


def test_who_may_not_do_it_is_not_asked(stale):
    browser = stale("keyworker")
    assert browser.get("/staff/people/new").status == 403
    assert "cannot open" in browser.page.html
