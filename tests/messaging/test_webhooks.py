"""The gateway's calls, by the fake Twilio's own hand: signed or turned away, stored once, answered at once."""

from datetime import time

import pytest
from sqlalchemy import func, select

from portal.core.database import session, unit_of_work
from portal.core.week import LAST_MINUTE
from portal.jobs import calling
from portal.messaging import duty, inbox, outbox
from portal.messaging.models import IncomingText, Text, TextState, TextStatus
from portal.messaging.queries import number_index
from portal.sms.twilio import TwilioGateway
from portal.staff.rota_models import DutyShift
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.support import make
from tests.support.fake_twilio import Answer, FakeTwilio

PUBLIC = "http://127.0.0.1:8000"


@pytest.fixture
def twilio(environ):
    with FakeTwilio() as fake:
        environ |= {
            "PORTAL_SMS_GATEWAY": "twilio",
            "TWILIO_ACCOUNT_SID": fake.account_sid,
            "TWILIO_AUTH_TOKEN": fake.auth_token,
            "TWILIO_FROM": "+447700900999",
            "TWILIO_API_BASE_URL": fake.base_url,
        }
        yield fake


@pytest.fixture
def portal(twilio, app, travel):
    """The portal, at which the fake Twilio's webhooks arrive."""

    def post(url, form, headers) -> Answer:
        response = app.test_client().post(url.removeprefix(PUBLIC), data=dict(form), headers=dict(headers))
        return Answer(response.status_code, response.get_data(as_text=True))

    twilio._post = post
    return app


def text_in(twilio, **values) -> Answer:
    said = {"sender": "+447700900001", "to": "+447700900999", "body": "hello"}
    return twilio.text_in(f"{PUBLIC}/sms/in", **(said | values))


def count(model) -> int:
    return session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def sent(portal, settings, send, travel, twilio) -> tuple[int, str]:
    """A text that the real client handed to the fake Twilio: our id, its id."""
    client = make.client()
    make.safe_contact(client)
    with unit_of_work():
        text_id = outbox.queue(client.id, "test", once="1", now=travel.now).id
    assert send(TwilioGateway.from_settings(settings)) == 1
    return text_id, twilio.messages[0].sid


def state(text_id: int) -> str:
    session.expire_all()
    return session.get_one(Text, text_id).state


def test_an_incoming_text_is_stored_and_answered_with_nothing(portal, twilio):
    answer = text_in(twilio)
    assert (answer.status, answer.text.strip()) == (
        200,
        '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
    )
    incoming = session.scalars(select(IncomingText)).one()
    assert (incoming.number, incoming.body, incoming.interpreted_at) == ("+447700900001", "hello", None)


def test_told_twice_it_is_kept_once(portal, twilio):
    for _ in range(2):
        assert text_in(twilio, sid="SM1").status == 200
    assert count(IncomingText) == 1


def test_a_wrong_signature_is_turned_away_and_nothing_is_stored(portal, twilio):
    assert text_in(twilio, wrong_signature=True).status == 403
    assert (
        twilio.text_in(f"{PUBLIC}/sms/in?x=1", sender="+447700900001", to="+1", body="signed with its query").status
        == 200
    )
    assert portal.test_client().post("/sms/in", data={"From": "+447700900001", "Body": "x"}).status_code == 403
    assert count(IncomingText) == 1


def test_the_demo_gateway_has_no_webhooks(app):
    assert app.test_client().post("/sms/in", data={"From": "+447700900001", "MessageSid": "SM1"}).status_code == 403
    assert app.test_client().post("/sms/status/1", data={"MessageStatus": "sent"}).status_code == 403


@pytest.mark.parametrize(
    "values", [{"sid": "S" * 65}, {"sender": ""}, {"sender": "+44" * 30}, {"body": "é🙂" * 1500}, {"body": ""}]
)
def test_odd_texts_do_no_harm(portal, twilio, values):
    assert text_in(twilio, **values).status in (200, 400)


