"""The stand-in for Twilio does what other rooms' tests will lean on."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.rest import Client

from portal.core import clock
from portal.sms.twilio import TwilioGateway, signature_is_valid
from portal.sms.twilio_http import HttpClient
from tests.support.fake_twilio import FakeTwilio


class Webhook(HTTPServer):
    """Keeps what was posted to it, with its signature, and answers 204."""

    def __init__(self) -> None:
        self.posted: list[tuple[dict[str, str], str]] = []
        posted = self.posted

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                posted.append((dict(parse_qsl(body, keep_blank_values=True)), self.headers["X-Twilio-Signature"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/sms/status/7"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def sent(gateway: TwilioGateway, webhook: Webhook) -> str:
    return gateway.send(to="+447700900001", body="Hi", status_callback=webhook.url).sid


def statuses(webhook: Webhook) -> list[str]:
    return [form["MessageStatus"] for form, _ in webhook.posted]


def test_statuses_are_signed_and_come_in_order(twilio: FakeTwilio, gateway: TwilioGateway, webhook: Webhook) -> None:
    sid = sent(gateway, webhook)
    answers = twilio.call_back(sid, "sent", "undelivered", error_code=30005)
    assert [answer.status for answer in answers] == [204, 204]
    assert statuses(webhook) == ["sent", "undelivered"]
    for form, signature in webhook.posted:
        assert (form["MessageSid"], form["ErrorCode"]) == (sid, "30005")
        assert signature_is_valid(twilio.auth_token, webhook.url, form, signature)
    assert twilio.message(sid).status == "undelivered"


def test_statuses_can_come_doubled_swapped_and_badly_signed(
    twilio: FakeTwilio, gateway: TwilioGateway, webhook: Webhook
) -> None:
    sid = sent(gateway, webhook)
    twilio.call_back(sid, "sent", "delivered", doubled=True, swapped=True, late=0.01)
    assert statuses(webhook) == ["delivered", "delivered", "sent", "sent"]
    twilio.call_back(sid, "read", wrong_signature=True)
    form, signature = webhook.posted[-1]
    assert not signature_is_valid(twilio.auth_token, webhook.url, form, signature)


def test_a_text_comes_in_and_comes_again(twilio: FakeTwilio, webhook: Webhook) -> None:
    for _ in range(2):
        twilio.text_in(
            webhook.url, sender="+447700900001", to="+447700900999", body="1 🙂", sid="SM9", OptOutType="STOP"
        )
    (first, signature), (again, _) = webhook.posted
    assert first == again
    assert (first["MessageSid"], first["Body"], first["OptOutType"]) == ("SM9", "1 🙂", "STOP")
    assert signature_is_valid(twilio.auth_token, webhook.url, first, signature)


def test_the_list_has_twilios_filters_and_pages(twilio: FakeTwilio, gateway: TwilioGateway, webhook: Webhook) -> None:
    """Its DateSent filter leaves out a text that still waits, which is why the gateway does not use it."""
    sids = [sent(gateway, webhook) for _ in range(3)]
    twilio.call_back(sids[0], "delivered")
    client = Client(
        twilio.account_sid, twilio.auth_token, http_client=HttpClient(base_url=twilio.base_url, timeouts=(1, 1))
    )
    yesterday = twilio.message(sids[0]).created_at - timedelta(days=1)
    assert [m.sid for m in client.messages.list(date_sent_after=yesterday)] == [sids[0]]
    assert [m.sid for m in client.messages.list(date_sent=date(2020, 1, 1))] == []
    assert [m.sid for m in client.messages.list(page_size=2)] == sids[::-1]
    assert client.messages.list(to="+447700900002") == []
    assert client.messages(sids[0]).fetch().status == "delivered"


def test_a_behaviour_with_a_slip_in_its_name_is_refused(twilio: FakeTwilio) -> None:
    with pytest.raises(ValueError, match="cutt"):
        twilio.script("cutt")


def test_chance_says_how_a_send_goes_that_no_script_tells() -> None:
    with FakeTwilio(chance=lambda: "429 3") as twilio:
        twilio.script("ok")
        assert [twilio.next_behaviour() for _ in range(2)] == [("ok", ""), ("429", "3")]


def test_a_text_that_came_in_is_kept_once_and_can_be_redacted(gateway: TwilioGateway, twilio: FakeTwilio) -> None:
    twilio._post = lambda *args: None
    for _ in range(2):
        twilio.text_in("/sms/in", sender="+447700900001", to="+447700900999", body="hello", sid="SM1")
    gateway.redact("SM1")
    assert [message.body for message in twilio.received] == [""]


def test_a_look_up_tells_the_error_code(gateway: TwilioGateway, twilio: FakeTwilio) -> None:
    gateway.send(to="+447700900001", body="hello", status_callback="")
    twilio.messages[0].status, twilio.messages[0].error_code = "undelivered", 30003
    [found] = gateway.find(to="+447700900001", sent_after=clock.real_now())
    assert (found.status, found.code) == ("undelivered", "30003")
