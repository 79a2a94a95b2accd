"""She goes to another centre: record, keyworker, tasks; who reaches her then; two people at once."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from portal.audit.models import AuditEntry
from portal.backoffice import centre_moves
from portal.clients.closing_models import CentreMove
from portal.clients.models import AvoidedCentre, Client, Restriction
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.diversion.queries import report_for
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.backoffice import booked
from tests.diversion import referrals
from tests.support import make, sign_in
from tests.support.together import at_once


@pytest.fixture
def house(app, travel):
    here, there = make.centre("Example House"), make.centre("Harbour Hall", borough="Southwark")
    jo, priya = make.staff("keyworker", here), make.staff("keyworker", here, first_name="Priya")
    tess, ana = make.staff("keyworker", there, first_name="Tess"), make.staff("keyworker", there, first_name="Ana")
    client = make.client(jo, here, called_name="Rose")
    return SimpleNamespace(
        here=here.id, there=there.id, jo=jo.actor, priya=priya.actor, tess=tess.actor, ana=ana.actor,
        client_id=client.id,
    )  # fmt: skip


def move(house, by=None, **values):
    facts = {
        "was": (house.here, house.jo.id), "centre_id": house.there, "keyworker_id": house.tess.id, "to_move": (),
        "now": clock.now(),
    }  # fmt: skip
    with unit_of_work():
        return centre_moves.move(by or house.jo, house.client_id, **facts | values)


def test_she_goes_with_her_tasks_and_conditions_and_the_old_centre_loses_reach(house, travel):
    client = session.get_one(Client, house.client_id)
    referrals.referral(client)
    referrals.came(client, make.kind(), travel.now - timedelta(days=3))
    first = booked.appointment(client, make.london(make.monday(), "11:00"))
    second = booked.appointment(client, make.london(make.monday(), "14:00"))
    first_id, second_id = first.id, second.id
    with unit_of_work():
        for kind in ("ring_her", "ring_at_desk"):
            raise_task(kind, now=travel.now, client_id=client.id, centre_id=house.here,
                       owner_id=house.jo.id if kind == "ring_her" else None)  # fmt: skip
    told = report_for(session.get_one(Client, house.client_id), travel.now)
    move(house, to_move=[first_id, 999])
    session.remove()
    client = session.get_one(Client, house.client_id)
    assert (client.centre_id, client.keyworker_id) == (house.there, house.tess.id)
    for old in (house.jo, house.priya):
        with pytest.raises(NotFound):
            visible_client(old, house.client_id)
    assert visible_client(house.ana, house.client_id)
    tasks = {(task.kind, task.subject): (task.owner_id, task.centre_id) for task in session.query(Task)}
    assert tasks == {
        ("ring_her", ""): (house.tess.id, house.there),
        ("ring_at_desk", ""): (None, house.here),
        ("appointment_elsewhere", f"appointment:{first_id}"): (house.tess.id, house.there),
    }
    assert {one.id for one in centre_moves.coming_of(house.client_id, travel.now)} == {first_id, second_id}
    assert report_for(client, travel.now) == told
    row = session.query(CentreMove).one()
    assert (row.from_centre_id, row.to_centre_id, row.from_keyworker_id) == (house.here, house.there, house.jo.id)
    assert session.query(AuditEntry).filter_by(action="centre_changed", client_id=house.client_id).count() == 1


def test_who_must_not_know_is_no_keyworker_there_and_is_not_offered(house, page_client):  # R29
    with unit_of_work():
        session.add(Restriction(client_id=house.client_id, staff_id=house.tess.id, since_at=clock.now()))
    with pytest.raises(Invalid, match="must_not_know"):
        move(house)
    sign_in.as_staff(page_client, session.get_one(make.Staff, house.jo.id))
    page = page_client.get(f"/staff/clients/{house.client_id}/centre?centre_id={house.there}")
    assert "Ana Example" in page.text and "Tess Example" not in page.text


def test_where_she_must_stay_away_she_is_not_sent(house, page_client):
    with unit_of_work():
        session.add(AvoidedCentre(client_id=house.client_id, centre_id=house.there))
    with pytest.raises(Invalid, match="avoided"):
        move(house)
    sign_in.as_staff(page_client, session.get_one(make.Staff, house.jo.id))
    assert "Harbour Hall" not in page_client.get(f"/staff/clients/{house.client_id}/centre").text


@pytest.mark.parametrize(
    ("values", "fault"),
    [({"centre_id": "here"}, "same"), ({"centre_id": 999}, "unknown"), ({"keyworker_id": "priya"}, "not_there")],
)
def test_what_does_not_fit_is_refused(house, values, fault):
    found = {"here": house.here, "priya": house.priya.id}
    with pytest.raises(Invalid, match=fault):
        move(house, **{name: found.get(value, value) for name, value in values.items()})


def test_two_at_once_move_her_once(either_database, house):
    def one():
        try:
            return move(house).id
        except (Stale, NotFound):
            return None

    assert len([each for each in at_once(one, 4) if each]) == 1
    assert session.query(CentreMove).count() == 1


def test_on_the_page_the_second_of_two_is_told_and_loses_nothing(house, new_page_client):
    one, other = new_page_client(), new_page_client()
    centres = [session.get_one(make.Centre, number) for number in (house.here, house.there)]
    manager = make.staff("manager", *centres)
    address, manager_id = f"/staff/clients/{house.client_id}/centre", manager.id
    sign_in.as_staff(one, session.get_one(make.Staff, house.jo.id))
    sign_in.as_staff(other, session.get_one(make.Staff, manager_id))
    for browser in (one, other):
        browser.get(f"{address}?centre_id={house.there}")
    assert other.submit(address, keyworker_id=str(house.ana.id)).address == f"/staff/clients/{house.client_id}"
    assert one.get(address).status == 404, "she reaches her no more"
    third = other.get(f"{address}?centre_id={house.here}")
    move(house, house.ana, was=(house.there, house.ana.id), centre_id=house.here, keyworker_id=house.jo.id)
    page = other.submit(address, keyworker_id=str(house.jo.id))
    assert third.status == 200 and page.status == 409 and "meanwhile" in page.text
