"""One client's file: who may open it, that opening it is written down, and the switches of her own pages."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Client, Restriction
from portal.clients.switches import SWITCHES
from portal.core import clock, locales
from portal.core.database import session, unit_of_work
from portal.messaging import service as messaging
from portal.plan import own_words
from portal.plan.models import RiskNote
from tests.backoffice import booked
from tests.plan import plans
from tests.support import make, sign_in
from tests.support.measures import statements


@pytest.fixture
def client(app, travel):
    return make.client(called_name="Rosamunde")


@pytest.fixture
def jo(client):
    return session.get_one(make.Staff, client.keyworker_id)


def reads(client) -> list[AuditEntry]:
    session.remove()
    rows = session.scalars(select(AuditEntry).where(AuditEntry.client_id == client.id).order_by(AuditEntry.id))
    return [row for row in rows if row.action == "client_read"]


def test_the_whole_file_is_on_one_page(page_client, client, jo, travel):
    make.safe_contact(client)
    goal = plans.goal(client, her_words="I want my own front door.")
    plans.action(client, goal, "Fill in the council form")
    plans.state(client)
    plans.words(client, "Thursdays are better", goal)
    with unit_of_work():
        messaging.write_message(jo.actor, client.id, body="Your letter came", request_key="one", now=clock.now())
    booked.appointment(client, make.london(make.monday(), "11:00"), answer="cannot_come")
    page = sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    assert page.h1 == "Client's file" and "Rosamunde" not in page.title  # R28
    for words in ("Rosamunde", "May be texted", "Mon 7 Dec 11:00", "cannot come", "I want my own front door.",
                  "Fill in the council form", "Thursdays are better", "Your letter came"):  # fmt: skip
        assert words in page.text, words


def test_a_file_with_nothing_in_it_says_so(page_client, client, jo):
    page = sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    for words in ("No safe-contact record: no text is sent", "No appointment is booked.", "Not started",
                  "Nobody has asked her yet."):  # fmt: skip
        assert words in page.text


def test_a_language_that_is_not_offered_is_marked_for_staff(page_client, only_english, client, jo):
    with unit_of_work():
        session.get_one(Client, client.id).language = "pl"
    page = sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    assert "Her language is Polish: pages and texts come in English for now" in page.text


def test_what_she_chose_for_her_pages_stands_beside_her_language(page_client, app, client, jo):
    locales.offer(["es"])
    with unit_of_work():
        hers = session.get_one(Client, client.id)
        hers.language, hers.pages_language = "pl", "es"
    page = sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    assert "Her pagesSpanish, which she chose herself" in page.text
    assert "Her language is Polish: texts come in English for now" in page.text


def test_each_view_is_written_down_with_who_when_and_what(page_client, client, jo, travel):  # R30
    sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    travel.forward(minutes=1)
    page_client.get(f"/staff/clients/{client.id}")
    entries = reads(client)
    assert [(entry.actor_kind, entry.actor_id, entry.actor_role) for entry in entries] == [
        ("staff", jo.id, "keyworker")
    ] * 2
    assert entries[1].at == travel.now


@pytest.mark.parametrize("role", ["receptionist", "admin", "referrer"])
def test_the_file_is_not_for_this_role(page_client, client, role):  # R28
    person = make.staff(role, session.get_one(make.Centre, client.centre_id))
    sign_in.staff_at(page_client, person, "/staff/today")
    page = page_client.get(f"/staff/clients/{client.id}")
    assert page.status == 403 and "Rosamunde" not in page.html
    page_client.get("/language")
    assert page_client.post(f"/staff/clients/{client.id}/switches", {"on": "report_online"}).status == 403
    assert reads(client) == []


@pytest.mark.parametrize("role", ["keyworker", "manager"])
def test_at_another_centre_the_file_is_not_there(page_client, client, role):
    sign_in.staff_at(page_client, make.staff(role, make.centre()), f"/staff/clients/{client.id}")
    page = page_client.page
    assert page.status == 404 and "Rosamunde" not in page.html
    page_client.get("/staff/clients")
    assert page_client.post(f"/staff/clients/{client.id}/switches", {"on": "report_online"}).status == 404
    assert reads(client) == []
    session.remove()
    assert not session.get_one(Client, client.id).report_online


@pytest.mark.parametrize("role", ["keyworker", "manager"])
def test_for_whom_she_must_not_be_known_the_file_is_not_there(page_client, client, role):  # R29
    person = make.staff(role, session.get_one(make.Centre, client.centre_id))
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=person.id, since_at=clock.now()))
    sign_in.staff_at(page_client, person, "/staff/clients")
    assert "Rosamunde" not in page_client.page.html
    hidden, unknown = page_client.get(f"/staff/clients/{client.id}"), page_client.get("/staff/clients/424242")
    assert hidden.status == unknown.status == 404
    assert hidden.html == unknown.html
    assert reads(client) == []


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "-1", "x", "1.5"])
def test_an_odd_number_is_not_found(page_client, jo, number):
    sign_in.staff_at(page_client, jo, "/staff/clients")
    assert page_client.get(f"/staff/clients/{number}").status == 404


def test_signed_out_nobody_reads_it(page_client, client):
    page = page_client.get(f"/staff/clients/{client.id}")
    assert (page.status, page.location) == (303, "/staff/sign-in")


def test_switches_are_turned_on_and_off_and_each_turn_is_written_down(page_client, client, jo):  # R41
    sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    fields = {"csrf_token": page_client.csrf_token(), "on": ["messages_online", "report_online", "is_admin", "id"]}
    answer = page_client.client.post(f"/staff/clients/{client.id}/switches", data=fields)
    assert answer.location == f"/staff/clients/{client.id}"
    session.remove()
    row = session.get_one(Client, client.id)
    assert {name for name in SWITCHES if getattr(row, name)} == {"messages_online", "report_online"}
    page = page_client.get(f"/staff/clients/{client.id}")
    checked = {box.get("value") for box in page.find_all("input", name="on") if box.get("checked") is not None}
    assert checked == {"messages_online", "report_online"}
    page_client.post(f"/staff/clients/{client.id}/switches", {"on": "messages_online"})
    session.remove()
    turned = session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("switch_")).order_by(AuditEntry.id))
    assert [(entry.action, entry.subject) for entry in turned] == [
        ("switch_on", "messages_online"), ("switch_on", "report_online"), ("switch_off", "report_online"),
    ]  # fmt: skip


def test_pausing_her_sign_in_ends_her_sessions_and_answers_as_a_wrong_passcode(
    page_client, new_page_client, client, jo
):  # R14, R41
    her = new_page_client()
    sign_in.as_client(her, client)
    sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    page_client.submit(f"/staff/clients/{client.id}/switches", on="sign_in_paused")
    assert her.get("/today").location == "/sign-in"
    her.get("/sign-in")
    paused = her.submit("/sign-in", code_name=client.code_name, passcode=make.PASSCODE)
    wrong = her.submit("/sign-in", code_name="Nobody Here 1", passcode="000001")
    assert paused.status == wrong.status == 422
    assert paused.text == wrong.text
    page_client.get(f"/staff/clients/{client.id}")
    page_client.post(f"/staff/clients/{client.id}/switches", {})
    assert her.get("/today").location == "/sign-in", "the old session stays ended"
    assert sign_in.as_client(her, client).address == "/today"


def test_the_file_asks_the_database_no_more_for_a_long_record(page_client, client, jo):
    make.safe_contact(client)
    plans.action(client, plans.goal(client))
    plans.state(client)
    sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    with statements() as few:
        page_client.get(f"/staff/clients/{client.id}")
    for number in range(15):
        goal = plans.goal(client)
        plans.action(client, goal)
        plans.words(client, "Words", goal)
        booked.appointment(client, make.london(make.monday(), f"{9 + number % 8:02}:00"))
        with unit_of_work():
            messaging.write_message(jo.actor, client.id, body="x", request_key=f"n{number}", now=clock.now())
    with statements() as many:
        page_client.get(f"/staff/clients/{client.id}")
    assert len(many) == len(few) <= 28, many


def test_the_risk_note_is_not_on_the_page_that_may_stand_open(page_client, client, jo):
    with unit_of_work():
        session.add(RiskNote(client_id=client.id, note="harrowmere", noted_by=jo.id, noted_at=clock.now()))
    assert "harrowmere" not in sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}").html


def test_words_that_she_corrected_are_shown_as_they_are_now(page_client, client, jo):
    goal = plans.goal(client)
    plans.state(client)
    first = plans.words(client, "Harrowmere", goal)
    with unit_of_work():
        own_words.correct_words(plans.herself(client), first.id, words="Lanternwick", language="en", now=clock.now())
    page = sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    assert "Lanternwick" in page.text and "Harrowmere" not in page.html
