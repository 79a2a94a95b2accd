"""Redaction: once a text has ended, the gateway keeps none of its words; only ours remain, sealed."""

import pytest
from sqlalchemy import select

from portal.core import database
from portal.core.database import session, unit_of_work
from portal.jobs import sending
from portal.messaging import inbox, outbox, receipts, redaction
from portal.messaging.models import IncomingText, Text, TextState
from portal.messaging.rules import REDACT_PAUSES, UNENDED_FOR
from portal.sms.gateway import GatewayUnavailable
from portal.sms.twilio import TwilioGateway
from tests.support import make
from tests.support.fake_twilio import FakeTwilio


@pytest.fixture
def twilio(environ):
    with FakeTwilio() as fake:
        environ |= {
            "PORTAL_SMS_GATEWAY": "twilio", "TWILIO_ACCOUNT_SID": fake.account_sid, "TWILIO_FROM": "+447700900999",
            "TWILIO_AUTH_TOKEN": fake.auth_token, "TWILIO_API_BASE_URL": fake.base_url,
        }  # fmt: skip
        yield fake


@pytest.fixture
def real(twilio, settings) -> TwilioGateway:
    return TwilioGateway.from_settings(settings)


@pytest.fixture
def client(twilio, app, travel):
    client = make.client()
    make.safe_contact(client)
    return client


@pytest.fixture
def sent(client, travel, send, real) -> int:
    with unit_of_work():
        text_id = outbox.queue(client.id, "auto_reply", once="1", now=travel.now).id
    assert send(real) == 1
    return text_id


def text(text_id: int) -> Text:
    session.expire_all()
    return session.get_one(Text, text_id)


def ends(text_id: int, twilio: FakeTwilio, status: str, now, code: str = "") -> None:
    """The newest try ends, at the gateway and then here."""
    twilio.messages[-1].status = status
    with unit_of_work():
        receipts.take_status(text_id, twilio.messages[-1].sid, status, code, now)


@pytest.mark.parametrize(("status", "code"), [("delivered", ""), ("undelivered", "30005"), ("failed", "21610")])
def test_after_the_end_only_our_words_remain(either_database, sent, twilio, real, travel, status, code):
    ends(sent, twilio, status, travel.now, code)
    words = text(sent).body
    assert sending.redact_ended(real) == 1
    assert [message.body for message in twilio.messages] == [""]
    assert (text(sent).redacted_at, text(sent).body) == (travel.now, words)
    assert redaction.waiting(travel.now) == 0


def test_before_the_end_nothing_is_asked(sent, twilio, real, travel):
    asked = len(twilio.requests)
    assert sending.redact_ended(real) == 0
    assert len(twilio.requests) == asked
    assert twilio.messages[0].body


def test_done_is_done(sent, twilio, real, travel):
    ends(sent, twilio, "delivered", travel.now)
    sending.redact_ended(real)
    ends(sent, twilio, "delivered", travel.now)
    asked = len(twilio.requests)
    travel.forward(days=30)
    assert sending.redact_ended(real) == 0
    assert len(twilio.requests) == asked


def test_every_try_is_erased(sent, twilio, real, travel, send):
    ends(sent, twilio, "undelivered", travel.now, "30003")
    assert sending.redact_ended(real) == 1
    travel.forward(minutes=15)
    assert send(real) == 1
    assert [bool(message.body) for message in twilio.messages] == [False, True]
    ends(sent, twilio, "delivered", travel.now)
    assert sending.redact_ended(real) == 1
    assert {message.body for message in twilio.messages} == {""}
    assert text(sent).redacted_at == travel.now


def test_a_text_whose_retry_was_stopped_keeps_no_words_at_the_gateway(sent, twilio, real, travel):
    ends(sent, twilio, "undelivered", travel.now, "30003")
    with unit_of_work():
        outbox.opt_out(text(sent).number, travel.now)
    assert text(sent).state == TextState.STOPPED
    assert sending.redact_ended(real) == 1
    assert twilio.messages[0].body == ""


