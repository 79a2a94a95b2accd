"""Texts to women are off until a manager turns them on: no path gets past the switch, nothing is lost (R18, R27)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.rules import ContactFacts, Hold
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import NotAllowed, Stale
from portal.jobs import calling, tasks
from portal.messaging import batches, inbox, outbox, planned, service, staff_tests, stops
from portal.messaging.desk_models import StaffTest
from portal.messaging.models import SendingStop, Text
from portal.messaging.rules import Reason, SendingFacts, TextState, verdict
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.messaging.test_duty import phone, put_on
from tests.support import make, sign_in

HERS, STAFFS = "+447700900001", "+447700900801"


@pytest.fixture
def manager(app, travel):
    return make.staff("manager", make.centre(), first_name="Frances")


@pytest.fixture
def rose(manager):
    centre = session.get_one(make.Centre, manager.centre_ids[0])
    client = make.client(make.staff("keyworker", centre), centre, called_name="Rose")
    make.safe_contact(client, number=HERS, auto_reply=True)
    return client


@pytest.fixture
def off(manager, rose):
    with unit_of_work():
        stops.turn_texts_off(manager.actor, why="we begin tomorrow", now=clock.now())
    session.remove()


@pytest.fixture
def minute(settings, gateway):
    """What the worker does each minute, with a gateway that keeps a list."""

    def minute() -> None:
        tasks.every_minute(settings, gateway)
        session.remove()

    return minute


def on(manager) -> None:
    with unit_of_work():
        stops.turn_texts_on(manager.actor, now=clock.now())
    session.remove()


def texts() -> list[tuple[str, str]]:
    session.remove()
    return [(text.state, text.reason) for text in session.scalars(select(Text).order_by(Text.id))]


def automatic(rose, keyworker):
    outbox.queue(rose.id, "auto_reply", once="a", now=clock.now())


def to_prove_it(rose, keyworker):
    service.send_test(keyworker, rose.id, request_key="k0", now=clock.now())


def written(rose, keyworker):
    service.write_text(keyworker, rose.id, body="See you soon", request_key="k1", now=clock.now(), words=())


def for_later(rose, keyworker):
    later = clock.now() + timedelta(hours=1)
    service.write_text(
        keyworker, rose.id, body="See you soon", request_key="k2", now=clock.now(), words=(), send_at=later
    )


def changed_while_it_waits(rose, keyworker):
    for_later(rose, keyworker)
    text = session.scalars(select(Text)).one()
    planned.change(keyworker, rose.id, text.id, body="See you", send_at=None, words=(), now=clock.now())


def reply(rose, keyworker):
    inbox.receive("SM1", HERS, "hello, can I come?", clock.now())
    inbox.interpret_waiting(clock.now())


def keyworker_of(client):
    return session.get_one(make.Staff, client.keyworker_id).actor


@pytest.mark.parametrize(
    "way", [automatic, to_prove_it, written, for_later, changed_while_it_waits, reply], ids=lambda way: way.__name__
)
def test_no_way_of_texting_her_gets_past_the_switch(off, rose, travel, minute, gateway, way):
    with unit_of_work():
        way(rose, keyworker_of(rose))
    for _ in range(3):
        minute()
        travel.forward(hours=1)
    assert gateway.sent == []
    assert texts() == [(TextState.HELD, Reason.TEXTS_OFF)]


def test_a_text_to_many_leaves_her_out_and_makes_it_somebodys_task(off, rose, minute, gateway):
    with unit_of_work():
        batches.send_batch(
            keyworker_of(rose), [rose.id], body="We open at 10", language="en", words=(), now=clock.now()
        )
    minute()
    assert (gateway.sent, texts()) == ([], [])
    assert [task.kind for task in session.query(Task)] == ["batch_left_out"]


def test_what_waits_when_it_is_turned_off_is_held_when_it_is_due(rose, manager, travel, minute, gateway):
    with unit_of_work():
        for_later(rose, keyworker_of(rose))
    assert texts() == [(TextState.WAITING, "")]
    with unit_of_work():
        stops.turn_texts_off(manager.actor, why="a wrong list", now=clock.now())
    travel.forward(hours=1, minutes=1)
    minute()
    assert (gateway.sent, texts()) == ([], [(TextState.HELD, Reason.TEXTS_OFF)])
    assert [task.kind for task in session.query(Task)] == ["hold_text"], "somebody tells her in another way"  # R18


def test_turned_on_what_is_still_of_use_goes_and_what_is_not_stays_with_a_person(off, rose, manager, travel, minute,
                                                                               gateway):  # fmt: skip
    with unit_of_work():
        outbox.queue(rose.id, "auto_reply", once="now", now=clock.now())
        for_later(rose, keyworker_of(rose))
    travel.forward(minutes=30)
    minute()
    on(manager)
    minute()
    assert texts() == [(TextState.HELD, Reason.TEXTS_OFF), (TextState.WAITING, "")]
    travel.forward(minutes=31)
    minute()
    assert [to for to, _ in gateway.sent] == [HERS]
    session.remove()
    assert [task.closed_at is None for task in session.query(Task).order_by(Task.id)] == [True, False]


PROVED = st.datetimes().map(lambda at: at.replace(tzinfo=clock.LONDON))


@given(st.builds(ContactFacts, may_text=st.booleans(), has_number=st.booleans(),
                 proved_at=st.none() | PROVED, sign_at=st.none() | PROVED, stopped=st.booleans(),
                 safe_hours=st.just(()), pause_until=st.none(), check_again_on=st.dates()),
       st.booleans(), st.booleans(), st.booleans(), st.booleans(), PROVED)  # fmt: skip
def test_whatever_her_record_says_nothing_leaves_or_waits_while_texts_are_off(
    contact, open_record, opted_out, frozen, needs_proof, at
):
    facts = SendingFacts(contact=contact, open_record=open_record, nothing_before_on=None, opted_out=opted_out,
                         frozen=frozen, unread=False, free_at=None, wanted=True, not_after_at=None, texts_on=False,
                         needs_proof=needs_proof)  # fmt: skip
    found = verdict(facts, at)
    assert found.state is TextState.HELD and found.needs_person
    assert isinstance(found.reason, Hold | Reason)


def test_calls_of_the_duty_rota_go_to_staff_and_go_on(off, rose, manager, settings, gateway):  # R25
    put_on(manager, 1)
    phone(manager, STAFFS)
    with unit_of_work():
        raise_task("risk_text", now=clock.now(), client_id=rose.id, subject="incoming:1")
    assert calling.call_out(settings, gateway) == 1
    assert [to for to, _ in gateway.sent] == [STAFFS]


def want_test(actor, number=STAFFS) -> None:
    with unit_of_work():
        staff_tests.want(actor, number, drama_only=True, now=clock.now())
    session.remove()


def test_a_test_to_a_staff_phone_goes_all_the_same_and_its_number_is_not_kept(off, manager, minute, gateway):
    want_test(manager.actor)
    minute()
    assert gateway.sent == [(STAFFS, staff_tests.BODY)]
    row = session.scalars(select(StaffTest)).one()
    assert (row.state, row.number) == ("sent", None)
    with unit_of_work():
        staff_tests.take_status(row.id, "delivered", now=clock.now())
    assert session.scalars(select(StaffTest.state)).one() == "arrived"
    minute()
    assert len(gateway.sent) == 1
    assert session.query(AuditEntry).filter_by(action="staff_test_wanted").count() == 1


def test_a_stop_of_all_sending_stops_a_test_too_and_it_is_given_up(rose, manager, travel, minute, gateway):  # R27
    with unit_of_work():
        stops.stop_sending(manager.actor, why="trouble", now=clock.now())
    want_test(manager.actor)
    minute()
    travel.forward(minutes=11)
    minute()
    with unit_of_work():
        stops.resume_sending(manager.actor, now=clock.now())
    minute()
    assert gateway.sent == []
    assert session.scalars(select(StaffTest.state)).one() == "failed"


def test_no_test_goes_to_a_womans_number_nor_more_than_a_few_an_hour(rose, manager, travel):
    actor = manager.actor
    with pytest.raises(Exception, match="not_usable"):
        want_test(actor, HERS)
    with unit_of_work():
        client = session.merge(rose)
        client.listed_number_index = make.crypto.keyring().index("phone", "+447700900555")
    with pytest.raises(Exception, match="not_usable"):
        want_test(actor, "07700 900555")
    for _ in range(staff_tests.MOST_AN_HOUR):
        want_test(actor)
    with pytest.raises(Exception, match="too_many"):
        want_test(actor)
    travel.forward(hours=1, minutes=1)
    want_test(actor)


def test_only_a_manager_turns_texts_on_and_a_press_that_comes_late_is_told_so(off, rose, manager):
    admin = make.staff("admin")
    with pytest.raises(NotAllowed), unit_of_work():
        stops.turn_texts_on(admin.actor, now=clock.now())
    on(manager)
    with pytest.raises(Stale), unit_of_work():
        stops.turn_texts_on(manager.actor, now=clock.now())
    assert session.scalars(select(SendingStop)).one().ended_by == manager.id


def test_the_switches_page_turns_them_off_with_a_reason_and_every_staff_page_says_so(page_client, manager):
    sign_in.staff_at(page_client, manager, "/staff/switches")
    page = page_client.submit("/staff/switches/texts-off")
    assert page.status == 422 and page.links()["Say why."] == "#why_off"
    page_client.submit("/staff/switches/texts-off", why_off="the list must be checked")
    page = page_client.get("/staff/worklist")
    assert "Texts to women are off since 10:00 by Frances Example: the list must be checked" in page.html
    page_client.get("/staff/switches")
    page = page_client.submit("/staff/switches/texts-on")
    assert "Texts to women are off since" not in page.html
    assert [entry.action for entry in session.query(AuditEntry) if entry.action.startswith("texts_")] == [
        "texts_turned_off", "texts_turned_on",
    ]  # fmt: skip
