"""Closing a record, what ends with it, asking three months later, and opening it again as it was."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.models import AuditEntry
from portal.backoffice import closing
from portal.backoffice import closing_rules as rules
from portal.booking.models import Appointment
from portal.clients.closing_models import Closing
from portal.clients.models import Client
from portal.clients.queries import must_be_asked, safe_contact
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.messaging import outbox
from portal.messaging.models import Text
from portal.waiting.models import Wait
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.backoffice import booked
from tests.diversion import referrals
from tests.support import make, sign_in
from tests.support.together import at_once

SEEN_TO = {name: next(iter(item.choices)) for name, item in rules.CHECKLIST.items()}


@pytest.fixture
def house(app, travel):
    return make_house()


def make_house():
    centre = make.centre()
    jo = make.staff("keyworker", centre)
    client = make.client(jo, centre, called_name="Rose")
    make.safe_contact(client)
    return jo.actor, client.id, jo.id


def close(actor, client_id, **values):
    facts = {"reason": "completed", "checklist": SEEN_TO, "appointments": "", "follow_up": "yes", "now": clock.now()}
    with unit_of_work():
        return closing.close_record(actor, client_id, **facts | values)


def reopen(actor, client_id):
    with unit_of_work():
        return closing.reopen(actor, client_id, now=clock.now())


def test_closing_ends_what_waits_and_nothing_goes_to_her(house):
    jo, client_id, _ = house
    client = session.get_one(Client, client_id)
    one = booked.appointment(client, make.london(make.monday(), "11:00"))
    with unit_of_work():
        outbox.queue(client_id, "written", once="w", now=clock.now(), body="See you", written_by=jo.id,
                     send_at=clock.now() + timedelta(hours=2))  # fmt: skip
        session.add(Wait(client_id=client_id, kind_id=one.kind_id, since_at=clock.now(), added_by_kind="client",
                         added_by_id=client_id))  # fmt: skip
        raise_task("ring_her", now=clock.now(), client_id=client_id, owner_id=jo.id)
    close(jo, client_id, appointments="cancelled")
    session.remove()
    assert session.get_one(Client, client_id).state == "closed"
    assert [text.state for text in session.query(Text)] == ["skipped"], "and no text says that her time is cancelled"
    assert session.query(Wait).one().ended_why == "closed"
    assert session.query(Appointment).one().state == "cancelled"
    assert session.query(Task).filter_by(closed_at=None).count() == 0
    row = session.query(Closing).one()
    assert row.follow_up_on == date(2027, 3, 1)
    assert row.checklist == SEEN_TO | {"appointments": "cancelled", "texts": "1"}
    assert session.query(AuditEntry).filter_by(action="record_closed", reason="completed").count() == 1


def test_times_to_come_may_be_kept_but_that_is_asked(house):
    jo, client_id, _ = house
    booked.appointment(session.get_one(Client, client_id), make.london(make.monday(), "11:00"))
    with pytest.raises(Invalid, match="appointments: missing"):
        close(jo, client_id)
    close(jo, client_id, appointments="kept")
    assert session.query(Appointment).one().state == "booked"


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"reason": "because"}, "reason"),
        ({"checklist": SEEN_TO | {"rating": "5"}}, "rating"),
        ({"checklist": {}}, "safety_plan"),
        ({"follow_up": ""}, "follow_up"),
    ],
)
def test_nothing_is_taken_for_granted(house, values, fault):
    jo, client_id, _ = house
    with pytest.raises(Invalid, match=fault):
        close(jo, client_id, **values)
    assert session.get_one(Client, client_id).state == "open"


def test_a_text_that_may_tell_of_a_risk_comes_first(house):  # R25
    jo, client_id, _ = house
    with unit_of_work():
        raise_task("risk_text", now=clock.now(), client_id=client_id, owner_id=jo.id)
    with pytest.raises(Invalid, match="risk_open"):
        close(jo, client_id)


def test_she_signs_in_no_more_and_again_once_she_is_back(house, page_client):  # R14
    jo, client_id, _ = house
    client = session.get_one(Client, client_id)
    code_name = client.code_name
    sign_in.as_client(page_client, client)
    close(jo, client_id)
    assert page_client.get("/today").location == "/sign-in"
    page_client.get("/sign-in")
    page = page_client.submit("/sign-in", code_name=code_name, passcode=make.PASSCODE)
    assert page.status == 422
    reopen(jo, client_id)
    page_client.get("/sign-in")
    assert page_client.submit("/sign-in", code_name=code_name, passcode=make.PASSCODE).address == "/today"


def test_she_comes_back_as_she_was_but_is_asked_anew_how_to_reach_her(house):  # R18
    jo, client_id, _ = house
    referrals.referral(session.get_one(Client, client_id))
    sealed = ("code_name", "called_name", "preparation", "listed_number")
    plain = [column.name for column in Client.__table__.columns if column.name not in sealed]
    kept = {name: getattr(session.get_one(Client, client_id), name) for name in plain}
    close(jo, client_id)
    reopen(jo, client_id)
    session.remove()
    client = session.get_one(Client, client_id)
    assert {name: getattr(client, name) for name in kept} == kept
    assert must_be_asked(safe_contact(client_id), clock.now())
    assert [task.kind for task in session.query(Task).filter_by(closed_at=None)] == ["recheck_safe_contact"]
    row = session.query(Closing).one()
    assert (row.follow_up_result, row.reopened_by) == ("came_back", jo.id)
    close(jo, client_id)
    assert session.query(Closing).count() == 2


def test_in_three_months_a_person_asks_and_only_in_a_way_that_is_safe(house, page_client, travel):
    jo, client_id, staff_id = house
    close(jo, client_id)
    assert closing_tasks() == []
    with unit_of_work():
        closing.raise_follow_ups(clock.now())
    assert closing_tasks() == [], "not before its day"
    travel.to("2027-03-01 10:00")
    for _ in range(2):
        with unit_of_work():
            closing.raise_follow_ups(clock.now())
    assert len(closing_tasks()) == 1 and session.query(Text).count() == 0
    sign_in.as_staff(page_client, session.get_one(make.Staff, staff_id))
    page_client.get(f"/staff/clients/{client_id}/follow-up")
    page = page_client.submit(f"/staff/clients/{client_id}/follow-up", result="not_safe")
    assert "there was no safe way to ask her" in page.text
    assert closing_tasks() == []
    with pytest.raises(Stale), unit_of_work():
        closing.note_follow_up(jo, client_id, result="doing_well", now=clock.now())


def closing_tasks() -> list[str]:
    return [task.kind for task in session.query(Task).filter_by(kind="follow_up_after_closing", closed_at=None)]


def test_a_closed_woman_is_rung_for_the_follow_up_alone_as_her_record_allows(house, page_client, travel):  # R18, R26
    jo, client_id, staff_id = house
    with unit_of_work():
        safe_contact(client_id).check_again_on = date(2027, 6, 1)
    close(jo, client_id)
    sign_in.as_staff(page_client, session.get_one(make.Staff, staff_id))
    assert "Her record is closed" in page_client.get(f"/staff/clients/{client_id}/ring").text
    travel.to("2027-03-01 10:00")
    sign_in.as_staff(page_client, session.get_one(make.Staff, staff_id))
    assert "Her record is closed" not in page_client.get(f"/staff/clients/{client_id}/ring").text
    with unit_of_work():
        safe_contact(client_id).may_ring = False
    page = page_client.get(f"/staff/clients/{client_id}/ring")
    assert "Show her number" not in page.text


def test_two_at_once_close_it_once(either_database, house):
    jo, client_id, _ = house

    def one():
        try:
            return close(jo, client_id).id
        except Stale:
            return None

    assert len([each for each in at_once(one, 4) if each]) == 1
    assert session.query(Closing).count() == 1


def test_on_the_page_in_two_presses_back(house, page_client):
    _, client_id, staff_id = house
    sign_in.as_staff(page_client, session.get_one(make.Staff, staff_id))
    page_client.get(f"/staff/clients/{client_id}")
    page = page_client.get(page_client.page.links()["Close the record"])
    assert page_client.submit(f"/staff/clients/{client_id}/close").status == 422
    page = page_client.submit(f"/staff/clients/{client_id}/close", reason="her_wish", follow_up="no", **SEEN_TO)
    assert page.address == f"/staff/clients/{client_id}/closed" and "She does not want it any more" in page.text
    page = page_client.get(f"/staff/clients/{client_id}")
    page_client.get(page.links()["Closed: open it again"])
    page = page_client.submit(f"/staff/clients/{client_id}/reopen")
    assert page.address == f"/staff/clients/{client_id}" and "Ask her anew" in page.html
    token = page_client.csrf_token()
    assert (
        page_client.post(f"/staff/clients/{client_id}/reopen", {"request_key": "x1", "csrf_token": token}).status == 409
    )


def test_beyond_her_reach_it_is_not_there(house, app):  # R29
    _, client_id, _ = house
    other = make.staff("keyworker", make.centre()).actor
    for do in (close, reopen):
        with pytest.raises(NotFound):
            do(other, client_id)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_three_months_later_is_the_same_day_or_the_months_last(closed_on):
    found = rules.follow_up_on(closed_on)
    assert 88 <= (found - closed_on).days <= 92
    assert found.day == closed_on.day or (found + timedelta(days=1)).day == 1