def test_what_the_gateway_refuses_is_asked_again_after_growing_pauses(sent, twilio, real, travel):
    ends(sent, twilio, "delivered", travel.now)
    twilio.messages[0].status = "sent"
    for pause in (*REDACT_PAUSES, REDACT_PAUSES[-1]):
        assert sending.redact_ended(real) == 0
        asked = len(twilio.requests)
        assert sending.redact_ended(real) == 0
        assert len(twilio.requests) == asked, "not before its pause is over"
        assert redaction.waiting(travel.now) == 1
        travel.now += pause
    twilio.messages[0].status = "delivered"
    assert sending.redact_ended(real) == 1
    assert twilio.messages[0].body == ""


def test_a_text_of_which_no_end_was_told_is_erased_in_time(sent, twilio, real, travel):
    twilio.messages[0].status = "delivered"
    travel.now += UNENDED_FOR
    assert sending.redact_ended(real) == 1
    assert twilio.messages[0].body == ""


def test_a_text_that_came_in_is_erased_once_it_is_understood(either_database, client, twilio, real, travel, app):
    twilio._post = lambda *args: None
    twilio.text_in("/sms/in", sender="+447700900001", to="+447700900999", body="hello", sid="SM9")
    with unit_of_work():
        inbox.receive("SM9", "+447700900001", "hello", travel.now)
    assert sending.redact_ended(real) == 0
    with unit_of_work():
        inbox.interpret_waiting(travel.now)
    assert redaction.waiting(travel.now) == 1
    assert sending.redact_ended(real) == 1
    assert twilio.received[0].body == ""
    session.expire_all()
    incoming = session.scalars(select(IncomingText)).one()
    assert (incoming.redacted_at, incoming.body) == (travel.now, "hello")


class Killed(BaseException):
    """The worker dies on the spot."""


def test_a_worker_that_dies_in_between_leaves_it_to_be_done_again(sent, twilio, real, travel, monkeypatch):
    ends(sent, twilio, "delivered", travel.now)
    true_redact = TwilioGateway.redact

    def die(gateway, sid):
        true_redact(gateway, sid)
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(TwilioGateway, "redact", die)
        sending.redact_ended(real)
    assert text(sent).redacted_at is None
    travel.now += REDACT_PAUSES[0]
    assert sending.redact_ended(real) == 1
    assert text(sent).redacted_at == travel.now


def test_no_transaction_is_open_while_the_gateway_is_asked(sent, twilio, real, travel, gateway):
    ends(sent, twilio, "delivered", travel.now)
    open_ones = []
    gateway.redact = lambda sid: open_ones.append(database.session().in_transaction())
    assert sending.redact_ended(gateway) == 1
    assert open_ones == [False]


def test_one_try_that_ends_meanwhile_is_not_forgotten(sent, twilio, real, travel, gateway):
    ends(sent, twilio, "undelivered", travel.now, "30003")

    asked = []

    def another_ends(sid):
        asked.append(sid)
        with unit_of_work():
            receipts.take_status(sent, "SM-late", "undelivered", "30003", travel.now)

    gateway.redact = another_ends
    sending.redact_ended(gateway)
    assert "SM-late" in asked


def test_what_is_due_to_be_sent_goes_first(client, sent, twilio, real, travel, gateway, monkeypatch):
    monkeypatch.setattr(sending, "REDACTED_AT_ONCE", 1)
    ends(sent, twilio, "delivered", travel.now)
    with unit_of_work():
        inbox.receive("SM8", "+447700900001", "hello", travel.now)
        inbox.interpret_waiting(travel.now)
        outbox.queue(client.id, "auto_reply", once="due", now=travel.now)
        inbox.receive("SM9", "+447700900001", "hello", travel.now)
        inbox.interpret_waiting(travel.now)
    assert sending.redact_ended(gateway) == 2, "one of ours and one of hers, then what is due"
    assert redaction.waiting(travel.now) == 1


def test_a_gateway_that_is_away_costs_nothing_but_time(sent, twilio, real, travel, gateway):
    ends(sent, twilio, "delivered", travel.now)

    def away(sid):
        raise GatewayUnavailable(503)

    gateway.redact = away
    assert sending.redact_ended(gateway) == 0
    assert text(sent).redact_at == travel.now + REDACT_PAUSES[0]
