"""Her answer: taken in one transaction, declined, lapsed, withdrawn; by text it is only kept (R23)."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.booking import closing
from portal.booking.models import Appointment, AppointmentState
from portal.booking.rules import UNDO_WITHIN, SlotTaken
from portal.clients.models import Client, ClientState, KeptApart, Restriction, SafeContact
from portal.core import clock, crypto
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound, Stale
from portal.jobs import tasks
from portal.messaging.models import IncomingText, Text
from portal.staff.models import Absence
from portal.waiting import service
from portal.worklist.models import Task
from tests.booking import desk as at_desk
from tests.booking.desk import book, own
from tests.support import make
from tests.waiting import house as h

_sids = itertools.count(1)


@pytest.fixture
def house(either_database, app, travel):
    return h.full_house(travel)


@pytest.fixture
def rose(house):
    """She waits for any time, Wednesday 14:00 is offered to her, and the text has reached her phone."""
    rose = h.woman(house)
    h.waits(rose, house)
    h.freed(house.tomorrow[14])
    h.beat()
    reached(rose)
    return rose


@pytest.fixture
def lily(house):
    """She has Thursday 15:00, would come sooner, and is offered Wednesday 14:00."""
    lily = h.woman(house)
    lily.hers = book(house, "15:00", h.WEDNESDAY + timedelta(days=1), client=lily, actor=house.jo.actor)
    h.wants_sooner(lily, lily.hers)
    h.freed(house.tomorrow[14])
    h.beat()
    reached(lily)
    return lily


def reached(client) -> None:
    with unit_of_work():
        text = session.scalars(select(Text).where(Text.client_id == client.id, Text.kind == "offer")).one()
        text.state, text.sent_at, text.offers_replies = "reached", clock.now(), True


def standing(client) -> list[str]:
    session.rollback()
    rows = select(Appointment).where(Appointment.client_id == client.id, Appointment.state == AppointmentState.BOOKED)
    return [f"{clock.london(one.starts_at):%a %H:%M}" for one in session.scalars(rows.order_by(Appointment.starts_at))]


def ended(client) -> list[str]:
    return [wait.ended_why for wait in h.waits_of(client)]


def reply(client, body: str) -> None:
    """A text comes in from her number, and the worker reads it."""
    with unit_of_work():
        number = session.scalar(select(SafeContact).where(SafeContact.client_id == client.id)).number
        session.add(IncomingText(gateway_sid=f"SM{next(_sids)}", number=number, body=body,
                                 number_index=crypto.keyring().index("phone", number),
                                 received_at=clock.now()))  # fmt: skip
    tasks.read_answers()
    session.rollback()


def test_she_takes_it_and_the_wait_is_over(house, rose):
    appointment = h.take(own(rose), h.held(rose))
    assert standing(rose) == ["Wed 14:00"]
    assert appointment.booked_by_kind == "client"
    assert ended(rose) == ["booked"]
    assert h.offers(rose) == [("Wed 14:00", "taken")]
    assert h.overlaps() == 0
    assert ("appointment_booked", "waiting") in h.texts(rose)


def test_pressed_twice_it_is_one_appointment(rose):
    offer = h.held(rose)
    assert h.take(own(rose), offer).id == h.take(own(rose), offer).id
    assert standing(rose) == ["Wed 14:00"]


def test_sooner_moves_her_and_frees_the_old_time_only_then(house, lily):
    assert standing(lily) == ["Thu 15:00"], "both times are hers until she has said yes"
    with pytest.raises(SlotTaken):
        book(house, "15:00", h.WEDNESDAY + timedelta(days=1), client=make.client(house.jo), actor=house.jo.actor)
    moved = h.take(own(lily), h.held(lily))
    assert standing(lily) == ["Wed 14:00"]
    assert moved.supersedes_id == at_desk.number_of(lily.hers)
    assert ("appointment_changed", "waiting") in h.texts(lily)
    book(house, "15:00", h.WEDNESDAY + timedelta(days=1), client=make.client(house.jo), actor=house.jo.actor)


def test_declined_her_old_time_stays_and_she_stays_on_the_list(lily):
    h.decline(own(lily), h.held(lily))
    assert standing(lily) == ["Thu 15:00"]
    assert ended(lily) == [""]


def test_nobody_answers_for_another_woman(house, rose):
    other = Actor("client", make.client(house.jo).id)
    offer = h.held(rose)
    for answer in (h.take, h.decline):
        with pytest.raises(NotFound):
            answer(other, offer)
    stranger = make.staff("keyworker", make.centre())
    with pytest.raises(NotFound):
        h.take(stranger.actor, offer)


def test_it_lapses_goes_on_to_the_next_and_counts_as_one_of_three(house, rose):
    iris = h.woman(house)
    h.waits(iris, house)
    offer = h.held(rose)
    house.travel.now = offer.lapses_at
    h.beat()
    assert h.offers(rose) == [("Wed 14:00", "lapsed")]
    assert h.offers(iris) == [("Wed 14:00", "open")]
    assert ended(rose) == [""]
    with pytest.raises(Stale):
        h.take(own(rose), offer)
    assert standing(rose) == []


@pytest.mark.parametrize(("state", "becomes"), [("waiting", "withdrawn"), ("handed_over", "lapsed")])
def test_a_text_that_never_left_is_not_held_against_her(house, rose, state, becomes):
    with unit_of_work():
        text = session.scalars(select(Text).where(Text.client_id == rose.id)).one()
        text.state = state
    house.travel.now = h.held(rose).lapses_at
    h.beat()
    assert h.offers(rose) == [("Wed 14:00", becomes)]


@pytest.mark.parametrize(("done", "becomes"), [(None, "withdrawn"), ("could_not_reach", "withdrawn"),
                                               ("rang_her", "lapsed")])  # fmt: skip
def test_an_offer_of_which_nobody_told_her_is_not_held_against_her(house, done, becomes):
    iris = make.client(house.jo, house.centre)
    h.waits(iris, house)
    h.freed(house.tomorrow[14])
    h.beat()
    if done:
        with unit_of_work():
            task = session.scalars(select(Task).where(Task.client_id == iris.id)).one()
            task.closed_at, task.done = clock.now(), done
    house.travel.now = h.held(iris).lapses_at
    h.beat()
    assert h.offers(iris) == [("Wed 14:00", becomes)]
    assert all(not is_open for _, is_open in h.tasks_about(iris))


def test_by_text_one_only_keeps_both_times_until_somebody_confirms(house, lily):  # R23
    reply(lily, "1")
    assert h.offers(lily) == [("Wed 14:00", "said_yes")]
    assert standing(lily) == ["Thu 15:00"], "a text never books or moves"
    assert h.tasks_about(lily) == [("confirm_offer", True)]
    assert ("offer_kept", "waiting") in h.texts(lily)
    house.travel.forward(hours=20)
    h.beat()
    assert h.offers(lily) == [("Wed 14:00", "said_yes")], "it is kept beyond the time at which it would have lapsed"
    with pytest.raises(SlotTaken):
        book(house, "14:00", h.WEDNESDAY, client=make.client(house.jo), actor=house.jo.actor)
    h.take(house.jo.actor, h.held(lily))
    assert standing(lily) == ["Wed 14:00"]
    assert h.tasks_about(lily) == [("confirm_offer", False)]


def test_she_confirms_it_herself_when_she_signs_in(rose):  # R23
    reply(rose, "1")
    reply(rose, "1")
    assert standing(rose) == []
    h.take(own(rose), h.held(rose))
    assert standing(rose) == ["Wed 14:00"]


def test_a_two_lets_an_open_offer_go_but_not_what_a_one_has_kept(rose):  # R23
    reply(rose, "1")
    reply(rose, "2")
    assert h.offers(rose) == [("Wed 14:00", "said_yes")]
    assert h.tasks_about(rose) == [("confirm_offer", True)]


def test_a_two_gives_the_time_to_the_next_woman(rose):
    reply(rose, "2")
    assert h.offers(rose) == [("Wed 14:00", "declined")]
    assert ended(rose) == [""]


def test_a_one_that_comes_too_late_books_nothing_and_somebody_rings_her(house, rose):
    house.travel.now = h.held(rose).lapses_at
    h.beat()
    reply(rose, "1")
    assert standing(rose) == []
    assert h.tasks_about(rose) == [("offer_lost", True)]
    assert ("offer_gone", "waiting") in h.texts(rose)


@pytest.mark.parametrize("body", ["3", "yes", "1 please", "12"])
def test_anything_else_changes_nothing(rose, body):
    reply(rose, body)
    assert h.offers(rose) == [("Wed 14:00", "open")]


def test_nobody_confirmed_it_in_time_then_the_task_stays_open(house, rose):
    reply(rose, "1")
    house.travel.now = make.london(h.WEDNESDAY, "14:00")
    h.beat()
    assert h.offers(rose)[0] == ("Wed 14:00", "lapsed")
    assert standing(rose) == []
    assert ("confirm_offer", True) in h.tasks_about(rose), "what went wrong is seen"


def day_closed(house, rose):
    closing.close_day(house.reception, centre_id=house.centre.id, worker_id=None, on=h.WEDNESDAY, now=clock.now())


def worker_is_away(house, rose):
    session.add(Absence(staff_id=house.jo.id, starts_at=clock.now(), ends_at=clock.now() + timedelta(days=3)))


def worker_must_not_know(house, rose):  # R29
    session.add(Restriction(client_id=rose.id, staff_id=house.jo.id, since_at=clock.now()))


def somebody_is_near(house, rose):  # R43
    other = session.scalar(select(Appointment.client_id).where(Appointment.id == house.tomorrow[15].id))
    session.add(KeptApart(one_id=min(other, rose.id), other_id=max(other, rose.id)))


def record_closed(house, rose):
    session.get_one(Client, rose.id).state = ClientState.CLOSED


def put_at_risk(house, rose):  # R47
    session.scalars(select(SafeContact).where(SafeContact.client_id == rose.id)).one().stopped_at = clock.now()


@pytest.mark.parametrize(
    "change",
    [day_closed, worker_is_away, worker_must_not_know, somebody_is_near, record_closed, put_at_risk],
)
@pytest.mark.parametrize("said_yes", [False, True])
def test_what_cannot_be_kept_is_withdrawn_and_cannot_be_taken(house, rose, change, said_yes):
    if said_yes:
        reply(rose, "1")
    house.reception = make.staff("receptionist", house.centre).actor
    offer = h.held(rose)
    with unit_of_work():
        change(house, rose)
    h.beat()
    assert h.offers(rose)[0] == ("Wed 14:00", "withdrawn")
    with pytest.raises((Stale, NotFound)):
        h.take(own(rose), offer)
    assert standing(rose) == []
    told = ("offer_lost", True) in h.tasks_about(rose)
    assert told is (said_yes and change is not record_closed)


def test_closed_between_two_beats_the_press_books_nothing(house, rose):
    offer = h.held(rose)
    with unit_of_work():
        worker_is_away(house, rose)
    with pytest.raises(SlotTaken):
        h.take(own(rose), offer)
    assert standing(rose) == []
    assert h.offers(rose) == [("Wed 14:00", "open")], "nothing half done: the next beat withdraws it"


def test_leaving_the_list_gives_the_held_time_back(house, rose):
    with unit_of_work():
        service.leave(own(rose), h.waits_of(rose)[0].id, now=clock.now())
    assert h.offers(rose) == [("Wed 14:00", "withdrawn")]
    book(house, "14:00", h.WEDNESDAY, client=make.client(house.jo), actor=house.jo.actor)


def test_taken_and_cancelled_the_time_goes_to_the_next_after_the_undo_is_over(house, rose):
    iris = h.woman(house)
    h.waits(iris, house)
    appointment = h.take(own(rose), h.held(rose))
    at_desk.cancel(appointment, actor=own(rose))
    h.beat()
    assert h.offers(iris) == [], "her slip can be undone"
    house.travel.now += UNDO_WITHIN
    tasks.settle_cancellations()
    h.beat()
    assert h.offers(iris) == [("Wed 14:00", "open")]


def test_a_wait_ends_by_itself_when_she_has_one(house):
    iris = h.woman(house)
    h.waits(iris, house)
    house.travel.forward(minutes=1)
    book(house, "11:00", h.WEDNESDAY + timedelta(days=1), client=iris, actor=house.jo.actor)
    h.beat()
    assert ended(iris) == ["has_one"]


def test_a_wish_for_sooner_follows_her_appointment_and_ends_with_it(house):
    iris = h.woman(house)
    hers = book(house, "11:00", h.WEDNESDAY + timedelta(days=5), client=iris, actor=house.jo.actor)
    h.wants_sooner(iris, hers)
    moved = at_desk.change(house, hers, "12:00", h.WEDNESDAY + timedelta(days=6), actor=house.jo.actor)
    h.beat()
    assert [wait.appointment_id for wait in h.waits_of(iris)] == [at_desk.number_of(moved)]
    at_desk.cancel(moved, actor=house.jo.actor, reason="ill")
    h.beat()
    assert ended(iris) == [""], "it can be undone"
    house.travel.now += UNDO_WITHIN
    tasks.settle_cancellations()
    h.beat()
    assert ended(iris) == ["over"]


def test_the_list_is_joined_once(house):
    iris = h.woman(house)
    h.waits(iris, house)
    h.waits(iris, house, centre_id=None, suits="morning")
    assert [(wait.centre_id, wait.suits) for wait in h.waits_of(iris)] == [(None, "morning")]
