"""Twilio's own client, driven over loopback against a server that answers, errs, hangs and hangs up as scripted."""

import contextlib
import json
import logging
import socket
import ssl
import subprocess
import sys
import threading
import traceback
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.datastructures import MultiDict

from portal.core import clock
from portal.sms import rules
from portal.sms.gateway import GatewayFailure, GatewayUnavailable, SendRefused, SendUnknown
from portal.sms.twilio import TwilioGateway, signature_is_valid
from tests.support.fake_twilio import FakeTwilio

TO = "+447700900001"
BODY = "Appointment Tue 3 Dec 2:30pm. Reply 1 if coming."
CALLBACK = "https://my-week.example/sms/status/7"


def send(gateway: TwilioGateway, body: str = BODY, to: str = TO) -> object:
    return gateway.send(to=to, body=body, status_callback=CALLBACK)


def refusal(gateway: TwilioGateway) -> SendRefused:
    with pytest.raises(SendRefused) as caught:
        send(gateway)
    return caught.value


def taken(gateway: TwilioGateway, body: str = BODY) -> object:
    candidates = gateway.find(to=TO, sent_after=clock.real_now())
    return rules.taken(candidates, body=body, known_sids=())


def gateway_at(address: str) -> TwilioGateway:
    return TwilioGateway(
        account_sid="AC1",
        auth_token="t",
        sender="+447700900999",
        messaging_service_sid="",
        base_url=address,
        timeouts=(0.5, 0.5),
    )


