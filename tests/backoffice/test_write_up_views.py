"""After a session: what came of it is recorded on one page, and R46 is explained there."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from portal.backoffice.write_up_service import next_week
from portal.booking import outcomes
from portal.booking.desk_models import SessionNote
from portal.booking.models import Appointment
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.plan.models import Action
from tests.backoffice import booked
from tests.booking import desk as at_desk
from tests.booking.desk import book, later
from tests.plan import plans
from tests.support import make, sign_in


@pytest.fixture
def jo(app, travel):
    return make.staff("keyworker", make.centre("Example House"), first_name="Jo")


@pytest.fixture
def client(jo):
    return make.client(jo, called_name="Rosamunde")


@pytest.fixture
def yesterday(client, travel):
    return booked.appointment(client, travel.now - timedelta(days=1)).id


def test_the_board_counts_what_has_no_outcome_and_leads_to_recording_it(page_client, jo, client, yesterday):
    page = sign_in.staff_at(page_client, jo, "/staff/today")
    assert "1 past appointment waits for an outcome" in page.text
    page = page_client.get("/staff/outcomes")
    assert "Rosamunde" in page.text and "Rosamunde" not in page.title  # R28
    page = page_client.get(page.links()["Record"])
    page = page_client.submit(page.address, attendance="yes", happened="yes")
    assert page.address == "/staff/outcomes" and "Every past appointment has its outcome." in page.text
    session.remove()
    assert session.get_one(Appointment, yesterday).attendance == "yes"
    assert "Every past appointment has its outcome" in page_client.get("/staff/today").text


def test_without_a_reminder_the_page_says_why_only_our_reason_is_left(page_client, jo, client, yesterday):  # R46
    with unit_of_work():
        session.get_one(Appointment, yesterday).attendance = "no"
    address = f"/staff/appointments/{yesterday}/outcome"
    page = sign_in.staff_at(page_client, jo, address)
    assert "No reminder is known to have reached her" in page.text
    assert [node.get("value") for node in page.find_all("input", name="reason_class")] == ["service"]
    page = page_client.submit(address, happened="no", reason_class="service", offered="another_time")
    assert page.address == "/staff/outcomes"
    session.remove()
    assert outcomes.outcome_of(yesterday).reason_class == "service"


def test_a_reason_that_is_not_open_is_refused_with_words(page_client, jo, client, yesterday):  # R46
    address = f"/staff/appointments/{yesterday}/outcome"
    sign_in.staff_at(page_client, jo, address)
    page = page_client.submit(address, attendance="no", happened="no", reason_class="hers_not", offered="not_yet")
    assert page.status == 422
    assert "No reminder reached her, so the reason is ours." in page.text
    assert page.find_all("a", href="#reason_class")


@pytest.mark.parametrize(
    ("typed", "words"),
    [({}, "Say whether she attended."), ({"attendance": "yes"}, "Say whether the session happened."),
     ({"attendance": "no", "happened": "yes"}, "She did not attend, so the session did not happen."),
     ({"attendance": "no", "happened": "no"}, "Say whose reason it was."),
     ({"attendance": "no", "happened": "no", "reason_class": "service"}, "Say what she was offered next.")],
)  # fmt: skip
def test_what_is_missing_is_said_at_its_question(page_client, jo, client, yesterday, typed, words):
    address = f"/staff/appointments/{yesterday}/outcome"
    sign_in.staff_at(page_client, jo, address)
    page = page_client.submit(address, **typed)
    assert page.status == 422 and words in page.text
    assert page_client.post(address, {"attendance": "🙂" * 5000, "request_key": "k"}).status == 422


def test_who_may_not_record_it(page_client, new_page_client, jo, client, yesterday, travel):  # R28, R29
    coming = booked.appointment(client, travel.now + timedelta(hours=2)).id
    desk = make.staff("receptionist", session.get(make.Centre, client.centre_id))
    ana = make.staff("keyworker", session.get(make.Centre, client.centre_id), first_name="Ana")
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=ana.id, since_at=clock.now()))
    sign_in.staff_at(page_client, desk, "/staff/today")
    for address in ("/staff/outcomes", f"/staff/appointments/{yesterday}/outcome"):
        assert page_client.get(address).status == 403
    browser = new_page_client()
    sign_in.staff_at(browser, ana, "/staff/today")
    assert browser.get(f"/staff/appointments/{yesterday}/outcome").status == 404
    browser = new_page_client()
    sign_in.staff_at(browser, jo, "/staff/today")
    for number in (coming, 0, 2**31, "x"):
        assert browser.get(f"/staff/appointments/{number}/outcome").status == 404


class TestWholePage:
    @pytest.fixture
    def desk(self, app, travel):
        return at_desk.open_desk(called_name="Rosamunde")

    @pytest.fixture
    def ended(self, desk, travel):
        appointment = book(desk, "10:00")
        later(travel, "2026-12-03 10:55")
        return appointment.id

    def test_outcome_note_actions_and_next_week_are_one_save(self, page_client, desk, ended):
        client_id = desk.client.id
        goal = plans.goal(desk.client)
        hers, ours = plans.action(desk.client, goal, "Fill in the form").id, plans.action(desk.client, goal, "Ring").id
        address = f"/staff/appointments/{ended}/outcome"
        page = sign_in.staff_at(page_client, desk.jo, address)
        assert "Fill in the form (hers)" in page.text and "Thu 10 Dec, 10:00" in page.text
        page_client.submit(
            address,
            attendance="yes",
            happened="yes",
            note="lanternwick",
            is_opinion="opinion",
            safe_to_show="y",
            done=str(hers),
            again="y",
            follow=False,
        )
        assert page_client.page.status == 303
        session.remove()
        assert session.get_one(Action, hers).status == "done" and session.get_one(Action, ours).status == "to_do"
        (note,) = session.scalars(select(SessionNote))
        assert (note.note, note.client_id) == ("lanternwick", client_id)
        assert (note.is_opinion, note.third_party, note.safe_to_show) == (True, False, True)
        assert b"lanternwick" not in note._note
        booked_next = session.scalars(select(Appointment).order_by(Appointment.id.desc())).first()
        assert booked_next.starts_at == make.london(at_desk.THURSDAY + timedelta(days=7), "10:00")
        assert "lanternwick" in page_client.get(address).text

    def test_a_time_that_is_taken_next_week_saves_nothing(self, page_client, desk, ended):
        book(desk, "10:00", at_desk.THURSDAY + timedelta(days=7), client=make.client(desk.jo))
        address = f"/staff/appointments/{ended}/outcome"
        sign_in.staff_at(page_client, desk.jo, address)
        page = page_client.submit(
            address, attendance="yes", happened="yes", note="kept words", is_opinion="fact", again="y"
        )
        assert page.status == 422 and "not free next week" in page.text and "kept words" in page.text
        session.remove()
        assert outcomes.outcome_of(ended) is None
        assert session.scalars(select(SessionNote)).all() == []

    def test_a_note_without_saying_what_it_is_is_not_kept_and_nothing_is_lost(self, page_client, desk, ended):
        address = f"/staff/appointments/{ended}/outcome"
        page = sign_in.staff_at(page_client, desk.jo, address)
        assert not [f for f in page.find_all("input", name="is_opinion") if f.get("checked") is not None]
        page = page_client.submit(address, attendance="yes", happened="yes", note="kept words")
        assert page.status == 422 and "a fact or your opinion" in page.text and "kept words" in page.text
        session.remove()
        assert session.scalars(select(SessionNote)).all() == [] and outcomes.outcome_of(ended) is None

    def test_pressed_twice_it_is_written_and_booked_once(self, page_client, desk, ended):
        address = f"/staff/appointments/{ended}/outcome"
        sign_in.staff_at(page_client, desk.jo, address)
        fields = {
            "attendance": "yes",
            "happened": "yes",
            "note": "one",
            "is_opinion": "fact",
            "again": "y",
            "request_key": "k",
        }
        assert [page_client.post(address, fields).status for _ in range(2)] == [303, 303]
        session.remove()
        assert len(session.scalars(select(SessionNote)).all()) == 1
        assert len(session.scalars(select(Appointment)).all()) == 2

    def test_another_womans_action_is_not_ticked(self, page_client, desk, ended):
        other = make.client(desk.jo)
        theirs = plans.action(other, plans.goal(other), "Theirs").id
        address = f"/staff/appointments/{ended}/outcome"
        sign_in.staff_at(page_client, desk.jo, address)
        fields = {"attendance": "yes", "happened": "yes", "done": theirs, "request_key": "k"}
        assert page_client.post(address, fields).status == 422
        session.remove()
        assert session.get_one(Action, theirs).status == "to_do"


@pytest.mark.parametrize(
    ("starts_at", "then"),
    [
        ("2026-10-20T09:00:00+00:00", "2026-10-27T10:00:00+00:00"),
        ("2027-03-23T10:00:00+00:00", "2027-03-30T09:00:00+00:00"),
    ],
)
def test_the_same_time_next_week_is_the_same_by_her_clock(starts_at, then):
    assert next_week(datetime.fromisoformat(starts_at)) == datetime.fromisoformat(then)
