"""Before staff ring her (R26), and the one press when a contact may have put her at risk (R47)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.accounts.models import SignedIn
from portal.clients.models import Client, Restriction, SafeContact
from portal.core.database import session, unit_of_work
from portal.messaging import outbox
from portal.messaging.models import IncomingText, Text
from portal.staff.models import Absence, Staff
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.backoffice import booked
from tests.backoffice.test_clients_views import audited
from tests.support import demo_house, make, sign_in

NUMBER, SHOWN = "+447700900123", "07700 900123"


@pytest.fixture
def client(app, travel):
    return make.client(called_name="Rose")


def keyworker(client) -> Staff:
    return session.get_one(Staff, client.keyworker_id)


def open_ring(page_client, client):
    return sign_in.staff_at(page_client, keyworker(client), f"/staff/clients/{client.id}/ring")


def holds_no_number(page) -> bool:
    return not re.search(r"900 ?123", page.html)


def test_before_the_number_stands_all_that_must_be_known(page_client, client):  # R26
    make.safe_contact(
        client, number=NUMBER, voice_language="ar", may_leave_message=False, may_say_who=False,
        trusted_person="Her sister, at the bakery",
    )  # fmt: skip
    page = open_ring(page_client, client)
    for words in (
        "Arabic", "No: leave no message", "No: do not say who we are", "Tue 1 Dec 2026", "Her sister, at the bakery",
    ):  # fmt: skip
        assert words in page.text
    assert holds_no_number(page)
    assert not audited("number_shown")
    page = page_client.submit(f"/staff/clients/{client.id}/ring")
    assert SHOWN in page.text
    assert [(entry.client_id, entry.actor_role) for entry in audited("number_shown")] == [(client.id, "keyworker")]
    assert holds_no_number(page_client.get(f"/staff/clients/{client.id}/ring")), "it was shown once"


@pytest.mark.parametrize(
    ("contact", "why"),
    [
        (None, "Nobody has asked her yet"),
        ({"may_ring": False}, "She does not want calls"),
        ({"stopped_at": make.london(make.date(2026, 12, 1), "09:00")}, "A contact may have put her at risk"),
        ({"check_again_on": make.date(2026, 12, 1)}, "Her safe contact must be checked again"),
    ],
)
def test_where_she_may_not_be_rung_no_number_is_shown_only_why_and_what_else(page_client, client, contact, why):  # R26
    if contact is not None:
        make.safe_contact(client, number=NUMBER, **contact)
    page = open_ring(page_client, client)
    assert why in page.text and "Tell her at the centre" in page.text
    assert not [form for form in page.forms() if "ring" in (form.get("action") or "/ring")], "no button to show it"
    page = page_client.post(f"/staff/clients/{client.id}/ring")
    assert why in page.text and holds_no_number(page)
    assert not audited("number_shown")


def test_where_she_may_not_be_rung_the_person_she_trusts_is_named_unless_all_is_stopped(page_client, client, travel):
    make.safe_contact(client, may_ring=False, trusted_person="Her sister, at the bakery")
    assert "Her sister, at the bakery" in open_ring(page_client, client).text
    make.safe_contact(client, may_ring=False, trusted_person="Her sister, at the bakery", stopped_at=travel.now)
    assert "Her sister" not in page_client.get(f"/staff/clients/{client.id}/ring").text


def test_a_number_that_asked_who_we_are_is_not_rung(page_client, client, travel):  # R23
    record = make.safe_contact(client, number=NUMBER)
    with unit_of_work():
        session.add(
            IncomingText(gateway_sid="SM1", number=NUMBER, number_index=record.number_index, body="who?",
                         received_at=travel.now, interpreted_at=travel.now, meaning="who_is_this")
        )  # fmt: skip
    page = open_ring(page_client, client)
    assert "Someone at her number asked who we are" in page.text
    assert holds_no_number(page_client.post(f"/staff/clients/{client.id}/ring"))


def test_reception_and_strangers_never_see_the_page(page_client, new_page_client, client):  # R28, R29
    make.safe_contact(client, number=NUMBER)
    centre = session.get_one(make.Centre, client.centre_id)
    desk, stranger = make.staff("receptionist", centre), make.staff("keyworker", make.centre())
    colleague = make.staff("keyworker", centre)
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=colleague.id, since_at=make.clock.now()))
    for person, status in ((desk, 403), (stranger, 404), (colleague, 404)):
        browser = new_page_client()
        sign_in.staff_at(browser, person, "/staff/worklist")
        for page in (browser.get(f"/staff/clients/{client.id}/ring"), browser.post(f"/staff/clients/{client.id}/ring")):
            assert page.status == status
            assert holds_no_number(page)


def test_the_ring_page_is_one_step_from_where_somebody_is_asked_to_ring(page_client, client, travel):
    make.safe_contact(client)
    with unit_of_work():
        task = raise_task("ring_her", now=travel.now, client_id=client.id, owner_id=client.keyworker_id)
        task_id = task.id
    sign_in.staff_at(page_client, keyworker(client), "/staff/worklist")
    for address in (
        f"/staff/clients/{client.id}", f"/staff/clients/{client.id}/messages", f"/staff/worklist/{task_id}",
    ):  # fmt: skip
        assert page_client.get(address).links()["Ring her"] == f"/staff/clients/{client.id}/ring"


def test_a_text_that_we_cannot_place_shows_three_digits_and_leads_to_the_ring_pages(page_client, client, travel):  # R26
    record = make.safe_contact(client, number=NUMBER)
    other = make.client(keyworker(client), called_name="Iris")
    make.safe_contact(other, number=NUMBER)
    with unit_of_work():
        incoming = IncomingText(
            gateway_sid="SM1", number=NUMBER, number_index=record.number_index, body="hello",
            received_at=travel.now, interpreted_at=travel.now, meaning="triage",
        )  # fmt: skip
        session.add(incoming)
        session.flush()
        incoming_id = incoming.id
    page = sign_in.staff_at(page_client, keyworker(client), f"/staff/inbox/{incoming_id}")
    assert "a number that ends in 123" in page.text
    assert holds_no_number(page)
    rings = [link.get("href") for link in page.find_all("a") if "".join(link.itertext()) == "Ring her"]
    assert rings == [f"/staff/clients/{one.id}/ring" for one in (client, other)]


def test_no_page_of_staff_holds_the_number_of_any_woman(app, travel, page_client):  # R26
    from tests.html.test_every_page import walk

    house = demo_house.load()
    numbers = {record.number for record in session.scalars(select(SafeContact))}
    ends = re.compile("|".join(rf"{number[-6:-3]}\s?{number[-3:]}" for number in numbers))
    house.staff(page_client, "Jo")
    taken = page_client._take

    def take(response, address):
        page = taken(response, address)
        assert not ends.search(re.sub("<[^>]+>", "", page.html)), address
        return page

    page_client._take = take
    assert len(walk(page_client, "/staff/today")) > 20


def waiting_text(client, travel) -> Text:
    with unit_of_work():
        return outbox.queue(
            client.id, "written", once="written:1:k", now=travel.now, body="Hello",
            send_at=travel.now + timedelta(hours=1),
        )  # fmt: skip


def press(page_client, client, start: str | None = None):
    page_client.get(start or f"/staff/clients/{client.id}")
    return page_client.submit(f"/staff/clients/{client.id}/stop-contact")


def lead_tasks() -> list[Task]:
    session.rollback()
    return list(session.scalars(select(Task).where(Task.kind == "contact_put_at_risk").order_by(Task.id)))


def lead_of(client, role="manager", **values) -> Staff:
    person = make.staff(role, session.get_one(make.Centre, client.centre_id))
    with unit_of_work():
        session.get_one(Staff, person.id).safeguarding_lead = values.get("lead", True)
    return person


def test_one_press_stops_texts_ends_her_sessions_and_calls_the_lead(
    page_client, new_page_client, client, travel
):  # R47
    make.safe_contact(client, number=NUMBER)
    lead_of(client, lead=False)
    lead_id = lead_of(client, "keyworker").id
    text_id = waiting_text(client, travel).id
    hers = new_page_client()
    sign_in.as_client(hers, client)
    sign_in.staff_at(page_client, keyworker(client), f"/staff/clients/{client.id}")
    page = press(page_client, client)
    assert "Nothing goes to her" in page.html
    assert "A contact may have put her at risk: nothing goes to her" in page.text
    assert hers.get("/today").location == "/sign-in"
    session.rollback()
    held = session.get_one(Text, text_id)
    assert (held.state, held.reason) == ("held", "stopped")
    (task,) = lead_tasks()
    assert (task.owner_id, task.client_id, task.due_at) == (lead_id, client.id, travel.now + timedelta(minutes=15))
    assert (
        session.scalars(select(SignedIn.id).where(SignedIn.actor_kind == "client", SignedIn.ended_at.is_(None))).all()
        == []
    )
    assert audited("contact_stopped")
    asked = session.scalars(select(Task).where(Task.kind == "recheck_safe_contact")).one()
    assert asked.owner_id == session.get_one(Client, asked.client_id).keyworker_id
    assert session.scalars(select(SafeContact.check_again_on)).one() == make.date(2026, 12, 1)
    press(page_client, client)
    assert len(lead_tasks()) == 1, "pressed again, it is the same task"
    with unit_of_work():
        outbox.free_held(travel.now)
    session.rollback()
    assert session.get_one(Text, text_id).state == "held"


def test_from_her_thread_it_is_one_press_too(page_client, client):  # R47
    make.safe_contact(client)
    sign_in.staff_at(page_client, keyworker(client), f"/staff/clients/{client.id}/messages")
    press(page_client, client, f"/staff/clients/{client.id}/messages")
    assert lead_tasks()


def test_without_a_record_her_sessions_still_end_and_the_lead_is_called(page_client, new_page_client, client):  # R47
    hers = new_page_client()
    sign_in.as_client(hers, client)
    sign_in.staff_at(page_client, keyworker(client), f"/staff/clients/{client.id}")
    press(page_client, client)
    assert hers.get("/today").location == "/sign-in"
    assert lead_tasks()


def test_the_task_goes_to_a_lead_who_may_see_her_and_is_here_else_to_a_manager_else_to_any(app, client, travel):  # R29
    from portal.backoffice.put_at_risk import put_at_risk

    def told() -> Task:
        with unit_of_work():
            for open_one in session.scalars(select(Task).where(Task.closed_at.is_(None))):
                open_one.closed_at = travel.now
            put_at_risk(keyworker(client).actor, client.id, now=travel.now)
        return lead_tasks()[-1]

    elsewhere = make.staff("manager", make.centre())
    with unit_of_work():
        session.get_one(Staff, elsewhere.id).safeguarding_lead = True
    task = told()
    assert (task.owner_id, task.client_id, task.centre_id) == (None, None, None), "any manager, and no name"
    assert client.called_name not in (task.note or "")
    manager = lead_of(client, lead=False)
    assert told().owner_id == manager.id
    restricted, away, lead = lead_of(client), lead_of(client), lead_of(client)
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=restricted.id, since_at=travel.now))
        session.add(Absence(staff_id=away.id, starts_at=travel.now, ends_at=travel.now + timedelta(days=3)))
    assert told().owner_id == lead.id


def test_without_a_lead_a_manager_or_an_admin_who_is_here_has_the_task_within_15_minutes(app, client, travel):  # R47
    from portal.backoffice.put_at_risk import put_at_risk
    from portal.worklist import escalation, queries

    def told() -> Task:
        with unit_of_work():
            for open_one in session.scalars(select(Task).where(Task.closed_at.is_(None))):
                open_one.closed_at = travel.now
            put_at_risk(keyworker(client).actor, client.id, now=travel.now)
        assert lead_tasks()[-1].due_at == travel.now + timedelta(minutes=15)
        return lead_tasks()[-1]

    def away(person) -> None:
        with unit_of_work():
            session.add(Absence(staff_id=person.id, starts_at=travel.now, ends_at=travel.now + timedelta(days=3)))

    other_admin, admin = make.staff("admin"), make.staff("admin")
    away(other_admin)
    task = told()
    assert (task.owner_id, task.client_id) == (admin.id, None)
    assert [one.id for one in queries.open_tasks(admin.actor)] == [task.id]
    assert client.called_name not in (task.note or ""), "an admin sees no woman's name"
    lead = lead_of(client)
    assert told().owner_id == lead.id
    away(lead)
    assert told().owner_id == admin.id, "a lead who is away comes after an admin who is here"
    elsewhere = make.staff("manager", make.centre())
    task = told()
    assert (task.owner_id, task.client_id) == (None, None)
    assert [one.id for one in queries.open_tasks(elsewhere.actor)] == [task.id]
    away(elsewhere)
    away(admin)
    assert told().owner_id == lead.id, "with nobody here it is still somebody's"
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=lead.id, since_at=travel.now))
    task = told()
    assert task.owner_id is None
    with unit_of_work():
        for absence in session.scalars(select(Absence).where(Absence.staff_id == admin.id)):
            session.delete(absence)
    travel.forward(minutes=16)
    with unit_of_work():
        escalation.send_up(travel.now)
    assert session.get_one(Task, task.id).second_id == admin.id


def test_reception_presses_it_for_women_booked_at_its_centre_and_for_no_others(page_client, client, travel):  # R28, R47
    make.safe_contact(client)
    centre = session.get_one(make.Centre, client.centre_id)
    desk = make.staff("receptionist", centre)
    other = make.client(keyworker(client))
    appointment = booked.appointment(client, travel.now + timedelta(hours=3))
    sign_in.staff_at(page_client, desk, f"/staff/appointments/{appointment.id}")
    assert page_client.submit(f"/staff/clients/{client.id}/stop-contact").address == "/staff/today"
    assert len(lead_tasks()) == 1
    assert page_client.post(f"/staff/clients/{other.id}/stop-contact").status == 404
    assert len(lead_tasks()) == 1


def test_only_asking_her_anew_lets_texts_go_again(page_client, client, travel):  # R47
    from tests.backoffice.test_safe_contact_views import ANSWERS

    make.safe_contact(client, number=NUMBER)
    sign_in.staff_at(page_client, keyworker(client), f"/staff/clients/{client.id}")
    press(page_client, client)
    page = page_client.get(f"/staff/clients/{client.id}/safe-contact")
    assert "Nothing goes to her until she was asked anew" in page.text
    page_client.submit(f"/staff/clients/{client.id}/safe-contact", **ANSWERS)
    newest = session.scalars(select(SafeContact).order_by(SafeContact.version.desc())).first()
    assert newest.stopped_at is None


@pytest.mark.parametrize("number", [0, 2**31, 999])
def test_no_such_woman(page_client, client, number):
    sign_in.staff_at(page_client, keyworker(client), "/staff/worklist")
    assert page_client.get(f"/staff/clients/{number}/ring").status == 404
    for page in ("ring", "stop-contact", "same-number"):
        # What no row can have is no address at all: then the router may say so in its own way.
        assert page_client.post(f"/staff/clients/{number}/{page}").status in (404, 405)
    assert session.scalars(select(Client.id)).all() == [client.id]