def answer_with_own_certificate(server: socket.socket, folder: Path, got: list[bytes]) -> None:
    """Take one connection with a certificate that nobody vouches for, and keep whatever is written to it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made_at = clock.real_now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(made_at - timedelta(days=1))
        .not_valid_after(made_at + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    both = certificate.public_bytes(pem) + key.private_bytes(pem, form, serialization.NoEncryption())
    (folder / "own.pem").write_bytes(both)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    connection, _ = server.accept()
    with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as wrapped:
        if data := wrapped.recv(10_000):
            got.append(data)


def test_a_text_goes_out_whole(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    body = "موعدك غدًا 2:30 🙂\nأجيبي 1 & + %"
    receipt = gateway.send(to=TO, body=body, status_callback=CALLBACK, valid_for=600)
    (message,) = twilio.messages
    assert (message.to, message.body, message.sender) == (TO, body, "+447700900999")
    assert (message.status_callback, message.validity_period) == (CALLBACK, "600")
    assert (receipt.sid, receipt.status) == (message.sid, "queued")
    assert message.smart_encoded == "false"
    assert gateway.find(to=TO, sent_after=clock.real_now())[0].body == body


@pytest.mark.parametrize(("asked", "given"), [(1, "5"), (-60, "5"), (10**6, "36000")])
def test_a_validity_that_twilio_would_refuse_is_brought_into_its_range(
    twilio: FakeTwilio, gateway: TwilioGateway, asked: int, given: str
) -> None:
    gateway.send(to=TO, body=BODY, status_callback=CALLBACK, valid_for=asked)
    assert twilio.messages[0].validity_period == given


def test_a_messaging_service_sends_in_place_of_a_number(twilio: FakeTwilio) -> None:
    gateway = TwilioGateway(
        account_sid=twilio.account_sid,
        auth_token=twilio.auth_token,
        sender="+447700900999",
        messaging_service_sid="MG1",
        base_url=twilio.base_url,
    )
    assert gateway.send(to=TO, body=BODY, status_callback=CALLBACK).status == "accepted"
    assert twilio.messages[0].sender == "MG1"


def test_too_many_requests_says_when_to_come_again(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    twilio.script("429 7", "429")
    first, second = refusal(gateway), refusal(gateway)
    assert (first.code, first.final, first.retry_after) == (20429, False, 7)
    assert (second.final, second.retry_after) == (False, None)
    assert not twilio.messages


def test_an_opt_out_is_told_apart(twilio: FakeTwilio, gateway: TwilioGateway) -> None:  # R22
    twilio.script("error 21610")
    failure = refusal(gateway)
    assert (failure.code, failure.final, failure.opted_out) == (21610, True, True)


@pytest.mark.parametrize(("code", "final"), [(21211, True), (21614, True), (30007, True), (20003, False)])
def test_an_error_code_says_whether_the_text_can_ever_go(
    twilio: FakeTwilio, gateway: TwilioGateway, code: int, final: bool
) -> None:
    twilio.script(f"error {code}")
    failure = refusal(gateway)
    assert (failure.code, failure.final, failure.opted_out) == (code, final, False)


def test_a_page_that_somebody_else_answers_says_nothing_about_the_text(
    twilio: FakeTwilio, gateway: TwilioGateway
) -> None:
    twilio.script("403")
    failure = refusal(gateway)
    assert (failure.code, failure.final) == (None, False)


def test_a_wrong_token_keeps_the_text_for_later(twilio: FakeTwilio) -> None:
    gateway = TwilioGateway(
        account_sid=twilio.account_sid,
        auth_token="old",
        sender="+447700900999",
        messaging_service_sid="",
        base_url=twilio.base_url,
    )
    failure = refusal(gateway)
    assert (failure.code, failure.final) == (20003, False)
    with pytest.raises(GatewayUnavailable):
        gateway.find(to=TO, sent_after=clock.real_now())


@pytest.mark.parametrize("behaviour", ["cut", "hang", "garbage", "blank", "500-accepted", "slow 1"])
def test_a_text_taken_without_a_receipt_is_unknown_and_the_look_up_finds_it(
    twilio: FakeTwilio, gateway: TwilioGateway, behaviour: str
) -> None:
    twilio.script(behaviour)
    with pytest.raises(SendUnknown):
        send(gateway)
    found = taken(gateway)
    assert found and found.sid == twilio.messages[0].sid
    assert len(twilio.messages) == 1  # never a second try by the library


@pytest.mark.parametrize("behaviour", ["500", "503", "refuse"])
def test_a_failure_that_proves_nothing_is_unknown_and_the_look_up_finds_nothing(
    twilio: FakeTwilio, gateway: TwilioGateway, behaviour: str
) -> None:
    twilio.script(behaviour)
    with pytest.raises(SendUnknown):
        send(gateway)
    assert taken(gateway) is None
    assert len([line for line in twilio.requests if line.startswith("POST")]) == 1


def test_when_nobody_listens_nothing_was_sent_and_it_goes_later(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    with twilio.down():
        failure = refusal(gateway)
        assert (failure.code, failure.final, failure.retry_after) == (None, False, None)
        with pytest.raises(GatewayUnavailable):
            gateway.find(to=TO, sent_after=clock.real_now())
        with pytest.raises(GatewayUnavailable):
            gateway.redact("SM1")
    assert send(gateway)


@pytest.mark.parametrize("address", ["http://nobody.invalid", "http://127.0.0.1:1"])
def test_an_address_that_leads_nowhere_is_not_unknown(address: str) -> None:
    assert not refusal(gateway_at(address)).final


def test_a_connection_that_does_not_come_about_is_not_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for filler in waiting:
            filler.setblocking(False)
            filler.connect_ex(address)
        assert not refusal(gateway_at(f"http://127.0.0.1:{address[1]}")).final
        for filler in waiting:
            filler.close()


def test_the_wrong_certificate_gets_no_text(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        got: list[bytes] = []
        threading.Thread(target=answer_with_own_certificate, args=(server, tmp_path, got), daemon=True).start()
        assert not refusal(gateway_at(f"https://127.0.0.1:{server.getsockname()[1]}")).final
        assert got == []


def test_a_proxy_of_the_environment_never_gets_a_text_meant_for_loopback(
    twilio: FakeTwilio, gateway: TwilioGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    assert send(gateway)


def test_a_body_that_cannot_be_written_is_refused_for_good(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    with pytest.raises(SendRefused) as caught:
        send(gateway, body="half a pair \ud83d")
    assert caught.value.final
    assert not twilio.messages


def test_a_long_pause_between_texts_does_not_make_one_unknown(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    """A connection kept from before the server came up again would be dead by now."""
    send(gateway)
    with twilio.down():
        pass
    send(gateway)
    assert len(twilio.messages) == 2


def test_the_look_up_sees_what_waits_in_the_queue_and_nothing_older_or_of_others(
    twilio: FakeTwilio, gateway: TwilioGateway
) -> None:
    send(gateway, "old")
    twilio.messages[0].created_at -= timedelta(minutes=5)
    send(gateway, "to another", to="+447700900002")
    send(gateway, "first")
    send(gateway, "second")
    found = gateway.find(to=TO, sent_after=clock.real_now() - timedelta(minutes=1))
    assert [(c.body, c.status) for c in found] == [("first", "queued"), ("second", "queued")]
    assert all(c.created_at.tzinfo for c in found)


def test_the_look_up_allows_for_a_clock_that_is_behind(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    send(gateway)
    twilio.messages[0].created_at -= timedelta(seconds=45)
    assert gateway.find(to=TO, sent_after=clock.real_now())


def test_redacting_empties_the_body_once_the_text_has_ended(twilio: FakeTwilio, gateway: TwilioGateway) -> None:
    send(gateway)
    (message,) = twilio.messages
    with pytest.raises(GatewayUnavailable) as caught:
        gateway.redact(message.sid)
    assert (caught.value.code, message.body) == (20009, BODY)
    message.status = "delivered"
    gateway.redact(message.sid)
    assert message.body == ""


def test_redacting_a_text_that_is_gone_is_done(gateway: TwilioGateway) -> None:
    gateway.redact("SM" + "0" * 32)


@pytest.mark.parametrize("behaviour", ["ok", "error 21211", "429 5", "500-accepted", "cut", "hang"])
def test_no_log_line_and_no_traceback_tells_a_number_or_a_body(
    twilio: FakeTwilio, gateway: TwilioGateway, caplog: pytest.LogCaptureFixture, behaviour: str
) -> None:  # R10
    caplog.set_level(logging.DEBUG)  # the root, as PORTAL_LOG_LEVEL=debug does
    twilio.script(behaviour)
    told = ""
    try:
        send(gateway)
    except GatewayFailure as failure:
        assert failure.__context__ is None
        assert failure.__cause__ is None
        told = "".join(traceback.format_exception(failure))
    gateway.find(to=TO, sent_after=clock.real_now())
    for secret in (TO, TO[1:], "Appointment", twilio.auth_token):
        assert secret not in caplog.text
        assert secret not in told


def test_the_library_is_loaded_only_when_a_text_is_sent() -> None:
    code = """if True:
        import json, sys
        from portal.sms.twilio import TwilioGateway, signature_is_valid
        TwilioGateway(account_sid="AC1", auth_token="t", sender="s", messaging_service_sid="")
        signature_is_valid("t", "https://my-week.example/sms/in", {"Body": "1"}, "x")
        print(json.dumps([name for name in sys.modules if name.startswith(("twilio.rest", "requests"))]))
    """
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert json.loads(shown.stdout) == []


FORM = {"From": TO, "To": "+447700900999", "Body": "1 é 🙂", "MessageSid": "SM1", "Empty": ""}
URL = "https://my-week.example/sms/in"


def test_a_call_that_twilio_signed_is_known(twilio: FakeTwilio) -> None:
    signature = twilio.sign(URL, FORM)
    assert signature_is_valid(twilio.auth_token, URL, FORM, signature)
    assert signature_is_valid(twilio.auth_token, URL, MultiDict(FORM), signature)


@pytest.mark.parametrize("changed", [{"Body": "2"}, {"Extra": "x"}, {"From": "+447700900002"}])
def test_a_call_that_was_changed_on_the_way_is_not(twilio: FakeTwilio, changed: dict[str, str]) -> None:
    assert not signature_is_valid(twilio.auth_token, URL, FORM | changed, twilio.sign(URL, FORM))


def test_a_signature_for_another_address_or_by_another_key_is_not(twilio: FakeTwilio) -> None:
    assert not signature_is_valid(twilio.auth_token, URL, FORM, twilio.sign(f"{URL}/7", FORM))
    assert not signature_is_valid(twilio.auth_token, URL, FORM, twilio.sign(URL, FORM, "another"))


@pytest.mark.parametrize("signature", [None, "", "é" * 28, "x" * 10_000])
def test_a_missing_or_broken_signature_is_refused(twilio: FakeTwilio, signature: str | None) -> None:
    assert not signature_is_valid(twilio.auth_token, URL, FORM, signature)


def test_without_a_token_nobody_can_sign_with_the_empty_key(twilio: FakeTwilio) -> None:
    twilio.auth_token = ""
    assert not signature_is_valid("", URL, FORM, twilio.sign(URL, FORM))
