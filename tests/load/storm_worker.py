"""The real worker, with seconds in place of minutes between its tries, so that a storm is over in a minute.

What must hold between the times still holds: a claim is too old to be sent long before it counts as lost.
"""

from datetime import timedelta

from portal import worker
from portal.jobs import sending
from portal.messaging import receipts, rules, sender
from portal.sms.twilio import TwilioGateway

RETRIES = tuple(timedelta(seconds=seconds) for seconds in (1, 1, 2, 2, 4, 4))
TIMEOUTS = (1, 1.5)
"""Seconds to connect and to answer."""


def hurry() -> None:
    """Shorten every pause in this process."""
    rules.RETRY_PAUSES = rules.REDACT_PAUSES = RETRIES
    rules.NOT_TAKEN_PAUSES = RETRIES[:3]
    sender.TOO_OLD_TO_SEND = timedelta(seconds=2)
    receipts.LOST_AFTER = timedelta(seconds=8)
    receipts.LOOK_UP_PAUSE = timedelta(seconds=2)
    sending.something_due = lambda now: True
    sending.LONGEST_ROUND = timedelta(seconds=5)
    TwilioGateway.__init__.__kwdefaults__["timeouts"] = TIMEOUTS


if __name__ == "__main__":
    hurry()
    worker.main()
