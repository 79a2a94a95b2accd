"""A fake Twilio and the real client pointed at it."""

from collections.abc import Iterator

import pytest

from portal.sms.twilio import TwilioGateway
from tests.support.fake_twilio import FakeTwilio


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def gateway(twilio: FakeTwilio) -> TwilioGateway:
    """The real client; it waits half a second for an answer, so that a hanging server does not hold the tests up."""
    return TwilioGateway(
        account_sid=twilio.account_sid,
        auth_token=twilio.auth_token,
        sender="+447700900999",
        messaging_service_sid="",
        base_url=twilio.base_url,
        timeouts=(0.5, 0.5),
    )
