"""Which gateway the settings choose, and how the demo's behaves."""

from portal.core import clock
from portal.core.settings import Settings
from portal.sms.demo import DemoGateway
from portal.sms.gateway import gateway_for
from portal.sms.rules import ENDED
from portal.sms.twilio import TwilioGateway
from tests.support.fake_twilio import FakeTwilio

TO = "+447700900001"


def test_the_demo_sends_nothing_and_says_delivered() -> None:
    gateway = gateway_for(Settings.from_env({}))
    assert isinstance(gateway, DemoGateway)
    receipts = [gateway.send(to=TO, body="Hi", status_callback="http://127.0.0.1:8000/sms/status/1") for _ in range(2)]
    assert receipts[0].sid != receipts[1].sid
    assert all(receipt.status in ENDED for receipt in receipts)
    assert gateway.find(to=TO, sent_after=clock.real_now()) == ()
    gateway.redact(receipts[0].sid)


def test_twilio_of_the_settings_reaches_the_address_of_the_settings(twilio: FakeTwilio) -> None:
    settings = Settings.from_env(
        {
            "PORTAL_SMS_GATEWAY": "twilio",
            "TWILIO_ACCOUNT_SID": twilio.account_sid,
            "TWILIO_AUTH_TOKEN": twilio.auth_token,
            "TWILIO_FROM": "+447700900999",
            "TWILIO_API_BASE_URL": twilio.base_url,
        }
    )
    gateway = gateway_for(settings)
    assert isinstance(gateway, TwilioGateway)
    receipt = gateway.send(to=TO, body="Hi", status_callback="http://127.0.0.1:8000/sms/status/1")
    assert receipt.sid == twilio.messages[0].sid
