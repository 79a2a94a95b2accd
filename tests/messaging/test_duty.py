"""Calling out who is on duty: at once, one after the other, never a name, never a woman's number, never twice."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from portal.clients.models import OptOut, Restriction
from portal.core import clock, crypto
from portal.core.database import session, unit_of_work
from portal.core.week import LAST_MINUTE
from portal.jobs import calling
from portal.messaging import duty, inbox, outbox
from portal.messaging.desk_models import DutyCall
from portal.messaging.models import IncomingText, SendingStop
from portal.messaging.rules import MOST_AN_HOUR, refused_in, words_for_texts
from portal.sms.gateway import SendRefused, SendUnknown
from portal.sms.segments import count
from portal.staff.models import Absence
from portal.staff.rota_models import DutyShift
from portal.worklist.models import Task
from portal.worklist.service import close_task, give_back, raise_task, take_task
from tests.support import make

HERS = "+447700900001"
PHONES = ["+447700900701", "+447700900702", "+447700900703"]


@pytest.fixture
def house(app, travel):
    return make.centre()


@pytest.fixture
def three(house):
    """Jo, Ana and Bea, called in this order on every hour of Tuesday."""
    people = [make.staff("keyworker", house, first_name=name) for name in ("Jo", "Ana", "Bea")]
    for position, person in enumerate(people, 1):
        put_on(person, position)
        phone(person, PHONES[position - 1])
    return people


@pytest.fixture
def rose(three):
    client = make.client(three[0])
    make.safe_contact(client, number=HERS)
    return client


@pytest.fixture
def call(settings, gateway):
    """Do a round of calling."""

    def call() -> int:
        try:
            return calling.call_out(settings, gateway)
        finally:
            session.remove()

    return call


def put_on(person, position, day=1, begins=time(0), until=LAST_MINUTE) -> None:
    with unit_of_work():
        session.add(DutyShift(staff_id=person.id, weekday=day, local_from=begins, local_until=until, position=position))


def phone(person, number) -> None:
    with unit_of_work():
        found = session.merge(person)
        found.duty_number, found.duty_number_index = number, crypto.keyring().index("phone", number)


def text(body, number=HERS) -> None:
    with unit_of_work():
        inbox.receive(f"SM{body}{number}{clock.now()}", number, body, clock.now())
    with unit_of_work():
        inbox.interpret_waiting(clock.now())


def tasks(kind="risk_text") -> list[Task]:
    session.rollback()
    return list(session.scalars(select(Task).where(Task.kind == kind).order_by(Task.id)))


def called(gateway) -> list[str]:
    return [to for to, _ in gateway.sent]


def test_a_risk_calls_the_first_at_once_and_the_next_after_five_minutes(
    either_database, rose, call, gateway, travel
):  # R25
    text("he's here")
    assert (call(), called(gateway)) == (1, PHONES[:1])
    assert call() == 0
    travel.forward(minutes=4, seconds=59)
    assert call() == 0
    travel.forward(seconds=1)
    assert (call(), called(gateway)) == (1, PHONES[:2])
    travel.forward(minutes=5)
    call()
    assert called(gateway) == PHONES
    assert not tasks("nobody_answered")
    travel.forward(minutes=5)
    assert call() == 0
    [marker] = tasks("nobody_answered")
    assert (marker.client_id, marker.owner_id, marker.centre_id, marker.due_at) == (None, None, None, travel.now)
    travel.forward(hours=3)
    assert call() == 0
    assert (len(called(gateway)), len(tasks("nobody_answered"))) == (3, 1)


def test_the_call_is_neutral_and_fits_one_text(rose, call, gateway, settings):  # R20, R25
    text("he's here")
    call()
    [(_, body)] = gateway.sent
    assert body == "Please look at the worklist now. Reply 1 if you have it."
    assert refused_in(body, words=words_for_texts(settings.banned_words, settings.site_name)) == []
    assert count(body).parts == 1
    assert gateway.calls == [{"status_callback": "http://127.0.0.1:8000/sms/duty/1", "valid_for": 1800}]


def test_one_from_the_duty_phone_means_that_she_has_it(either_database, rose, three, call, gateway, travel):  # R25
    text("he's here")
    call()
    travel.forward(minutes=2)
    text(" 1. ", PHONES[0])
    [task] = tasks()
    assert (task.taken_by, task.taken_at) == (three[0].id, travel.now)
    [answered] = session.scalars(select(DutyCall.answered_at))
    assert answered == travel.now
    incoming = session.scalars(select(IncomingText).order_by(IncomingText.id.desc())).first()
    assert (incoming.meaning, incoming.client_id, incoming.read_by) == ("duty", None, three[0].id)
    assert len(tasks("incoming_text")) == 0, "an answer of staff is nobody's task"
    travel.forward(minutes=30)
    assert (call(), called(gateway)) == (0, PHONES[:1])


def test_only_who_was_called_takes_it_and_the_quicker_one_keeps_it(rose, three, call, travel):
    text("he's here")
    text("1", PHONES[1])
    assert tasks()[0].taken_by is None, "she was not called"
    call()
    travel.forward(minutes=5)
    call()
    text("1", PHONES[1])
    text("1", PHONES[0])
    assert tasks()[0].taken_by == three[1].id


@pytest.mark.parametrize("body", ["2", "yes", "im driving", "11"])
def test_whatever_else_a_duty_phone_says_is_for_a_person(rose, call, body):
    text("he's here")
    call()
    text(body, PHONES[0])
    assert tasks()[0].taken_by is None
    assert [task.client_id for task in tasks("incoming_text")] == [None]


def test_taking_it_on_the_pages_is_an_answer(either_database, rose, three, call, gateway, travel):
    text("he's here")
    call()
    with unit_of_work():
        take_task(three[0].actor, tasks()[0].id, now=travel.now)
    travel.forward(minutes=6)
    assert (call(), called(gateway)) == (0, PHONES[:1])
    assert session.scalars(select(DutyCall.answered_at)).one() is not None
    with unit_of_work():
        give_back(three[0].actor, tasks()[0].id, now=travel.now)
    assert (call(), called(gateway)) == (1, PHONES[:2]), "given back, the next is called"


def test_closing_it_ends_the_calls_and_the_managers_marker(rose, three, call, gateway, travel):
    text("he's here")
    for _ in range(4):
        call()
        travel.forward(minutes=5)
    assert tasks("nobody_answered")[0].closed_at is None
    with unit_of_work():
        close_task(three[2].actor, tasks()[0].id, done="checked_by_voice", now=travel.now)
    assert tasks("nobody_answered")[0].closed_at == travel.now
    assert (call(), len(called(gateway))) == (0, 3)


def test_a_refused_call_means_the_next_person_at_once(rose, call, gateway):
    gateway.faults = [SendRefused(21211, final=True)]
    text("he's here")
    assert call() == 2
    assert called(gateway) == PHONES[1:2]


def test_a_call_of_unknown_fate_is_never_repeated(rose, call, gateway, travel):
    gateway.faults = [SendUnknown(None)]
    text("he's here")
    assert (call(), called(gateway)) == (1, [])
    travel.forward(minutes=5)
    assert (call(), called(gateway)) == (1, PHONES[1:2])


def test_killed_between_claim_and_call_only_the_next_person_is_called(either_database, rose, call, gateway, travel):
    text("he's here")
    with unit_of_work():
        lost = duty.claim_next(travel.now, clock.real_now())
    assert lost.number == PHONES[0]
    assert call() == 0
    travel.forward(minutes=5)
    assert (call(), called(gateway)) == (1, PHONES[1:2])
    stale = duty.Call(lost.call_id, lost.number, clock.real_now() - timedelta(minutes=2))
    assert isinstance(duty.deliver(gateway, stale, public_url=""), SendUnknown)
    assert len(gateway.sent) == 1, "a worker that wakes up late calls nobody"


def test_no_transaction_is_open_while_the_gateway_is_asked(rose, call, gateway):
    open_ones = []
    gateway.before = lambda: open_ones.append((session().in_transaction(), session.info.get("in_unit_of_work")))
    text("he's here")
    call()
    assert open_ones == [(False, None)]


def test_not_delivered_calls_the_next_person_at_once(rose, call, gateway, travel):
    text("he's here")
    call()
    with unit_of_work():
        duty.take_status(1, "sent")
    assert call() == 0
    with unit_of_work():
        duty.take_status(1, "undelivered")
    assert (call(), called(gateway)) == (1, PHONES[:2])


def test_who_is_away_left_or_must_not_know_is_not_called(rose, three, call, gateway, travel):  # R29
    jo, ana, _ = three
    with unit_of_work():
        session.add(Restriction(client_id=rose.id, staff_id=jo.id, since_at=travel.now))
        ends_at = travel.now + timedelta(days=1)
        session.add(Absence(staff_id=ana.id, starts_at=travel.now, ends_at=ends_at))
    text("he's here")
    call()
    assert called(gateway) == PHONES[2:]


def test_who_must_not_know_since_she_was_called_does_not_take_it(rose, three, call, gateway, travel):  # R25, R29
    text("hes here")
    assert call() == 1
    with unit_of_work():
        session.add(Restriction(client_id=rose.id, staff_id=three[0].id, since_at=travel.now))
    text("1", PHONES[0])
    [task] = tasks()
    assert task.taken_by is None
    travel.forward(minutes=5)
    assert call() == 1
    assert called(gateway)[-1] == PHONES[1], "the next person is called"


def test_a_number_of_two_women_calls_nobody_who_must_not_know_one_of_them(rose, three, call, gateway, travel):  # R29
    other = make.client(three[1])
    make.safe_contact(other, number=HERS)
    with unit_of_work():
        session.add(Restriction(client_id=other.id, staff_id=three[0].id, since_at=travel.now))
    text("he's here")
    call()
    assert called(gateway) == PHONES[1:2]


def test_never_a_womans_number_even_one_that_her_record_held_once(rose, three, call, gateway):
    other = make.client(three[1])
    make.safe_contact(other, number=PHONES[0])
    make.safe_contact(other, number="+447700900123")
    text("he's here")
    call()
    assert called(gateway) == PHONES[1:2]
    text("1", PHONES[0])
    assert tasks()[0].taken_by is None


def test_a_phone_that_asked_for_no_more_texts_gets_none(rose, call, gateway, travel):
    text("stop", PHONES[0])
    assert session.scalars(select(OptOut)).one()
    text("he's here")
    call()
    assert called(gateway) == PHONES[1:2]


def test_with_all_sending_stopped_only_the_managers_are_told_in_the_app(rose, three, call, gateway, travel):  # R27
    with unit_of_work():
        session.add(SendingStop(stopped_at=travel.now, stopped_by=three[0].id, why="test"))
    text("he's here")
    assert (call(), gateway.sent) == (0, [])
    assert len(tasks("nobody_answered")) == 1
    with unit_of_work():
        session.scalars(select(SendingStop)).one().ended_at = travel.now
    assert (call(), called(gateway)) == (1, PHONES[:1])


def test_where_nobody_is_on_duty_the_managers_are_told_at_once(rose, call, gateway, travel):
    travel.to("2026-12-02 10:00")
    text("he's here")
    assert (call(), gateway.sent) == (0, [])
    assert len(tasks("nobody_answered")) == 1


def test_the_cap_holds_for_duty_phones(rose, three, call, gateway, travel):  # R27
    for number in range(MOST_AN_HOUR + 1):
        with unit_of_work():
            raise_task("risk_text", now=travel.now, client_id=rose.id, subject=f"incoming:{900 + number}")
    call()
    assert called(gateway) == [PHONES[0]] * MOST_AN_HOUR + [PHONES[1]]


def test_every_kind_that_calls_people_out_does(rose, call, gateway, travel):  # R47
    with unit_of_work():
        raise_task("contact_put_at_risk", now=travel.now, client_id=rose.id)
        raise_task("ring_her", now=travel.now, client_id=rose.id)
    assert (call(), len(gateway.sent)) == (1, 1)


def test_one_answer_takes_every_task_she_was_called_for(rose, three, call, travel):
    text("he's here")
    text("he hit me")
    call()
    text("1", PHONES[0])
    assert {task.taken_by for task in tasks()} == {three[0].id}


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_the_rota_is_in_london_time_on_both_clock_change_days(rose, three, call, gateway, travel, night):
    dee = make.staff("keyworker", session.get(make.Centre, rose.centre_id), first_name="Dee")
    phone(dee, "+447700900704")
    put_on(dee, 1, day=6, begins=time(3), until=time(9))
    travel.to(f"{night} 02:59")
    text("he's here")
    call()
    assert gateway.sent == []
    travel.to(f"{night} 03:00")
    call()
    assert called(gateway) == ["+447700900704"]


def test_what_nobody_has_interpreted_still_holds_back_her_texts_while_people_are_called(
    rose, call, send, gateway, travel
):  # R22
    with unit_of_work():
        outbox.queue(rose.id, "test", once="t", now=travel.now)
    with unit_of_work():
        inbox.receive("SM-new", HERS, "he's here", travel.now)
    send()
    assert gateway.sent == []
    with unit_of_work():
        inbox.interpret_waiting(travel.now)
    call()
    send()
    assert called(gateway) == PHONES[:1], "her text waits until a person has read hers"


def test_the_worker_is_woken_for_a_fresh_task_alone(rose, call, travel):
    assert not calling.somebody_to_call(travel.now)
    text("he's here")
    assert calling.somebody_to_call(travel.now)
    call()
    assert not calling.somebody_to_call(travel.now)
