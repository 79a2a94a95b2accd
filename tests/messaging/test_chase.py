"""What she wrote and nobody opened is chased after four hours of work."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from portal.centres.models import OpeningHours
from portal.clients.models import Restriction
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.messaging import chase, hers, inbox, service
from portal.worklist.models import Task
from portal.worklist.service import hand_over
from tests.support import make

NUMBER = "+447700900001"


@pytest.fixture
def house(app, travel):
    return make.centre()


@pytest.fixture
def jo(house):
    return make.staff("keyworker", house)


@pytest.fixture
def ana(house):
    return make.staff("keyworker", house, first_name="Ana")


@pytest.fixture
def rose(jo, ana):
    client = make.client(jo)
    make.safe_contact(client, number=NUMBER)
    return client


def come_in(body, now, number=NUMBER) -> None:
    with unit_of_work():
        inbox.receive(f"SM{body}", number, body, now)
        inbox.interpret_waiting(now)


def chased(travel) -> list[int | None]:
    with unit_of_work():
        chase.send_up(travel.now)
    session.rollback()
    return list(session.scalars(select(Task.second_id).order_by(Task.id)))


def test_an_unread_text_goes_up_after_four_hours_of_work_before_it_is_due(rose, ana, travel):  # R25
    travel.to("2026-12-04 15:00")
    come_in("can we do thursday", travel.now)
    travel.to("2026-12-07 09:59")
    assert chased(travel) == [None]
    travel.to("2026-12-07 11:01")
    assert chased(travel) == [ana.id]


def test_bank_holidays_are_no_hours_of_work_unless_her_centre_opens_on_purpose(rose, ana, house, travel):  # R25
    travel.to("2026-12-24 15:00")
    come_in("can we do thursday", travel.now)
    assert session.scalars(select(Task.due_at)).one() == make.london(date(2026, 12, 29), "10:00")
    travel.to("2026-12-28 16:30")
    assert chased(travel) == [None], "Christmas, Boxing Day in its place, and a weekend between"
    with unit_of_work():
        session.scalars(select(Task)).one().due_at = make.london(date(2026, 12, 31), "10:00")
    travel.to("2026-12-29 10:59")
    assert chased(travel) == [None]
    with unit_of_work():
        session.add(
            OpeningHours(
                centre_id=house.id, weekday=0, local_from=time(10), local_until=time(11), only_on=date(2026, 12, 28)
            )
        )
    assert chased(travel) == [ana.id], "the hour that her centre was open on the bank holiday counts"


def test_what_was_opened_is_not_chased_but_what_came_since_is(rose, jo, ana, travel):
    come_in("can we do thursday", travel.now)
    travel.forward(hours=1)
    with unit_of_work():
        service.open_thread(jo.actor, rose.id, now=travel.now)
    travel.to("2026-12-01 16:00")
    assert chased(travel) == [None]
    come_in("are you there", travel.now)
    travel.to("2026-12-02 09:59")
    assert chased(travel) == [None]
    with unit_of_work():
        session.scalars(select(Task)).one().due_at = travel.now.replace(year=2027)
    travel.to("2026-12-02 12:01")
    assert chased(travel) == [ana.id]


def test_a_message_on_her_pages_is_chased_too(rose, ana, travel):
    with unit_of_work():
        hers.write_to_us(Actor("client", rose.id), body="hello", request_key="k1", now=travel.now)
    travel.to("2026-12-01 14:01")
    assert chased(travel) == [ana.id]


def test_a_text_that_we_cannot_place_never_goes_to_who_must_not_know_one_of_its_women(rose, jo, ana, travel):  # R29
    other = make.client(jo)
    make.safe_contact(other, number=NUMBER)
    with unit_of_work():
        session.add(Restriction(client_id=other.id, staff_id=jo.id, since_at=travel.now))
    bea = make.staff("keyworker", session.get(make.Centre, ana.centre_ids[0]), first_name="Bea")
    come_in("hello", travel.now)
    assert [task.owner_id for task in session.scalars(select(Task))] == [ana.id]
    travel.to("2026-12-01 14:01")
    assert chased(travel) == [bea.id]


def test_a_text_from_a_number_of_nobody_goes_to_a_manager(rose, travel, house):
    frances = make.staff("manager", house, first_name="Frances")
    come_in("hello", travel.now, number="+447700900555")
    travel.to("2026-12-01 14:01")
    assert chased(travel) == [frances.id]


def test_a_text_planned_by_somebody_who_left_still_goes(rose, jo, travel, send, gateway):
    with unit_of_work():
        service.write_text(
            jo.actor,
            rose.id,
            body="see you at ten",
            request_key="k1",
            words=(),
            send_at=travel.now + timedelta(hours=2),
            now=travel.now,
        )
    with unit_of_work():
        session.merge(jo).active = False
        hand_over(jo.id, centre_id=None)
    travel.forward(hours=2)
    send()
    assert [body for _, body in gateway.sent] == ["see you at ten"]
