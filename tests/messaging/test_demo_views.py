"""The demo's phones."""

import pytest
from sqlalchemy import select

from portal.core.database import session, unit_of_work
from portal.messaging import outbox
from portal.messaging.models import IncomingText
from tests.support import make


def test_texts_arrive_on_her_phone_and_she_answers(page_client, travel, send, gateway):
    client = make.client(code_name="Green Finch 7")
    make.safe_contact(client, number="+447700900001")
    assert "No texts." in page_client.get("/demo/phone").text
    with unit_of_work():
        outbox.queue(client.id, "test", once="t", now=travel.now)
    assert "No texts." in page_client.get("/demo/phone").text, "it has not left yet"
    send()
    page = page_client.get("/demo/phone")
    assert "Green Finch 7" in page.text
    assert "Hello. This is only to see if texts work." in page.text
    page = page_client.submit("/demo/phone", body="1")
    assert page.status == 200
    assert "Sent: 1" in page.text
    incoming = session.scalars(select(IncomingText)).one()
    assert (incoming.number, incoming.body) == ("+447700900001", "1")


@pytest.mark.parametrize(
    ("number", "body", "status"),
    [("07700 900999", "hello", 303), ("07911 123456", "hello", 422), ("x", "hello", 422), ("", "", 422),
     ("07700 900999", "a" * 10_000, 422)],
)  # fmt: skip
def test_only_made_up_phones_text_us(page_client, travel, number, body, status):  # R40
    assert page_client.post("/demo/phone", {"number": number, "body": body}).status == status


def test_with_the_demo_gateway_a_text_has_reached_the_phone(page_client, travel, send, settings):
    from portal.sms.gateway import gateway_for

    client = make.client()
    make.safe_contact(client)
    with unit_of_work():
        outbox.queue(client.id, "test", once="t", now=travel.now)
    assert send(gateway_for(settings)) == 1
    assert "Hello. This is only" in page_client.get("/demo/phone").text
