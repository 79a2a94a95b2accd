"""Where two features meet: a stop of all contact, a merge, a form that was open, a number that two women share."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.accounts.queries import live_sessions
from portal.backoffice import merging, put_at_risk
from portal.clients import safe_contact as contacts
from portal.clients.models import Restriction
from portal.clients.queries import clients_with_number, safe_contact
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from portal.messaging import batches, inbox, outbox, waiting
from portal.messaging.models import IncomingText, Text
from portal.worklist.models import Task
from portal.worklist.queries import open_tasks
from tests.backoffice import two_records
from tests.backoffice.test_safe_contact_views import ANSWERS
from tests.clients.test_safe_contact import ANSWERS as SAID
from tests.support import make, sign_in

NUMBER = "+447700900777"


@pytest.fixture
def house(app, travel):
    return two_records.open_house()


def join(house):
    with unit_of_work():
        return merging.merge(house.frances.actor, house.kept.id, house.merged.id, now=clock.now())


def part(house, row):
    with unit_of_work():
        merging.undo(house.frances.actor, row.kept_id, row.id, now=clock.now())


def press(actor, client):
    with unit_of_work():
        put_at_risk.put_at_risk(actor, client.id, now=clock.now())


def plan_text(client) -> int:
    with unit_of_work():
        return outbox.queue(
            client.id, "written", once=f"p{client.id}", now=clock.now(), body="See you",
            written_by=client.keyworker_id, send_at=clock.now() + timedelta(hours=2),
        ).id  # fmt: skip


def state(text_id: int) -> tuple[str, str]:
    session.expire_all()
    text = session.get_one(Text, text_id)
    return text.state, text.reason


def come_in(body: str, number: str = NUMBER) -> IncomingText:
    with unit_of_work():
        inbox.receive(f"SM{body}", number, body, clock.now())
    with unit_of_work():
        inbox.interpret_waiting(clock.now())
    session.expire_all()
    return session.scalars(select(IncomingText).order_by(IncomingText.id.desc()).limit(1)).one()


def test_parting_two_records_lets_out_nothing_that_was_stopped_while_they_were_one(house):  # R47
    make.safe_contact(house.kept), make.safe_contact(house.merged)
    text_id = plan_text(house.merged)
    row = join(house)
    press(house.frances.actor, house.kept)
    part(house, row)
    assert state(text_id) == ("held", "stopped")
    today = clock.london_today(clock.now())
    for client in (house.kept, house.merged):
        record = safe_contact(client.id)
        assert record.stopped_at is not None
        assert record.check_again_on <= today


def test_a_stop_of_one_record_is_a_stop_of_the_joined_one(house, page_client):  # R47
    make.safe_contact(house.kept), make.safe_contact(house.merged)
    text_id = plan_text(house.kept)
    press(house.frances.actor, house.merged)
    sign_in.as_client(page_client, house.kept)
    assert live_sessions("client", house.kept.id, clock.now())
    join(house)
    assert safe_contact(house.kept.id).stopped_at is not None
    assert state(text_id) == ("held", "stopped")
    session.expire_all()
    assert not live_sessions("client", house.kept.id, clock.now())


def test_answers_from_before_a_stop_do_not_lift_it(app, travel):  # R47
    client = make.client()
    record = make.safe_contact(client)
    jo = session.get(make.Staff, client.keyworker_id).actor
    seen = contacts.state_of(record)
    press(jo, client)
    with pytest.raises(Invalid) as refusal, unit_of_work():
        contacts.record_safe_contact(jo, client.id, SAID, banned_words=(), now=travel.now, seen=seen)
    assert refusal.value.reason == "changed"
    assert safe_contact(client.id).stopped_at is not None
    with unit_of_work():
        seen = contacts.state_of(safe_contact(client.id))
        contacts.record_safe_contact(jo, client.id, SAID, banned_words=(), now=travel.now, seen=seen)
    assert safe_contact(client.id).stopped_at is None


def test_a_form_that_was_open_meanwhile_says_so_and_keeps_what_was_typed(page_client, app, travel):  # R18, R47
    client = make.client()
    make.safe_contact(client)
    jo, address = session.get(make.Staff, client.keyworker_id), f"/staff/clients/{client.id}/safe-contact"
    sign_in.staff_at(page_client, jo, address)
    press(jo.actor, client)
    page = page_client.submit(address, follow=False, **ANSWERS)
    assert page.status == 422
    assert "Something changed while you asked her" in page.text
    assert page.field("number") == ANSWERS["number"]
    assert safe_contact(client.id).stopped_at is not None
    page_client.submit(address, code_word=ANSWERS["code_word"])
    session.expire_all()
    assert safe_contact(client.id).stopped_at is None, "asked with open eyes"


def test_after_joining_texts_from_either_number_are_hers(house):  # R22, R25
    make.safe_contact(house.kept, number=NUMBER), make.safe_contact(house.merged, number="+447700900778")
    shared = come_in("hello")
    assert shared.client_id == house.kept.id
    join(house)
    other = come_in("me again", "+447700900778")
    assert other.client_id == house.kept.id
    assert [client.id for client in clients_with_number("+447700900778")] == [house.kept.id]


def test_a_text_of_a_number_that_both_records_held_can_still_be_opened(house):  # R22, R25
    make.safe_contact(house.kept, number=NUMBER), make.safe_contact(house.merged, number=NUMBER)
    incoming = come_in("hello")
    assert incoming.client_id is None, "two records look like two women"
    join(house)
    session.expire_all()
    assert [row.id for row in waiting.triage(house.frances.actor)] == [incoming.id]


@pytest.mark.parametrize("body", ["hello", "he is here"])
def test_who_must_not_know_of_one_of_two_women_at_a_number_sees_no_task_of_it(app, travel, body):  # R29, R25
    centre = make.centre()
    jo, ana = make.staff("keyworker", centre), make.staff("keyworker", centre, first_name="Ana")
    for woman in (make.client(jo, centre), make.client(jo, centre)):
        make.safe_contact(woman, number=NUMBER)
    with unit_of_work():
        session.add(Restriction(client_id=woman.id, staff_id=ana.id, since_at=travel.now))
    come_in(body)
    assert open_tasks(ana.actor) == []
    assert len(open_tasks(jo.actor)) == 1


def test_a_frozen_number_says_nothing_by_digits_either(app, travel):  # R23
    from portal.booking import replies
    from tests.booking import desk as at_desk

    desk = at_desk.open_desk()
    record = make.safe_contact(desk.client, number=NUMBER)
    appointment = at_desk.book(desk, "14:30")
    with unit_of_work():
        text = session.scalars(select(Text)).one()
        text.state, text.sent_at, text.offers_replies = "reached", travel.now, True
        text.number, text.number_index = record.number, record.number_index
    come_in("who is this")
    with unit_of_work():
        inbox.receive("SM1", NUMBER, "1", clock.now())
    with unit_of_work():
        assert replies.answer_waiting(clock.now()) == 0
    assert at_desk.fresh(appointment).answer == ""


def test_whoever_stops_a_batch_of_a_colleague_touches_and_counts_only_whom_she_may_know(app, travel):  # R29
    centre, elsewhere = make.centre(), make.centre()
    jo, frances = make.staff("keyworker", centre, elsewhere), make.staff("manager", centre)
    here, hidden = make.client(jo, centre), make.client(jo, elsewhere)
    for woman in (here, hidden):
        make.safe_contact(woman, safe_hours=[{"day": 5, "from": "10:00", "to": "11:00"}])
    with unit_of_work():
        ids = [here.id, hidden.id]
        batch = batches.send_batch(jo.actor, ids, body="Hello", language="en", words=(), now=travel.now)
    with unit_of_work():
        assert batches.stop_batch(frances.actor, batch.id, now=travel.now) == 1
    session.expire_all()
    states = {text.client_id: text.state for text in session.scalars(select(Text))}
    assert states == {here.id: "skipped", hidden.id: "waiting"}
    with unit_of_work():
        assert batches.stop_batch(jo.actor, batch.id, now=travel.now) == 1


def test_the_desk_stops_contact_for_a_woman_of_another_centre_who_is_booked_here(page_client, app, travel):  # R47
    from tests.backoffice import booked

    centre = make.centre()
    reception = make.staff("receptionist", centre, first_name="Sam")
    client = make.client(make.staff("keyworker", make.centre()))
    make.safe_contact(client)
    booked.appointment(client, travel.now + timedelta(hours=3), centre=centre)
    stop, number = f"/staff/clients/{client.id}/stop-contact", client.id
    sign_in.staff_at(page_client, reception, "/staff/today")
    assert page_client.post(stop).status == 303
    session.expire_all()
    assert safe_contact(number).stopped_at is not None
    assert session.scalar(select(Task.id).where(Task.kind == "contact_put_at_risk")) is not None
    other = make.client(make.staff("keyworker", make.centre()))
    assert page_client.post(f"/staff/clients/{other.id}/stop-contact").status == 404


def test_the_press_counts_from_a_page_of_a_record_that_went_on_in_another(page_client, house):  # R47
    make.safe_contact(house.kept)
    sign_in.as_staff(page_client, house.frances)
    join(house)
    page = page_client.post(f"/staff/clients/{house.merged.id}/stop-contact")
    assert (page.status, page.location) == (303, f"/staff/clients/{house.kept.id}")
    session.expire_all()
    assert safe_contact(house.kept.id).stopped_at is not None
