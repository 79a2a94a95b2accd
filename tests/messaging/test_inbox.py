"""Incoming texts: whose task they become, what they stop, and what they never do."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.clients.models import ClientState
from portal.clients.queries import has_opted_out
from portal.core.database import session, unit_of_work
from portal.messaging import inbox, outbox, registry
from portal.messaging.models import IncomingText, Text, TextState
from portal.worklist.models import Task
from tests.support import make

NUMBER = "+447700900001"


@pytest.fixture
def client(app, travel):
    client = make.client()
    make.safe_contact(client, number=NUMBER)
    return client


def receive(body: str, now, *, number: str = NUMBER, sid: str | None = None) -> IncomingText:
    with unit_of_work():
        inbox.receive(sid or f"SM{body}", number, body, now)
    return session.scalars(select(IncomingText).order_by(IncomingText.id.desc())).first()


def interpret(now) -> int:
    with unit_of_work():
        return inbox.interpret_waiting(now)


def come_in(body: str, now, **values) -> IncomingText:
    incoming = receive(body, now, **values)
    interpret(now)
    session.expire_all()
    return session.get_one(IncomingText, incoming.id)


def tasks() -> list[Task]:
    return list(session.scalars(select(Task).where(Task.closed_at.is_(None)).order_by(Task.id)))


def sent_text(client, now, **values) -> Text:
    """A text that asked for an answer and was handed over."""
    facts = {
        "client_id": client.id,
        "kind": "appointment_reminder",
        "subject": "appointment:7",
        "once": f"r{now.isoformat()}",
        "state": TextState.REACHED,
        "send_at": now,
        "wanted_at": now,
        "sent_at": now,
        "number": NUMBER,
        "number_index": make.crypto.keyring().index("phone", NUMBER),
        "offers_replies": True,
    }
    with unit_of_work():
        text = Text(**(facts | values))
        session.add(text)
    return text


def test_one_row_for_each_id_of_the_gateway(either_database, app, travel):
    for _ in range(3):
        receive("hello", travel.now, sid="SM1")
    assert len(session.scalars(select(IncomingText)).all()) == 1


def test_words_are_her_keyworkers_task_by_the_next_working_morning(client, travel):  # R25
    travel.to("2026-12-04 16:00")
    incoming = come_in("can we do thursday", travel.now)
    assert (incoming.meaning, incoming.client_id) == ("words", client.id)
    [task] = tasks()
    assert (task.kind, task.owner_id, task.client_id) == ("incoming_text", client.keyworker_id, client.id)
    assert task.due_at == make.london(make.date(2026, 12, 7), "10:00"), "Friday's text is Monday's"


def test_one_task_for_one_conversation(client, travel):
    come_in("hello", travel.now)
    come_in("are you there", travel.now)
    assert len(tasks()) == 1


def test_a_risk_phrase_is_due_in_minutes(client, travel):  # R25
    come_in("hes hear", travel.now)
    [task] = tasks()
    assert (task.kind, task.due_at) == ("risk_text", travel.now + timedelta(minutes=5))


def test_stop_in_her_own_words_stops_everything_at_once(client, travel):  # R22
    with unit_of_work():
        queued = outbox.queue(client.id, "test", once="t", now=travel.now)
    come_in("please stop texting me", travel.now)
    assert has_opted_out(NUMBER)
    session.expire_all()
    assert session.get_one(Text, queued.id).state == TextState.STOPPED
    assert [task.kind for task in tasks()] == ["opt_out"]


def test_stop_and_a_risk_are_both_heard(client, travel):
    come_in("stop he's here", travel.now)
    assert has_opted_out(NUMBER)
    assert {task.kind for task in tasks()} == {"opt_out", "risk_text"}


def test_who_is_this_freezes_the_number_until_it_is_proved_again(client, travel, send, gateway):  # R23
    client_id = client.id
    with unit_of_work():
        outbox.queue(client_id, "auto_reply", once="t", now=travel.now, send_at=travel.now + timedelta(hours=2))
    come_in("who is this?", travel.now)
    assert [task.kind for task in tasks()] == ["who_is_this"]
    assert session.scalars(select(Text)).one().reason == "frozen"
    travel.forward(hours=1)
    send()
    assert session.scalars(select(Text)).one().state == TextState.HELD
    with unit_of_work():
        later = outbox.queue(client_id, "auto_reply", once="t2", now=travel.now)
    assert later.reason == "frozen"
    make.safe_contact(session.get_one(make.Client, client_id), number=NUMBER, proved_at=travel.now)
    travel.forward(minutes=1)
    send()
    travel.to("2026-12-01 12:00")
    send()
    assert len(gateway.sent) == 1, "the one whose time was still to come"


def test_a_number_of_two_women_goes_to_triage_and_moves_nothing(client, travel):  # R23
    other = make.client()
    make.safe_contact(other, number=NUMBER)
    sent_text(client, travel.now - timedelta(hours=1))
    incoming = come_in("1", travel.now)
    assert (incoming.meaning, incoming.client_id) == ("triage", None)
    assert inbox.answerable_text(incoming) is None
    [task] = tasks()
    assert (task.kind, task.client_id, task.owner_id) == ("incoming_text", None, None)


@pytest.mark.parametrize("body", ["1", "hello", "hes here", "who is this", "stop"])
def test_an_unknown_number_is_somebodys_task(app, travel, body):  # R25
    incoming = come_in(body, travel.now, number="+447700900999")
    assert incoming.client_id is None
    assert tasks()


def test_a_closed_record_is_not_reopened(client, travel):  # R23
    with unit_of_work():
        session.merge(client).state = ClientState.CLOSED
    incoming = come_in("hello", travel.now)
    assert (incoming.meaning, incoming.client_id) == ("triage", None)
    session.expire_all()
    assert session.get_one(make.Client, client.id).state == ClientState.CLOSED


def test_digits_are_left_for_the_room_whose_text_they_answer_but_never_lost(client, travel):
    text = sent_text(client, travel.now - timedelta(days=1))
    incoming = receive("2", travel.now)
    assert inbox.answerable_text(incoming).id == text.id
    assert interpret(travel.now) == 0
    travel.forward(minutes=6)
    assert interpret(travel.now) == 1
    assert [task.kind for task in tasks()] == ["incoming_text"]


@pytest.mark.parametrize(
    "values",
    [
        {"offers_replies": False},
        {"state": TextState.NOT_DELIVERED},
        {"state": TextState.HELD},
        {"number_index": "another"},
    ],
)
def test_only_a_text_that_offered_replies_and_left_for_this_number_is_answered(client, travel, values):
    sent_text(client, travel.now - timedelta(days=1), **values)
    assert inbox.answerable_text(receive("1", travel.now)) is None


def test_the_latest_text_of_seven_days_is_answered(client, travel):
    sent_text(client, travel.now - timedelta(days=8))
    assert inbox.answerable_text(receive("1", travel.now)) is None
    sent_text(client, travel.now - timedelta(days=6))
    newest = sent_text(client, travel.now - timedelta(days=1))
    assert inbox.answerable_text(receive("2", travel.now)).id == newest.id


def test_a_taken_text_is_not_waiting_any_more(client, travel):
    incoming = receive("1", travel.now)
    with unit_of_work():
        inbox.take(session.merge(incoming), "coming", client_id=client.id, now=travel.now)
    assert inbox.uninterpreted(travel.now) == []
    assert interpret(travel.now) == 0


def test_the_automatic_reply_is_off_unless_her_record_says_so(client, travel, send, gateway):  # R24
    come_in("hello", travel.now)
    send()
    assert gateway.sent == []


def test_the_automatic_reply_goes_once_in_24_hours(client, travel, send, gateway):  # R24
    make.safe_contact(client, number=NUMBER, auto_reply=True)
    come_in("hello", travel.now)
    come_in("anyone there", travel.now)
    send()
    assert gateway.sent == [(NUMBER, "Thank you. We read this Monday to Friday, 9 to 5.")]
    travel.forward(hours=23)
    come_in("hm", travel.now)
    send()
    assert len(gateway.sent) == 1
    travel.forward(hours=1, minutes=1)
    come_in("still me", travel.now)
    send()
    assert len(gateway.sent) == 2


@pytest.mark.parametrize("body", ["stop", "who is this", "hes here"])
def test_nothing_answers_by_itself_where_somebody_else_may_read_it(client, travel, send, gateway, body):
    make.safe_contact(client, number=NUMBER, auto_reply=True)
    come_in(body, travel.now)
    send()
    assert gateway.sent == []


def test_numbers_are_kept_in_one_form_and_sealed(client, travel):  # R32
    incoming = receive("secret words", travel.now, number="07700 900 001")
    assert incoming.number == NUMBER
    row = session.execute(select(IncomingText.__table__)).one()
    assert not any(isinstance(value, bytes) and (b"7700" in value or b"secret" in value) for value in row)


def test_kinds_are_asked_for_by_the_id_in_their_subject():
    assert registry.subject_id("appointment:12") == 12
    assert registry.subject_id("") == 0
    assert registry.subject_id("appointment:x") == 0