def test_statuses_come_back_to_the_text_they_are_about(sent, twilio):
    text_id, sid = sent
    assert twilio.messages[0].status_callback == f"{PUBLIC}/sms/status/{text_id}"
    assert state(text_id) == TextState.HANDED_OVER
    answers = twilio.call_back(sid, "sent", "delivered", doubled=True, swapped=True)
    assert {answer.status for answer in answers} == {204}
    assert state(text_id) == TextState.REACHED
    assert count(TextStatus) == 5, "the receipt's own too"


def test_a_status_with_a_wrong_signature_changes_nothing(sent, twilio):
    assert twilio.call_back(sent[1], "failed", wrong_signature=True)[0].status == 403
    assert state(sent[0]) == TextState.HANDED_OVER


def test_an_unknown_text_is_a_404_only_for_the_gateway(sent, twilio):
    twilio.messages[0].status_callback = f"{PUBLIC}/sms/status/999"
    assert twilio.call_back(sent[1], "sent")[0].status == 404
    assert twilio.call_back(sent[1], "sent", wrong_signature=True)[0].status == 403
    # What no row can have is no address at all, whoever signs.
    twilio.messages[0].status_callback = f"{PUBLIC}/sms/status/99999999999999999999"
    assert twilio.call_back(sent[1], "sent")[0].status == 404


@pytest.mark.parametrize("fault", ["hang", "cut", "garbage", "500-accepted"])
def test_with_the_real_client_a_fault_after_taking_never_sends_twice(
    portal, settings, send, travel, twilio, fault, monkeypatch
):
    from portal.core import clock
    from portal.jobs import sending

    client = make.client()
    make.safe_contact(client)
    with unit_of_work():
        text_id = outbox.queue(client.id, "test", once="1", now=travel.now).id
    twilio.script(fault)
    gateway = TwilioGateway(
        account_sid=twilio.account_sid,
        auth_token=twilio.auth_token,
        sender="+447700900999",
        messaging_service_sid="",
        base_url=twilio.base_url,
        timeouts=(0.5, 0.5),
    )
    send(gateway)
    assert state(text_id) == TextState.UNKNOWN
    sending.settle_unknown(settings, gateway)
    assert state(text_id) == TextState.HANDED_OVER
    true_now = clock.real_now
    monkeypatch.setattr(clock, "real_now", lambda: true_now() + make.timedelta(minutes=5))
    send(gateway)
    assert len(twilio.messages) == 1


def test_a_call_to_a_duty_phone_that_did_not_arrive_is_told_and_the_next_is_called(
    portal, settings, travel, twilio
):  # R25
    house = make.centre()
    for position in (1, 2):
        person = make_on_duty(house, position)
        with unit_of_work():
            person = session.merge(person)
            number = f"+44770090070{position}"
            person.duty_number, person.duty_number_index = number, number_index(number)
    with unit_of_work():
        raise_task("risk_text", now=travel.now, subject="incoming:1")
    gateway = TwilioGateway.from_settings(settings)
    assert calling.call_out(settings, gateway) == 1
    [message] = twilio.messages
    assert (message.to, message.body, message.status_callback) == ("+447700900701", duty.BODY, f"{PUBLIC}/sms/duty/1")
    assert twilio.call_back(message.sid, "undelivered", wrong_signature=True)[0].status == 403
    assert calling.call_out(settings, gateway) == 0
    assert twilio.call_back(message.sid, "undelivered")[0].status == 204
    assert calling.call_out(settings, gateway) == 1
    assert [message.to for message in twilio.messages] == ["+447700900701", "+447700900702"]
    text_in(twilio, sender="+447700900702", body="1")
    with unit_of_work():
        inbox.interpret_waiting(travel.now)
    assert session.scalars(select(Task)).one().taken_by is not None
    twilio.messages[0].status_callback = f"{PUBLIC}/sms/duty/999"
    assert twilio.call_back(twilio.messages[0].sid, "sent")[0].status == 404


def make_on_duty(house, position):
    person = make.staff("keyworker", house)
    with unit_of_work():
        session.add(
            DutyShift(staff_id=person.id, weekday=1, local_from=time(0), local_until=LAST_MINUTE, position=position)
        )
    return person
