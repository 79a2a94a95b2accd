"""The waiting list of staff: order and why, offering by phone, her yes and no, off the list; who may see what."""

import pytest

from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.worklist.models import Task
from tests.diversion import referrals
from tests.support import make, sign_in
from tests.waiting import house as h


@pytest.fixture
def house(app, travel):
    return h.full_house(travel)


@pytest.fixture
def waiting(house):
    """Rose waits longest; Iris needs it for a condition."""
    house.rose = h.woman(house, may_text=False)
    h.waits(house.rose, house)
    house.travel.forward(minutes=5)
    house.iris = h.woman(house, may_text=False)
    h.waits(house.iris, house)
    referrals.referral(house.iris)
    return house


@pytest.fixture
def jos(page_client, waiting):
    sign_in.as_staff(page_client, waiting.jo)
    return page_client


def test_the_list_says_who_is_first_and_why(jos, waiting):
    page = jos.get("/staff/waiting")
    assert page.text.index(waiting.iris.called_name) < page.text.index(waiting.rose.called_name)
    assert page.text.count("needed for a condition") == 2, "once at her, once in the words above"
    assert "2 on the list" in page.text


def test_the_task_leads_to_the_offer_and_her_yes_books_it(jos, waiting):
    h.freed(waiting.tomorrow[14])
    h.beat()
    task = session.query(Task).filter_by(client_id=waiting.iris.id).one()
    page = jos.get(f"/staff/worklist/{task.id}")
    assert "Wednesday 2 December, 14:00." in page.text
    assert "Ring her" in page.text
    jos.get(page.links()["Open the offer: she says yes or no"])
    page = jos.submit(f"/staff/waiting/offers/{h.held(waiting.iris).id}", press=("answer", "yes"))
    assert page.address.startswith("/staff/appointments/")
    assert h.offers() == [("Wed 14:00", "taken")]
    assert h.tasks_about(waiting.iris)[0] == ("offer_time", False)


def test_her_no_gives_the_time_to_the_next(jos, waiting):
    h.freed(waiting.tomorrow[14])
    h.beat()
    jos.get(f"/staff/waiting/offers/{h.held(waiting.iris).id}")
    jos.submit(f"/staff/waiting/offers/{h.held(waiting.iris).id}", press=("answer", "no"))
    h.beat()
    assert h.held(waiting.rose)
    assert "declined" in jos.get("/staff/waiting").text


def test_offering_by_phone(jos, waiting):
    h.freed(waiting.tomorrow[14])
    wait = h.waits_of(waiting.rose)[0]
    page = jos.get(f"/staff/waiting/{wait.id}")
    assert "Wed 2 Dec, 14:00" in page.text
    page = jos.submit(f"/staff/waiting/{wait.id}/offer", press=("starts_at", "2026-12-02T14:00:00Z"))
    assert page.address == f"/staff/waiting/offers/{h.held(waiting.rose).id}"
    again = jos.post(f"/staff/waiting/{wait.id}/offer", {"starts_at": "2026-12-02T14:00:00Z"})
    assert again.status == 409
    assert jos.post(f"/staff/waiting/{wait.id}/offer", {"starts_at": "soon"}).status == 422


def test_on_the_list_and_off_it_with_a_reason(jos, waiting):
    lily = h.kept(make.client(waiting.jo, waiting.centre, called_name="Lily"))
    page = jos.get(f"/staff/clients/{lily.id}/waiting")
    page = jos.submit(
        f"/staff/clients/{lily.id}/waiting", kind=waiting.kind.id, centre=waiting.centre.id, suits="morning"
    )
    assert "Time with your worker, since Tue 1 Dec" in page.text
    assert "Waits for Time with your worker" in jos.get(f"/staff/clients/{lily.id}").text
    wait = h.waits_of(lily)[0]
    assert (wait.added_by_kind, wait.added_by_id, wait.suits) == ("staff", waiting.jo.id, "morning")
    assert jos.post(f"/staff/waiting/{wait.id}/off").status == 422, "without a reason"
    jos.get(f"/staff/waiting/{wait.id}")
    jos.submit(f"/staff/waiting/{wait.id}/off", reason="asked_off")
    assert h.waits_of(lily)[0].ended_why == "asked_off"


def test_a_kind_that_is_not_offered_there_is_refused_at_its_field(jos, waiting):
    jos.get(f"/staff/clients/{waiting.rose.id}/waiting")
    page = jos.submit(f"/staff/clients/{waiting.rose.id}/waiting", kind="9999", centre="any")
    assert page.status == 422
    assert "That is not offered there" in page.text


def test_sooner_from_the_appointment(jos, waiting):
    lily = h.kept(make.client(waiting.jo, waiting.centre))
    one = h.book(waiting, "10:00", h.WEDNESDAY + h.timedelta(days=5), client=lily, actor=waiting.jo.actor)
    jos.get(f"/staff/appointments/{one.id}")
    page = jos.submit(f"/staff/appointments/{one.id}/sooner")
    assert "She would come sooner than Mon 7 Dec" in page.text


def test_reception_does_not_see_who_waits_nor_why(page_client, waiting):  # R28
    reception = make.staff("receptionist", waiting.centre)
    wait = h.waits_of(waiting.iris)[0].id
    sign_in.as_staff(page_client, reception)
    for address in ("/staff/waiting", f"/staff/waiting/{wait}", f"/staff/clients/{waiting.iris.id}/waiting"):
        assert page_client.get(address).status == 403
    assert "/staff/waiting" not in page_client.get("/staff/today").links().values()


def test_who_must_not_know_of_her_finds_nothing(page_client, waiting):  # R29
    ana = h.kept(make.staff("keyworker", waiting.centre, first_name="Ana"))
    with unit_of_work():
        session.add(Restriction(client_id=waiting.iris.id, staff_id=ana.id, since_at=clock.now()))
    h.freed(waiting.tomorrow[14])
    h.beat()
    wait, offer = h.waits_of(waiting.iris)[0].id, h.held(waiting.iris).id
    rose, iris = waiting.rose.called_name, waiting.iris.called_name
    sign_in.as_staff(page_client, ana)
    page = page_client.get("/staff/waiting")
    assert iris not in page.text
    assert rose in page.text
    assert "1 on the list" in page.text
    for address in (f"/staff/waiting/{wait}", f"/staff/waiting/offers/{offer}"):
        assert page_client.get(address).status == 404
    assert page_client.post(f"/staff/waiting/offers/{offer}", {"answer": "yes"}).status == 404


def test_looking_is_in_the_log(jos, waiting):  # R30
    from portal.audit.models import AuditEntry

    wait = h.waits_of(waiting.iris)[0].id
    jos.get(f"/staff/waiting/{wait}")
    session.rollback()
    assert session.query(AuditEntry).filter_by(action="client_read", subject=f"wait:{wait}").count() == 1
